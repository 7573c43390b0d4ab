"""``copydesk search|quotes|sums|events|stories|entities``: a table on a terminal, lines of JSON in a pipe, or CSV."""

from __future__ import annotations

import csv
import json
import sys
from itertools import islice
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from copydesk_client import CopydeskError
from services import identity
from services.cli.client import LOCAL, ApiUrl, connect
from services.cli.entity import print_entity
from services.cli.errors import die
from services.cli.export import search_of
from services.cli.printed import printable
from services.export import safe

Doc = dict[str, Any]

_COLUMNS = {
    "documents": ("id", "published_at", "publisher", "title"),
    "quotes": ("published_at", "speaker", "text", "title", "document"),
    "sums": ("published_at", "amount", "currency", "context", "document"),
    "events": ("published_at", "actor", "action", "target", "place", "text", "document"),
    "stories": ("last_received_at", "versions", "title", "publisher", "document"),
    "entities": ("name", "type", "count", "last_received_at"),
}
"""The columns of each table; JSON and CSV have all fields."""
_WIDEST = 120

Query = Annotated[str | None, typer.Argument(help="Words and operators: 'ferry speaker:\"Tim Cook\" amount:>1bn'.")]
Where = Annotated[
    list[str] | None, typer.Option("--where", "-w", help="A search parameter as NAME=VALUE, see docs/search.md.")
]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, help="Maximum number of rows.")]
Json = Annotated[bool, typer.Option("--json", help="Print one line of JSON for each row, as in a pipe.")]
Csv = Annotated[bool, typer.Option("--csv", help="Print CSV with a header line.")]


def search(
    q: Query = None, where: Where = None, limit: Limit = 50, json: Json = False, csv: Csv = False, api: ApiUrl = LOCAL
) -> None:
    """List documents that a search finds.

    Example: copydesk search 'ferry place:Oslo' --where country=NO
    """
    _list("documents", q, where, limit, json, csv, api)


def quotes(
    q: Query = None, where: Where = None, limit: Limit = 50, json: Json = False, csv: Csv = False, api: ApiUrl = LOCAL
) -> None:
    """List who said what.

    Example: copydesk quotes 'oil prices' --where speaker=Cook
    """
    _list("quotes", q, where, limit, json, csv, api)


def sums(
    q: Query = None, where: Where = None, limit: Limit = 50, json: Json = False, csv: Csv = False, api: ApiUrl = LOCAL
) -> None:
    """List sums of money.

    Example: copydesk sums 'currency:USD amount:>1bn' --csv
    """
    _list("sums", q, where, limit, json, csv, api)


def events(
    q: Query = None, where: Where = None, limit: Limit = 50, json: Json = False, csv: Csv = False, api: ApiUrl = LOCAL
) -> None:
    """List who did what to whom.

    Example: copydesk events place:Brazil --where event=PROTEST
    """
    _list("events", q, where, limit, json, csv, api)


def stories(
    q: Query = None, where: Where = None, limit: Limit = 50, json: Json = False, csv: Csv = False, api: ApiUrl = LOCAL
) -> None:
    """List stories and the number of their versions.

    Example: copydesk stories --where versions_min=2
    """
    _list("stories", q, where, limit, json, csv, api)


def entities(
    q: Annotated[
        str | None, typer.Argument(help="Words and operators; or an id, for one person or organization.")
    ] = None,
    network: Annotated[
        bool, typer.Option("--network", help="With an id: of whom it spoke, on whom it acts, with whom it is named.")
    ] = False,
    where: Where = None,
    limit: Limit = 50,
    json: Json = False,
    csv: Csv = False,
    api: ApiUrl = LOCAL,
) -> None:
    """List people, organizations and places by the number of documents that name them; or print one of them by id.

    Example: copydesk entities ferry --where type=PERSON
    """
    if q and identity.is_id(q):
        if csv:
            die("--csv is for lists; leave it out, or give words in place of an id")
        more = {"limit": min(limit, 100)} if network else {}
        print_entity(q, {**more, **search_of(where or [])}, network=network, as_json=json, api=api)
        return
    if network:
        die("--network needs an id: `copydesk entities ID --network`; `entities.id` of a record has ids")
    _list("entities", q, where, limit, json, csv, api)


def _list(kind: str, q: str | None, where: list[str] | None, limit: int, as_json: bool, as_csv: bool, api: str) -> None:
    if as_json and as_csv:
        die("give --json or --csv, not both")
    asked = search_of(where or [])
    if q:
        asked["q"] = q
    try:
        with connect(api) as desk:
            found = islice(desk.rows(kind, **{"limit": min(limit, 200), **asked}), limit)  # type: ignore[arg-type]
            if as_csv:
                _print_csv(list(found))
            elif as_json or not sys.stdout.isatty():
                for row in found:
                    print(json.dumps(row, ensure_ascii=False))
            else:
                _print_table(kind, list(found))
    except CopydeskError as error:
        die(error)


def _print_csv(rows: list[Doc]) -> None:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    lines = csv.writer(sys.stdout, lineterminator="\n")
    if columns:
        lines.writerow(columns)
    for row in rows:
        cells = (row.get(name) for name in columns)
        lines.writerow([safe(json.dumps(one, ensure_ascii=False) if isinstance(one, list | dict) else one)
                        for one in cells])  # fmt: skip


def _print_table(kind: str, rows: list[Doc]) -> None:
    if not rows:
        print(f"No {kind} found.")
        return
    table = Table(*(name.replace("_", " ") for name in _COLUMNS[kind]), box=None)
    for row in rows:
        table.add_row(*(_cell(name, row.get(name)) for name in _COLUMNS[kind]))
    Console().print(table)


def _cell(name: str, value: Any) -> str:
    text = "" if value is None else str(value)
    if name.endswith("_at"):
        return printable(text[:16].replace("T", " "))
    return printable(text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…")
