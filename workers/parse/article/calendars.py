"""Names of months, weekdays and time zones in the languages of the press, and the calendars behind them."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

from babel import Locale
from hijridate import Hijri

Calendar = Literal["gregorian", "solar", "islamic"]

# A name that two languages give to different months (Polish and Croatian "listopada") means what the earlier one says.
LANGUAGES = [
    "en",
    "fr",
    "de",
    "es",
    "it",
    "pt",
    "nl",
    "sv",
    "da",
    "nb",
    "fi",
    "pl",
    "cs",
    "sk",
    "hu",
    "ro",
    "bg",
    "ru",
    "uk",
    "be",
    "sr",
    "hr",
    "sl",
    "mk",
    "sq",
    "el",
    "tr",
    "az",
    "hy",
    "ka",
    "fa",
    "ar",
    "he",
    "ur",
    "ps",
    "hi",
    "bn",
    "id",
    "ms",
    "vi",
    "th",
    "lt",
    "lv",
    "et",
    "kk",
    "uz",
    "ca",
    "gl",
    "eu",
    "is",
    "ga",
    "sw",
    "af",
    "ar_SY",
    "ar_DZ",
    "ar_IQ",
]

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
"""Minutes east of Greenwich. Of the meanings of an abbreviation the press's commonest (IST is India's, CST America's)."""

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


@lru_cache
def months() -> dict[str, tuple[Calendar, int]]:
    """Month names, casefolded, without a final dot."""
    found: dict[str, tuple[Calendar, int]] = {}
    for language in LANGUAGES:
        names = Locale.parse(language).months
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in names[context][width].items():
                    for variant in _variants(name):
                        if not any(char.isdigit() for char in variant):
                            found.setdefault(variant, ("gregorian", number))
    found |= {"sept": ("gregorian", 9), "juin": ("gregorian", 6), "avr": ("gregorian", 4)}
    for calendar, table in (("solar", _SOLAR), ("islamic", _ISLAMIC)):
        for number, names_ in enumerate(table.split("|"), 1):
            for name in names_.split(",") if "," in names_ else names_.split():
                found[name] = (calendar, number)  # type: ignore[assignment]
    found["мая"] = ("gregorian", 5)
    return found


@lru_cache
def weekdays() -> dict[str, int]:
    """Weekday names, casefolded, without a final dot; Monday is 0."""
    found: dict[str, int] = {}
    for language in LANGUAGES:
        days = Locale.parse(language).days
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in days[context][width].items():
                    for variant in _variants(name):
                        found.setdefault(variant, number)
    return found | {"tues": 1, "wednes": 2, "thur": 3, "thurs": 3, "یکشنبه": 6, "یک‌شنبه": 6, "سه شنبه": 1, "پنجشنبه": 3}


def solar_to_gregorian(year: int, month: int, day: int) -> date:
    """Solar Hijri by its 33-year cycle of leap years, exact for 1244 to 1472 AP. Raises ValueError."""

    def leap(of: int) -> bool:
        return of % 33 in (1, 5, 9, 13, 17, 22, 26, 30)

    if not 1244 <= year <= 1472 or not 1 <= month <= 12:
        raise ValueError(f"Solar Hijri {year}/{month}")
    if not 1 <= day <= (31 if month <= 6 else 30 if month < 12 or leap(year) else 29):
        raise ValueError(f"Solar Hijri {year}/{month}/{day}")
    new_year = date(1865, 3, 21) + timedelta(days=365 * (year - 1244) + sum(map(leap, range(1244, year))))
    return new_year + timedelta(days=31 * (month - 1) - max(0, month - 7) + day - 1)


def to_gregorian(calendar: Calendar, year: int, month: int, day: int) -> date:
    """Raises ValueError where there is no such day."""
    if calendar == "solar":
        return solar_to_gregorian(year, month, day)
    if calendar == "islamic":
        try:
            return date(*Hijri(year, month, day).to_gregorian().datetuple())
        except (OverflowError, ValueError) as error:
            raise ValueError(str(error)) from error
    return date(year, month, day)
