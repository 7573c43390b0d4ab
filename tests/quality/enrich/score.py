"""Compare what a reader found with what the editor marked. Every function fills a ``Table``, one row for each annotation.

README.md has the rules and the reasons.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import combinations

from services.records import Article, DateMention, Event, Span
from tests.quality.enrich.gold import Gold, GoldEvent, Mark, money_value

COVERED = 0.8  # the share of a quote's characters that must be found for the quote to be found
SAME_ROLE = 0.5  # minimum token F1 for two wordings of a role to count as the same
_SMALL = frozenset(
    ["a", "an", "the", "of", "to", "for", "in", "at", "on", "and", "its", "his", "her", "their", "by", "as", "s"]
)


@dataclass(slots=True)
class Tally:
    tp: int = 0
    fp: int = 0
    fn: int = 0
    errors: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        return self.tp / (self.tp + self.fp) if self.tp + self.fp else 0.0

    @property
    def recall(self) -> float:
        return self.tp / (self.tp + self.fn) if self.tp + self.fn else 0.0

    @property
    def f1(self) -> float:
        return 2 * self.tp / (2 * self.tp + self.fp + self.fn) if self.tp else 0.0

    def wrong(self, error: str) -> None:
        self.fp += 1
        self.errors.append(f"wrong   {error}")

    def missed(self, error: str) -> None:
        self.fn += 1
        self.errors.append(f"missed  {error}")


Table = defaultdict[str, Tally]


def new_table() -> Table:
    return defaultdict(Tally)


# --- comparing words ----------------------------------------------------------------------------


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the span without a leading article and a final possessive."""
    if m := re.match(r"the\s+", text[start:end], re.IGNORECASE):
        start += m.end()
    if m := re.search(r"['’][sS]?$", text[start:end]):
        end = start + m.start()
    return start, end


def plain(words: str) -> str:
    words = re.sub(r"['’]s?(?!\w)", "", words.casefold())
    return re.sub(r"^(?:the|a|an|its|his|her|their)\s+", "", " ".join(words.split()).strip(" .,"))


def tokens(words: str) -> set[str]:
    return set(re.findall(r"\w+", plain(words).replace("'s", ""))) - _SMALL


_SAME = [
    {"united kingdom", "britain", "great britain", "uk", "u.k"},
    {"united states", "us", "u.s", "america", "united states of america"},
    {"european union", "eu"},
    {"united nations", "un", "u.n"},
    {"turkey", "türkiye"},
    {"czech republic", "czechia"},
    {"democratic republic of congo", "democratic republic of the congo", "dr congo", "congo (kinshasa)"},
    {"ivory coast", "côte d'ivoire"},
    {"united nations security council", "u.n. security council", "un security council", "security council"},
]


def _overlap(a: Span | Mark, b: Span | Mark) -> bool:
    return a.start < b.end and b.start < a.end


def same_name(found: str | None, wanted: Iterable[str | None], gold: Gold) -> bool:
    """Return whether ``found`` is one of the accepted names, a mention of an entity of that name, or contains a
    described group."""
    for name in wanted:
        if found is None or name is None:
            if found is None and name is None:
                return True
            continue
        surfaces = {plain(name)}
        for entity in gold.entities:
            if plain(entity.name) == plain(name):
                surfaces |= {plain(gold.article.text[m.start : m.end]) for m in entity.mentions}
        surfaces = surfaces.union(*(names for names in _SAME if names & surfaces))
        person = any("PERSON" in e.types and plain(e.name) == plain(name) for e in gold.entities)
        described = name[0].islower() or person or not gold.english
        if plain(found) in surfaces or (described and tokens(name) and tokens(name) <= tokens(found)):
            return True
    return False


def same_role(found: str, wanted: Iterable[str]) -> bool:
    a = tokens(found)
    return any(2 * len(a & b) >= SAME_ROLE * (len(a) + len(b)) for b in map(tokens, wanted))


# --- one function for each annotation -----------------------------------------------------------


def entities(gold: Gold, found: Article, table: Table) -> None:
    text = gold.article.text
    wanted = {trimmed(text, m.start, m.end): (m, e) for e in gold.entities for m in e.mentions}
    owner: dict[tuple[int, int], int] = {}
    seen: set[tuple[int, int]] = set()
    for number, entity in enumerate(found.entities):
        for mention in entity.mentions:
            span = trimmed(text, mention.start, mention.end)
            shown = f"{gold.name}: {text[span[0] : span[1]]!r} as {entity.type}"
            owner.setdefault(span, number)
            mark, true = wanted.get(span, (None, None))
            if mark is not None and true is not None:
                row = "entities: references" if mark.nominal else "entities"
                if mark.optional or span in seen:
                    continue
                seen.add(span)
                if mark.nominal:
                    table[row].tp += 1
                elif entity.type in true.types:
                    table[row].tp += 1
                    table[f"entities: {entity.type}"].tp += 1
                else:
                    for name in (row, f"entities: {entity.type}"):
                        table[name].wrong(shown)
                    for name in (row, f"entities: {min(true.types)}"):
                        table[name].missed(f"{gold.name}: {text[span[0] : span[1]]!r} {'/'.join(sorted(true.types))}")
            elif any(m.optional and m.start < span[1] and span[0] < m.end for m, _ in wanted.values()):
                continue
            elif text[span[0] : span[1]].split()[-1:] and text[span[0] : span[1]].split()[-1][0].islower():
                table["entities: references"].wrong(shown)
            else:
                for name in ("entities", f"entities: {entity.type}"):
                    table[name].wrong(shown)
    for span, (mark, true) in wanted.items():
        if mark.optional or span in seen:
            continue
        shown = f"{gold.name}: {text[span[0] : span[1]]!r} {'/'.join(sorted(true.types))}"
        for name in ["entities: references"] if mark.nominal else ["entities", f"entities: {min(true.types)}"]:
            table[name].missed(shown)
    _joins(gold, wanted, owner, table["entities: joined"])
    _roles(gold, found, table["roles"])


