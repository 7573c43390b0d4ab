"""Building blocks of the record's models: strict models, spans of the text, states."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Offset = Annotated[int, Field(ge=0)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Model(BaseModel):
    model_config = ConfigDict(
        extra="forbid", validate_assignment=True, serialize_by_alias=True, validate_by_name=True, validate_by_alias=True
    )


class Status(StrEnum):
    QUEUED = "queued"
    PROCESSING = "processing"
    DONE = "done"
    FAILED = "failed"
    CANCELED = "canceled"


FINAL = (Status.DONE, Status.FAILED, Status.CANCELED)
"""Final states: the document changes only if it is reprocessed."""


class Priority(StrEnum):
    """The priority of a document: workers take ``bulk`` documents when no interactive one waits."""

    INTERACTIVE = "interactive"
    BULK = "bulk"


class Beyond(StrEnum):
    """Which share of the interactive queue was used up when a document arrived: its key's or its collection's."""

    KEY = "key"
    COLLECTION = "collection"


class Span(Model):
    """A span of the reading text: ``article.text[start:end] == text``."""

    text: str
    start: Offset
    end: Offset

    @model_validator(mode="after")
    def _ordered(self) -> Span:
        if self.end < self.start:
            raise ValueError(f"end {self.end} before start {self.start}")
        return self
