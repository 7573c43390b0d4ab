"""Write what documents say about people and organizations as FollowTheMoney entities.

Each document is an `Article`; each person or organization with an id a `Person`, `Company` or `Organization`, and a
`Documentation` of it in the article. Who said something about whom, and who acts on whom, are `UnknownLink`s with the
article as proof. The names of schemata and properties are those of FollowTheMoney 4.

An entity is written again when a later document has another name or role for it, with only the new values: programs
join the lines that have one id.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

from services import identity

Doc = dict[str, Any]
FIELDS = dict.fromkeys(
    ("title", "published_at", "publisher", "url", "language", "source.received_at", "entities", "quotes", "statements",
     "events"), 1
)  # fmt: skip
"""The fields of a record that are needed."""
MOST_KNOWN = 1_000_000
"""How many names and roles are remembered as written. Beyond this, values may be written again."""
LONGEST = 1_000
"""Maximum characters of a summary."""


class Writer:
    """Turns records into entities, each value once."""

    def __init__(self) -> None:
        self._known: set[int] = set()

    def of_record(self, record: Doc) -> Iterator[Doc]:
        """Yield the entities of a record as JSON: ``{id, schema, properties}``. There are none if it names nobody."""
        who = {one["name"]: one for one in record.get("entities") or []
               if one.get("id") and not identity.is_unsure(one["id"])}  # fmt: skip
        if not who:
            return
        article = f"article-{record['id']}"
        yield _entity(article, "Article", title=record.get("title"), publisher=record.get("publisher"),
                      sourceUrl=_address(record.get("url")), publishedAt=_day(record.get("published_at")),
                      language=_language(record.get("language")))  # fmt: skip
        for one in who.values():
            if found := self._party(one):
                yield found
            yield _entity(f"{article}-{one['id']}", "Documentation", document=article, entity=one["id"],
                          role=one.get("role"))  # fmt: skip
        yield from _links(record, article, who)

    def _party(self, one: Doc) -> Doc | None:
        person = one["type"] == "PERSON"
        full = (alias for alias in one.get("aliases") or [] if alias[:1].isupper() and alias != one["name"])
        given: dict[str, list[str]] = {
            "name": [one["name"]],
            "alias": [alias for alias in full if identity.of_name(one["type"], alias)],
            "position": [one["role"]] if person and one.get("role") else [],
        }
        new = {name: [value for value in values if self._first(one["id"], name, value)]
               for name, values in given.items()}  # fmt: skip
        if not any(new.values()):
            return None
        schema = "Person" if person else "Company" if identity.is_company(one["name"]) else "Organization"
        return _entity(one["id"], schema, **{**new, "name": [one["name"]]})

    def _first(self, id: str, name: str, value: str) -> bool:
        mark = hash((id, name, value))
        if mark in self._known:
            return False
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known.add(mark)
        return True


async def entities(pages: AsyncIterator[list[Doc]]) -> AsyncIterator[list[Doc]]:
    """Yield the entities of pages of records."""
    writer = Writer()
    async for page in pages:
        yield [entity for record in page for entity in writer.of_record(record)]


def _links(record: Doc, article: str, who: dict[str, Doc]) -> Iterator[Doc]:
    """Yield who said something about whom, and who acts on whom."""
    day = _day(record.get("published_at"))
    said = [(one.get("speaker"), one) for one in record.get("quotes") or [] if one.get("kind", "speech") == "speech"]
    said += [(one.get("source"), one) for one in record.get("statements") or []]
    for speaker, span in said:
        for other in who.values() if speaker in who else ():
            if other["id"] != who[speaker]["id"] and _within(other, span):
                yield _link(article, f"said-{span['start']}", who[speaker], other, "said of", span, day)
    for event in record.get("events") or []:
        actor, target = (who.get(event.get(end) or "") for end in ("actor", "target"))
        if actor and target and actor["id"] != target["id"] and event.get("status", "happened") != "denied":
            role = f"acts on ({event['action'].lower()})"
            name = f"{event['action'].lower()}-{event['start']}"
            yield _link(article, name, actor, target, role, event, _day(event.get("date")) or day)


def _link(article: str, name: str, subject: Doc, object: Doc, role: str, span: Doc, day: str | None) -> Doc:
    id = f"{article}-{name}-{subject['id']}-{object['id']}"
    return _entity(id, "UnknownLink", subject=subject["id"], object=object["id"], role=role, proof=article, date=day,
                   summary=span["text"][:LONGEST], recordId=f"{span['start']}-{span['end']}")  # fmt: skip


def _within(entity: Doc, span: Doc) -> bool:
    return any(span["start"] <= one["start"] and one["end"] <= span["end"] for one in entity.get("mentions") or [])


def _entity(id: str, schema: str, **properties: str | list[str] | None) -> Doc:
    lists = {name: [value] if isinstance(value, str) else value for name, value in properties.items() if value}
    return {"id": id, "schema": schema, "properties": lists}


def _day(value: str | None) -> str | None:
    """Return the date of a time, or a date that is a year, a month or a day; None for weeks and the like."""
    day = (value or "")[:10]
    return day if day and all(part.isdecimal() for part in day.split("-")) and len(day) in (4, 7, 10) else None


def _address(url: str | None) -> str | None:
    return url if url and url.startswith(("https://", "http://")) else None


_LANGUAGES = {"en": "eng", "fr": "fra", "de": "deu", "es": "spa", "it": "ita", "pt": "por", "nl": "nld", "ru": "rus",
              "uk": "ukr", "ar": "ara", "fa": "fas", "tr": "tur", "pl": "pol", "sv": "swe", "no": "nor", "nb": "nob",
              "da": "dan", "fi": "fin", "el": "ell", "he": "heb", "zh": "zho", "ja": "jpn", "ko": "kor"}  # fmt: skip
"""ISO 639-1 to ISO 639-3, which FollowTheMoney uses."""


def _language(tag: str | None) -> str | None:
    return _LANGUAGES.get((tag or "").partition("-")[0])
