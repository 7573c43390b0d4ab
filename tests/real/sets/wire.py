"""Score 86 wire files, each with the fields that a desk editor expects in ``wire/expected.json``. A field is right if
it has the expected value, ignoring quotation marks, dashes, case and spaces. Keys on which careful readers may differ
(``doubtful``) and those that records do not have are not scored; a refusal is right if the file allows it.
``wire.silent`` counts the files with a field wrong that give no warning. Files whose expectation we consider wrong are
listed in ``disputed.toml`` with the reason; they still count.
"""

from __future__ import annotations

import json
import re
import tomllib
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from services.records import Article, Wire
from tests.real.reading import in_processes
from tests.real.scored import Scored, digest_of, sample_of
from workers.parse import ParseError, parse

NAME = "wire"
IN_SAMPLE = 40
DISPUTED = Path(__file__).parents[1] / "disputed.toml"

Expected = dict[str, Any]

_ALIKE = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "‑": "-", "\xad": None})
_NOT_SCORED = frozenset(
    {
        "set",
        "format",
        "read",
        "note",
        "why",
        "doubtful",
        "refusal_ok",
        "event",
        "guid_hint",
        "sender",
        "should_not_contain",
    }
)
_STATUS = {"publish": "usable", "published": "usable"}
_WIRE_NAMES = {"wordcount": "word_count", "anpa_priority": "priority", "anpa_category": "category"}


@dataclass(slots=True)
class File:
    """The result for a file: its article or that of its first member, the members' titles, or the refusal."""

    article: Article | None = None
    titles: list[str | None] = field(default_factory=list)
    refusal: str | None = None

    @property
    def wire(self) -> Wire:
        return (self.article.wire if self.article else None) or Wire()


def read(path: Path) -> File:
    """Read one file, and its members if it contains documents."""
    try:
        parsed = parse(path.read_bytes(), None, path.name)
        inside = [parse(one.data, one.media_type, one.path, depth=1).article for one in parsed.members]
    except ParseError as error:
        return File(refusal=f"{error.code}: {error.message}")
    article = parsed.article or next((one for one in inside if one is not None), None)
    return File(article, [one.title if one else None for one in inside])


def fold(value: object) -> str:
    """Return the value with quotation marks, dashes, spaces and case normalised."""
    text = unicodedata.normalize("NFKC", str(value if value is not None else "")).translate(_ALIKE)
    text = text.replace("``", '"').replace("''", '"')
    return " ".join(text.split()).casefold()


def same_instant(expected: str, found: datetime | None) -> bool:
    """Return whether an instant is the expected one; one without a zone is stored as if in UTC."""
    if found is None:
        return False
    wanted = datetime.fromisoformat(expected)
    if wanted.tzinfo is None:
        wanted = wanted.replace(tzinfo=UTC)
    return abs((found - wanted).total_seconds()) < 1


def _alternatives(wanted: Expected, key: str) -> list[Any]:
    """Return what is right for a key: the value itself, and what ``<key>_alt`` allows."""
    other = wanted.get(f"{key}_alt", [])
    if key == "byline":
        return [wanted[key], *([other] if other else [])]
    return [wanted[key], *(other if isinstance(other, list) else [other])]


def _body(article: Article) -> list[str]:
    """Return the whole text and the text after its dateline; the captions if there is no text."""
    if not article.text:
        return [fold(" ".join(caption.text for caption in article.captions))]
    after = article.text[article.dateline.end :] if article.dateline else article.text
    return [fold(article.text), fold(after).lstrip(" -")]


def _dateline(wanted: dict[str, Any], article: Article) -> bool:
    found = article.dateline
    places = [fold(place).split(",")[0] for place in found.places] if found else []
    if "places" in wanted and places[:1] != [fold(place).split(",")[0] for place in wanted["places"]][:1]:
        return False
    return "text" not in wanted or (
        found is not None and fold(found.text).rstrip(" -_") == fold(wanted["text"]).rstrip(" -_")
    )


