"""Numbers as news writes them: figures, words and scales, in several languages, as exact Decimals."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

DECIMAL_COMMA = frozenset(
    [
        "az",
        "bg",
        "ca",
        "cs",
        "da",
        "de",
        "el",
        "es",
        "et",
        "fi",
        "fr",
        "hr",
        "hu",
        "id",
        "is",
        "it",
        "lt",
        "lv",
        "nb",
        "nl",
        "nn",
        "no",
        "pl",
        "pt",
        "ro",
        "ru",
        "sk",
        "sl",
        "sr",
        "sv",
        "tr",
        "uk",
        "vi",
    ]
)
LONG_SCALE = frozenset(
    ["de", "fr", "es", "cs", "da", "fi", "hr", "hu", "nb", "nl", "nn", "no", "pl", "sk", "sl", "sr", "sv"]
)  # where billion is 10**12

_SCALES: dict[int, str] = {
    10**2: "hundred",
    10
    ** 3: "thousand thousands k tausend mille mil mila bin тысяча тысячи тысяч тысячу тысячами тысячах тыс. тыс هزار ألف آلاف 千",
    10**4: "万 萬 만",
    10**5: "lakh lakhs lac lacs",
    10**6: "million millions mn mln m mio. mio mill. millionen millón millones milione milioni milhão milhões milyon"
    " миллион миллиона миллионов миллионы миллиону миллионах млн. млн میلیون مليون ملايين миллионами",
    10**7: "crore crores cr",
    10**8: "亿 億 억",
    10**9: "billion billions bn b bln milliard milliards milliarde milliarden mrd. mrd mds md miliardo miliardi milyar"
    " bilhão bilhões миллиард миллиарда миллиардов миллиарды миллиардами миллиардах млрд. млрд میلیارد مليار مليارات",
    10**12: "trillion trillions tn trn lakh-crore billón billones billionen bilione bilioni trilhão trilhões trilyon"
    " триллион триллиона триллионов триллионы трлн. трлн تریلیون تريليون 兆 조",
}
SCALES = {word: Decimal(value) for value, words in _SCALES.items() for word in words.split()} | {
    "lakh crore": Decimal(10**12),
    "mil millones": Decimal(10**9),
    "mil milhões": Decimal(10**9),
    "thousand crore": Decimal(10**10),
    "hundred thousand": Decimal(10**5),
    "hundred million": Decimal(10**8),
    "thousand million": Decimal(10**9),
}
_LETTERS = frozenset(["k", "m", "b", "cr", "bin", "mil", "mila"])  # scales only where a currency follows or leads

_UNITS = dict(
    zip(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ],
        range(20),
        strict=True,
    )
)
_TENS = dict(
    zip(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], range(20, 100, 10), strict=True)
)
SMALL = {**_UNITS, **_TENS}
_FOREIGN: dict[str, dict[str, int | str]] = {
    "de": {"ein": 1, "eine": 1, "einer": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "zehn": 10},
    "fr": {
        "un": 1,
        "deux": 2,
        "trois": 3,
        "quatre": 4,
        "cinq": 5,
        "six": 6,
        "sept": 7,
        "huit": 8,
        "neuf": 9,
        "dix": 10,
        "douze": 12,
        "quinze": 15,
        "vingt": 20,
        "trente": 30,
        "quarante": 40,
        "cinquante": 50,
        "soixante": 60,
        "cent": 100,
        "un demi": "0.5",
    },
    "ru": {
        "один": 1,
        "одного": 1,
        "полтора": "1.5",
        "полутора": "1.5",
        "два": 2,
        "двух": 2,
        "три": 3,
        "трех": 3,
        "четыре": 4,
        "четырех": 4,
        "пять": 5,
        "пяти": 5,
        "шесть": 6,
        "шести": 6,
        "семь": 7,
        "семи": 7,
        "восемь": 8,
        "восьми": 8,
        "девять": 9,
        "девяти": 9,
        "десять": 10,
        "десяти": 10,
        "двадцать": 20,
        "тридцать": 30,
        "сорок": 40,
        "пятьдесят": 50,
        "сто": 100,
        "двести": 200,
        "триста": 300,
        "пятьсот": 500,
    },
    "es": {"un": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "diez": 10, "cien": 100},
    "it": {"un": 1, "due": 2, "tre": 3, "quattro": 4, "cinque": 5, "dieci": 10},
    "pt": {"um": 1, "dois": 2, "três": 3, "quatro": 4, "cinco": 5, "dez": 10},
}
VULGAR = "½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"
# 3/4, 27/32: halves to tenths, and the parts that markets trade in; not 9/11, 24/7, 4/3, 3/4/1987, 1/2-3
_PARTS = (
    r"(?:1[/⁄]2|[12][/⁄]3|[1-3][/⁄]4|[1-4][/⁄]5|[1-5][/⁄]6|[1-7][/⁄]8|[1-9][/⁄]10|(?:1[0-5]|[1-9])[/⁄]16"
    r"|(?:3[01]|[12]\d|[1-9])[/⁄]32|(?:6[0-3]|[1-5]\d|[1-9])[/⁄]64)(?!\d|[/⁄.,-]\d)"
)
FIGURE = (
    # 6-3/4, 101 1/8, 1,200½, 6 ½; 2.92-1/2, where grain is priced in cents and parts of them; not 1987 1/2, a year and a half
    rf"(?:\d{{1,3}}\.\d{{2}}-{_PARTS}|\d{{1,3}}(?:[.,\u00a0\u202f ]\d{{3}}){{0,5}}(?:[ -]?[{VULGAR}]|[ -]{_PARTS})|\d{{4,15}}[{VULGAR}]"
    # 1,234,567.89, 1.234.567,89, 15 000: one mark between the groups, another before the decimals
    r"|(?:\d{1,3}(?P<mark>[.,'’\u00a0\u202f\u2009 ])\d{3}(?:(?P=mark)\d{3}){0,4}(?!\d)(?:(?!(?P=mark))[.,]\d{1,9})?"
    # 1,50,000 as in India
    r"|\d{1,3}(?:,\d{2}){1,6},\d{3}(?!\d)(?:\.\d{1,9})?"
    # 12, 12.5, .059; longer ones are account numbers
    r"|\d{1,15}+(?:[.,]\d{1,9})?|(?<![\w.])\.\d{1,9}+)"
    # the whole number: not the 2.5 of 2.5.3, the 24 of 24/7, the 6 of 6-2/7, the 1500 of 1500 1/2
    rf"(?!\d|[.,]\d|[/⁄]\d|-\d{{1,4}}[/⁄]\d|[ ]{_PARTS})"
    # 3/4, ¾; not the 1/2 of 1500 1/2
    rf"|(?<!\d[ -])(?:[{VULGAR}]|{_PARTS}))"
)
_WORD = "|".join(sorted(SMALL, key=len, reverse=True))
_SCALE_WORDS = "hundred|thousand|million|billion|trillion|lakh|crore"
WORDS = (
    rf"(?:half\ an?\ (?={_SCALE_WORDS}|dozen)|a\ quarter\ of\ an?\ (?=million|billion|trillion)"
    rf"|an?\ (?:half[\ -])?(?={_SCALE_WORDS})|(?:{_WORD})\b(?:[\ -](?:{_WORD})\b)?)"
    rf"(?:\ and\ a\ (?:half|quarter)\b)?"
)
# Spoken numbers below a million built on hundreds and thousands: `two hundred and fifty thousand`.
_SPOKEN = (
    rf"(?:(?:an?|{_WORD})[\ -])(?:(?:{_WORD})[\ -])?(?:hundred|thousand)\b"
    rf"(?:(?:\ and|,)?[\ -](?:{_WORD}|hundred|thousand)\b)*"
)
_CJK = "千万萬만亿億억兆조"
_SPELT = "|".join(
    re.escape(word).replace("\\ ", "[ -]") for word in sorted(SCALES, key=len, reverse=True) if word not in _CJK
)
_TAIL = rf"(?:(?P<gap>[\ \u00a0\u202f-]?)(?P<scale>(?:{_SPELT})(?!\w)|[{_CJK}]))?"
_FOREIGN_WORDS = {language: "|".join(sorted(words, key=len, reverse=True)) for language, words in _FOREIGN.items()}


def _pattern(extra: str | None) -> re.Pattern[str]:
    foreign = rf"|(?P<foreign>{extra})\b(?=\ )" if extra else ""
    return re.compile(
        rf"(?<![0-9A-Za-zÀ-ɏͰ-ӿ؀-ۿ_.,/⁄])(?:(?P<spoken>{_SPOKEN})|(?P<words>{WORDS}){foreign}"
        rf"|(?P<figure>{FIGURE})(?P<half>\ and\ a\ half)?)"
        rf"{_TAIL}",
        re.IGNORECASE,
    )


_PATTERNS = {language: _pattern(words) for language, words in _FOREIGN_WORDS.items()} | {"": _pattern(None)}


@dataclass(slots=True)
class Number:
    """A number with its scale. ``scale`` is 1 if none is written; ``letter`` says that the scale is a single k, m or
    b."""

    start: int
    end: int
    mantissa: Decimal
    scale: Decimal
    letter: bool
    unscaled_end: int
    words: bool

    @property
    def value(self) -> Decimal:
        return plain(self.mantissa * self.scale)


def plain(value: Decimal) -> Decimal:
    """Return the number without an exponent: ``Decimal('1.60E+9')`` as ``Decimal('1600000000')``."""
    return Decimal(int(value)) if value == value.to_integral_value() else value.normalize()


def figure(text: str, language: str | None = None) -> Decimal:
    """Return the value of a match of FIGURE; a comma before three digits separates thousands, unless it is the decimal
    mark.

    >>> figure("1.200.000,50")
    Decimal('1200000.50')
    >>> figure("6-3/4")
    Decimal('6.75')
    >>> figure("2.92-1/2")
    Decimal('2.925')
    """
    if part := _PART.search(text):
        if cents := _OF_A_CENT.match(text):
            return Decimal(cents[1]) + fraction(part.group()) / 100
        whole = re.sub(r"\D", "", text[: part.start()])
        return Decimal(whole or 0) + fraction(part.group())
    text = re.sub(r"[\s'’]", "", text)
    marks = [char for char in text if char in ".,"]
    comma_is_decimal = (language or "").split("-")[0] in DECIMAL_COMMA
    if len(set(marks)) == 2:
        decimal = marks[-1]
    elif len(marks) == 1:
        tail = len(text) - text.index(marks[0]) - 1
        decimal = "," if comma_is_decimal else "."
        if tail != 3 or text.startswith(("0", ".")):
            decimal = marks[0]
    else:
        decimal = ""
    for mark in set(marks) - {decimal}:
        text = text.replace(mark, "")
    return Decimal(text.replace(",", "."))


_OF_A_CENT = re.compile(r"(\d{1,3}\.\d{2})-")
_PART = re.compile(rf"[{VULGAR}]|\d+[/⁄]\d+")


def fraction(text: str) -> Decimal:
    """Return ``¾``, ``3/4``, ``3⁄4`` as 0.75; a fraction without an exact decimal is rounded to six digits:
    0.333333."""
    above, _, below = unicodedata.normalize("NFKC", text).replace("/", "⁄").partition("⁄")
    return (Decimal(above) / Decimal(below)).quantize(Decimal("0.000001")).normalize()


def spoken(text: str) -> Decimal:
    """Return ``two hundred and fifty thousand`` as 250000; ``half a``, ``a``, ``three and a half`` as factors of a
    scale."""
    text = lowered(text)
    if text.startswith("half a"):
        return Decimal("0.5")
    if text.startswith("a quarter of"):
        return Decimal("0.25")
    extra = Decimal(0)
    for tail, value in ((" and a half", "0.5"), (" and a quarter", "0.25")):
        if text.endswith(tail):
            text, extra = text.removesuffix(tail), Decimal(value)
    if re.fullmatch(r"an? half[ -]?", text):
        return Decimal("0.5")
    total = part = 0
    for word in re.findall(r"[a-z]+", text):
        if word in ("a", "an"):
            part += 1
        elif word in SMALL:
            part += SMALL[word]
        elif word == "hundred":
            part = (part or 1) * 100
        elif word == "thousand":
            total, part = total + (part or 1) * 1000, 0
    return Decimal(total + part) + extra


def lowered(word: str) -> str:
    """Return ``word`` in lower case, in the way that a pattern ignoring case compares letters, so that ``ſ`` is s and
    ``ı`` is i."""
    return word.casefold().replace("ı", "i").replace("\u0307", "")


def scale_of(word: str, language: str | None) -> Decimal:
    word = lowered(word)
    word = word.replace("-", " ") if word != "lakh-crore" else word
    base = (language or "").split("-")[0]
    if word in ("billion", "billions") and base in LONG_SCALE:
        return Decimal(10**12)
    return SCALES[word]


def numbers(text: str, language: str | None = None) -> Iterator[Number]:
    """Yield every number of ``text`` (digits already folded to ASCII), in order."""
    base = (language or "").split("-")[0]
    pattern = _PATTERNS.get(base, _PATTERNS[""])
    for match in pattern.finditer(text):
        yield read(match, language)


_AT = re.compile(rf"(?P<figure>{FIGURE})(?P<half>\ and\ a\ half)?{_TAIL}", re.IGNORECASE)


def number_at(text: str, at: int, language: str | None = None) -> Number | None:
    """Return the number in figures that begins at ``at``."""
    match = _AT.match(text, at)
    return read(match, language) if match else None


def read(match: re.Match[str], language: str | None) -> Number:
    """Return the Number of a match of one of this module's patterns."""
    groups = match.groupdict()
    base = (language or "").split("-")[0]
    if groups.get("figure"):
        mantissa = figure(groups["figure"], language) + (Decimal("0.5") if groups["half"] else 0)
    elif groups.get("foreign"):
        mantissa = Decimal(_FOREIGN[base][lowered(groups["foreign"])])
    else:
        mantissa = spoken(groups["spoken"] or groups["words"])
    scale = Decimal(1)
    letter = False
    unscaled = match.end()
    if groups["scale"]:
        scale = scale_of(groups["scale"], language)
        letter = lowered(groups["scale"]) in _LETTERS
        unscaled = match.start("gap")
    return Number(match.start(), match.end(), mantissa, scale, letter, unscaled, words=not groups.get("figure"))
