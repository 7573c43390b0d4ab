"""The position of a document among the versions of its item, updated when later versions arrive."""

from __future__ import annotations

from datetime import datetime

from services.records.base import Model


class Withdrawn(Model):
    """The provider withdrew the document. ``by`` is the id of the document that withdrew it, which may be the document
    itself; null if that document was erased. ``at`` is when Copydesk learned of it.
    """

    by: str | None = None
    at: datetime


class Item(Model):
    """The position among the versions. ``superseded_by`` is the id of the next version of the same item; null in the
    newest.

    Versions of one item are the documents of a collection that have the same ``wire.provider`` and ``wire.guid``.
    """

    superseded_by: str | None = None
    withdrawn: Withdrawn | None = None
