"""What the connected MongoDB server can do. Only this module distinguishes servers; it asks them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pymongo.database import Database

DUPLICATE_KEY = 11000
"""MongoDB's error code for a second document with a unique value."""


@dataclass(frozen=True, slots=True)
class Server:
    """The features of a server. ``geo_index``: a 2dsphere index over an array of places gives correct results for
    ``$near`` and ``$geoWithin``. SecantusDB gives correct results only without such an index (measured with 0.7.0b3),
    and has no text index.
    """

    name: str
    version: str
    geo_index: bool

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


def ask(db: Database[dict[str, Any]]) -> Server:
    """Ask the server of ``db`` what it supports. Raises PyMongoError if it does not answer."""
    info = db.client.admin.command("buildInfo")
    if "secantusVersion" in info:
        return Server("SecantusDB", info["secantusVersion"], geo_index=False)
    return Server("mongod", info["version"], geo_index=True)
