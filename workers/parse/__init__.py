"""Bytes in, Article out: ``parse(data, declared="text/html", filename=None) -> Parsed``.

Plain functions, deterministic, no network, no MongoDB, no Celery. One module per format;
``registry.py`` names them.
"""
