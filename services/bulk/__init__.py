"""Backfills: archives loaded from a manifest into MongoDB and the queue without HTTP, and what that takes."""
