"""Return numbers and dates of a spreadsheet's cells as a reader sees them: values in their number format."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from functools import lru_cache

# Parts of a number format that are shown as they are, or not at all:
# "text" · \x · _x (as wide as x) · *x (fill with x) · [Red] [>100] · [$€-407] (a currency and its language)
_LITERAL = re.compile(r'"(?P<text>[^"]*)"|\\(?P<char>.)|_.|\*.|\[\$(?P<money>[^\]-]*)(?:-[^\]]*)?\]|\[[^\]]*\]')
_DIGITS = re.compile(r"[#0?][#0?,]*(?:\.[#0?]*)?,*")  # #,##0.00 · 0 · 0.0,, (in millions); not General, @, E
_OTHER = re.compile(r"general|@|e[+-]|/", re.IGNORECASE)  # formats whose value is shown without them: 1.2E+03, 3/4
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_SECTIONS = re.compile(r'((?:"[^"]*"|\\.|\[[^\]]*\]|[^;"\\\[])*)(?:;|$)')
_LONGEST = 255  # characters of a format that are looked at


def shown(value: object, number_format: str) -> str:
    """Return what a cell shows, with dates as ISO 8601 cut to what the format shows of them, and numbers in English."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return _number(value, number_format[:_LONGEST])
    if isinstance(value, datetime | date | time | timedelta):
        return _moment(value, number_format[:_LONGEST])
    return " ".join(str(value).split())


def _moment(value: datetime | date | time | timedelta, number_format: str) -> str:
    if isinstance(value, timedelta):
        seconds = round(value.total_seconds())
        minutes, rest = divmod(abs(seconds), 60)
        clock = f"{'-' if seconds < 0 else ''}{minutes // 60}:{minutes % 60:02}"
        return f"{clock}:{rest:02}" if rest else clock
    if isinstance(value, time):
        return value.isoformat("seconds" if value.second else "minutes")
    letters = _QUOTED.sub("", number_format).lower()
    if isinstance(value, datetime):
        if "h" in letters and not any(letter in letters for letter in "yd"):
            return _moment(value.time(), number_format)
        if "h" in letters:
            return value.replace(tzinfo=None).isoformat(" ", "seconds" if value.second else "minutes")
        value = value.date()
    if "d" in letters or "y" not in letters:
        return value.isoformat()
    return f"{value:%Y-%m}" if "m" in letters else f"{value:%Y}"


def _number(value: float, number_format: str) -> str:
    if value != value or value in (float("inf"), float("-inf")):
        return ""
    sections = [section for section in _split(number_format) if section] or [""]
    signed = value < 0 and len(sections) > 1
    section = sections[1] if signed else sections[2] if value == 0 and len(sections) > 2 else sections[0]
    plain = _LITERAL.sub("", section)
    found = _DIGITS.search(plain)
    if not found or _OTHER.search(plain):
        return plain_number(value) if found or not section or _OTHER.search(plain) else _words(section)
    shape = found[0]
    scaled = abs(value) * 100 ** plain.count("%") / 1000 ** (len(shape) - len(shape.rstrip(",")))
    decimals = shape.partition(".")[2].rstrip(",")
    text = (
        f"{scaled:,.{min(len(decimals), 30)}f}" if "," in shape.rstrip(",") else f"{scaled:.{min(len(decimals), 30)}f}"
    )
    optional = len(decimals) - len(decimals.rstrip("#?"))
    for _ in range(optional if "." in text else 0):
        text = text[:-1] if text.endswith("0") else text
    sign = "-" if value < 0 and not signed and any("1" <= char <= "9" for char in text) else ""
    return sign + _placed(section, text.rstrip("."))


@lru_cache(maxsize=256)
def _split(number_format: str) -> list[str]:
    """Return the sections for positive numbers, negative ones, zero."""
    return [match[1] for match in _SECTIONS.finditer(number_format)][:3]


def _placed(section: str, digits: str) -> str:
    """Return the digits in the placeholders of the section, with the characters around them."""
    text = _words(section)
    found = _DIGITS.search(text)
    return digits if not found else " ".join(f"{text[: found.start()]}{digits}{text[found.end() :]}".split())


def _words(section: str) -> str:
    """Return the section with its quoted text; quoted digits are dropped, so that none is taken for the number."""

    def literal(match: re.Match[str]) -> str:
        said = match["text"] or match["char"] or match["money"] or ""
        return "" if re.search(r"[#0?]", said) else said

    return _LITERAL.sub(literal, section).strip()


def plain_number(value: float) -> str:
    """Return a number without a format: 15 digits, as many as a spreadsheet stores, and no exponent unless it is
    needed."""
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.15g}"
