"""Watch lists: people, organizations, ships and places that somebody watches."""
