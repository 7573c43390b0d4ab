"""MongoDB: the few operations the rest of Copydesk needs."""
