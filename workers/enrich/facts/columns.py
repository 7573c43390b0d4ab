"""Find figures in tables of results whose unit is stated only once: ``Shr 44 cts vs 1.23 dlrs / Net 2,448,000 vs 13.3
mln``.

Two figures with ``vs`` between them are the same item in two periods, and a label before them names it: net, sales,
dividend. A bare figure of a pair takes the unit of the other. The totals of a table take the currency of its other sums
if these have only one; if there are no other sums, or their currencies differ, the totals get no currency. Numbers of
shares are not sums, and a total below a thousand without a scale is left out: the text says elsewhere whether it is in
millions. ``Nil`` is nought of the same unit.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from workers.enrich.facts.numbers import Number, number_at

_RESULT = r"(?:loss|profits?|gain|deficit|surplus|credit)"
_TOTAL = (
    r"net(?: (?:income|interest income|revenues?|sales))?|revs?|revenues?|sales|turnover|income|earnings|assets|deposits|loans"
    r"|current|operating|pre-?tax|gross|billings|orders|premiums|interest|taxes?|tax|depreciation|extraordinary|receipts"
)
_EACH = r"shr|share|eps|div|dividend|qtly div|payout|book value"
_LABEL = re.compile(
    rf"(?<![\w-])(?:(?:oper(?:ating)?|op|group|consol(?:idated)?|parent|attributable|minority|total|avg|average|primary|diluted|annualized"
    rf"|attrib|gross|net|final|interim|qtly)[ ])*(?:(?P<each>{_EACH})|(?P<total>{_TOTAL}))[ :]*(?:{_RESULT}[ ])?(?=\S)",
    re.IGNORECASE,
)
_VERSUS = re.compile(rf"[ ](?:vs|versus|against)\.?[ ](?:(?:a )?{_RESULT}[ ](?:of )?)?(?=\S)", re.IGNORECASE)
_NO_SUM = re.compile(
    r"[ -]?(?:shrs|shares|pct|per ?cent|%|tons?|tonnes|times|years?|mths|months|barrels|ounces)\b", re.IGNORECASE
)
_COMPARED = re.compile(
    r"(?:[ ](?!from|against)[\w'’-]+){0,4}?,?[ ](?:up |down )?(?:from|against|compared with|versus|vs)[ ](?:a loss of |a profit of )?(?=\d)",
    re.IGNORECASE,
)
_NIL = re.compile(r"nil\b", re.IGNORECASE)
_ENDS = re.compile(
    r"[.,;)]|$|\n|[ ](?:in (?:19|20)\d\d|last|the (?:previous|year|same)|a year|previously|before|earlier)\b",
    re.IGNORECASE,
)
LEAST_TOTAL = 1000


@dataclass(frozen=True, slots=True)
class Known:
    """A sum with its own unit, as `money` found it."""

    start: int
    end: int
    currency: str | None
    factor: Decimal


@dataclass(frozen=True, slots=True)
class Implied:
    """A figure and the unit that it takes."""

    number: Number
    currency: str
    factor: Decimal


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two figures for one label, each a sum or a bare figure."""

    total: bool
    sides: tuple[Known | Number, Known | Number]


def implied(text: str, sums: Sequence[Known], language: str | None) -> list[Implied]:
    """Return the figures that take a unit from others, in order. ``text`` has its digits folded."""
    starts = {each.start: each for each in sums}
    pairs = list(_pairs(text, starts, language))
    found = _in_prose(text, sums, language)
    units = {side.currency for pair in pairs for side in pair.sides if isinstance(side, Known)}
    currency = units.pop() if len(units) == 1 else None
    for pair in pairs:
        of_pair = [side for side in pair.sides if isinstance(side, Known) and side.currency]
        for side in pair.sides:
            if isinstance(side, Known):
                continue
            if not pair.total:
                found += [Implied(side, each.currency, each.factor) for each in of_pair if each.currency]
            elif currency and (side.value >= LEAST_TOTAL or side.value == 0):
                found.append(Implied(side, currency, Decimal(1)))
    return sorted(found, key=lambda each: each.number.start)


def _in_prose(text: str, sums: Sequence[Known], language: str | None) -> list[Implied]:
    """Find amounts of a million or more that a sum is compared with: ``rose to 1.29 billion stg from 1.2 billion in
    1985``."""
    found = []
    for each in sums:
        match = _COMPARED.match(text, each.end)
        number = number_at(text, match.end(), language) if match else None
        if number and each.currency and number.scale >= LEAST_TOTAL and _ENDS.match(text, number.end):
            found.append(Implied(number, each.currency, Decimal(1)))
    return found


def _pairs(text: str, sums: dict[int, Known], language: str | None) -> list[_Pair]:
    pairs = []
    for label in _LABEL.finditer(text):
        first = _side(text, label.end(), sums, language)
        versus = _VERSUS.match(text, first[0]) if first else None
        second = _side(text, versus.end(), sums, language) if versus else None
        if first and second:
            pairs.append(_Pair(label["total"] is not None, (first[1], second[1])))
    return pairs


def _side(text: str, at: int, sums: dict[int, Known], language: str | None) -> tuple[int, Known | Number] | None:
    """Return the end of the amount at ``at`` and the amount itself, a sum or a bare figure; None if there is none."""
    if known := sums.get(at):
        return known.end, known
    if language == "en" and (nil := _NIL.match(text, at)):
        return nil.end(), Number(at, nil.end(), Decimal(0), Decimal(1), False, nil.end(), True)
    number = number_at(text, at, language)
    return None if number is None or _NO_SUM.match(text, number.end) else (number.end, number)
