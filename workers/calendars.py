"""Names of months, weekdays and time zones in the languages of the press, and the calendars behind them."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Literal

import jdatetime
from babel import Locale
from hijridate import Hijri

Calendar = Literal["gregorian", "solar", "islamic"]

# If two languages use a name for different months (Polish and Croatian "listopada"), the earlier language counts.
LANGUAGES = [
    "en", "fr", "de", "es", "it", "pt", "nl", "sv", "da", "nb", "fi", "pl", "cs", "sk", "hu", "ro", "bg", "ru", "uk", "be",
    "sr", "hr", "sl", "mk", "sq", "el", "tr", "az", "hy", "ka", "fa", "ar", "he", "ur", "ps", "hi", "bn", "id", "ms", "vi",
    "th", "lt", "lv", "et", "kk", "uz", "ca", "gl", "eu", "is", "ga", "sw", "af", "ar_SY", "ar_DZ", "ar_IQ",
]  # fmt: skip

_SOLAR = (
    "فروردین farvardin حمل|اردیبهشت ordibehesht ثور|خرداد khordad جوزا|تیر tir سرطان|مرداد mordad امرداد اسد|"
    "شهریور shahrivar سنبله|مهر mehr میزان|آبان aban عقرب|آذر azar قوس|دی dey جدی|بهمن bahman دلو|اسفند esfand حوت"
)
_ISLAMIC = (
    "محرم muharram|صفر safar|ربيع الأول,ربیع الاول,ربيع الاول,rabi al-awwal,rabi' al-awwal|"
    "ربيع الثاني,ربیع الثانی,ربيع الآخر,rabi al-thani,rabi' al-thani|جمادى الأولى,جمادی الاول,جمادى الاولى,jumada al-awwal|"
    "جمادى الآخرة,جمادی الثانی,جمادى الثانية,jumada al-thani|رجب rajab|شعبان shaban sha'ban|رمضان ramadan ramazan|"
    "شوال shawwal|ذو القعدة,ذي القعدة,ذیقعده,ذوالقعدة,dhu al-qadah,dhul qadah|ذو الحجة,ذي الحجة,ذیحجه,ذوالحجة,dhu al-hijjah,dhul hijjah"
)

ZONES = {
    name: int(hours * 60)
    for hours, names in {
        0: "gmt utc z ut wet", 1: "cet bst wat west mez", 2: "cest eet sast cat mesz", 3: "eest msk eat trt ast_sa", 3.5: "irst",
        4: "gst azt amt_am samt get", 4.5: "irdt aft", 5: "pkt uzt", 5.5: "ist", 5.75: "npt", 6: "bdt", 6.5: "mmt",
        7: "ict wib", 8: "hkt sgt awst pht wita", 9: "jst kst wit", 9.5: "acst", 10: "aest", 11: "aedt", 12: "nzst",
        13: "nzdt", -2.5: "ndt", -3: "brt art adt", -3.5: "nst", -4: "edt ast clt", -5: "est cdt cot pet", -6: "cst mdt",
        -7: "mst pdt", -8: "pst akdt", -9: "akst", -10: "hst",
    }.items()
    for name in names.split()
}  # fmt: skip
"""Minutes east of Greenwich. An ambiguous abbreviation has its most common meaning in the press (IST is India's, CST
America's)."""

REGIONS = {
    "et": "America/New_York",
    "ct": "America/Chicago",
    "mt": "America/Denver",
    "pt": "America/Los_Angeles",
    "мск": "Europe/Moscow",
    "tehran time": "Asia/Tehran",
    "moscow time": "Europe/Moscow",
    "beijing time": "Asia/Shanghai",
    "london time": "Europe/London",
    "new york time": "America/New_York",
    "eastern time": "America/New_York",
    "pacific time": "America/Los_Angeles",
}


def _variants(name: str) -> set[str]:
    name = name.casefold().strip(" .")
    return {name, name.replace(".", "")} if len(name) > 1 and not name.isdigit() else set()


_PROSE = {
    "wide": ("en", "es", "fr", "de", "de_AT", "it", "pt", "ru", "tr", "ar", "fa"),
    "abbreviated": ("en", "fr", "ru"),
}
"""Languages whose month names are searched for in running text; short month names of other languages are also common
words."""
_MORE = (
    "|||avr|||||sept|||",
    "январе январем|феврале февралем фев|марте мартом|апреле апрелем|мае маем мая|июне июнем|июле июлем|августе августом|"
    "сентябре сентябрем сен|октябре октябрем|ноябре ноябрем ноя|декабре декабрем",
    "|||ابريل||||||||",
)
"""Forms that CLDR does not list: other abbreviations, cases of Russian, another spelling of Arabic."""

RUSSIAN_DAYS = (
    "понедельник понедельника понедельнику понедельником понедельнике", "вторник вторника вторнику вторником вторнике",
    "среду среды", "четверг четверга четвергу четвергом четверге", "пятницу пятницы пятнице пятницей пятница",
    "субботу субботы субботе субботой суббота", "воскресенье воскресенья воскресенью воскресеньем",
)  # fmt: skip
"""Weekdays in running text, in their grammatical cases, Monday first. CLDR's ``среда`` is left out: it is also
*environment*."""
_PROSE_DAYS = ("en", "fr", "de", "es")


def names_of_months(language: str) -> list[str]:
    """Return the twelve names of the Gregorian months as the language writes them."""
    names = Locale.parse(language).months["format"]["wide"]
    return [names[number] for number in range(1, 13)]


def names_of_days(language: str) -> list[str]:
    """Return the seven names of the weekdays as the language writes them, Monday first."""
    names = Locale.parse(language).days["format"]["wide"]
    return [names[number] for number in range(7)]


def month_names(language: str, width: str) -> dict[str, int]:
    """Return CLDR's Gregorian month names of a language, casefolded; ``width`` is ``wide`` or ``abbreviated``."""
    names = Locale.parse(language).months
    return {
        variant: number
        for context in ("format", "stand-alone")
        for number, name in names[context][width].items()
        for variant in _variants(name)
        if not any(char.isdigit() for char in variant)
    }


def _more() -> dict[str, int]:
    return {
        name: number for table in _MORE for number, names in enumerate(table.split("|"), 1) for name in names.split()
    }


@lru_cache
def months() -> dict[str, tuple[Calendar, int]]:
    """Return month names, casefolded, without a final dot, with their calendar and number."""
    found: dict[str, tuple[Calendar, int]] = {}
    for language in LANGUAGES:
        for width in ("wide", "abbreviated"):
            for name, number in month_names(language, width).items():
                found.setdefault(name, ("gregorian", number))
    found |= {name: ("gregorian", number) for name, number in _more().items()}
    found["juin"] = ("gregorian", 6)
    for calendar, table in (("solar", _SOLAR), ("islamic", _ISLAMIC)):
        for number, names_ in enumerate(table.split("|"), 1):
            for name in names_.split(",") if "," in names_ else names_.split():
                found[name] = (calendar, number)  # type: ignore[assignment]
    return found


@lru_cache
def months_in_prose() -> dict[str, int]:
    """Return the Gregorian month names that running text may be searched for, in lower case, with their number."""
    found: dict[str, int] = {}
    for width, languages in _PROSE.items():
        for language in languages:
            found = month_names(language, width) | found
    return found | _more()


@lru_cache
def solar_months() -> dict[str, int]:
    """Return the month names of the Solar Hijri calendar, in lower case, with their number."""
    return {name: number for name, (calendar, number) in months().items() if calendar == "solar"}


@lru_cache
def weekdays() -> dict[str, int]:
    """Return weekday names, casefolded, without a final dot; Monday is 0."""
    found: dict[str, int] = {}
    for language in LANGUAGES:
        days = Locale.parse(language).days
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in days[context][width].items():
                    for variant in _variants(name):
                        found.setdefault(variant, number)
    return found | {"tues": 1, "wednes": 2, "thur": 3, "thurs": 3, "یکشنبه": 6, "یک‌شنبه": 6, "سه شنبه": 1, "پنجشنبه": 3}


@lru_cache
def weekdays_in_prose() -> dict[str, int]:
    """Return the weekday names that running text may be searched for, in lower case; Monday is 0."""
    found = {name.lower(): day for code in _PROSE_DAYS for day, name in enumerate(names_of_days(code))}
    return found | {form: day for day, forms in enumerate(RUSSIAN_DAYS) for form in forms.split()}


def to_gregorian(calendar: Calendar, year: int, month: int, day: int) -> date:
    """Return the Gregorian day. Raises ValueError if the calendar has no such day."""
    if calendar == "solar":
        found: date = jdatetime.date(year, month, day).togregorian()
        return found
    if calendar == "islamic":
        try:
            return date(*Hijri(year, month, day).to_gregorian().datetuple())
        except (OverflowError, ValueError) as error:
            raise ValueError(str(error)) from error
    return date(year, month, day)
