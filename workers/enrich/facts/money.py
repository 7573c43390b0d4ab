"""Sums of money: symbols, codes and names of currencies beside numbers in figures and words.

A span runs from the symbol or the first figure to the last word of the sum; a range is one span, without its
``between``. An amount without a number (``millions of dollars``) is not marked. ``$`` is the US dollar unless the
document is from a country with another dollar and does not distinguish the two; a name that several currencies share is
resolved by `currencies`. A toman is ten rials. Two quotations, ``2,045/2,070 francs``, are a range. In a table of
results a unit that is stated once also applies to the figures beside it (`columns`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from services.records import Money
from workers.enrich.base import Reading, Stage
from workers.enrich.facts import columns
from workers.enrich.facts.currencies import COUNTRY, NAME, STEMS, SYMBOLS, Currencies, Meant
from workers.enrich.facts.numbers import VULGAR, Number, lowered, number_at, numbers, plain
from workers.enrich.languages.wordlists import wordlist

CODES = sorted(wordlist("currency_codes"))
_WORDS_TOO = ("som", "kip", "pula", "kina", "won", "lev", "lei", "dong", "rand", "punts")
_FEW = 1000  # after a number, marks and crowns are money
_SCORES = ("mark", "sol", "escudo")  # marks are given at school, too

_symbols = "|".join(re.escape(each) for each in sorted(SYMBOLS, key=len, reverse=True))
_PREFIX = re.compile(
    rf"(?<![\w$])(?P<currency>(?:{_symbols})|(?!COP\d)(?:{'|'.join(CODES)}))[ \u00a0]?(?=\.?[\d{VULGAR}])"
)
_names = "|".join(
    re.escape(each).replace(r"\*", r"\w{0,4}").replace("\\ ", "[ -]") for each in sorted(NAME, key=len, reverse=True)
)
_adjectives = "|".join(re.escape(each).replace("\\ ", "[ -]") for each in sorted(COUNTRY, key=len, reverse=True))
_cjk = "美元|欧元|日元|人民币|米ドル|ドル|円|元|달러|원|유로"
_SUFFIX = re.compile(
    rf"(?P<join>[ \u00a0\u202f-]?(?:(?:of|de|di)[ ]|d['’])?)"
    rf"(?:(?:(?P<adjective>{_adjectives})[ -])?(?P<name>{_names})(?!\w)(?:[ ](?P<after>{_adjectives}|sterling|stg)(?!\w))?"
    rf"|(?P<cjk>{_cjk})|(?P<symbol>(?-i:US\$|C\$|A\$|[€£$₽₺₴₫₪zł]))(?!\w)"
    rf"|(?P<code>(?-i:{'|'.join(CODES)}))(?!\w))",
    re.IGNORECASE,
)
_RANGE = re.compile(r"[ ]?(?:[-–—]|to|and|or|bis|und|à|a|y|et|do|до)[ ]?(?![ ])", re.IGNORECASE)
_BETWEEN = re.compile(r"\b(?:between|zwischen|entre|tra|from|de|от)[ ]$", re.IGNORECASE)
_MOVED = re.compile(
    r"\b(?:from|by|rose|fell|gained|lost|added|shed|dropped|slid|sank|dipped|climbed|jumped|slipped|up|down)[ ]$",
    re.IGNORECASE,
)
_WEIGHT = re.compile(r"[ ](?:of|per square|heavier|lighter|overweight)\b", re.IGNORECASE)

_PER = re.compile(
    r"(?:[ -](?:an?|per|the|each)[ -]|[ ]?/[ ]?)(?P<unit>share|barrel|bbl|ounce|oz|tonne|ton|metric ton|pound|lb|kilo|kilogram|kg|bushel|gallon|lit(?:re|er)"
    r"|hour|day|week|month|quarter|year|head|person|unit|night|kilomet(?:re|er)|mile|acre|hectare|square (?:foot|met(?:re|er))|ADS|bag|bale|carat)(?!\w)",
    re.IGNORECASE,
)
_UNITS = {
    "bbl": "barrel",
    "oz": "ounce",
    "lb": "pound",
    "kilo": "kilogram",
    "kg": "kilogram",
    "liter": "litre",
    "ads": "ADS",
}
_QUOTED = re.compile(r"(?<![\w/.,$-])(?P<low>\d[\d,.]*\d)/(?P<high>\d[\d,.]*\d)(?![\d/])")
_WIDEST_QUOTE = Decimal("1.2")
# a 45-cent cut, 45 cent an hour, 7-1/2 cent; not 50 Cent
_CENT = re.compile(
    rf"-cent(?!a)|(?-i:[ ]cent)(?:{_PER.pattern}|[ ](?:par|div|dividends?|stake|rise|increase|cut|gain|loss|coins?)\b)",
    re.IGNORECASE,
)
_CARAT = re.compile(r"[ -](?:(?:white|yellow|rose) )?(?:gold|diamonds?|rings?|stones?|gems?)\b", re.IGNORECASE)


@dataclass(slots=True)
class _Sum:
    start: int
    end: int
    number: Number
    meant: Meant
    factor: Decimal = Decimal(1)
    high: Number | None = None


def _money(reading: Reading) -> list[Money]:
    text, language = reading.folded, reading.article.language
    currencies = Currencies(reading)
    sums = [
        *_led(text, language, currencies),
        *_followed(text, language, currencies),
        *_quoted(text, language, currencies),
    ]
    sums += [
        _Sum(each.number.start, each.number.end, each.number, Meant(each.currency), each.factor)
        for each in columns.implied(
            text, [columns.Known(each.start, each.end, each.meant.code, each.factor) for each in sums], language
        )
    ]
    for each in sums:
        each.end -= text[each.start : each.end].endswith(("млн.", "млрд.", "трлн."))  # a full stop: these have no dot
    return [
        Money(
            text=reading.article.text[each.start : each.end],
            start=each.start,
            end=each.end,
            amount=plain(each.number.value * each.factor),
            amount_max=plain(each.high.value * each.factor) if each.high else None,
            currency=each.meant.code,
            candidates=list(each.meant.candidates),
            per=_per(text, each.end),
        )
        for each in _joined(text, _apart(sums))
    ]


def _per(text: str, end: int) -> str | None:
    """Return the unit that the sum is paid per, as in ``a barrel``, for a sum that ends there."""
    match = _PER.match(text, end)
    if match is None:
        return None
    unit = lowered(match["unit"])
    return _UNITS.get(unit, unit.replace("meter", "metre"))


def _led(text: str, language: str | None, currencies: Currencies) -> list[_Sum]:
    """Return sums with the currency before the number: `$1.6 billion`, `Rs 500 crore`, `USD 5m`."""
    sums = []
    for match in _PREFIX.finditer(text):
        number = number_at(text, match.end(), language)
        if number is None:
            continue
        end = number.end
        mark = match["currency"]
        if mark.lower() == "dlrs" and text[: match.start()].endswith((" of ", " in ")):
            continue  # billions of dlrs 5 years ago
        found = _Sum(match.start(), end, number, currencies.meant(SYMBOLS.get(mark, mark)))
        if mark == "$" and (follow := _SUFFIX.match(text, end)) and follow["name"] and not follow["adjective"]:
            found.end = follow.end() if NAME.get(follow["name"].lower()) == "dollar" else found.end
        if (gap := _RANGE.match(text, end)) and (high := number_at(text, gap.end(), language)):
            dashed = gap[0].strip() in ("-", "–", "—")
            counted = high.scale > 1 or dashed or _BETWEEN.search(text, max(0, match.start() - 12), match.start())
            separate = gap[0].strip().lower() in ("or", "and") and not _BETWEEN.search(
                text, max(0, match.start() - 12), match.start()
            )
            if counted and not separate and not text[high.end : high.end + 1].isalnum():
                if number.scale == 1 and high.scale > 1 and number.mantissa < high.mantissa:
                    number.scale = high.scale
                if number.value < high.value:
                    found.end, found.high = high.end, high
        sums.append(found)
    return sums


def _followed(text: str, language: str | None, currencies: Currencies) -> list[_Sum]:
    """Return sums with the currency after the number: `half a billion dollars`, `500 Iranian rials`, `2 Mio. Euro`,
    `50億円`."""
    sums = []
    before: Number | None = None
    for number in numbers(text, language):
        previous, before = before, number
        match = _SUFFIX.match(text, number.end)
        if match is None:
            continue
        found = _suffixed(text, number, match, currencies)
        if found is None:
            continue
        if previous and (gap := _RANGE.fullmatch(text, previous.end, number.start)):
            between = _BETWEEN.search(text, max(0, previous.start - 12), previous.start)
            if gap[0].strip().lower() not in ("and", "or", "und", "y", "et") or between:
                if previous.scale == 1 and number.scale > 1 and previous.mantissa < number.mantissa:
                    previous.scale = number.scale
                spoken = (
                    previous.words
                    and number.words
                    and not between
                    and gap[0].strip().lower() not in ("to", "à", "bis", "a", "до")
                )
                in_proportion = number.scale == 1 or previous.scale > 1  # on March 5 to 3.467 billion dlrs
                if previous.value < number.value and in_proportion and not spoken:
                    found.start, found.number, found.high = previous.start, previous, number
        sums.append(found)
    return sums


def _quoted(text: str, language: str | None, currencies: Currencies) -> list[_Sum]:
    """Return two quotations with a stroke between them as a range: `2,045/2,070 francs`, `409.40/90 dlrs`, which is
    409.40 to 409.90."""
    sums = []
    for match in _QUOTED.finditer(text):
        bid, asked = match["low"], match["high"]
        if asked.isdigit() and len(asked) <= len(bid.partition(".")[2]):
            asked = bid[: -len(asked)] + asked
        low, high = number_at(bid, 0, language), number_at(asked, 0, language)
        if low is None or high is None or not low.value < high.value <= low.value * _WIDEST_QUOTE:
            continue
        if low.end != len(bid) or high.end != len(asked):
            continue
        high.start, high.end = match.start("high"), match.end()
        if (suffix := _SUFFIX.match(text, match.end())) and (found := _suffixed(text, high, suffix, currencies)):
            found.start, found.number, found.high = match.start(), low, high
            sums.append(found)
    return sums


def _suffixed(text: str, number: Number, match: re.Match[str], currencies: Currencies) -> _Sum | None:
    if match["symbol"] or match["code"] or match["cjk"]:
        mark = match["symbol"] or match["code"] or match["cjk"]
        if match["code"] and number.words:
            return None  # Model One CAD files
        if mark == "$" and "\u00a0" not in match["join"] and currencies.home is None and number.scale == 1:
            return None
        return _Sum(number.start, match.end(), number, currencies.meant(SYMBOLS.get(mark, NAME.get(mark, mark))))
    name = lowered(match["name"])
    key = NAME.get(name.replace("-", " ")) or next(code for stem, code in STEMS.items() if name.startswith(stem))
    sterling = match["after"] is not None and lowered(match["after"]) in ("sterling", "stg")
    adjective = match["adjective"] or (None if sterling else match["after"])
    hyphenated = match["join"].startswith("-")
    if number.words and hyphenated and text[number.start].lower() == "a":
        return None  # a million-dollar home
    if key == "£" and sterling:
        key = "GBP"
    bare = number.scale == 1 and not adjective and not _priced(text, number, key, match.end())
    if key == "£" and bare and (not currencies.pounds_are_money or _WEIGHT.match(text, match.end())):
        return None
    if bare and (
        (name in ("crown", "crowns", "real") and number.value < _FEW and not currencies.own(key))
        or (name in _WORDS_TOO and number.value < 100)
    ):
        return None
    if bare and key in _SCORES and number.value < _FEW and not currencies.own(key):
        return None
    if name == "cent" and number.value > 1 and not _CENT.match(text, match.start("name") - 1):
        return None
    if match["name"] == "CT" or (name == "ct" and _CARAT.match(text, match.end())):
        return None  # Connecticut, carats
    if name == "p" and (match["join"] or not currencies.sterling):
        return None
    if number.letter and match["join"].strip():
        return None
    factor = {"cent": Decimal("0.01"), "pence": Decimal("0.01"), "toman": Decimal(10)}.get(key, Decimal(1))
    if name in ("céntimos", "centimes"):
        return _Sum(number.start, match.end(), number, Meant("EUR"), factor)
    return _Sum(number.start, match.end(), number, currencies.meant(key, adjective), factor)


def _priced(text: str, number: Number, key: str, end: int) -> bool:
    """Return whether the words around a figure show that it is a price: a rate such as 1.85 marks, a sum for each of
    something."""
    per = _per(text, end)
    if key == "£":  # a pound is a weight, too
        return per in ("share", "barrel", "ounce", "tonne", "ton")
    return per is not None or number.mantissa != number.mantissa.to_integral_value()


def _apart(sums: list[_Sum]) -> list[_Sum]:
    """Return the sums in order; if two overlap, only the longer one."""
    kept: list[_Sum] = []
    for each in sorted(sums, key=lambda each: (each.start, -each.end)):
        if not kept or each.start >= kept[-1].end:
            kept.append(each)
    return kept


def _joined(text: str, sums: list[_Sum]) -> list[_Sum]:
    """Return two sums that form a range as one: `between $2 million and $3 million`, `$2 to $3 million`."""
    joined: list[_Sum] = []
    for each in sums:
        low = joined[-1] if joined else None
        if low and low.high is None and each.high is None and low.meant.code == each.meant.code:
            gap = _RANGE.fullmatch(text, low.end, each.start)
            word = gap[0].strip().lower() if gap else "or"
            between = _BETWEEN.search(text, max(0, low.start - 12), low.start)
            moved = word == "to" and _MOVED.search(text, max(0, low.start - 12), low.start)
            if gap and not moved and (word in ("to", "-", "–", "—", "bis", "à", "до") or (between and word != "or")):
                if low.number.scale == 1 and each.number.scale > 1 and low.number.mantissa < each.number.mantissa:
                    low.number.scale = each.number.scale
                if low.number.value * low.factor < each.number.value * each.factor:
                    low.high, low.end = each.number, each.end
                    continue
        joined.append(each)
    return joined


STAGE = Stage("money", 8, _money, needs=frozenset({"language", "places"}))
