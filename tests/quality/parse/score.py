"""Compare the result with a copy editor's marks: one number from 0 to 1 for each field of a case.

Exact (after folding of white space, quotation marks and dashes): code, title, deck, published_at, published_zone,
language, dateline places (as a set) and credit. Set F1: byline names, sections, captions, notice kinds, gaps, members.
The body is scored by F1 of its shingles of five tokens, as the public benchmarks of article extraction do. A field that
should be empty and is empty has no score; one that is filled but should be empty has 0.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.records import Article
from services.text.digits import fold_digits
from workers.parse.base import Parsed, ParseError

from .build import build
from .case import Case

FIELDS = (
    "code",
    "title",
    "deck",
    "byline",
    "byline_detail",
    "published_at",
    "published_zone",
    "dateline",
    "credit",
    "language",
    "sections",
    "captions",
    "notices",
    "gaps",
    "members",
    "warnings",
    "error",
    "body",
)
SHINGLE = 5
COUNTED_NOTICES = {"correction", "update", "copyright", "subscription", "contact"}
DECLARING = {
    "html",
    "xhtml",
    "mhtml",
    "warc",
    "eml",
    "nitf",
    "newsml-g2",
    "ninjs",
    "rss",
    "atom",
}  # kinds that can state their language
PAGES = {"html", "xhtml", "mhtml", "warc", "epub"}  # what surrounds the article on a page may be dropped or kept

Parse = Callable[[bytes, str | None, str | None], Parsed]

_TOKEN = re.compile(r"[぀-ヿ㐀-䶿一-鿿가-힣]|[^\W_]+")
_FOLD = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "‑": "-", "\u00ad": None}
)
_HOURS = {
    "UTC": 0, "GMT": 0, "Z": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
    "CET": 1, "MEZ": 1, "MESZ": 2, "CEST": 2, "BST": 1, "EET": 2, "EEST": 3, "MSK": 3, "IRST": 3.5, "IST": 5.5, "JST": 9, "KST": 9,
}  # fmt: skip


@dataclass(slots=True)
class Result:
    """The scores of one case by field, and for each score under 1 the value found and the expected one."""

    case: Case
    scores: dict[str, float] = field(default_factory=dict)
    spurious: set[str] = field(default_factory=set)
    misses: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    error: str | None = None
    body: str = ""

    @property
    def mean(self) -> float:
        return sum(self.scores.values()) / len(self.scores) if self.scores else 0.0


def tokens(text: str) -> list[str]:
    """Return lower-case words; each character of Chinese, Japanese and Korean is a token."""
    return _TOKEN.findall(text.translate(_FOLD).casefold())


def shingle_f1(found: str, expected: str, size: int = SHINGLE) -> float:
    """Return the F1 of the bags of ``size``-token shingles; a shorter text is one shingle."""

    def bag(text: str) -> Counter[tuple[str, ...]]:
        words = tokens(text)
        return Counter(tuple(words[n : n + size]) for n in range(max(1, len(words) - size + 1))) if words else Counter()

    one, other = bag(found), bag(expected)
    if not one or not other:
        return float(one == other)
    return 2 * (one & other).total() / (one.total() + other.total())


def fold(text: str | None) -> str | None:
    """Return the text with white space, quotation marks, dashes and digits normalised; None if it is empty."""
    return " ".join(fold_digits(text).translate(_FOLD).split()) or None if text else None


def set_f1[T, U](found: Iterable[T], expected: Iterable[U], same: Callable[[T, U], bool]) -> float:
    """Return the F1 if each expected item matches at most one found item."""
    left, hits, wanted = list(found), 0, list(expected)
    total = len(left) + len(wanted)
    for item in wanted:
        for n, candidate in enumerate(left):
            if same(candidate, item):
                del left[n]
                hits += 1
                break
    return 2 * hits / total if total else 1.0


def offset(zone: str | None, at: datetime | None) -> timedelta | str | None:
    """Return the offset from UTC that a zone's name means on that day; the name itself if it is unknown."""
    if zone is None:
        return None
    name = zone.strip().removeprefix("UTC").removeprefix("GMT") or "Z"
    if match := re.fullmatch(r"([+\-−])(\d{1,2}):?(\d\d)?", name):
        sign = 1 if match[1] == "+" else -1
        return sign * timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    if name.upper() in _HOURS:
        return timedelta(hours=_HOURS[name.upper()])
    try:
        return (at or datetime(2024, 1, 1, tzinfo=UTC)).astimezone(ZoneInfo(name)).utcoffset()
    except (KeyError, ValueError, OSError):
        return name.casefold()


