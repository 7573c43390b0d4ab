"""``copydesk export``: what a search finds, into a file or a pipe, going on where a break left it."""

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
FORMATS: tuple[str, ...] = ("ndjson", "csv", "parquet", *get_args(Written))


def export(
    output: Annotated[Path | None, typer.Argument(help="A file; else standard output.")] = None,
    format: Annotated[str | None, typer.Option(help=f"{', '.join(FORMATS)}; else by the file's name.")] = None,
    where: Annotated[list[str] | None, typer.Option("--where", "-w", help="NAME=VALUE of docs/search.md.")] = None,
    fields: Annotated[str | None, typer.Option(help="Fields by comma.")] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on after the last whole line of an NDJSON file.")
    ] = False,
    api: ApiUrl = LOCAL,
) -> None:
    """Write all documents that a search finds. In ninjs and json-ld each is a line, in newsml-g2 and nitf a file of a ZIP archive.

    Example: copydesk export ships.ndjson --where q=ferry --where country=NO
    """
    chosen = format or (output.suffix.removeprefix(".") if output else "") or "ndjson"
    if chosen not in FORMATS:
        die(f"there is no format {chosen!r}; give --format with one of {', '.join(FORMATS)}")
    search = search_of(where or [])
    if fields:
        search["fields"] = fields
    if resume:
        if output is None or chosen != "ndjson":
            die("--resume goes on with an NDJSON file; name it")
        if (last := _last_id(output)) is not None:
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
    except BrokenPipeError:  # whoever read has enough: no mistake
        raise
    except (CopydeskError, OSError) as error:
        die(error)


def search_of(where: list[str]) -> dict[str, Any]:
    """Return the parameters of a search from NAME=VALUE; ends the command where one is not so."""
    search: dict[str, Any] = {}
    for given in where:
        name, equals, value = given.partition("=")
        if not equals:
            die(f"--where {given!r} is not NAME=VALUE")
        search.setdefault(name, []).append(value)
    return search


def _last_id(path: Path) -> str | None:
    """Return the id in the last whole line, and cut off what is after it, the half line of a break.

    A file that is no export is left as it is.
    """
    if not path.exists() or not path.stat().st_size:
        return None
    with path.open("r+b") as file:
        last, end = b"", 0
        for line in file:
            if not line.endswith(b"\n"):
                break
            end += len(line)
            last = line
        try:
            id = json.loads(last)["id"]
            if not (isinstance(id, str) and _ID.fullmatch(id)):
                raise ValueError
        except (ValueError, KeyError, TypeError, RecursionError):
            die(f"{path} is not an NDJSON export, and stays as it is; name another file, or leave --resume out")
        file.truncate(end)
    return id
