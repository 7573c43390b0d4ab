"""``copydesk export``: write what a search finds to a file or a pipe; an interrupted export can be continued."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Annotated, Any, get_args

import typer

from copydesk_client import CopydeskError, Written
from services.cli.client import LOCAL, ApiUrl, connect
from services.cli.errors import die

_ID = re.compile("[0-9a-f]{24}")
_OWN = {"quotes": "cue", "sums": "context", "events": "action", "passages": "entities"}
"""A field that only such rows have."""
FORMATS: tuple[str, ...] = ("ndjson", "csv", "xlsx", "parquet", "marked", *get_args(Written))


def export(
    output: Annotated[Path | None, typer.Argument(help="A file; by default standard output.")] = None,
    format: Annotated[str | None, typer.Option(help=f"{', '.join(FORMATS)}; by default from the file's name.")] = None,
    where: Annotated[
        list[str] | None, typer.Option("--where", "-w", help="A search parameter as NAME=VALUE, see docs/search.md.")
    ] = None,
    fields: Annotated[str | None, typer.Option(help="Fields, separated by commas.")] = None,
    rows: Annotated[
        str | None,
        typer.Option(help="One row for each of these instead of each document: quotes, sums, events or passages."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue after the last complete line of an NDJSON file.")
    ] = False,
    api: ApiUrl = LOCAL,
) -> None:
    """Write all documents that a search finds. In ninjs and json-ld each document is a line, in newsml-g2 and nitf a
    file in a ZIP archive.

    Example: copydesk export ships.ndjson --where q=ferry --where country=NO
    """
    chosen = format or (output.suffix.removeprefix(".") if output else "") or "ndjson"
    if chosen not in FORMATS:
        die(f"unknown format {chosen!r}; --format takes one of {', '.join(FORMATS)}")
    search = search_of(where or [])
    if fields:
        search["fields"] = fields
    if rows:
        search["rows"] = rows
    if resume:
        if output is None or chosen != "ndjson":
            die("--resume continues an NDJSON file; name the file")
        if rows == "followthemoney":
            die("--resume does not continue an export as followthemoney; export again, to another file")
        kinds = search.get("rows") or ["documents"]
        if (last := _last_id(output, kinds if isinstance(kinds, str) else kinds[0])) is not None:
            search["after"] = last
    try:
        with connect(api) as desk:
            pieces = desk.export(chosen, **search)  # type: ignore[arg-type]
            if output is None:
                for piece in pieces:
                    sys.stdout.buffer.write(piece)
                sys.stdout.buffer.flush()
                return
            with output.open("ab" if resume else "wb") as file:
                for piece in pieces:
                    file.write(piece)
    except BrokenPipeError:  # the reader closed the pipe: not an error
        raise
    except (CopydeskError, OSError) as error:
        die(error)


def search_of(where: list[str]) -> dict[str, Any]:
    """Return the search parameters from NAME=VALUE; end the command if one has another form."""
    search: dict[str, Any] = {}
    for given in where:
        name, equals, value = given.partition("=")
        if not equals:
            die(f"--where {given!r} is not NAME=VALUE")
        search.setdefault(name, []).append(value)
    return search


def _last_id(path: Path, kind: str = "documents") -> str | None:
    """Return the id of the last complete document in an export, or None, and cut off everything after it. Without rows,
    each complete line is a document. With rows, the last document may lack some of its rows, so it is cut off too. A
    file that is not an export of this ``kind`` is not changed.
    """
    if not path.exists() or not path.stat().st_size:
        return None
    own = _OWN.get(kind)
    before, last, begun, end, row, whole = None, None, 0, 0, b"", b""
    with path.open("r+b") as file:
        for whole in file:
            if not whole.endswith(b"\n"):
                break
            if own and (id := _id_in(whole, path, kind)) != last:
                before, last, begun = last, id, end
            end += len(whole)
            row = whole
        if not own:
            last = _id_in(row if end else whole, path, kind)
        elif last is None:
            _id_in(whole, path, kind)
        file.truncate(begun if own else end)
    return before if own else last


def _id_in(line: bytes, path: Path, kind: str) -> str:
    """Return the id of the document that a line belongs to; end the command if it is not a line of such an export."""
    own = _OWN.get(kind)
    try:
        record = json.loads(line)
        id = record["document" if own else "id"]
        if not (isinstance(id, str) and _ID.fullmatch(id)) or (own and own not in record):
            raise ValueError
    except (ValueError, KeyError, TypeError, RecursionError):
        die(f"{path} is not an NDJSON export of {kind} and was not changed; name another file, or leave out --resume")
    return id
