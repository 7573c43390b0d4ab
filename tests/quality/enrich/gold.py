"""Read the annotated articles: ``NAME.txt`` is the copy as posted, ``NAME.ann`` what a copy editor marked in it.

The format and the guideline are in README.md. Nothing here knows how enrichment works.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from services.records import Article, Block, Caption, Dateline

HERE = Path(__file__).parent
HALVES = ("tuning", "test")
ENTITY_TYPES = {
    "PERSON": "PERSON",
    "ORG": "ORG",
    "GPE": "GPE",
    "LOC": "LOC",
    "FAC": "FAC",
    "NORP": "NORP",
    "EVENT-NAME": "EVENT",
    "WORK": "WORK",
    "LAW": "LAW",
    "PRODUCT": "PRODUCT",
}
PLOVER = frozenset(
    [
        "AGREE",
        "CONSULT",
        "SUPPORT",
        "CONCEDE",
        "COOPERATE",
        "AID",
        "RETREAT",
        "REQUEST",
        "ACCUSE",
        "REJECT",
        "THREATEN",
        "PROTEST",
        "SANCTION",
        "MOBILIZE",
        "COERCE",
        "ASSAULT",
    ]
)
STATUSES = frozenset({"happened", "planned", "denied", "alleged"})

Spot = tuple[int, int]


class AnnotationError(ValueError):
    """An annotation that does not fit its article."""


@dataclass(slots=True)
class Mention:
    start: int
    end: int
    optional: bool = False
    nominal: bool = False


@dataclass(slots=True)
class GoldEntity:
    """An entity in the gold. ``countries`` is None if the entity is not a place to resolve; ``""`` among them means "no
    single country"."""

    name: str
    types: frozenset[str]
    mentions: list[Mention]
    roles: list[str]
    countries: frozenset[str] | None
    optional: bool


@dataclass(slots=True)
class Mark:
    """A sum, date, quote or cite: a span of the text and the values that are right for it."""

    start: int
    end: int
    values: list[str]
    optional: bool


@dataclass(slots=True)
class GoldEvent:
    actions: list[str]
    actors: list[str | None]
    targets: list[str | None]
    statuses: list[str]
    date: str | None
    start: int
    end: int
    optional: bool


@dataclass(slots=True)
class Gold:
    name: str
    half: str
    article: Article
    entities: list[GoldEntity] = field(default_factory=list)
    marks: dict[str, list[Mark]] = field(default_factory=lambda: {k: [] for k in ("MONEY", "DATE", "QUOTE", "CITE")})
    events: list[GoldEvent] = field(default_factory=list)

    @property
    def english(self) -> bool:
        return self.article.language == "en"


def alternatives(value: str) -> list[str]:
    return [part.strip() for part in value.split(" / ")]


def _occurrences(text: str, words: str) -> list[Spot]:
    """Return every whole-word occurrence; apostrophes and quotation marks match in either shape."""
    pattern = re.escape(words).replace("'", "['’]").replace("’", "['’]").replace("['['’]]", "['’]")
    return [m.span() for m in re.finditer(rf"(?<!\w){pattern}(?!\w)", text)]


