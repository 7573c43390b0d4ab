"""Saved searches: which new documents each finds, and who is told."""
