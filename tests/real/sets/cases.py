"""Small documents rebuilt from public bug reports, each right or wrong.

``cases/NN.json`` says in words what is expected for a document; `CHECKS` says it in code.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from services.records import Article
from tests.real.pages import local_day, plain
from tests.real.scored import Scored, digest_of
from workers.enrich import enrich
from workers.parse import ParseError, parse

NAME = "cases"

_COUNCIL = "The harbour council of Varnsund voted on Tuesday"
_PARAGRAPHS = (_COUNCIL, "Members argued for three hours", "The line carries about", "Residents of the northern shore")
_RUSSIAN = "совет Варнсунда во вторник решил сохранить старую паромную линию"
_USUAL = {"no_title", "no_date"}
"""Warnings that say nothing about how sure the reading is."""


@dataclass(slots=True)
class Case:
    """A case and the result for its document: the article, those of its members by path, the warnings, or the
    refusal."""

    number: str
    source: str
    expect: str
    article: Article | None = None
    members: dict[str, Article | None] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    refusal: str | None = None

    @property
    def articles(self) -> Iterator[Article]:
        """Its own article and those of its members."""
        yield from (one for one in (self.article, *self.members.values()) if one is not None)

    @property
    def only(self) -> Article:
        """Its own article, or that of its first member; an empty one if there is none."""
        return next(self.articles, Article())

    @property
    def text(self) -> str:
        return plain(self.only.text)

    @property
    def authors(self) -> set[str]:
        return {author.name.casefold() for author in self.only.byline}


def numbers(root: Path) -> list[str]:
    """Return the numbers of the cases."""
    return sorted(path.stem for path in (root / "cases").glob("[0-9]*.json") if path.stem.isdigit())


def read(root: Path, number: str) -> Case:
    """Read the document of a case. Any exception except a refusal propagates."""
    stated = json.loads((root / "cases" / f"{number}.json").read_text("utf-8"))
    case = Case(number, stated["source"], stated["expect"])
    path = root / "cases" / stated["input"]
    try:
        parsed = parse(path.read_bytes(), None, path.name)
    except ParseError as error:
        case.refusal = f"{error.code}: {error.message}"
        return case
    case.article, case.warnings = parsed.article, parsed.warnings
    for member in parsed.members:
        try:
            case.members[member.path] = parse(member.data, member.media_type, member.path, depth=1).article
        except ParseError:
            case.members[member.path] = None
    if stated["mode"] == "enrich" and case.article is not None:
        case.article = enrich(case.article).article
    return case


def _authors(*names: str) -> Callable[[Case], bool]:
    return lambda case: case.authors == {name.casefold() for name in names}


def _day(day: str) -> Callable[[Case], bool]:
    return lambda case: str(local_day(case.only)) == day


def _instant(stated: str) -> Callable[[Case], bool]:
    return lambda case: case.only.published_at == datetime.fromisoformat(stated)


def _holds(*words: str, without: tuple[str, ...] = ()) -> Callable[[Case], bool]:
    return lambda case: all(one in case.text for one in words) and not any(one in case.text for one in without)


def _both(*checks: Callable[[Case], bool]) -> Callable[[Case], bool]:
    return lambda case: all(check(case) for check in checks)


def _whole_members(count: int) -> Callable[[Case], bool]:
    return lambda case: sum(one is not None and _COUNCIL in one.text for one in case.members.values()) == count


def _says(words: str) -> Callable[[Case], bool]:
    """Return a check that words are anywhere in the record, such as a day for which the record may have no field."""
    return lambda case: any(words in one.model_dump_json() for one in case.articles)


def _in_one_paragraph(*words: str) -> Callable[[Case], bool]:
    return lambda case: all(any(one in part for part in case.only.text.split("\n\n")) for one in words)


def _quotes(case: Case) -> list[tuple[str | None, str]]:
    return [(quote.speaker, quote.text) for quote in case.only.quotes if quote.kind == "speech"]


def _index_is_no_article(case: Case) -> bool:
    return not case.text or bool(set(case.only.warnings) - _USUAL)


def _each_paragraph_once(case: Case) -> bool:
    return all(case.text.count(words) == 1 for words in _PARAGRAPHS)


def _one_quote_of_the_minister(case: Case) -> bool:
    quotes = case.only.quotes
    return len(quotes) == 1 and quotes[0].text.startswith("Kin are pitted") and quotes[0].cue == "said"


def _german_quotes(case: Case) -> bool:
    return [(speaker, text.rstrip("?")) for speaker, text in _quotes(case)] == [
        ("Lena Hofer", "Darf die Linie bleiben"),
        ("Jonas Brandt", "Wir warten auf das schriftliche Urteil"),
    ]


def _french_money(case: Case) -> bool:
    found = {(money.amount, money.currency) for money in case.only.money}
    return found == {(Decimal("14000.12"), "EUR"), (Decimal(1250000), "EUR")}


def _russian_days(case: Case) -> bool:
    found = {date.text.casefold(): date.value for date in case.only.dates}
    return (found.get("вчера"), found.get("завтра")) == ("2025-02-18", "2025-02-20")


def _five_persons(case: Case) -> bool:
    found = {entity.name for entity in case.only.entities if entity.type == "PERSON"}
    return found == {"Lucinda Bergman", "Nicola Morgan", "Alexander Taylor", "Mat Knowlton", "Belinda Wrightson"}


def _chapters_by_spine(case: Case) -> bool:
    heads = re.findall(r"Chapter (?:One|Two|Three)", case.only.text)
    return heads == ["Chapter One", "Chapter Two", "Chapter Three"]


def _broken_member_is_named(case: Case) -> bool:
    named = "same/a.txt" in case.members or any("same/a.txt" in said for said in case.warnings)
    return case.members.get("same/b.txt") is not None and case.members.get("Новости/Паром.txt") is not None and named


def _no_markup(case: Case) -> bool:
    said = f"{case.only.title or ''} {case.text}"
    return case.refusal is not None or not re.search(r"[<>]|&lt;", said)


def _attached_note(case: Case) -> bool:
    return any(
        path.endswith("note.txt") and one is not None and _COUNCIL in one.text for path, one in case.members.items()
    )


CHECKS: dict[str, Callable[[Case], bool]] = {
    "01": _holds("Café owners in Málaga", "quay’s façade"),
    "03": _holds(_RUSSIAN),
    "05": _authors("Seán Ó Murchú", "Tara Lindqvist"),
    "07": _day("2020-03-12"),
    "08": _both(_instant("2018-08-27T17:05:00+00:00"), _authors("Juno Carver")),
    "09": _both(_day("2024-05-31"), lambda case: not _says("2031-")(case)),
    "11": _day("2015-12-02"),
    "14": _day("2018-06-25"),
    "16": _instant("2022-12-14T22:02:55+00:00"),
    "18": _authors("Matt Bergson"),
    "20": _authors("Luca Andersen", "Jon Tapfield"),
    "21": _authors("Jon Smitson"),
    "22": _authors("Curt Heyden"),
    "25": _authors("Amira Vero", "Seán O'Murdo", "Tara Subra", "Adam Rentoul"),
    "26": _authors("Lena Hofer"),
    "28": _both(_authors("Mina Dvorak"), _instant("2024-03-03T08:00:00+00:00")),
    "29": _both(_authors("Mina Dvorak"), _day("2023-02-24")),
    "32": _holds(
        "Förderkredit", "Freiberufler", "5 Jahren", "Nicht in Frage kommt das Förderprodukt", "Gründerkredit",
        "Universell", "Schwierigkeiten", without=("\xad",),
    ),
    "34": _holds(*_PARAGRAPHS, without=("Thai official", "Rates may fall", "Old lighthouse", "Latest news")),
    "35": _each_paragraph_once,
    "37": _holds("The council of Varnsund voted on Tuesday to keep the line open.", without=("reading:passed",)),
    "38": _index_is_no_article,
    "40": _holds(*_PARAGRAPHS, without=("Old lighthouse", "You may like")),
    "42": lambda case: (case.only.language or "").split("-")[0] == "es",
    "44": lambda case: case.only.format == "eml" and case.only.title == "Ferry vote" and _COUNCIL in case.text,
    "47": _attached_note,
    "48": lambda case: set(case.members) == {"ferry.txt", "Fähre.pdf"},
    "50": lambda case: case.refusal is not None or len(case.members) == 3,
    "51": _holds("Two main parties argue that the line should stay", without=("primary parties",)),
    "54": _holds(_COUNCIL, "Signed by the harbour master in person on Tuesday."),
    "56": _holds(_RUSSIAN),
    "58": _whole_members(3),
    "60": _whole_members(1),
    "62": _chapters_by_spine,
    "64": _holds("السلام عليكم ورحمة الله", "المجلس إن الخط ينقل 400 راكب يوميا خلال الشتاء", "الجسر الجديد لم يختبر بعد"),
    "65": _in_one_paragraph("The councillors argued", "of the office first flew the flag", "finally the council voted"),
    "66": _one_quote_of_the_minister,
    "68": _german_quotes,
    "70": _french_money,
    "72": _russian_days,
    "73": _five_persons,
    "76": _broken_member_is_named,
    "77": _both(_holds(_COUNCIL), _instant("2018-02-14T08:00:00+00:00")),
    "79": _says("2018-02-15"),
    "81": _both(_holds(_COUNCIL), _authors("Nora Ilves", "Juno Carver")),
    "82": lambda case: case.only.format == "ninjs" and _instant("2017-08-24T04:38:34+00:00")(case),
    "84": _says("2099-01-01"),
    "85": _holds(*_PARAGRAPHS),
    "87": lambda case: case.only.title == "Réponse – dossier n° 5",
    "88": _day("2020-03-17"),
    "90": _no_markup,
    "91": _holds(_COUNCIL, without=("filedesc", "Coast Capture")),
}  # fmt: skip


def is_right(root: Path, number: str) -> bool:
    """Return whether the document of a case is read as it says. A case without a check is wrong, and so is one that
    raises."""
    check = CHECKS.get(number)
    return check is not None and check(read(root, number))


def score(root: Path, *, sample: bool) -> Scored:
    """Read all cases, even for a sample, because they are small."""
    wrong = []
    known = numbers(root)
    for number in known:
        try:
            right = is_right(root, number)
        except Exception as error:  # a case that raises is wrong
            right = False
            wrong.append(f"{number}: {type(error).__name__}: {error}")
        if not right:
            wrong.append(f"{number}: {json.loads((root / 'cases' / f'{number}.json').read_text('utf-8'))['expect']}")
    lost = {line.split(":")[0] for line in wrong}
    figures = {"cases.right": len(known) - len(lost), "cases.all": len(known)}
    notes = [f"wrong: {', '.join(sorted(lost)) or 'none'}"]
    paths = [path for path in (root / "cases").iterdir() if path.is_file()]
    return Scored(figures, size=len(known), digest=digest_of(paths), notes=notes, misses=wrong)