def _same_place(found: str, expected: str) -> bool:
    whole, one = (fold(expected) or "").casefold(), (fold(found) or "").casefold()
    return one == whole or one == whole.split(",")[0]  # 'BOISE, Idaho' is one place, with or without its state


def _same_words(found: str, expected: str) -> bool:
    return shingle_f1(found, expected, 1) >= 0.75  # with or without the credit


def score(case: Case, parse: Parse) -> Result:
    """Build the case, parse it, and compare. A ParseError makes every field 0, unless its code was expected."""
    result = Result(case)
    wanted = case.expect
    try:
        parsed = parse(build(case), case.options.get("declared"), case.options.get("filename"))
        article, members = _article(parsed, parse, "members" in wanted)
    except Exception as error:  # a crash of the parser is a result and does not end the run
        code = error.code if isinstance(error, ParseError) else f"crash {type(error).__name__}"
        result.error = code
        if "error" in wanted:
            _put(result, "error", float(code == wanted["error"]), code, wanted["error"])
        else:
            for name in FIELDS:
                value = wanted.get("places" if name == "dateline" else name)
                if value and value != "any" and not (name == "notices" and all(one.endswith("?") for one in value)):
                    _put(result, name, 0.0, code, value)
        return result
    if "error" in wanted:
        _put(result, "error", 0.0, None, wanted["error"])
        return result
    _compare(result, article, members)
    return result


def _article(parsed: Parsed, parse: Parse, container: bool) -> tuple[Article, list[tuple[str, Article]]]:
    """Return the article, and each member, parsed. A container of one document counts as that document."""
    members = []
    for member in parsed.members:
        try:
            inner = parse(member.data, member.media_type, member.path.rsplit("/", 1)[-1])
        except ParseError:
            members.append((member.path, Article()))
            continue
        if inner.article is None and inner.members:
            inner_article, _ = _article(inner, parse, False)
        else:
            inner_article = inner.article or Article()
        members.append((member.path, inner_article))
    article = parsed.article
    if article is None and len(members) == 1 and not container:
        article = members[0][1]
    return article or Article(text="\n\n".join(one.text for _, one in members)), members


def _put(result: Result, name: str, value: float, found: Any, expected: Any) -> None:
    result.scores[name] = value
    if value < 1:
        result.misses[name] = (found, expected)


def _compare(result: Result, article: Article, members: list[tuple[str, Article]]) -> None:
    wanted = result.case.expect

    def exact(name: str, found: str | None, expected: str | None) -> None:
        if expected == "any":
            return
        if fold(found) is None and fold(expected) is None:
            return
        if fold(expected) is None:
            result.spurious.add(name)
        _put(result, name, float(fold(found) == fold(expected)), found, expected)

    def f1[T, U](name: str, found: list[T], expected: list[U], same: Callable[[T, U], bool]) -> None:
        if not found and not expected:
            return
        if not expected:
            result.spurious.add(name)
        _put(result, name, set_f1(found, expected, same), found, expected)

    container = "members" in wanted
    if not container:
        for name in ("code", "title", "deck"):
            exact(name, getattr(article, name), wanted.get(name))
        _compare_byline(result, article)
        _compare_dates(result, article)
        dateline = article.dateline
        places = wanted.get("places", [])
        if places != "any":
            found = dateline.places if dateline else []
            if found or places:
                if not places:
                    result.spurious.add("dateline")
                _put(result, "dateline", float(set_f1(found, places, _same_place) == 1), found, places)
        exact("credit", dateline.credit if dateline else None, wanted.get("credit"))
        if "language" in wanted and _declares_language(result.case):
            exact("language", (article.language or "").split("-")[0], wanted["language"])
        f1("sections", [one.heading for one in article.sections], wanted["sections"], _same_heading)
        f1("captions", [one.text for one in article.captions], wanted["captions"], _same_words)
        _compare_notices(result, article)
        _compare_gaps(result, article)
        if warnings := wanted.get("warnings"):
            hits = sum(one in article.warnings for one in warnings)
            _put(result, "warnings", hits / len(warnings), article.warnings, warnings)
    if container:
        f1("members", members, wanted["members"], _same_member)
    expected_body = str(wanted["body"])
    if expected_body != "any":
        result.body = article.text
        _put(result, "body", shingle_f1(article.text, expected_body), article.text, expected_body)


