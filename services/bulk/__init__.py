"""Backfills: load archives from a manifest directly into MongoDB and the queue, without HTTP, and estimate the cost."""
