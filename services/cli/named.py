"""Find what a command names on a running API, such as a saved search or a source."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from copydesk_client import Copydesk, CopydeskError
from services.cli.client import connect
from services.cli.errors import die

Doc = dict[str, Any]


def asked[T](api: str, question: Callable[[Copydesk], T]) -> T:
    """Return what ``question`` returns for a client of the API. Ends the command if the API refuses."""
    try:
        with connect(api) as desk:
            return question(desk)
    except CopydeskError as error:
        die(error)


def the_one(every: Sequence[Doc], which: str, kind: tuple[str, str], listed_by: str) -> Doc:
    """Return the entry with that id, otherwise with that name. Ends the command if there is none, or more than one.

    ``kind`` is what entries are called, singular and plural; ``listed_by`` is the command that lists them.
    """
    one, many = kind
    found = [entry for entry in every if entry["id"] == which] or [entry for entry in every if entry["name"] == which]
    if len(found) != 1:
        die(
            f"there is no {one} {which!r}; `{listed_by}` shows them"
            if not found
            else f"{len(found)} {many} are called {which!r}; give the id of one"
        )
    return found[0]