def _joins(gold: Gold, wanted: dict, owner: dict[tuple[int, int], int], tally: Tally) -> None:
    """Count pairs of mentions in different words that belong to one entity: in the gold, in the result, in both."""
    text = gold.article.text
    spans = [(s, id(e)) for s, (m, e) in wanted.items() if not m.optional]
    for (a, one), (b, other) in combinations(spans, 2):
        if plain(text[a[0] : a[1]]) == plain(text[b[0] : b[1]]):
            continue
        joined = a in owner and b in owner and owner[a] == owner[b]
        shown = f"{gold.name}: {text[a[0] : a[1]]!r} with {text[b[0] : b[1]]!r}"
        if one == other and joined:
            tally.tp += 1
        elif one == other:
            tally.missed(shown)
        elif joined:
            tally.wrong(shown)


def _roles(gold: Gold, found: Article, tally: Tally) -> None:
    text = gold.article.text
    for true in gold.entities:
        if "PERSON" not in true.types or true.optional:
            continue
        spans = {(m.start, m.end) for m in true.mentions}
        roles = [
            e.role for e in found.entities if e.role and any(trimmed(text, m.start, m.end) in spans for m in e.mentions)
        ]
        right = any(same_role(role, true.roles) for role in roles)
        if right:
            tally.tp += 1
        elif roles:
            tally.wrong(f"{gold.name}: {true.name} is {roles[0]!r}")
        if true.roles and not right:
            tally.missed(f"{gold.name}: {true.name}, {true.roles[0]}")


def places(gold: Gold, found: Article, table: Table) -> None:
    tally, resolved = table["places"], table["places: country of those found"]
    spans = [(m, p) for p in found.places for m in p.mentions]
    used = set()
    for true in gold.entities:
        for mark in true.mentions:
            here = [(m, p) for m, p in spans if _overlap(m, mark)]
            used |= {(m.start, m.end) for m, _ in here}
            if true.countries is None or true.optional or mark.optional:
                if here and true.countries is None and not true.optional and not true.types & {"GPE", "LOC", "FAC"}:
                    tally.wrong(f"{gold.name}: {here[0][0].text!r} in {here[0][1].country} is {min(true.types)}")
                continue
            shown = f"{gold.name}: {gold.article.text[mark.start : mark.end]!r} {'/'.join(sorted(true.countries))}"
            if any((p.country or "") in true.countries for _, p in here):
                tally.tp += 1
                resolved.tp += 1
                continue
            tally.missed(shown)
            if here:
                for row in (tally, resolved):
                    row.wrong(f"{shown} as {here[0][1].country}")
    for m, p in spans:
        if (m.start, m.end) not in used:
            tally.wrong(f"{gold.name}: {m.text!r} in {p.country}")


def quotes(gold: Gold, found: Article, table: Table) -> None:
    for row, speakers in (("quotes: words", False), ("quotes", True)):
        tally = table[row]

        def right(quote, mark, speakers=speakers) -> bool:
            return not speakers or same_name(quote.speaker, [None if v == "-" else v for v in mark.values], gold)

        for mark in gold.marks["QUOTE"]:
            chars: set[int] = set()
            for quote in (one for one in found.quotes if one.kind == "speech"):
                if right(quote, mark):
                    chars |= set(range(max(mark.start, quote.start), min(mark.end, quote.end)))
            if mark.optional:
                continue
            if len(chars) >= COVERED * (mark.end - mark.start):
                tally.tp += 1
            else:
                words = gold.article.text[mark.start : mark.end]
                tally.missed(f"{gold.name}: {words[:50]!r} by {mark.values[0]}")
        for quote in (one for one in found.quotes if one.kind == "speech"):
            touching = [m for m in gold.marks["QUOTE"] if _overlap(quote, m)]
            if touching and all(m.optional for m in touching):
                continue
            inside = sum(min(quote.end, m.end) - max(quote.start, m.start) for m in touching if right(quote, m))
            if inside < COVERED * (quote.end - quote.start):
                tally.wrong(f"{gold.name}: {quote.text[:50]!r} by {quote.speaker}")