def _declares_language(case: Case) -> bool:
    """Return whether the case declares its language, because the parser reads only declarations. An EPUB must have one;
    in other kinds it is visible in the source."""
    return case.kind == "epub" or (
        case.kind in DECLARING and re.search(r"\blang", case.source, re.IGNORECASE) is not None
    )


def _same_heading(found: str, expected: str) -> bool:
    return tokens(found) == tokens(expected)


def _same_member(found: tuple[str, Article], expected: dict[str, str]) -> bool:
    path, article = found
    right_path = "path" not in expected or path == expected["path"] or path.endswith("/" + expected["path"])
    return right_path and (not expected.get("title") or fold(article.title) == fold(expected["title"]))


def _compare_byline(result: Result, article: Article) -> None:
    marked = result.case.expect.get("byline", [])
    if marked == "any":
        return
    wanted = [{"name": one} if isinstance(one, str) else one for one in marked]
    found = article.byline
    if found or wanted:
        names = [one.name for one in found]
        if not wanted:
            result.spurious.add("byline")
        value = set_f1(
            names,
            [one["name"] for one in wanted],
            lambda a, b: (fold(a) or "").casefold() == (fold(b) or "").casefold(),
        )
        _put(result, "byline", value, names, [one["name"] for one in wanted])
    details = [(key, value) for one in wanted for key, value in one.items() if key != "name"]
    if details:
        have = [
            (key, (fold(value) or "").casefold()) for one in found for key, value in one.model_dump().items() if value
        ]
        hits = sum((key, (fold(value) or "").casefold()) in have for key, value in details)
        _put(result, "byline_detail", hits / len(details), have, details)


def _compare_dates(result: Result, article: Article) -> None:
    wanted = result.case.expect.get("published_at")
    if wanted == "any":
        return
    zone = article.published_zone
    at = article.published_at and article.published_at.replace(microsecond=0)
    expected = datetime.fromisoformat(wanted) if wanted else None
    if expected and expected.tzinfo is None:
        expected = expected.replace(tzinfo=UTC)
    if at or expected:
        if not expected:
            result.spurious.add("published_at")
        _put(result, "published_at", float(at == expected), at and at.isoformat(), wanted)
    expected_zone = result.case.expect.get("published_zone")
    if expected_zone == "any":
        return
    if zone or expected_zone:
        if not expected_zone:
            result.spurious.add("published_zone")
        same = offset(zone, at) == offset(expected_zone, expected)
        _put(result, "published_zone", float(same), zone, expected_zone)


def _compare_notices(result: Result, article: Article) -> None:
    wanted = result.case.expect.get("notices", [])
    required = sorted({one for one in wanted if not one.endswith("?")})
    optional = {one.rstrip("?") for one in wanted if one.endswith("?")}
    if result.case.kind in PAGES:
        optional |= {"copyright", "subscription", "contact"}
    counted = (COUNTED_NOTICES | set(required)) - (optional - set(required))
    found = sorted({str(one.kind) for one in article.notices} & counted)
    if found or required:
        if not required:
            result.spurious.add("notices")
        _put(result, "notices", set_f1(found, required, lambda a, b: a == b), found, required)


def _compare_gaps(result: Result, article: Article) -> None:
    """Compare gaps: one is right if it touches the end of the words after which something is missing."""
    wanted = result.case.expect.get("gaps", [])
    found = article.gaps
    if not found and not wanted:
        return
    if not wanted:
        result.spurious.add("gaps")
    text = article.text

    def touches(gap: Any, phrase: str) -> bool:
        at = text.find(phrase)
        while at >= 0:
            end = at + len(phrase)
            if gap.start <= end + 3 and gap.end >= at and gap.end <= end + 3:
                return True
            at = text.find(phrase, at + 1)
        return False

    value = set_f1(found, wanted, touches)
    _put(result, "gaps", value, [(text[max(0, one.start - 30) : one.start], one.text) for one in found], wanted)