def _members(count: int, file: File) -> bool:
    """Return whether the number of members is right. A package that only refers to its items has them as
    associations."""
    if count <= 1:
        return file.article is not None and len(file.titles) <= 1
    items = [one for one in file.wire.associations if one.guid]
    return len(file.titles) == count or (not file.titles and len(items) == count)


def _rights(wanted: str, file: File) -> bool:
    rights = file.wire.rights
    said = fold(" ".join(filter(None, (rights.copyright, rights.usage_terms, rights.credit)))) if rights else ""
    return all(fold(part) in said for part in wanted.split(" | "))


def _credit(wanted: str, file: File, article: Article) -> bool:
    rights = file.wire.rights
    return fold(wanted) in (fold(rights.credit) if rights else None, fold(article.publisher))


def _subjects(wanted: list[dict[str, str]], file: File) -> bool:
    mine = {fold(one.code) for one in file.wire.subjects} | {fold(one.name) for one in file.wire.subjects}
    return all(
        fold(one.get("code") or one.get("name")) in mine or fold(one.get("name") or "?") in mine for one in wanted
    )


_INSTANTS: dict[str, Callable[[File, Article], datetime | None]] = {
    "published_at": lambda file, article: article.published_at,
    "updated_at": lambda file, article: article.updated_at,
    "first_created": lambda file, article: file.wire.first_created,
    "embargoed_until": lambda file, article: file.wire.embargoed_until,
    "expires_at": lambda file, article: file.wire.expires_at,
}
_WORDS: dict[str, Callable[[File, Article], list[object]]] = {
    "title": lambda file, article: [article.title],
    "publisher": lambda file, article: [article.publisher, file.wire.provider],
    "language": lambda file, article: [article.language],
    "url": lambda file, article: [article.url],
    "summary": lambda file, article: [article.deck],
    "second_title": lambda file, article: file.titles[1:2],
}
"""What a field may be compared with, folded."""
_OTHERS: dict[str, Callable[[Any, File, Article], bool]] = {
    "members": lambda wanted, file, article: _members(wanted, file),
    "title_not": lambda wanted, file, article: fold(article.title) != fold(wanted),
    "byline": lambda wanted, file, article: set(map(fold, wanted)) == {fold(one.name) for one in article.byline},
    "dateline": lambda wanted, file, article: _dateline(wanted, article),
    "code": lambda wanted, file, article: (
        fold(wanted).rstrip("/,") in [fold(one).rstrip("/,") for one in (article.code, file.wire.slugline)]
    ),
    "first_words": lambda wanted, file, article: any(text.startswith(fold(wanted)) for text in _body(article)),
    "last_words": lambda wanted, file, article: _body(article)[0].rstrip(" .").endswith(fold(wanted).rstrip(" .")),
    "must_contain": lambda wanted, file, article: fold(wanted) in _body(article)[0],
    "rights": lambda wanted, file, article: _rights(wanted, file),
    "credit": _credit,
    "subjects": lambda wanted, file, article: _subjects(wanted, file),
    "keywords": lambda wanted, file, article: set(map(fold, wanted)) <= set(map(fold, file.wire.keywords)),
    "associations": lambda wanted, file, article: len(file.wire.associations) == wanted,
}


def is_right(key: str, wanted: Expected, file: File, article: Article) -> bool:
    """Return whether one field of an article is as expected."""
    choices = _alternatives(wanted, key)
    if key in _INSTANTS:
        return any(same_instant(one, _INSTANTS[key](file, article)) for one in choices)
    if key in _WORDS:
        return bool({fold(one) for one in choices} & {fold(one) for one in _WORDS[key](file, article)})
    if key == "must_not_contain":
        said = fold(" ".join([article.text, article.title or "", *(one.name for one in article.byline)]))
        return not any(_holds(said, words) for words in wanted[key])
    if key == "must_contain":
        return all(
            any(_OTHERS[key](one, file, article) for one in [words, *wanted.get("must_contain_alt", [])])
            for words in wanted[key]
        )
    if key in _OTHERS:
        return any(_OTHERS[key](one, file, article) for one in choices)
    found = fold(getattr(file.wire, _WIRE_NAMES.get(key, key)))
    return any(found == _STATUS.get(fold(one), fold(one)) for one in choices)


