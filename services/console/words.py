"""Values in words: dates, sums, languages, countries, and labels for the fields of the record."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

from babel import Locale
from babel.core import get_global
from babel.dates import format_datetime, format_timedelta
from babel.numbers import format_decimal, get_currency_symbol

from services.console.highlight import KINDS
from services.stages import MODEL, PARSE, STORE, STORY
from services.store import shown

Doc = dict[str, Any]
ENGLISH = Locale("en")  # the only language that the API's image has CLDR data for
SCRIPT_LETTERS = 4  # of ISO 15924: Arab, Latn
_RIGHT_TO_LEFT = {"Adlm", "Arab", "Hebr", "Nkoo", "Rohg", "Syrc", "Thaa"}
TYPES = {
    "PERSON": "person",
    "ORG": "organisation",
    "GPE": "place",
    "LOC": "place",
    "FAC": "building",
    "NORP": "group",
    "EVENT": "event",
    "WORK": "work",
    "LAW": "law",
    "PRODUCT": "product",
}
STAGES = {
    PARSE: "reading",
    "language": "language",
    MODEL: "language model",
    "entities": "names",
    "places": "places",
    "money": "sums",
    "quantities": "quantities",
    "dates": "dates",
    "cites": "credits",
    "quotes": "quotes",
    "statements": "statements",
    "events": "events",
    "keywords": "keywords",
    "summary": "summary",
    "topics": "topics",
    "terms": "search terms",
    STORY: "story",
    STORE: "saving",
}
CORRECTIONS = {
    "retype": "another type for",
    "rename": "another name for",
    "join": "joined",
    "split": "split from",
    "hide": "hidden:",
    "speaker": "another speaker for",
    "place": "another place for",
    "sum": "another sum for",
    "date": "another date for",
}
ACTIONS = {
    "AGREE": "agrees with",
    "CONSULT": "consults",
    "SUPPORT": "supports",
    "CONCEDE": "concedes to",
    "COOPERATE": "cooperates with",
    "AID": "aids",
    "RETREAT": "retreats from",
    "REQUEST": "requests from",
    "ACCUSE": "accuses",
    "REJECT": "rejects",
    "THREATEN": "threatens",
    "PROTEST": "protests against",
    "SANCTION": "sanctions",
    "MOBILIZE": "mobilises against",
    "COERCE": "coerces",
    "ASSAULT": "assaults",
}

# the facets of a search, in the order they are shown
TITLES = {
    "entity": "Names",
    "country": "Countries",
    "place": "Places",
    "speaker": "Quoted",
    "event": "Events",
    "topic": "Topics",
    "language": "Languages",
    "publisher": "Publishers",
    "collection": "Collections",
    "tag": "Tags",
    "fetched_from": "Fetched from",
    "status": "State",
    "provider": "Providers",
    "subject": "Providers’ subjects",
    "pub_status": "Status on the wire",
}
WARNINGS = {
    "encoding_guessed": "The encoding was guessed, because none was declared.",
    "encoding_misdeclared": "The declared encoding was wrong.",
    "encoding_errors": "Some bytes could not be read and are shown as �.",
    "mojibake_repaired": "Text that had been decoded wrongly before it was sent was corrected.",
    "date_ambiguous": "Day and month of the date could be the other way round.",
    "date_guessed": "The date was found somewhere on the page, not in its head.",
    "no_title": "No title was found.",
    "no_date": "No date of publication was found.",
    "no_text": "No running text was found.",
    "no_model": "There is no language model for this language: people, organizations and events are not marked.",
    "truncated": "The document ends in the middle.",
    "extraction_unsure": "It is uncertain where on the page the article is.",
    "no_reference_date": "The document has no date: words such as “on Monday” are marked, but not resolved to a day.",
    "long_text": "The text is very long: names were marked only in its first part.",
    "stage_failed": "A stage failed on this document, and its field is empty: {}.",
    "field_failed": "A field of the document's head could not be read and is empty: {}.",
    "ocr": "Read from a picture: letters may be wrong.",
    "scanned_pages": "Some pages are pictures and were not read.",
}


def instant(value: datetime, zone: str | None = None) -> str:
    """Return ``14 May 2015, 09:40`` in the document's own time; an instant in UTC is labelled as UTC, a wall-clock time
    is not."""
    return format_datetime(value, "d MMM y, HH:mm", tzinfo=UTC, locale=ENGLISH) + (" UTC" if zone else "")


def day(value: datetime) -> str:
    return format_datetime(value, "d MMM y", tzinfo=UTC, locale=ENGLISH)


def ago(value: datetime) -> str:
    """Return ``5 minutes ago``."""
    since = value - datetime.now(UTC)
    if abs(since.total_seconds()) < 2:
        return "now"
    return format_timedelta(since, add_direction=True, locale=ENGLISH)


def lasting(seconds: float) -> str:
    """Return ``3 minutes``."""
    return str(format_timedelta(timedelta(seconds=seconds), locale=ENGLISH))


def iso(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def number(value: int | float | Decimal) -> str:
    return str(format_decimal(value, locale=ENGLISH))


def size(value: int) -> str:
    """Return a number of bytes as ``12 kB``."""
    for unit in ("bytes", "kB", "MB"):
        if value < 1000:
            return f"{value:.0f} {unit}"
        value = round(value / 1000)
    return f"{value:,} GB"


def _sum(amount: Decimal, currency: str | None) -> str:
    symbol = get_currency_symbol(currency, locale=ENGLISH) if currency else ""
    return f"{symbol}{' ' if symbol[-1:].isalpha() else ''}{number(amount)}"


def money(found: Doc) -> str:
    """Return ``$2,400,000,000``, or ``€1,200,000,000 – €1,400,000,000`` for a range."""
    low = _sum(found["amount"], found.get("currency"))
    most = found.get("amount_max")
    return low if most is None else f"{low} – {_sum(most, found.get('currency'))}"


def money_row(row: Doc) -> str:
    """Return the sum of a row of the API, whose amounts are strings."""
    most = row.get("amount_max")
    return money({**row, "amount": Decimal(row["amount"]), "amount_max": Decimal(most) if most is not None else None})


@cache
def language(code: str | None) -> str:
    """Return ``English`` for ``en``, ``English (Canada)`` for ``en-CA``; the code itself if it has no name."""
    first, *more = (code or "").split("-")
    name = ENGLISH.languages.get(first.lower())
    if name is None:
        return code or "unknown language"
    kinds = [ENGLISH.scripts.get(part.title()) or ENGLISH.territories.get(part.upper()) for part in more]
    said = ", ".join(kind for kind in kinds if kind)
    return f"{name} ({said})" if said else str(name)


@cache
def direction(code: str | None) -> str:
    """Return ``rtl`` for a language written from right to left, ``ltr`` for others, ``auto`` if unknown. The direction
    follows from the script, which the code names (``pa-Arab``) or which is usual for the language (``fa``, ``pa-PK``).
    """
    parts = (code or "").split("-")
    usual = get_global("likely_subtags")
    full = usual.get("_".join(parts[:2])) or usual.get(parts[0])
    named = [part for part in parts[1:] if len(part) == SCRIPT_LETTERS] or (full or "").split("_")[1:2]
    if not named:
        return "auto"
    return "rtl" if named[0] in _RIGHT_TO_LEFT else "ltr"


@cache
def country(code: str | None) -> str:
    return str(ENGLISH.territories.get(code or "", code or ""))


def titled(record: Doc) -> str:
    """Return a label for a document, from the fields that it has."""
    source, raw = record.get("source") or {}, record.get("raw") or {}
    text = " ".join((record.get("text") or "").split())
    return record.get("title") or source.get("title") or raw.get("filename") or text[:80] or f"Document {record['_id']}"


def facet_value(name: str, value: str) -> str:
    """Return the value of a facet or filter in words."""
    if name == "language":
        return language(value)
    if name == "country":
        return country(value)
    if name == "event":
        return value.capitalize()
    return value


def warning(code: str) -> str:
    """Return a warning of the record in words, or the code itself if it is unknown."""
    kind, _, what = code.partition(":")
    return WARNINGS.get(kind, code).replace("{}", STAGES.get(what, what))


def entity_path(name: str) -> str:
    return f"/entities/{quote(name, safe='')}"


def search_path(**given: Any) -> str:
    """Return the address of ``/search`` with these parameters, without those that are None or empty."""
    return f"/search?{urlencode({key: value for key, value in given.items() if value}, doseq=True)}"


FILTERS: dict[str, Callable[..., Any]] = {
    "instant": instant,
    "day": day,
    "ago": ago,
    "lasting": lasting,
    "iso": iso,
    "number": number,
    "size": size,
    "money": money,
    "money_row": money_row,
    "language": language,
    "direction": direction,
    "country": country,
    "titled": titled,
    "warning": warning,
}
GLOBALS: Doc = {
    "KINDS": KINDS,
    "TYPES": TYPES,
    "STAGES": STAGES,
    "ACTIONS": ACTIONS,
    "CORRECTIONS": CORRECTIONS,
    "TITLES": TITLES,
    "embargoed": shown.embargoed,
    "facet_value": facet_value,
    "entity_path": entity_path,
    "search_path": search_path,
}
