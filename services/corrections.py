"""Apply editors' corrections to what the stages wrote. All functions work on the fields of a record as in MongoDB.

The record keeps both: its fields have the corrected values, so that every query sees them, and ``uncorrected`` has each
of these fields as the stages wrote it. Corrections are applied in the order in which they were made, always to what the
stages wrote. So undoing one means applying the others, and a later reading is corrected like the first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from datetime import MAXYEAR, UTC, date, datetime, timedelta
from typing import Any, get_args

from services import identity
from services.records.corrections import Corrected

Doc = dict[str, Any]
FIELDS: tuple[str, ...] = get_args(Corrected)
TAGS = "tags"  # `source.tags`, under this name in `uncorrected`
READING = ("retype", "hide", "join", "split", "rename", "pin", "speaker", "place", "sum", "date")
"""Kinds that correct what the stages read, and not the document as a whole."""
_NAMED = {"quotes": ("speaker",), "statements": ("source",), "events": ("actor", "target", "object")}
"""Fields that refer to an entity by its name."""


def as_read(record: Doc) -> Doc:
    """Return the correctable fields of a record as the stages and the sender wrote them."""
    found = {name: record[name] for name in FIELDS if name in record}
    return {**found, TAGS: (record.get("source") or {}).get("tags") or [], **(record.get("uncorrected") or {})}


def corrected(read: Doc, corrections: Sequence[Doc]) -> Doc:
    """Return what to store beside `read`, the fields as the stages wrote them: each field that a correction changes,
    ``corrections`` with ``was`` and ``applied``, and ``uncorrected``."""
    now = {name: deepcopy(value) for name, value in read.items() if name in (*FIELDS, TAGS)}
    told = [{**one, **_applied(now, one)} for one in corrections]
    changed = {name: value for name, value in now.items() if value != read[name]}
    return {**changed, "corrections": told, "uncorrected": {name: read[name] for name in changed}}


def stored(record: Doc, corrections: Sequence[Doc]) -> Doc:
    """Return the update, as dotted fields, that gives a stored record these corrections in place of those it has."""
    read = as_read(record)
    before = {name: read[name] for name in record.get("uncorrected") or {}}
    fields = {**before, **corrected(read, corrections)}
    if TAGS in fields:
        fields["source.tags"] = fields.pop(TAGS)
    return fields


def find(content: Doc, target: Doc) -> Doc | None:
    """Return the annotation that a target refers to: at its offsets if they still have its text, else the only one with
    this text."""
    items: list[Doc] = content.get(target["field"]) or []
    if target.get("name") is not None:
        return next((item for item in items if item["name"] == target["name"]), None)
    place, text = (target["start"], target["end"]), target.get("text")
    for item in items:
        if any((span["start"], span["end"]) == place and text in (None, span["text"]) for span in _spans(item)):
            return item
    same = [item for item in items if text and any(span["text"] == text for span in _spans(item))]
    return same[0] if len(same) == 1 else None


def _spans(item: Doc) -> Iterable[Doc]:
    return [*item["mentions"], *item.get("mentioned_in", [])] if "mentions" in item else [item]


def _applied(content: Doc, correction: Doc) -> Doc:
    """Change `content`, and return ``was`` and ``applied`` of the correction."""
    kind, target, now = correction["kind"], correction.get("target"), correction["now"]
    if target is None:
        if kind == "tag" and now["tag"] not in content.setdefault(TAGS, []):
            content[TAGS].append(now["tag"])
        return {"applied": True}
    item = find(content, target)
    was = _CHANGES[kind](content, target["field"], item, now) if item is not None else None
    return {"applied": False} if was is None else {"was": was, "applied": True}


def _set(item: Doc, values: Doc) -> Doc:
    was = {name: item.get(name) for name in values}
    item.update(values)
    return was


def _retype(_content: Doc, _field: str, item: Doc, now: Doc) -> Doc:
    was = _set(item, now)
    _identify(item)
    return was


def _identify(entity: Doc) -> None:
    """Set the id that an entity's new name or type has."""
    if "id" in entity:
        entity["id"] = identity.of_name(entity["type"], entity["name"])


def _hide(content: Doc, field: str, item: Doc, _now: Doc) -> Doc:
    content[field] = [one for one in content[field] if one is not item]
    if field == "entities":
        _refer(content, item["name"], None)
    return {name: value for name, value in item.items() if name not in ("mentions", "mentioned_in")}


def _rename(content: Doc, _field: str, item: Doc, now: Doc) -> Doc:
    """Rename an entity. If the document has another one with the new name, the two are merged."""
    if any(one["name"] == now["name"] and one is not item for one in content["entities"]):
        return _join(content, "entities", item, {"into": now["name"]}) or {}
    was = _set(item, now)
    forms = {span["text"] for span in item["mentions"]} | set(item.get("aliases") or [])
    item["aliases"] = sorted(forms - {item["name"]})
    _identify(item)
    _refer(content, was["name"], item["name"])
    return was


