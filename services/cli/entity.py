"""``copydesk entities ID``: what the documents say about one person or organization, and who is connected with it."""

from __future__ import annotations

import json
import sys
from typing import Any

from rich.console import Console
from rich.table import Table

from copydesk_client import CopydeskError
from services.cli.client import connect
from services.cli.errors import die
from services.cli.printed import printable

Doc = dict[str, Any]
_VERBS = {"said_of": "said something of", "acts_on": "acts on", "in_story": "is in one story with"}


def print_entity(id: str, search: Doc, *, network: bool, as_json: bool, api: str) -> None:
    """Print the profile of an id, or with ``network`` one line for each of its relations. As JSON, the profile is one
    line, and the network a line for each relation with its examples. Ends the command on an error."""
    try:
        with connect(api) as desk:
            if not network:
                profile = desk.entity(id, **search)
                _print_json([profile]) if as_json or not sys.stdout.isatty() else _print_profile(profile)
                return
            found = desk.network(id, **search)
    except CopydeskError as error:
        die(error)
    names = {one["id"]: one["name"] for one in found["nodes"]}
    edges = [
        {**one, "source_name": names[one["source"]], "target_name": names[one["target"]]} for one in found["edges"]
    ]
    if as_json or not sys.stdout.isatty():
        _print_json(edges)
    else:
        _print_network(found, edges)


def _print_json(rows: list[Doc]) -> None:
    for row in rows:
        print(json.dumps(row, ensure_ascii=False))


def _print_profile(profile: Doc) -> None:
    table = Table(show_header=False, box=None, pad_edge=False, padding=(0, 2, 0, 0))
    rows = {
        "name": profile["name"],
        "id": profile["id"],
        "documents": str(profile["total"]),
        "names": ", ".join(f"{one['value']} ×{one['count']}" for one in profile["names"]),
        "roles": "\n".join(_role(one) for one in profile["roles"]),
        "namesakes": ", ".join(profile["namesakes"]),
        "said": "\n".join(f"“{one['text']}” ({one['document']})" for one in profile["quotes"][:5]),
        "with": ", ".join(f"{one['value']} ×{one['count']}" for one in profile["with"][:10]),
    }
    for name, value in rows.items():
        if value:
            table.add_row(name, printable(value))
    Console().print(table)


def _role(one: Doc) -> str:
    dates = list(dict.fromkeys((one[end] or "")[:10] for end in ("first", "last") if one[end]))
    return f"{one['value']} ×{one['count']}" + (f" ({' to '.join(dates)})" if dates else "")


def _print_network(found: Doc, edges: list[Doc]) -> None:
    if not edges:
        print(f"{printable(found['name'])} is connected with nobody in {found['total']} documents.")
        return
    table = Table("count", "who", "relation", "whom", "for example", box=None)
    for one in edges:
        verb = _VERBS[one["relation"]]
        verb += f" ({', '.join(each['value'] for each in one['actions'])})" if one["actions"] else ""
        example = (one["examples"] or [None])[0]
        place = f"{example['document']} {example['start']}-{example['end']}" if example else ""
        table.add_row(*map(printable, (str(one["count"]), one["source_name"], verb, one["target_name"], place)))
    Console().print(table)
