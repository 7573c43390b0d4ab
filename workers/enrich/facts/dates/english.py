"""Patterns for dates in English, for dates in figures, and for month names in any language."""

from __future__ import annotations

import re
from collections.abc import Callable

from workers.calendars import months_in_prose, names_of_days, names_of_months, solar_months
from workers.enrich.facts.dates import values
from workers.enrich.facts.dates.tense import Context
from workers.enrich.facts.numbers import SMALL

_UNITS = "day|week|month|year|decade"
MONTH = "(?:" + "|".join(sorted(months_in_prose(), key=len, reverse=True)) + r")\b\.?"
_SOLAR = "(?:" + "|".join(sorted(solar_months(), key=len, reverse=True)) + ")"
_EN = f"(?:{'|'.join(names_of_months('en'))})"
_DAY = r"(?:[0-3]?\d)(?:st|nd|rd|th|er|º|\.)?(?!\d)"
_NO_CLOCK = r"(?![ ]?(?:[ECMP][SD]T|GMT|gmt|UTC|BST|CES?T|hrs|hours)\b)"
"""A figure before this is a time of day: ``at 2000 EST``."""
YEAR = rf"(?:1[5-9]|20)\d\d(?![\d%]){_NO_CLOCK}"
_WD = f"(?:{'|'.join(names_of_days('en'))})"
_OF = r"(?:[ ](?:of|de|del)\b)?[ ]?"
_BEFORE_DAY = r"(?=\w++\.?[ ]\d)"
_BEFORE_YEAR = rf"(?=\w++\.?,?{_OF}\d)"
"""A word before a figure; this quick check comes before the many names of months are tried."""
_N = "(?:[0-9]{1,3}|an?|" + "|".join(sorted(SMALL, key=len, reverse=True)) + ")"
_OF_YEAR = r"(?:[ ](?:of[ ])?(?P<rel>last|next|this)[ ]year\b)?"
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_ONES = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
_DASH = r"(?:[ ]?[-–—][ ]?|[ ]to[ ]|[ ]and[ ]|[ ]through[ ])"
_PART = r"(?:[ ](?:morning|afternoon|evening|night))?"
ENGLISH: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], Context], values.Found]], ...] = tuple(
    (re.compile(pattern, flags), resolve)
    for pattern, flags, resolve in (
        (rf"\b(?P<day>\d{{1,2}})[ ](?P<month>{_SOLAR})[ ](?P<year>1[34]\d\d)\b", re.I, values.solar_hijri),
        (r"(?<![\w-])(?P<year>(?:1[5-9]|20)\d\d)-(?P<m>\d\d)-(?P<d>\d\d)(?![\w-])", 0, values.iso_date),
        (rf"(?<![\w/.])(?P<first>\d\d?)([/.])(?P<second>\d\d?)\2(?P<year>{YEAR})(?![/.]\d)", 0, values.numeric),
        (
            rf"(?:\b{_WD},?[ ])?\b{_BEFORE_DAY}(?P<month>{MONTH})[ ](?P<day>{_DAY})(?![,.:]\d)"
            rf"(?:{_DASH}(?P<last>{_DAY})(?![,.:]\d))?(?:,?[ ](?P<year>{YEAR}))?",
            re.I,
            values.full,
        ),
        (
            rf"(?:\b{_WD},?[ ])?(?<![\d.,$€£])\b(?P<day>{_DAY})(?:{_DASH}(?P<last>{_DAY}))?{_OF}"
            rf"(?P<month>{MONTH})(?:,?{_OF}(?P<year>{YEAR}))?",
            re.I,
            values.full,
        ),
        (
            rf"\b(?:the[ ])?(?:(?P<count>three|six|nine|twelve|3|6|9|12)[ ]months|(?:financial[ ]|fiscal[ ])?year)[ ]"
            rf"(?:to|ended|ending|through)[ ](?:the[ ]end[ ]of[ ]|end-)?(?P<month>{MONTH})(?![ ]\d\d?\b)(?:[ ](?P<year>{YEAR}))?",
            re.I,
            values.months_to,
        ),
        (
            r"\b(?P<which>)(?:(?P<ordinal>first|second|third|fourth)[ -](?:fiscal[ ])?quarter|Q(?P<q>[1-4]))\b"
            rf"(?:,?(?:[ ]of)?(?:[ ]fiscal)?[ ](?P<year>{YEAR}))?(?P<year2>(?!))?{_OF_YEAR}",
            re.I,
            values.quarter,
        ),
        (
            rf"\b(?:(?:the[ ]year|(?P<month>{_EN}))[ ])?(?P<century>nineteen|two[ ]thousand)(?:[ ](?:and[ ])?"
            rf"(?P<rest>(?:{_TENS})(?:[ -](?:{_ONES}))?|{_ONES}))?\b(?![ ](?:{_ONES}|{_UNITS}s|hundred|percent|per|people|miles|dollars))",
            re.I,
            values.spelt_year,
        ),
        (
            rf"\b(?:(?P<which>last|next|this(?:[ ]past)?)[ ])?(?P<season>spring|summer|autumn|fall|winter)\b"
            rf"(?:(?:[ ]of)?[ ](?P<year>{YEAR}))?",
            re.I,
            values.season,
        ),
        (rf"\b(?P<which>){_BEFORE_YEAR}(?P<month>{MONTH}),?{_OF}(?P<year>{YEAR})", re.I, values.month_only),
        (
            r"\b(?:(?:(?i:in|since|until|by|during|from|of|early|late)|(?P<which>(?i:last|next|this)))[ ])"
            rf"(?P<month>{_EN})\b(?![ ]\d)(?P<year>(?!))?{_OF_YEAR}",
            0,
            values.month_only,
        ),
        (
            rf"\b(?:(?P<which>last|next|this|this coming|coming)[ ])?(?P<weekday>{_WD})\b{_PART}"
            r"(?![’']?s?[ ](?:Times|Mail|Post|Telegraph|Herald|Mirror|Express|Night))",
            re.I,
            values.weekday,
        ),
        (
            r"\b(?P<word>overnight)\b(?=[,.;:]|[ ](?:on|in|as|and|by|when|after|at|to|from|into|but|for|while|near)\b)",
            re.I,
            values.today,
        ),
        (
            r"\b(?P<word>yesterday|(?<!USA )today(?![ ](?:programme|program|show)\b)|tomorrow|tonight)\b(?:[ ](?:morning|afternoon|evening|night))?",
            re.I,
            values.today,
        ),
        (rf"\b(?P<count>{_N})[ ](?P<unit>{_UNITS})s?[ ](?P<when>ago|earlier|from now)\b", re.I, values.ago),
        (
            r"\b(?:the[ ])?(?P<which>past)[ ](?P<unit>year)\b(?!s|[ ](?:and|of|to|[’']s))",
            re.I,
            values.relative,
        ),
        (
            r"\b(?P<which>last|next|this|current|earlier this|later this)[ ](?P<unit>week|month|quarter|year|decade)\b",
            re.I,
            values.relative,
        ),
        (rf"\b(?P<which>)(?i:mid)-(?P<month>{_EN})(?P<year>(?!))?{_OF_YEAR}", 0, values.month_only),
        (r"\bmid-(?P<year>(?:19|20)\d\d)\b(?!s)", re.I, values.year),
        (r"\b(?P<word>this[ ](?:morning|afternoon|evening)|last[ ]night)\b", re.I, values.part_of_day),
        (r"\b(?:the[ ])?(?:(?:early|mid|late)[ -])?(?P<decade>(?:1[5-9]|20)\d)0[’']?s\b", re.I, values.decade),
        (
            r"(?<![\w$€£.,-])(?P<year>(?:1[5-9]|20)\d\d)(?:[-–/]|[ ]to[ ]|[ ]and[ ](?=\d{4}))"
            r"(?P<last>(?:1[5-9]|20)\d\d|\d\d)(?![\d-])",
            0,
            values.years,
        ),
        (
            rf"(?<![\w$€£.,:#/-])(?P<year>(?:1[89]|20)\d\d){_NO_CLOCK}(?![\w%/:]|[.,]\d|[-–]\w|[ ](?:people|dollars|euros|km|miles"
            r"|tons|tonnes|troops|soldiers|workers|men|women|jobs|percent|metres|meters|homes|houses|dead|in[ ]cash"
            r"|(?:g|kg|grams?|mm|cm|m|lb|lbs|ft|cc|hp|rpm|calories|kcal|miles|feet|watts|volts|horsepower)\b))",
            0,
            values.year,
        ),
    )
)
