"""Saved searches: find the new documents of each, and report them."""
