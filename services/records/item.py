"""Where a document stands among the versions of its item, as later arrivals leave it."""

from __future__ import annotations

from datetime import datetime

from services.records.base import Model


class Withdrawn(Model):
    """Its provider took the document back. ``by`` is the id of the document that says so, its own where it says so itself.

    ``at`` is when Copydesk learned of it. ``by`` is null where the document that said so was erased.
    """

    by: str | None = None
    at: datetime


class Item(Model):
    """``superseded_by`` is the id of the next version of the same item; null in the newest.

    Versions of one item are the documents of a collection that have the same ``wire.provider`` and ``wire.guid``.
    """

    superseded_by: str | None = None
    withdrawn: Withdrawn | None = None
