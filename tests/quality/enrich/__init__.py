"""The annotated articles that enrichment is measured on. ``python -m tests.quality.enrich`` prints the figures."""
