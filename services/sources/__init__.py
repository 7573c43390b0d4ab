"""Fetch documents from sources that Copydesk watches: folders, feeds, mailboxes, servers, buckets.

A kind of source is a module with ``check`` and ``fetch`` (`kinds`); ``runs`` does the rest, which is the same for all
kinds: it runs a fetch, stores the documents and updates the state. The state is in MongoDB (`services.store.sources`),
and a Celery task of the workers runs one fetch.
"""