class Finder:
    """Finds quoted strings in one text; if two overlap, the longer one wins, as in ``Lamar`` and ``Lamar County``."""

    def __init__(self, text: str, where: str) -> None:
        self.text = text
        self.where = where

    def fail(self, what: str) -> AnnotationError:
        return AnnotationError(f"{self.where}: {what}")

    def between(self, phrase: str) -> Spot:
        """Return the span of ``first words … last words``, or of the whole phrase."""
        first, _, last = phrase.partition(" … ")
        starts = [m.start() for m in re.finditer(re.escape(first), self.text)]
        if len(starts) != 1:
            raise self.fail(f"{len(starts)} times in the text: {first!r}")
        if not last:
            return starts[0], starts[0] + len(first)
        end = self.text.find(last, starts[0])
        if end < 0:
            raise self.fail(f"not in the text: {last!r}")
        return starts[0], end + len(last)

    def all(self, wanted: list[str]) -> dict[str, list[Spot]]:
        """Return the spots of each string of ``wanted`` (``Georgia``, ``Georgia#2``, ``Georgia#1,3``), longer strings
        first.

        Ordinals count only occurrences that are not part of a longer string.
        """
        taken: list[Spot] = []
        found: dict[str, list[Spot]] = {}
        by_words: dict[str, list[str]] = {}
        for item in wanted:
            by_words.setdefault(re.sub(r"#[\d,]+$", "", item), []).append(item)
        for words in sorted(by_words, key=len, reverse=True):
            spots = [s for s in _occurrences(self.text, words) if all(s[1] <= a or s[0] >= b for a, b in taken)]
            for item in by_words[words]:
                if "#" in item:
                    ordinals = [int(n) for n in item.rsplit("#", 1)[1].split(",")]
                    if max(ordinals) > len(spots):
                        raise self.fail(f"only {len(spots)} times in the text: {item!r}")
                    found[item] = [spots[n - 1] for n in ordinals]
                else:
                    found[item] = spots
            taken += spots
        return found


def _entities(lines: list[tuple[bool, str, str]], finder: Finder) -> list[GoldEntity]:
    parsed = []
    for optional, kind, rest in lines:
        rest, _, roles = rest.partition(" -- ")
        head, _, aliases = rest.partition(" = ")
        place = re.search(r" @(\S+)$", head)
        name = head[: place.start()] if place else head
        surfaces = [a.strip() for a in re.split(r"; ?", aliases) if a.strip()]
        numbered = {re.sub(r"#[\d,]+$", "", a) for a in surfaces if "#" in a}
        bare = {a.lstrip("~?") for a in surfaces}
        own = [n for n in dict.fromkeys((name, name.upper())) if n not in numbered and n not in bare]
        parsed.append((optional, kind, name, place and place[1], own, surfaces, roles))
    aliases = [a for p in parsed for a in p[5]]
    spots = finder.all([w for p in parsed for w in p[4]] + [a.lstrip("?") for a in aliases if a[0] != "~"])
    for alias in aliases:
        if alias[0] == "~":  # a reference in common words may hold a name: "the Armenian ambassador"
            spots |= finder.all([alias[1:]])
    entities = []
    for optional, kind, name, place, own, surfaces, roles in parsed:
        mentions = [Mention(*s, optional=optional) for w in own for s in spots[w]]
        for alias in surfaces:
            found = spots[alias.lstrip("~?")]
            if not found:
                raise finder.fail(f"alias not in the text: {alias!r}")
            mentions += [Mention(*s, optional=optional or alias[0] == "?", nominal=alias[0] == "~") for s in found]
        if not mentions:
            raise finder.fail(f"entity not in the text: {name!r}")
        mentions.sort(key=lambda m: m.start)
        countries = None if place in (None, "?") else frozenset(c.strip("-?") for c in place.split("/"))
        types = frozenset(ENTITY_TYPES[k] for k in kind.split("/"))
        roles = alternatives(roles) if roles else []
        entities.append(GoldEntity(name, types, mentions, roles, countries, optional))
    spots_of = [(m.start, m.end) for e in entities for m in e.mentions]
    for start, end in spots_of:
        if spots_of.count((start, end)) > 1:
            raise finder.fail(f"marked twice: {finder.text[start:end]!r} at {start}")
    return entities


def _event(optional: bool, rest: str, finder: Finder) -> GoldEvent:
    action, actor, target, status, date, evidence = (part.strip() for part in rest.split(" | "))
    start, end = finder.between(evidence)
    actions, statuses = action.split("/"), alternatives(status)
    if not PLOVER.issuperset(actions) or not STATUSES.issuperset(statuses):
        raise finder.fail(f"unknown type or status: {rest!r}")
    return GoldEvent(
        actions,
        [None if a == "-" else a for a in alternatives(actor)],
        [None if t == "-" else t for t in alternatives(target)],
        statuses,
        None if date == "-" else date,
        start,
        end,
        optional,
    )


