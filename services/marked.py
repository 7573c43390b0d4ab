"""Write records as marked articles: the form of the articles that enrichment is tested with.

``NAME.txt`` has the title, the date, and the text after a blank line. ``NAME.ann`` has a line for each annotation, which
quotes the text: see ``tests/quality/enrich/README.md``. What this form cannot say is left out: an annotation inside a
longer one, a name with one of its marks (`` = ``, `` / ``, ``; ``), a sum without a currency.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

Doc = dict[str, Any]
Spot = tuple[int, int]

_MARKS = re.compile(r" = | / |; ?| -- | \| | … |#\d|\n| @\S+$|^[~?]")
_TYPES = {"EVENT": "EVENT-NAME"}
_PLACES = ("GPE", "LOC")
_ACTIONS = ("AGREE", "CONSULT", "SUPPORT", "CONCEDE", "COOPERATE", "AID", "RETREAT", "REQUEST", "ACCUSE", "REJECT",
            "THREATEN", "PROTEST", "SANCTION", "MOBILIZE", "COERCE", "ASSAULT")  # fmt: skip


def files(record: Doc) -> dict[str, str]:
    """Return the files of a record in the API's form, by suffix."""
    text = (record.get("text") or "").rstrip()
    title = " ".join((record.get("title") or "Without a title").split())
    when = record.get("published_at") or record["source"]["received_at"]
    head = [f"published: {when[:16]}", *_dateline(record.get("dateline"), text)]
    language = (record.get("language") or "en").partition("-")[0]
    if language != "en":
        head.append(f"language: {language}")
    headings = [text[one["start"] : one["end"]] for one in record.get("blocks") or [] if one["kind"] == "heading"]
    if headings and not any(" ; " in one or "\n" in one for one in headings):
        head.append(f"headings: {' ; '.join(headings)}")
    lines = [*_entities(record, text), *_quotes(record, text), *_sums(record, text), *_dates(record, text),
             *_cites(record, text), *_events(record, text)]  # fmt: skip
    return {"txt": f"{title}\n{when[:10]}\n\n{text}\n", "ann": "\n".join([*head, "", *lines]) + "\n"}


def _dateline(dateline: Doc | None, text: str) -> Iterator[str]:
    if dateline and text.startswith(dateline["text"]) and "|" not in dateline["text"] and dateline["places"]:
        yield f"dateline: {dateline['text']} | {'; '.join(dateline['places'])} | {dateline.get('credit') or '-'}"


def _spots(text: str, wanted: set[str]) -> dict[str, list[Spot]]:
    """Return where each of the wanted strings is in the text as whole words; where two overlap, the longer one
    counts."""
    taken: list[Spot] = []
    found: dict[str, list[Spot]] = {}
    for words in sorted(wanted, key=lambda one: (-len(one), one)):
        pattern = re.sub("['’]", "['’]", re.escape(words))
        spots = [match.span() for match in re.finditer(rf"(?<!\w){pattern}(?!\w)", text)]
        found[words] = [spot for spot in spots if all(spot[1] <= start or spot[0] >= end for start, end in taken)]
        taken += found[words]
    return found


def _numbered(words: str, marked: set[Spot], spots: list[Spot]) -> str | None:
    """Return the string with the numbers of its occurrences that are marked, without numbers if all are; None if none
    is."""
    numbers = [str(at) for at, spot in enumerate(spots, 1) if spot in marked]
    if not numbers:
        return None
    return words if len(numbers) == len(spots) else f"{words}#{','.join(numbers)}"


def _plain(value: str | None) -> str | None:
    """Return the value if the form can say it."""
    return value if value and not _MARKS.search(value) else None