def _valued(kind: str, marks: list[Mark], found: list, right, show, gold: Gold, tally: Tally) -> None:
    """Score marks that have a value: the spans must meet and the value must be right."""
    used: set[int] = set()
    for mark in marks:
        here = [(n, f) for n, f in enumerate(found) if _overlap(f, mark)]
        good = next((n for n, f in here if n not in used and right(f, mark)), None)
        used |= {n for n, _ in here} if good is None else {good}
        if mark.optional:
            continue
        words = f"{gold.name}: {gold.article.text[mark.start : mark.end]!r} {mark.values[0]}"
        if good is not None:
            tally.tp += 1
            continue
        tally.missed(words)
        if here:
            tally.wrong(f"{words} as {show(here[0][1])}")
    for n, f in enumerate(found):
        if n not in used and not any(m.optional and _overlap(f, m) for m in marks):
            tally.wrong(f"{gold.name}: {f.text!r} as {show(f)}")


def money(gold: Gold, found: Article, table: Table) -> None:
    def right(m, mark: Mark) -> bool:
        return any((m.amount, m.amount_max, m.currency) == money_value(v) for v in mark.values)

    _valued(
        "MONEY",
        gold.marks["MONEY"],
        found.money,
        right,
        lambda m: f"{m.amount} {m.amount_max or ''} {m.currency}",
        gold,
        table["money"],
    )


_QUARTER = {"33": "Q1", "34": "Q2", "35": "Q3", "36": "Q4"}


def date_value(found: DateMention) -> str:
    """``2012-03-05..2012-03-07``, quarters as ``2012-Q1`` however they were written, times to the minute."""

    def one(value: str) -> str:
        value = re.sub(r"(T\d\d:\d\d)[^/]*$", r"\1", value)
        return re.sub(r"^(\d{4})-(3[3-6])$", lambda m: f"{m[1]}-{_QUARTER[m[2]]}", value)

    return one(found.value) if found.value_end is None else f"{one(found.value)}..{one(found.value_end)}"


def dates(gold: Gold, found: Article, table: Table) -> None:
    def right(d: DateMention, mark: Mark) -> bool:
        value = date_value(d)
        return any(value == v or ("T" not in v and value.startswith(f"{v}T")) for v in mark.values)

    told = [
        each for each in found.dates if each.kind in ("date", "time")
    ]  # lengths of time are not marked in these articles
    _valued("DATE", gold.marks["DATE"], told, right, date_value, gold, table["dates"])


def cites(gold: Gold, found: Article, table: Table) -> None:
    tally, marks = table["cites"], gold.marks["CITE"]
    named = [{plain(v) for v in m.values} for m in marks]
    sources = {
        plain(c.source) for c in found.cites if not (gold.article.dateline and c.end <= gold.article.dateline.end)
    }
    for mark, names in zip(marks, named, strict=True):
        if mark.optional:
            continue
        if names & sources:
            tally.tp += 1
        else:
            tally.missed(f"{gold.name}: {mark.values[0]}")
    for source in sorted(sources):
        if not any(source in names for names in named):
            tally.wrong(f"{gold.name}: {source}")


def _fits(event: Event, true: GoldEvent, gold: Gold) -> bool:
    return (
        event.action in true.actions
        and same_name(event.actor, true.actors, gold)
        and (
            same_name(event.target, true.targets, gold)
            or (event.object is not None and same_name(event.object, true.targets, gold))
        )
    )


def events(gold: Gold, found: Article, table: Table) -> None:
    tally, status, dated = table["events"], table["events: status of those found"], table["events: date of those found"]
    matched: set[int] = set()
    for event in found.events:
        fitting = [n for n, true in enumerate(gold.events) if _fits(event, true, gold)]
        if not fitting:
            near = [t for t in gold.events if t.start < event.end and event.start < t.end]
            what = f"{event.action} {event.actor} -> {event.target}"
            if not near or not all(t.optional and event.action in t.actions for t in near):
                tally.wrong(f"{gold.name}: {what}: {event.text[:70]!r}")
            continue
        n = next((n for n in fitting if n not in matched), None)
        if n is None:
            continue
        matched.add(n)
        true = gold.events[n]
        if true.optional:
            continue
        what = f"{gold.name}: {event.action} {event.actor} -> {event.target}"
        if event.status in true.statuses:
            status.tp += 1
        else:
            status.wrong(f"{what}: {event.status}, not {true.statuses[0]}")
        if true.date and event.date == true.date:
            dated.tp += 1
        elif true.date:
            dated.wrong(f"{what}: {event.date}, not {true.date}")
    for n, true in enumerate(gold.events):
        if n in matched and not true.optional:
            tally.tp += 1
        elif not true.optional:
            words = gold.article.text[true.start : true.end]
            tally.missed(f"{gold.name}: {'/'.join(true.actions)} {true.actors[0]} -> {true.targets[0]}: {words!r}")


def score(gold: Gold, found: Article, table: Table) -> None:
    """Score everything that is marked in the article's language; README.md says what that is."""
    for one in (places, quotes, money, dates):
        one(gold, found, table)
    if gold.article.language in ("en", "ru"):
        entities(gold, found, table)
        cites(gold, found, table)
    if gold.english:
        events(gold, found, table)