def _pin(_content: Doc, _field: str, item: Doc, now: Doc) -> Doc:
    """Say which person or organization of the register an entity is."""
    return _set(item, now)


def _join(content: Doc, _field: str, item: Doc, now: Doc) -> Doc | None:
    into = next((one for one in content["entities"] if one["name"] == now["into"] and one is not item), None)
    if into is None:
        return None
    content["entities"] = [one for one in content["entities"] if one is not item]
    spans = {(span["start"], span["end"]): span for span in (*into["mentions"], *item["mentions"])}
    forms = {item["name"], *(into.get("aliases") or []), *(item.get("aliases") or [])}
    into["mentions"] = [spans[place] for place in sorted(spans)]
    into["count"] = len(spans)
    into["aliases"] = sorted(forms - {into["name"]})
    into["role"] = into.get("role") or item.get("role")
    _refer(content, item["name"], into["name"])
    return {name: item.get(name) for name in ("name", "type", "role")}


def _split(content: Doc, _field: str, item: Doc, now: Doc) -> Doc | None:
    """Move some mentions of an entity to another one, which may be new. Quotes and events keep the name of the first."""
    moved = [span for span in item["mentions"] if any(_same_place(span, one) for one in now["mentions"])]
    if not moved:  # a later reading may have moved the text
        moved = [span for span in item["mentions"] if span["text"] in {one.get("text") for one in now["mentions"]}]
    left = [span for span in item["mentions"] if span not in moved]
    if not moved or not left or item["name"] == now["name"]:
        return None
    was = {"name": item["name"], "mentions": moved}
    forms = {span["text"] for span in moved} - {span["text"] for span in left}
    item.update(mentions=left, count=len(left), aliases=[one for one in item.get("aliases") or [] if one not in forms])
    into = next((one for one in content["entities"] if one["name"] == now["name"]), None)
    if into is None:
        nothing = {name: None for name in ("id", "role", "born") if name in item}
        into = {**item, **nothing, "name": now["name"], "type": now.get("type") or item["type"], "aliases": [],
                "mentions": []}  # fmt: skip
        content["entities"].append(into)
    into["mentions"] = sorted([*into["mentions"], *moved], key=lambda span: (span["start"], span["end"]))
    into["count"] = len(into["mentions"])
    into["aliases"] = sorted({*into["aliases"], *(span["text"] for span in moved)} - {now["name"]})
    return was


def _same_place(span: Doc, other: Doc) -> bool:
    same = (span["start"], span["end"]) == (other["start"], other["end"])
    return same and other.get("text") in (None, span["text"])


def _place(_content: Doc, _field: str, item: Doc, now: Doc) -> Doc:
    return _set(item, {"geonames_id": None, **now})  # the id is that of the wrong place


def _sum(_content: Doc, _field: str, item: Doc, now: Doc) -> Doc:
    alone = {"amount_max": None} if "amount" in now else {}
    return _set(item, {**alone, **now, **({"candidates": []} if now.get("currency") else {})})


def _speaker(_content: Doc, field: str, item: Doc, now: Doc) -> Doc:
    return _set(item, {"source" if field == "statements" else "speaker": now["speaker"], "source_text": None})


def _date(_content: Doc, _field: str, item: Doc, now: Doc) -> Doc:
    return _set(item, {"value": now["value"], "value_end": None, "kind": "date", **period(now["value"])})


def _refer(content: Doc, name: str, now: str | None) -> None:
    """Replace the name of an entity wherever another annotation refers to it."""
    for field, names in _NAMED.items():
        for item in content.get(field) or []:
            item.update({one: now for one in names if item.get(one) == name})


def period(value: str) -> Doc:
    """Return ``from``, ``to`` and ``grain`` of a year, a month or a day, in UTC. Raises ValueError for another value."""
    year, month, day = ([int(part) for part in value.split("-")] + [1, 1])[:3]
    first, parts = date(year, month, day), value.count("-")
    if first.year == MAXYEAR:
        raise ValueError("the year is too late")
    if parts == 2:
        return _period(first, first + timedelta(days=1), "day")
    if parts == 0 or month == 12:
        return _period(first, date(year + 1, 1, 1), "month" if parts else "year")
    return _period(first, date(year, month + 1, 1), "month")


def _period(first: date, after: date, grain: str) -> Doc:
    start, end = (datetime(day.year, day.month, day.day, tzinfo=UTC) for day in (first, after))
    return {"from": start, "to": end, "grain": grain}


_CHANGES: dict[str, Callable[[Doc, str, Doc, Doc], Doc | None]] = {
    "retype": _retype,
    "hide": _hide,
    "join": _join,
    "split": _split,
    "rename": _rename,
    "pin": _pin,
    "speaker": _speaker,
    "place": _place,
    "sum": _sum,
    "date": _date,
}
