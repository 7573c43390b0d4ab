"""Measure enrichment on the annotated articles. ``python -m tests.quality.enrich`` prints the figures."""