def _entities(record: Doc, text: str) -> Iterator[str]:
    entities = [one for one in record.get("entities") or [] if _plain(one["name"])]
    wanted = {span["text"] for one in entities for span in one["mentions"] if _plain(span["text"])}
    spots = _spots(text, wanted | {one["name"] for one in entities} | {one["name"].upper() for one in entities})
    for one in entities:
        marked = {(span["start"], span["end"]) for span in one["mentions"]}
        own = {one["name"], one["name"].upper()}
        forms = list(dict.fromkeys(span["text"] for span in one["mentions"] if span["text"] in wanted))
        numbered = [_numbered(form, marked, spots[form]) for form in forms]
        aliases = [form for form in numbered if form and form not in own]
        if not any(numbered) or any(spots[form] and form not in forms for form in own):
            continue
        kind = _TYPES.get(one["type"], one["type"])
        place = f" @{_country(record, marked)}" if one["type"] in _PLACES else ""
        said = f" = {'; '.join(aliases)}" if aliases else ""
        role = f" -- {one['role']}" if _plain(one.get("role")) else ""
        yield f"{kind} {one['name']}{place}{said}{role}"


def _country(record: Doc, marked: set[Spot]) -> str:
    for place in record.get("places") or []:
        if any((span["start"], span["end"]) in marked for span in place["mentions"]):
            return place.get("country") or "-"
    return "?"


def _quotes(record: Doc, text: str) -> Iterator[str]:
    for one in record.get("quotes") or []:
        words = _between(text, one["start"], one["end"])
        if one.get("kind", "speech") == "speech" and words:
            yield f"QUOTE {words} = {_plain(one.get('speaker')) or '-'}"


def _between(text: str, start: int, end: int) -> str | None:
    """Return ``first words … last words`` that have only this place in the text, or all words if there are few."""
    words = text[start:end]
    if not _MARKS.search(words) and text.count(words) == 1:
        return words
    parts = [match.span() for match in re.finditer(r"\S+", words)]
    for first in range(1, len(parts)):
        opening = words[: parts[first - 1][1]]
        if _MARKS.search(opening):
            return None
        if text.count(opening) == 1:
            for last in range(len(parts) - 1, first - 1, -1):
                closing = words[parts[last][0] :]
                if _MARKS.search(closing):
                    return None
                if text.find(closing, start) + len(closing) == end:
                    return f"{opening} … {closing}"
    return None


def _values(record: Doc, field: str, text: str, kind: str, values: dict[int, str | None]) -> Iterator[str]:
    """Yield the lines of annotations; ``values`` has the value of each by its position in the field."""
    given = record.get(field) or []
    spots = _spots(text, {one["text"] for one in given if _plain(one["text"])})
    by_value: dict[tuple[str, str], set[Spot]] = {}
    for at, value in values.items():
        if value and given[at]["text"] in spots:
            by_value.setdefault((given[at]["text"], value), set()).add((given[at]["start"], given[at]["end"]))
    for (words, value), marked in by_value.items():
        if numbered := _numbered(words, marked, spots[words]):
            yield f"{kind} {numbered} = {value}"


def _sums(record: Doc, text: str) -> Iterator[str]:
    given = enumerate(record.get("money") or [])
    return _values(record, "money", text, "MONEY", {at: _amount(one) for at, one in given if one.get("currency")})


def _amount(money: Doc) -> str:
    most = money.get("amount_max")
    return f"{_number(money['amount'])}{f'..{_number(most)}' if most is not None else ''} {money['currency']}"


def _number(value: Any) -> str:
    return f"{Decimal(str(value)).normalize():f}"


def _dates(record: Doc, text: str) -> Iterator[str]:
    """Return the dates, and the times whose day is known."""
    dates = enumerate(record.get("dates") or [])
    dated = {
        at: one["value"] for at, one in dates if one["kind"] in ("date", "time") and (one["value"] or "")[:1].isdigit()
    }
    return _values(record, "dates", text, "DATE", dated)


def _cites(record: Doc, text: str) -> Iterator[str]:
    given = enumerate(record.get("cites") or [])
    return _values(record, "cites", text, "CITE", {at: _plain(one["source"]) for at, one in given})


def _events(record: Doc, text: str) -> Iterator[str]:
    for one in record.get("events") or []:
        sides = [_plain(one.get(side)) if one.get(side) else "-" for side in ("actor", "target")]
        evidence = _between(text, one["start"], one["end"])
        if one["action"] in _ACTIONS and all(sides) and evidence:
            status = one.get("status", "happened")
            yield f"EVENT {one['action']} | {sides[0]} | {sides[1]} | {status} | {one.get('date') or '-'} | {evidence}"