def _article(raw: str, head: dict[str, str], finder_name: str) -> Article:
    title, _, body = raw.rstrip("\n").partition("\n")
    body = body.split("\n\n", 1)[1]
    captions = []
    if "caption" in head:
        if head["caption"] + "\n\n" not in body:
            raise AnnotationError(f"{finder_name}: caption not in the text")
        body = body.replace(head["caption"] + "\n\n", "")
        captions.append(Caption(text=head["caption"]))
    body = re.sub(r"^By [^\n]+\n\n", "", body)
    blocks = []
    for m in re.finditer(r"[^\n]+", body):
        heading = m[0] in head.get("headings", "").split(" ; ")
        blocks.append(Block(kind="heading" if heading else "paragraph", start=m.start(), end=m.end()))
    dateline = None
    if "dateline" in head:
        text, places, credit = head["dateline"].split(" | ")
        if not body.startswith(text):
            raise AnnotationError(f"{finder_name}: the body does not begin with {text!r}")
        dateline = Dateline(
            text=text, start=0, end=len(text), places=places.split("; "), credit=None if credit == "-" else credit
        )
    return Article(
        title=title,
        published_at=datetime.fromisoformat(head["published"]).replace(tzinfo=UTC),
        language=head.get("language", "en"),
        text=body,
        blocks=blocks,
        captions=captions,
        dateline=dateline,
        word_count=len(body.split()),
    )


def load(path: Path) -> Gold:
    """Return one article and its annotations. Raises AnnotationError if they do not fit together."""
    head: dict[str, str] = {}
    lines: list[tuple[bool, str, str]] = []
    for line in path.with_suffix(".ann").read_text(encoding="utf-8").splitlines():
        if re.match(r"[a-z]+: ", line):
            key, _, value = line.partition(": ")
            head[key] = value
        elif line.strip():
            kind, _, rest = line.strip().partition(" ")
            lines.append((kind.startswith("?"), kind.lstrip("?"), rest))
    article = _article(path.read_text(encoding="utf-8"), head, path.stem)
    finder = Finder(article.text, path.stem)
    gold = Gold(path.stem, path.parent.name, article)
    gold.entities = _entities([x for x in lines if set(x[1].split("/")) <= ENTITY_TYPES.keys()], finder)
    for kind, marks in gold.marks.items():
        chosen = [(o, *rest.rsplit(" = ", 1)) for o, k, rest in lines if k == kind]
        spots = {} if kind == "QUOTE" else finder.all([words for _, words, _ in chosen])
        for optional, words, value in chosen:
            here = [finder.between(words)] if kind == "QUOTE" else spots[words]
            if not here:
                raise finder.fail(f"not in the text: {words!r}")
            marks += [Mark(*s, alternatives(value), optional) for s in here]
    gold.events = [_event(o, rest, finder) for o, k, rest in lines if k == "EVENT"]
    known = ENTITY_TYPES.keys() | gold.marks.keys() | {"EVENT"}
    for _, kind, rest in lines:
        if not set(kind.split("/")) <= known:
            raise finder.fail(f"unknown line: {kind} {rest}")
    return gold


def load_half(half: str) -> list[Gold]:
    return load_folder(HERE / "articles" / half)


def load_folder(folder: Path) -> list[Gold]:
    """Return the articles of a folder, such as an unpacked export with ``format=marked``."""
    return [load(p) for p in sorted(folder.glob("*.txt"))]


def money_value(value: str) -> tuple[Decimal, Decimal | None, str]:
    """``85e6..95e6 EUR`` -> (85000000, 95000000, "EUR")."""
    amount, currency = value.split(" ")
    low, _, high = amount.partition("..")
    return Decimal(low), Decimal(high) if high else None, currency
