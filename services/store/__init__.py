"""MongoDB: indexes and validators, raw bytes, and the few operations the rest needs."""