def _holds(said: str, words: str) -> bool:
    """Return whether words are in a text, as whole words: ``END`` is not in ``weekend``."""
    folded = fold(words)
    before, after = (r"\b" if folded[:1].isalnum() else ""), (r"\b" if folded[-1:].isalnum() else "")
    return bool(folded) and re.search(before + re.escape(folded) + after, said) is not None


def judge(wanted: Expected, file: File) -> dict[str, bool]:
    """Return right or wrong for each field that is scored; empty if the file was refused and may be."""
    keys = [
        key for key in wanted if key not in _NOT_SCORED | set(wanted.get("doubtful", [])) and not key.endswith("_alt")
    ]
    if not wanted["read"] or wanted.get("refusal_ok"):
        if file.article is None:
            return {}
        if not wanted["read"]:  # a record of what the head says is right, too; an invented text is not
            return {"text": not file.article.text}
    if file.article is None:
        return dict.fromkeys(keys, False)
    return {key: is_right(key, wanted, file, file.article) for key in keys}


def _paths(root: Path) -> list[Path]:
    return sorted(path for folder in ("superdesk", "newsinjson") for path in (root / "wire" / folder).iterdir())


def score(root: Path, *, sample: bool) -> Scored:
    """Read the files and compare each field with what is expected of it."""
    expected: dict[str, Expected] = json.loads((root / "wire" / "expected.json").read_text("utf-8"))
    by_path = {path: expected[path.name] for path in _paths(root)}
    chosen = sample_of(list(by_path), IN_SAMPLE) if sample else list(by_path)
    exact = fields = right = silent = refused = 0
    misses = []
    for path, file in zip(chosen, in_processes(read, chosen), strict=True):
        judged = judge(by_path[path], file)
        wrong = [key for key, well in judged.items() if not well]
        exact += not wrong
        fields += len(judged)
        right += len(judged) - len(wrong)
        refused += file.refusal is not None
        silent += bool(wrong) and file.article is not None and not file.article.warnings
        misses += [_line(path.name, key, by_path[path], file) for key in wrong]
    disputed = tomllib.loads(DISPUTED.read_text("utf-8")).get("file", [])
    figures = {
        "wire.exact": round(exact / len(chosen), 3),
        "wire.fields": round(right / max(1, fields), 3),
        "wire.silent": silent,
    }
    notes = [
        f"{fields} fields in {len(chosen)} files, {refused} of them refused",
        f"disputed expectations: {len(disputed)}",
    ]
    digest = digest_of([*chosen, root / "wire" / "expected.json"])
    return Scored(figures, size=len(chosen), digest=digest, notes=notes, misses=misses)


def _line(name: str, key: str, wanted: Expected, file: File) -> str:
    article = file.article
    if article is None:
        return f"{key} {name}: refused, {file.refusal}"
    shown: dict[str, object] = {
        "byline": [one.name for one in article.byline],
        "dateline": article.dateline and (article.dateline.text, article.dateline.places),
        "first_words": article.text[:120],
        "last_words": article.text[-120:],
        "must_not_contain": [words for words in wanted.get(key, []) if fold(words) in fold(article.text)],
        "members": len(file.titles),
        "code": (article.code, file.wire.slugline),
    }
    got = shown.get(key) or getattr(article, key, None) or getattr(file.wire, _WIRE_NAMES.get(key, key), None)
    return f"{key} {name}: {got!r}, not {wanted.get(key)!r}"
