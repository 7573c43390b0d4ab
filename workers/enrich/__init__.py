"""Article in, the same Article with annotations out: ``enrich(article) -> Article``.

Plain functions, no MongoDB, no Celery. One module per annotation; ``registry.py`` orders them.
"""
