"""What Copydesk fetches by itself: watched folders, feeds.

A kind of source is a module with ``check`` and ``fetch`` (`kinds`); ``runs`` fetches, stores and remembers, the same for
all kinds. The state is in MongoDB (`services.store.sources`), and a Celery task of the workers runs one fetch.
"""
