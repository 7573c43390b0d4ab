"""Editors' corrections of a document, and its tags, stars and comments."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field, model_validator

from services.records.base import Model, Offset

CorrectionKind = Literal[
    "retype", "hide", "join", "split", "rename", "pin", "speaker", "place", "sum", "date", "tag", "comment", "star"
]  # fmt: skip
Corrected = Literal["entities", "places", "quotes", "statements", "money", "dates", "quantities", "cites", "events"]


class Target(Model):
    """The annotation that a correction changes: the one in ``field`` at ``start`` and ``end``, or with the name ``name``.

    For an entity or a place, the offsets of any mention do. ``text`` is the text at these offsets; if a later reading
    moves the annotation, it is found by this text.
    """

    field: Corrected
    start: Offset | None = None
    end: Offset | None = None
    name: str | None = Field(None, min_length=1, max_length=300)
    text: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Target:
        by_place = self.start is not None and self.end is not None
        if by_place == (self.name is not None) or (self.start is None) != (self.end is None):
            raise ValueError("give either `start` and `end`, or `name`")
        if self.name is not None and self.field not in ("entities", "places"):
            raise ValueError("only entities and places have a `name`; give `start` and `end`")
        return self


class Editor(Model):
    """Who made a correction: the name and id of the API key."""

    name: str
    key: str | None = None


class Correction(Model):
    """One correction. ``now`` has the new values, ``was`` what they replaced.

    ``target`` is null if the correction concerns the whole document: a tag, a comment, a star. ``applied`` is false
    while the document has no such annotation, for example because it has not been read yet. The correction is kept.
    """

    id: str
    kind: CorrectionKind
    target: Target | None = None
    was: dict[str, Any] = {}
    now: dict[str, Any] = {}
    by: Editor
    at: datetime
    applied: bool = False
