"""Print a record in readable form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.table import Table

from services.cli.printed import printable

Doc = dict[str, Any]
SHOWN = 8


def _rows(record: Doc) -> Iterator[tuple[str, str]]:
    hidden = record.get("hidden")
    yield "hidden", hidden["message"] if hidden else ""
    withdrawn = (record.get("item") or {}).get("withdrawn")
    yield "withdrawn", f"since {withdrawn['at']}: do not publish it" if withdrawn else ""
    yield "title", record.get("title") or "—"
    yield "code", record.get("code") or ""
    yield "byline", ", ".join(author["name"] for author in record.get("byline", []))
    if when := record.get("published_at"):
        yield "published", f"{when} ({record.get('published_zone') or 'no zone given'})"
    if dateline := record.get("dateline"):
        credit = f" ({dateline['credit']})" if dateline.get("credit") else ""
        yield "dateline", ", ".join(dateline["places"]) + credit
    yield "wire", _wire(record.get("wire") or {})
    yield "language", f"{record.get('language') or 'unknown'}, {record.get('word_count', 0)} words"
    for name, render in _LISTS.items():
        items = [item for item in record.get(name) or [] if name != "quotes" or item.get("kind") != "scare"]
        lines = [render(item) for item in items[:SHOWN]]
        if len(items) > SHOWN:
            lines.append(f"… and {len(items) - SHOWN} more")
        yield name, "\n".join(lines)
    error = record.get("error")
    yield "error", f"{error['code']}: {error['message']}" if error else ""


def _wire(wire: Doc) -> str:
    """Return what a wire editor looks at first: slug, urgency, version, status, embargo, and the note to editors."""
    named = {"urgency": "urgency", "version": "version", "pub_status": "", "embargoed_until": "embargo until"}
    said = [f"{words} {wire[name]}".strip() for name, words in named.items() if wire.get(name)]
    return "\n".join(
        part for part in [", ".join([wire.get("slugline") or "", *said]).strip(", "), wire.get("ednote")] if part
    )


def _entity(entity: Doc) -> str:
    role = f", {entity['role']}" if entity.get("role") else ""
    return f"{entity['name']} [{entity['type']}{role}] ×{entity['count']}"


def _quote(quote: Doc) -> str:
    words = quote["text"] if len(quote["text"]) < 90 else quote["text"][:87] + "…"
    return f"{quote.get('speaker') or quote.get('source_text') or '?'}: “{words}”"


def _event(event: Doc) -> str:
    when = f" ({event['date']})" if event.get("date") else ""
    return f"{event.get('actor') or '?'} {event['action']} {event.get('target') or event.get('object') or '?'}{when}, {event['status']}"


_LISTS: dict[str, Any] = {
    "sections": lambda item: item["heading"] or f"post by {item.get('author') or '?'}",
    "captions": lambda item: item["text"],
    "entities": _entity,
    "places": lambda item: f"{item['name']} ({item.get('country') or '—'})",
    "quotes": _quote,
    "money": lambda item: f"{item['text']} = {item.get('currency') or '?'} {item['amount']}",
    "dates": lambda item: f"{item['text']} = {item['value'] or '?'}",
    "events": _event,
    "keywords": lambda item: item["text"],
    "summary": lambda item: item["text"],
    "warnings": str,
}


def print_record(record: Doc, console: Console) -> None:
    """Print the record without empty fields."""
    table = Table(show_header=False, box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in _rows(record):
        if value:
            table.add_row(name, printable(value))
    console.print(table)
