"""Dates and times, resolved against ``reading.reference``; without one only absolute dates are marked.

``value`` is ISO 8601 cut to its grain: ``2012-03-04T13:11`` (minute, with ``Z`` where GMT or UTC is written),
``2012-03-04``, ``2012-W10``, ``2012-09``, ``2012-Q3``, ``2012-summer``, ``2012``; a decade is ISO 8601-2's ``199X``.
A fiscal quarter has the calendar quarter of its number. A bare weekday or month is the nearest past one, today
included, unless its verb, or where there is no parse the words before it in its sentence, look ahead. There is one pattern a kind, tried in order;
the earlier kind wins where two overlap. Solar Hijri dates are converted by the 33-year cycle.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from services.records import DateMention, Grain
from workers.enrich.base import Reading, Stage
from workers.enrich.facts.numbers import SMALL
from workers.enrich.languages import russian
from workers.enrich.names.home import home_country
from workers.enrich.speech.cues import CUE

_MONTH_NAMES = (
    "january jan enero janvier januar jänner gennaio janeiro января январь январе январем янв ocak يناير ژانویه",
    "february feb febrero février februar febbraio fevereiro февраля февраль феврале февралем фев февр şubat فبراير فوریه",
    "march mar marzo mars märz março марта март марте мартом мар mart مارس",
    "april apr abril avril aprile апреля апрель апреле апрелем апр nisan أبريل ابريل آوریل",
    "may mayo mai maggio maio мая май мае маем mayıs مايو مه",
    "june jun junio juin juni giugno junho июня июнь июне июнем июн haziran يونيو ژوئن",
    "july jul julio juillet juli luglio julho июля июль июле июлем июл temmuz يوليو ژوئیه",
    "august aug agosto août августа август августе августом авг ağustos أغسطس اوت",
    "september sept sep septiembre septembre settembre setembro сентября сентябрь сентябре сентябрем сен сент eylül سبتمبر سپتامبر",
    "october oct octubre octobre oktober ottobre outubro октября октябрь октябре октябрем окт ekim أكتوبر اکتبر",
    "november nov noviembre novembre novembro ноября ноябрь ноябре ноябрем ноя нояб kasım نوفمبر نوامبر",
    "december dec diciembre décembre dezember dicembre dezembro декабря декабрь декабре декабрем дек aralık ديسمبر دسامبر",
)
_MONTHS = {name: month for month, names in enumerate(_MONTH_NAMES, 1) for name in names.split()}
_JALALI_NAMES = (
    "farvardin فروردین", "ordibehesht اردیبهشت", "khordad خرداد", "tir تیر", "mordad مرداد", "shahrivar شهریور",
    "mehr مهر", "aban آبان", "azar آذر", "dey دی", "bahman بهمن", "esfand اسفند",
)  # fmt: skip
_JALALI = {name: month for month, names in enumerate(_JALALI_NAMES, 1) for name in names.split()}
_JALALI_LEAPS = (1, 5, 9, 13, 17, 22, 26, 30)
_DAY_NAMES = {
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "de": "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag",
    "es": "lunes martes miércoles jueves viernes sábado domingo",
}
_RUSSIAN_DAYS = (
    "понедельник понедельника понедельнику понедельником понедельнике", "вторник вторника вторнику вторником вторнике",
    "среду среды", "четверг четверга четвергу четвергом четверге", "пятницу пятницы пятнице пятницей пятница",
    "субботу субботы субботе субботой суббота", "воскресенье воскресенья воскресенью воскресеньем",
)  # fmt: skip
_DAYS = {name.lower(): day for names in _DAY_NAMES.values() for day, name in enumerate(names.split())}
_DAYS |= {form: day for day, forms in enumerate(_RUSSIAN_DAYS) for form in forms.split()}
_WHICH = {
    "dernier": "last", "prochain": "next", "letzten": "last", "vergangenen": "last", "nächsten": "next",
    "kommenden": "next", "pasado": "last", "próximo": "next",
    "прошл": "last", "минувш": "last", "предыдущ": "last", "следующ": "next", "ближайш": "next", "будущ": "next",
    "эт": "this", "текущ": "this", "нынешн": "this",
}  # fmt: skip
_TODAYS = {
    "yesterday": -1, "tomorrow": 1, "hier": -1, "demain": 1, "gestern": -1, "ayer": -1,
    "avant-hier": -2, "après-demain": 2, "вчера": -1, "накануне": -1, "завтра": 1, "позавчера": -2, "послезавтра": 2,
}  # fmt: skip
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": 4}
_RELATIVE = {"last": -1, "next": 1}
_UNITS = "day|week|month|year|decade"
_COUNTS = {
    **SMALL, "a": 1, "an": 1, "un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "six": 6, "sept": 7, "huit": 8,
    "neuf": 9, "dix": 10, "douze": 12, "quinze": 15, "vingt": 20, "два": 2, "две": 2, "три": 3, "четыре": 4, "пять": 5,
    "шесть": 6, "семь": 7, "восемь": 8, "девять": 9, "десять": 10, "двадцать": 20, "": 1,
}  # fmt: skip
_UNIT_NAMES = {
    "day": "день дня дней сутки jour jours", "week": "неделя неделю недели недель неделе semaine semaines",
    "month": "месяц месяца месяцев месяце mois", "quarter": "квартал квартале квартала",
    "year": "год года году лет an ans année années", "decade": "десятилетие десятилетия décennie décennies",
}  # fmt: skip
_UNIT = {name: unit for unit, names in _UNIT_NAMES.items() for name in names.split()}
_ONE = ("день", "неделю", "месяц", "год")
_SEASONS = {
    "весн": "spring", "лет": "summer", "осен": "autumn", "зим": "winter", "printemps": "spring", "été": "summer",
    "automne": "autumn", "hiver": "winter",
}  # fmt: skip
_FOREIGN_ORDINALS = {
    "перв": 1, "втор": 2, "трет": 3, "четверт": 4, "premier": 1, "deuxième": 2, "troisième": 3, "quatrième": 4,
    "dernier": 4,
}  # fmt: skip

_M = "(?:" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\b\.?"
_JM = "(?:" + "|".join(sorted(_JALALI, key=len, reverse=True)) + ")"
_EN = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_DAY = r"(?:[0-3]?\d)(?:st|nd|rd|th|er|º|\.)?(?!\d)"
_YEAR = r"(?:1[5-9]|20)\d\d(?![\d%])"
_WD = "(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)"
_OF = r"(?:[ ](?:of|de|del)\b)?[ ]?"
_BEFORE_DAY = r"(?=\w++\.?[ ]\d)"
_BEFORE_YEAR = rf"(?=\w++\.?,?{_OF}\d)"
"""A word before a figure, seen before the many names of months are tried on it."""
_N = "(?:[0-9]{1,3}|an?|" + "|".join(sorted(SMALL, key=len, reverse=True)) + ")"
_OF_YEAR = r"(?:[ ](?:of[ ])?(?P<rel>last|next|this)[ ]year\b)?"
_DASH = r"(?:[ ]?[-–—][ ]?|[ ]to[ ]|[ ]and[ ]|[ ]through[ ])"

Found = tuple[str, str | None, Grain] | None


@dataclass(frozen=True, slots=True)
class _Context:
    """What a resolver knows: the day relative dates count from, the words before, and how 3/4 is read here.

    ``verb`` is the verb that the date hangs on in the parse, if it does.
    """

    today: date | None
    before: str
    after: str
    month_first: bool
    language: str
    verb: Any = None

    @property
    def ahead(self) -> bool:
        """Whether the verb, else the words before, look ahead; in French and Russian, where the verb may follow, those
        after as well."""
        if self.language == "ru":
            clause = f"{re.split('[,«]', self.before)[-1]} {re.split('[,»]', self.after)[0]}"
            tense = russian.tense(clause) or russian.tense(f"{self.before} {self.after}")
            return bool(_BY.search(self.before)) or tense == "future" or bool(not tense and _MEANT.search(self.before))
        if self.language == "fr" and _FRENCH_AHEAD.search(f"{self.before} {self.after}"):
            return True
        if _UNTIL.search(self.before):
            return True
        if self.verb is not None and (future := _future(self.verb)) is not None:
            return future
        return _AHEAD.search(self.before) is not None

    @property
    def past(self) -> bool:
        return self.verb is not None and _future(self.verb) is False


_UNTIL = re.compile(r"\b(?:until|till)(?: the| next)? ?$", re.IGNORECASE)
_HANGS = ("npadvmod", "pobj", "nmod", "appos", "compound", "nummod", "dobj")
_WILL = ("will", "would", "shall", "'ll", "’ll", "wo", "may", "might")
_INTENDED = [
    "due",
    "set",
    "expected",
    "scheduled",
    "slated",
    "plan",
    "plans",
    "planned",
    "planning",
    "hope",
    "hopes",
    "hoped",
    "vow",
    "vowed",
    "vows",
    "intend",
    "intends",
    "intended",
    "want",
    "wants",
    "wanted",
    "agree",
    "agreed",
    "promise",
    "promised",
    "likely",
    "ready",
    "poised",
    "able",
    "urge",
    "urged",
    "ask",
    "asked",
    "order",
    "ordered",
    "called",
    "invited",
    "go",
    "going",
]


def _verb_of(doc: Any, at: int) -> Any:
    """The verb that the date at ``at`` says the time of: of ``he retires on Friday``, not of ``Friday's talks``."""
    span = doc.char_span(at, at + 1, alignment_mode="expand")
    token = span[0] if span is not None and len(span) else None
    for _ in range(4):
        if token is None or token.dep_ not in (*_HANGS, "prep"):
            return None
        token = token.head
        if token.pos_ in ("VERB", "AUX"):
            return token
        if token.pos_ not in ("ADP", "PROPN", "NUM"):
            return None
    return None


def _future(verb: Any) -> bool | None:
    """Whether what the verb says is still to come; None where its form does not tell."""
    helpers = [child for child in verb.children if child.dep_ in ("aux", "auxpass")]
    if any(child.lower_ in _WILL for child in helpers):
        return True
    if verb.tag_ == "VB" and any(child.lower_ == "to" for child in helpers):
        return True if verb.head.lower_ in _INTENDED or verb.head.tag_ in ("VBZ", "VBP") else None
    if verb.tag_ == "VBD" or any(child.tag_ == "VBD" or child.lower_ in ("has", "have", "'ve") for child in helpers):
        return None if verb.lower_ in _INTENDED or verb.lower_ == "was" else False
    if verb.tag_ in ("VBZ", "VBP") and verb.pos_ == "VERB":
        return not CUE.fullmatch(verb.lower_)
    return None


def _int(text: str) -> int:
    return int(re.sub(r"\D", "", text))


def _month(text: str) -> int:
    return _MONTHS[text.lower().rstrip(".")]


def _iso(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


_AHEAD = re.compile(
    r"\b(?:(?:will|would|next|upcoming|coming|scheduled|due|plans?|planned|expected|set (?:to|for)|is to|are to|to be|"
    r"kommenden|nächsten|prochaine?|próximo|próxima|wird|werden)\b"
    r"|(?:until|by|bis|jusqu'au|d'ici(?: au)?|hasta)(?: the)? ?$)",
    re.IGNORECASE,
)


_FRENCH_AHEAD = re.compile(
    r"\b(?:sera|seront|aura|auront|fera|feront|ira|iront|pourra|pourront|devra|devront|viendra|tiendra|prendra|rendra|"
    r"\w{3,}(?:era|eront|ira|iront)|doit|doivent|devrait|devraient|prévue?s?|attendue?s?|programmée?s?|prochaine?|"
    r"à partir|d['’]ici|avant|jusqu['’](?:au|à|en))\b"
)
_BY = re.compile(r"\b(?:до|ко?|не позднее|начиная с)\s(?:\w+\s){0,2}$", re.IGNORECASE)
_MEANT = re.compile(
    r"\b(?:намерен[аоы]?|планиру\w+|запланирован\w*|назначен[аоы]?|ожида\w+|предстоящ\w+)\b", re.IGNORECASE
)

SOON = 60
"""Days: a date without a year that is so near ahead is meant, not that of the year before (`opens on October 6`)."""


def _nearest_year(month: int, day: int, context: _Context, soon: int = SOON) -> int | None:
    if context.today is None:
        return None
    today = context.today
    past = (month, day) <= (today.month, today.day)
    if context.ahead:
        return today.year + past
    near = (month - today.month) * 30 + day - today.day + (360 if past else 0) <= soon
    return today.year - (not past) + near


def _full(match: re.Match[str], context: _Context) -> Found:
    month, day = _month(match["month"]), _int(match["day"])
    last = match.groupdict().get("last")
    year = int(match["year"]) if match["year"] else _nearest_year(month, _int(last) if last else day, context)
    value = _iso(year, month, day) if year else None
    if value is None or year is None:
        return None
    return value, _iso(year, month, _int(last)) if last else None, "day"


def _month_only(match: re.Match[str], context: _Context) -> Found:
    month = _month(match["month"])
    if match["year"]:
        return f"{match['year']}-{month:02}", None, "month"
    if context.today is None:
        return None
    if rel := match.groupdict().get("rel"):
        return f"{context.today.year + _RELATIVE.get(rel.lower(), 0)}-{month:02}", None, "month"
    which = (match["which"] or "").lower()
    year = _nearest_year(month, 1, context, 0 if context.language == "en" else 150) or 0
    if match[0].lower().startswith(("since ", "depuis ", "seit ", "desde ")):
        year = context.today.year - (month > context.today.month)
    if match[0].lower().startswith(("by ", "until ")):
        year = context.today.year + (month < context.today.month and not context.past)
    if which == "last":
        year = context.today.year - (month >= context.today.month)
    elif which == "next":
        year = context.today.year + (month <= context.today.month)
    return f"{year}-{month:02}", None, "month"


def _stem(word: str | None, table: dict[str, Any]) -> Any:
    """The value of the first key that ``word`` begins with, or None."""
    word = (word or "").lower()
    return next((value for stem, value in table.items() if word.startswith(stem)), None)


def _near_month(match: re.Match[str], context: _Context) -> Found:
    """`в мае`, `en mai dernier`, `в мае прошлого года`."""
    if context.today is None:
        return None
    month, today = _month(match["month"]), context.today
    which, years = _stem(match["which"], _WHICH), match["years"]
    if years:
        year = today.year + _RELATIVE.get(_stem(years, _WHICH), 0)
    elif which in ("last", "next"):
        year = today.year - (month >= today.month) if which == "last" else today.year + (month <= today.month)
    else:
        year = _nearest_year(month, 1, context, 0) or 0
    return f"{year}-{month:02}", None, "month"


def _near_unit(match: re.Match[str], context: _Context) -> Found:
    """`на прошлой неделе`, `в этом году`, `l'année dernière`."""
    if context.today is None:
        return None
    return _shifted(context.today, _UNIT[match["unit"].lower()], _RELATIVE.get(_stem(match["which"], _WHICH), 0))


def _counted(match: re.Match[str], context: _Context) -> Found:
    """`два года назад`, `il y a deux ans`, `через неделю`."""
    word = (match["count"] or "").lower()
    count = int(word) if word.isdigit() else _COUNTS[word]
    if context.today is None or count > 500 or (not word and match["unit"].lower() not in _ONE):
        return None
    ahead = (match["when"] or "").lower() in ("через", "dans")
    return _shifted(context.today, _UNIT[match["unit"].lower()], count if ahead else -count)


def _foreign_season(match: re.Match[str], context: _Context) -> Found:
    season, year = _stem(match["season"], _SEASONS), match["year"]
    if years := match.groupdict().get("years"):
        shift = _RELATIVE.get(_stem(years, _WHICH), 0)
        return (f"{context.today.year + shift}-{season}", None, "season") if context.today else None
    which = _stem(match["which"], _WHICH)
    if year is None:
        if context.today is None or which is None:
            return None
        past = {"spring": 3, "summer": 6, "autumn": 9, "winter": 12}[season] < context.today.month
        year = context.today.year + (which == "next" and past) - (which == "last" and not past)
    return f"{year}-{season}", None, "season"


def _foreign_quarter(match: re.Match[str], context: _Context) -> Found:
    number = int(match["q"]) if match["q"] else _stem(match["ordinal"], _FOREIGN_ORDINALS)
    year = match["year"]
    if year is None:
        if context.today is None:
            return None
        year = context.today.year - (number > (context.today.month + 2) // 3)
    return f"{year}-Q{number}", None, "quarter"


def _numeric(match: re.Match[str], context: _Context) -> Found:
    first, second = int(match["first"]), int(match["second"])
    month, day = (first, second) if (context.month_first and first <= 12) or second > 12 else (second, first)
    value = _iso(int(match["year"]), month, day)
    return (value, None, "day") if value else None


def _iso_date(match: re.Match[str], context: _Context) -> Found:
    value = _iso(int(match["year"]), int(match["m"]), int(match["d"]))
    return (value, None, "day") if value else None


def _jalali(match: re.Match[str], context: _Context) -> Found:
    """Day of the Solar Hijri year counted from 1 Farvardin, which the 33-year cycle puts on 20, 21 or 22 March."""
    year, month, day = int(match["year"]), _JALALI[match["month"].lower()], int(match["day"])
    if not 1 <= day <= 31:
        return None
    passed = year - 1
    leaps = passed // 33 * 8 + sum(each <= passed % 33 for each in _JALALI_LEAPS)
    days = passed * 365 + leaps + (month - 1) * 31 - max(0, month - 7) + day
    return (date(622, 3, 20) + timedelta(days=days)).isoformat(), None, "day"


def _weekday(match: re.Match[str], context: _Context) -> Found:
    if context.today is None:
        return None
    which = (_stem(match["which"], _WHICH) or match["which"] or "").lower()
    ago = (context.today.weekday() - _DAYS[match["weekday"].lower()]) % 7
    if which == "last":
        ago = ago or 7
    elif (
        which in ("next", "this coming", "coming")
        or (not which and context.ahead)
        or (which == "this" and ago and context.ahead)
    ):
        ago -= 7
    return (context.today - timedelta(days=ago)).isoformat(), None, "day"


def _today(match: re.Match[str], context: _Context) -> Found:
    if context.today is None:
        return None
    shift = _TODAYS.get(match["word"].lower(), 0)
    return (context.today + timedelta(days=shift)).isoformat(), None, "day"


def _shifted(today: date, unit: str, count: int) -> Found:
    if unit == "day":
        return (today + timedelta(days=count)).isoformat(), None, "day"
    if unit == "week":
        year, week, _ = (today + timedelta(weeks=count)).isocalendar()
        return f"{year}-W{week:02}", None, "week"
    if unit == "month":
        months = today.year * 12 + today.month - 1 + count
        return f"{months // 12}-{months % 12 + 1:02}", None, "month"
    if unit == "quarter":
        quarters = today.year * 4 + (today.month - 1) // 3 + count
        return f"{quarters // 4}-Q{quarters % 4 + 1}", None, "quarter"
    if unit == "year":
        return f"{today.year + count}", None, "year"
    return f"{today.year // 10 + count}X", None, "decade"


def _ago(match: re.Match[str], context: _Context) -> Found:
    word = match["count"].lower()
    count = int(word) if word.isdigit() else _COUNTS[word]
    if context.today is None or count > 500:
        return None
    ahead = match["when"].lower().startswith("from")
    return _shifted(context.today, match["unit"].lower(), count if ahead else -count)


def _relative(match: re.Match[str], context: _Context) -> Found:
    if context.today is None:
        return None
    count = _RELATIVE.get(match["which"].lower().split()[-1], 0)
    return _shifted(context.today, match["unit"].lower(), count)


def _quarter(match: re.Match[str], context: _Context) -> Found:
    number = _int(match["q"]) if match["q"] else _ORDINALS[match["ordinal"].lower()]
    year = match["year"] or match["year2"]
    if year is None:
        if context.today is None:
            return None
        if rel := match["rel"]:
            return f"{context.today.year + _RELATIVE.get(rel.lower(), 0)}-Q{number}", None, "quarter"
        now = (context.today.month + 2) // 3
        year = str(context.today.year + (number < now) if context.ahead else context.today.year - (number > now))
    return f"{year}-Q{number}", None, "quarter"


def _months_to(match: re.Match[str], context: _Context) -> Found:
    """`The three months to June`, `the year to March`: from the first month to the last."""
    last = _month(match["month"])
    if context.today is None and not match["year"]:
        return None
    year = int(match["year"]) if match["year"] else context.today.year - (last > context.today.month)  # type: ignore[union-attr]
    word = (match["count"] or "twelve").lower()
    first = year * 12 + last - (int(word) if word.isdigit() else _COUNTS[word])
    return f"{first // 12}-{first % 12 + 1:02}", f"{year}-{last:02}", "month"


def _season(match: re.Match[str], context: _Context) -> Found:
    season = match["season"].lower().replace("fall", "autumn")
    year, which = match["year"], (match["which"] or "").lower()
    if year is None:
        if context.today is None or not which:
            return None
        begins = {"spring": 3, "summer": 6, "autumn": 9, "winter": 12}[season]
        past = begins < context.today.month
        year = str(context.today.year + (which == "next" and past) - (which == "last" and not past))
    return f"{year}-{season}", None, "season"


def _decade(match: re.Match[str], context: _Context) -> Found:
    return f"{match['decade']}X", None, "decade"


def _short_decade(match: re.Match[str], context: _Context) -> Found:
    return f"{'19' if int(match['short']) > 2 else '20'}{match['short']}X", None, "decade"


def _years(match: re.Match[str], context: _Context) -> Found:
    first, last = match["year"], match["last"]
    last = first[: 4 - len(last)] + last
    return (first, last, "year") if first < last else None


def _year(match: re.Match[str], context: _Context) -> Found:
    return match["year"], None, "year"


def _clock(match: re.Match[str], day: str, around: str) -> str | None:
    """``2012-03-04T13:11`` of a time on a day; `evening` in the words around it makes 8:40 twenty to nine p.m."""
    hour, minute = int(match["hour"]), int(match["minute"] or match["minute2"] or 0)
    half = (match["half"] or "").lower()
    if not half and hour < 12 and re.search(r"\b(?:afternoon|evening|night)\b", around):
        half = "pm"
    if half:
        hour = hour % 12 + (12 if half[0] == "p" else 0)
    if hour > 23 or minute > 59:
        return None
    zone = "Z" if (match["zone"] or "").upper() in ("GMT", "UTC") else ""
    return f"{day}T{hour:02}:{minute:02}{zone}"


_PART = r"(?:[ ](?:morning|afternoon|evening|night))?"
_GRAMMAR: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], _Context], Found]], ...] = tuple(
    (re.compile(pattern, flags), resolve)
    for pattern, flags, resolve in (
        (rf"\b(?P<day>\d{{1,2}})[ ](?P<month>{_JM})[ ](?P<year>1[34]\d\d)\b", re.I, _jalali),
        (r"(?<![\w-])(?P<year>(?:1[5-9]|20)\d\d)-(?P<m>\d\d)-(?P<d>\d\d)(?![\w-])", 0, _iso_date),
        (rf"(?<![\w/.])(?P<first>\d\d?)([/.])(?P<second>\d\d?)\2(?P<year>{_YEAR})(?![/.]\d)", 0, _numeric),
        (
            rf"(?:\b{_WD},?[ ])?\b{_BEFORE_DAY}(?P<month>{_M})[ ](?P<day>{_DAY})(?![,.:]\d)"
            rf"(?:{_DASH}(?P<last>{_DAY})(?![,.:]\d))?(?:,?[ ](?P<year>{_YEAR}))?",
            re.I,
            _full,
        ),
        (
            rf"(?:\b{_WD},?[ ])?(?<![\d.,$€£])\b(?P<day>{_DAY})(?:{_DASH}(?P<last>{_DAY}))?{_OF}"
            rf"(?P<month>{_M})(?:,?{_OF}(?P<year>{_YEAR}))?",
            re.I,
            _full,
        ),
        (
            rf"\b(?:the[ ])?(?:(?P<count>three|six|nine|twelve|3|6|9|12)[ ]months|(?:financial[ ]|fiscal[ ])?year)[ ]"
            rf"(?:to|ended|ending|through)[ ](?:the[ ]end[ ]of[ ]|end-)?(?P<month>{_M})(?![ ]\d\d?\b)(?:[ ](?P<year>{_YEAR}))?",
            re.I,
            _months_to,
        ),
        (
            r"\b(?P<which>)(?:(?P<ordinal>first|second|third|fourth)[ -](?:fiscal[ ])?quarter|Q(?P<q>[1-4]))\b"
            rf"(?:,?(?:[ ]of)?(?:[ ]fiscal)?[ ](?P<year>{_YEAR}))?(?P<year2>(?!))?{_OF_YEAR}",
            re.I,
            _quarter,
        ),
        (
            rf"\b(?:(?P<which>last|next|this)[ ])?(?P<season>spring|summer|autumn|fall|winter)\b"
            rf"(?:(?:[ ]of)?[ ](?P<year>{_YEAR}))?",
            re.I,
            _season,
        ),
        (rf"\b(?P<which>){_BEFORE_YEAR}(?P<month>{_M}),?{_OF}(?P<year>{_YEAR})", re.I, _month_only),
        (
            r"\b(?:(?:(?i:in|since|until|by|during|from|of|early|late)|(?P<which>(?i:last|next|this)))[ ])"
            rf"(?P<month>{_EN})\b(?![ ]\d)(?P<year>(?!))?{_OF_YEAR}",
            0,
            _month_only,
        ),
        (
            rf"\b(?:(?P<which>last|next|this|this coming|coming)[ ])?(?P<weekday>{_WD})\b{_PART}"
            r"(?![’']?s?[ ](?:Times|Mail|Post|Telegraph|Herald|Mirror|Express|Night))",
            re.I,
            _weekday,
        ),
        (
            r"\b(?P<word>overnight)\b(?=[,.;:]|[ ](?:on|in|as|and|by|when|after|at|to|from|into|but|for|while|near)\b)",
            re.I,
            _today,
        ),
        (
            r"\b(?P<word>yesterday|(?<!USA )today(?![ ](?:programme|program|show)\b)|tomorrow|tonight)\b(?:[ ](?:morning|afternoon|evening|night))?",
            re.I,
            _today,
        ),
        (rf"\b(?P<count>{_N})[ ](?P<unit>{_UNITS})s?[ ](?P<when>ago|earlier|from now)\b", re.I, _ago),
        (
            r"\b(?P<which>last|next|this|earlier this|later this)[ ](?P<unit>week|month|quarter|year|decade)\b",
            re.I,
            _relative,
        ),
        (r"\b(?:the[ ])?(?:(?:early|mid|late)[ -])?(?P<decade>(?:1[5-9]|20)\d)0[’']?s\b", re.I, _decade),
        (
            r"(?<![\w$€£.,-])(?P<year>(?:1[5-9]|20)\d\d)(?:[-–/]|[ ]to[ ]|[ ]and[ ](?=\d{4}))"
            r"(?P<last>(?:1[5-9]|20)\d\d|\d\d)(?![\d-])",
            0,
            _years,
        ),
        (
            r"(?<![\w$€£.,:#/-])(?P<year>(?:1[89]|20)\d\d)(?![\w%/:]|[.,]\d|[-–]\w|[ ](?:people|dollars|euros|km|miles"
            r"|tons|tonnes|troops|soldiers|workers|men|women|jobs|percent|metres|meters|homes|houses|dead|in[ ]cash))",
            0,
            _year,
        ),
    )
)


_FRENCH, _GERMAN, _SPANISH = ("|".join(_DAY_NAMES[code].split()) for code in ("fr", "de", "es"))
_RUSSIAN = "|".join(form for forms in _RUSSIAN_DAYS for form in forms.split())
_RU_WHICH = r"(?:прошл|минувш|предыдущ|следующ|ближайш|будущ|текущ|нынешн)(?:ый|ий|ая|яя|ую|юю|ое|ее|ой|ей|ого|его|ом|ем)|эт(?:от|а|у|о|ой|ого|ом)"
_RU_N = "|".join(word for word in _COUNTS if word and word[0] >= "а")
_FR_N = "une?|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|douze|quinze|vingt"
_NO_YEAR = r"(?P<which>(?!))?(?P<year>(?!))?"
_FOREIGN: dict[str, tuple[tuple[re.Pattern[str], Callable[[re.Match[str], _Context], Found]], ...]] = {
    "fr": (
        (
            re.compile(
                rf"\b[Dd]u[ ](?P<day>\d{{1,2}})[ ]au[ ](?P<last>\d{{1,2}})[ ](?P<month>{_M})(?:[ ](?P<year>{_YEAR}))?"
            ),
            _full,
        ),
        (re.compile(rf"\b(?:[Dd]e|[Ee]ntre)[ ](?P<year>{_YEAR})[ ](?:à|et)[ ](?P<last>{_YEAR})"), _years),
        (
            re.compile(
                rf"\b(?P<weekday>{_FRENCH})\b(?:[ ](?P<which>dernier|prochain)\b)?"
                r"(?:[ ](?:matin|soir|midi|après-midi)\b)?(?!,?[ ]\d)"
            ),
            _weekday,
        ),
        (
            re.compile(rf"\b(?:en|depuis|dès|avant|après|d['’]ici|jusqu['’]en)[ ](?P<month>{_M})(?![ ]\d){_NO_YEAR}"),
            _month_only,
        ),
        (re.compile(r"\b(?P<word>avant-hier|après-demain|hier|demain|aujourd['’]hui)\b", re.I), _today),
        (
            re.compile(
                rf"\b(?:(?:en|depuis|fin|début|mi-|courant)[ ]?)?(?P<month>{_M})[ ](?P<which>dernier|prochain)\b(?P<years>(?!))?"
            ),
            _near_month,
        ),
        (
            re.compile(r"\b(?:la[ ]|l['’]|le[ ])(?P<unit>semaine|mois|année|an)[ ](?P<which>dernier|dernière|prochaine?)\b", re.I),
            _near_unit,
        ),
        (re.compile(r"\b(?P<which>cet?)(?:te)?[ ](?P<unit>semaine|mois|année)\b", re.I), _near_unit),
        (
            re.compile(rf"\bil y a (?P<count>\d{{1,3}}|{_FR_N}) (?P<unit>jours?|semaines?|mois|ans?)\b(?P<when>(?!))?", re.I),
            _counted,
        ),
        (
            re.compile(
                rf"\b(?:[Ll]['’]|[Aa]u |[Ee]n |[Cc]et |[Àà] l['’]|[Dd]e l['’])?(?P<season>printemps|été|automne|hiver)"
                rf"(?:[ ](?P<which>dernier|prochain))?(?:[ ](?:de[ ])?(?P<year>{_YEAR}))?"
            ),
            _foreign_season,
        ),
        (
            re.compile(
                rf"\b(?:(?P<ordinal>premier|deuxième|troisième|quatrième|dernier)|(?P<q>[1-4])(?:er|e|ème))[ ]trimestre\b"
                rf"(?:[ ](?:de[ ])?(?P<year>{_YEAR}))?", re.I
            ),
            _foreign_quarter,
        ),
    ),
    "ru": (
        (
            re.compile(
                rf"\bс[ ](?P<day>\d{{1,2}})[ ](?:по|до)[ ](?P<last>\d{{1,2}})[ ](?P<month>{_M})(?:[ ](?P<year>{_YEAR}))?",
                re.I,
            ),
            _full,
        ),
        (re.compile(rf"\bс[ ](?P<year>{_YEAR})[ ](?:по|до)[ ](?P<last>{_YEAR})", re.I), _years),
        (
            re.compile(
                rf"\b(?!сред[уы]\b)(?:(?:в|во|ко?|со?|до|на|вечером|утром|днем|ночью)[ ])?(?:(?P<which>{_RU_WHICH})[ ])?"
                rf"(?P<weekday>{_RUSSIAN})\b(?!,?[ ]\d|[ ]обитания)", re.I
            ),
            _weekday,
        ),
        (
            re.compile(
                rf"\b(?:в|во|с|со|к|до|по|от|за|на|начал\w|середин\w|конц\w)[ ](?:(?P<which>{_RU_WHICH})[ ])?(?P<month>{_M})(?![ ]\d)"
                rf"(?:[ ](?P<years>{_RU_WHICH})[ ]года)?", re.I
            ),
            _near_month,
        ),
        (re.compile(r"\b(?P<word>позавчера|послезавтра|вчера|сегодня|завтра|накануне)\b", re.I), _today),
        (
            re.compile(
                rf"\b(?:(?P<which>{_RU_WHICH})[ ])?(?P<season>весной|весну|весны|летом|лета|осенью|осень|осени|зимой|зиму|зимы)\b"
                rf"(?:[ ](?P<year>{_YEAR})(?:[ ]года)?|[ ](?P<years>{_RU_WHICH})[ ]года)?", re.I
            ),
            _foreign_season,
        ),
        (
            re.compile(
                rf"\b(?:(?:в|на|с|до|к|за)[ ])?(?P<which>{_RU_WHICH})[ ](?P<unit>неделе|неделю|недели|месяце|месяца|квартале|году|года|год)\b",
                re.I,
            ),
            _near_unit,
        ),
        (
            re.compile(
                rf"\b(?P<when>через)[ ](?:(?P<count>\d{{1,3}}|{_RU_N})[ ])?(?P<unit>день|дня|дней|неделю|недели|недель|месяц|месяца|"
                r"месяцев|год|года|лет)\b", re.I
            ),
            _counted,
        ),
        (
            re.compile(
                rf"\b(?:(?P<count>\d{{1,3}}|{_RU_N})[ ])?(?P<unit>день|дня|дней|неделю|недели|недель|месяц|месяца|месяцев|год|года|лет)"
                r"[ ](?P<when>назад)\b", re.I
            ),
            _counted,
        ),
        (
            re.compile(
                rf"\b(?:(?P<ordinal>перв|втор|трет|четверт)\w{{2,3}}|(?P<q>[1-4])(?:-\w{{1,2}})?)[ ]квартал\w{{0,2}}\b"
                rf"(?:[ ](?P<year>{_YEAR})(?:[ ]года)?)?", re.I
            ),
            _foreign_quarter,
        ),
        (re.compile(r"\b(?P<decade>(?:1[5-9]|20)\d)0-(?:е|х|м|ми|ых)\b"), _decade),
        (re.compile(r"\b(?P<year>(?:1[89]|20)\d\d)-(?:м|го|й|ом|му)\b"), _year),
        (re.compile(r"(?<![\d-])(?P<short>[1-9])0-(?:е|х|м|ми)\b"), _short_decade),
    ),
    "de": (
        (
            re.compile(
                rf"\b(?:(?P<which>letzten|vergangenen|nächsten|kommenden)[ ])?(?P<weekday>{_GERMAN})"
                r"(?:morgen|vormittag|mittag|nachmittag|abend|nacht)?\b(?!,?[ ]\d)"
            ),
            _weekday,
        ),
        (
            re.compile(rf"\b(?i:im|seit|bis|ab|Anfang|Mitte|Ende)[ ](?P<month>(?i:{_M}))(?![ ]\d){_NO_YEAR}"),
            _month_only,
        ),
        (re.compile(r"\b(?P<word>gestern|heute)\b", re.I), _today),
    ),
    "es": (
        (
            re.compile(
                rf"\b(?:(?P<which>pasado|próximo)[ ])?(?P<weekday>{_SPANISH})\b(?!,?[ ]\d)"
                r"(?:[ ]por[ ]la[ ](?:mañana|tarde|noche)\b)?"
            ),
            _weekday,
        ),
        (re.compile(rf"\b(?i:en|desde|hasta)[ ](?P<month>{_M})(?![ ](?:de[ ])?\d){_NO_YEAR}"), _month_only),
        (re.compile(r"\b(?P<word>ayer|hoy)\b", re.I), _today),
    ),
}  # fmt: skip
_CLOCK = re.compile(
    r"\b(?P<hour>[0-2]?\d)(?:(?:[:.](?P<minute>[0-5]\d))?[ ]?(?P<half>[ap]\.?m\b\.?)|:(?P<minute2>[0-5]\d)(?![:\d]))"
    r"(?:[ ](?P<zone>GMT|UTC|E[SD]T))?",
    re.IGNORECASE,
)
_SAID = re.compile(r"\b(?:said|told|announced|reported)(?:[ ]on)?[ ]$")
"""Before the day on which something was said: no time of day belongs to it."""
_TO_DAY = re.compile(r",?[ ](?:on[ ]|local time[ ]on[ ]|le[ ]|am[ ])?", re.IGNORECASE)
_FROM_DAY = re.compile(r",?[ ](?:at[ ](?:about[ ]|around[ ])?|à[ ]|um[ ]|в[ ]|около[ ])?", re.IGNORECASE)


def _dates(reading: Reading) -> list[DateMention]:
    text = reading.folded
    article = reading.article
    taken = bytearray(len(text))
    people = [span for each in article.entities if each.type == "PERSON" for span in each.mentions]
    for each in [*article.money, *article.quantities, *people]:
        taken[each.start : each.end] = b"\1" * (each.end - each.start)
    home = home_country(article)
    language = (article.language or "en").split("-")[0]
    month_first = home in ("US", "PH") or (home is None and language == "en")
    today = reading.reference.date() if reading.reference else None
    doc = reading.doc if language == "en" else None
    found = []
    for start, end, value, value_end, grain in _matches(text, today, month_first, language, doc):
        if not any(taken[start:end]):
            taken[start:end] = b"\1" * (end - start)
            found.append(_mention(article.text, start, end, value, value_end, grain))
    found.sort(key=lambda each: each.start)
    return _timed(article.text, text, found, taken, today)


def _mention(text: str, start: int, end: int, value: str, value_end: str | None, grain: Grain) -> DateMention:
    return DateMention(text=text[start:end], start=start, end=end, value=value, value_end=value_end, grain=grain)


def _timed(text: str, folded: str, found: list[DateMention], taken: bytearray, today: date | None) -> list[DateMention]:
    """With times of day: on the day beside them, as one mention, else on the last day of this or the last paragraph."""
    days = [
        each
        for each in found
        if each.grain == "day"
        and each.value_end is None
        and not _SAID.search(folded, max(0, each.start - 14), each.start)
    ]
    starts = [each.start for each in days]
    joined: dict[int, DateMention] = {}
    times: list[DateMention] = []
    for match in _CLOCK.finditer(folded):
        if any(taken[match.start() : match.end()]):
            continue
        at = bisect_left(starts, match.start())
        before = days[at - 1] if at else None
        after = days[at] if at < len(days) else None
        start, end, day = match.start(), match.start() + len(match[0].rstrip()), None
        if after and _TO_DAY.fullmatch(folded, match.end(), after.start):
            day, end = after, after.end
        elif before and _FROM_DAY.fullmatch(folded, before.end, match.start()):
            day, start = before, before.start
        if day is not None and day.start not in joined:
            value = _clock(match, day.value, folded[start : end + 12])
            if value:
                joined[day.start] = _mention(text, start, end, value, None, "minute")
            continue
        if not match["half"] and not match["zone"]:
            continue
        known = before.value if before and folded.count("\n\n", before.end, start) < 3 else today and today.isoformat()
        value = _clock(match, known, folded[start:end]) if known else None
        if value:
            times.append(_mention(text, start, end, value, None, "minute"))
    kept = [joined.get(each.start, each) for each in found]
    return sorted([*kept, *times], key=lambda each: each.start)


_FULL_STOP = re.compile(r"(?<=\d)\.$|(?<=\w{5})\.$|(?<=\b(?:June|July))\.$")
"""After a figure or a month in full; that of `Sept.` belongs to it."""


_SPAN_STARTS = ("which", "weekday", "day", "month", "year")
"""Where a Russian date begins, less its preposition, by the first of these groups that is there."""
_OF_THE_YEAR = re.compile(r"(?<=\d)[ \u00a0](?:год(?:у|а|ов|ах|ы)?\b|гг?\.)")


def _matches(
    text: str, today: date | None, month_first: bool, language: str, doc: Any
) -> Iterator[tuple[int, int, str, str | None, Grain]]:
    for pattern, resolve in (*_FOREIGN.get(language, ()), *_GRAMMAR):
        for match in pattern.finditer(text):
            before = text[max(0, match.start() - 60) : match.start()]
            stop = max(before.rfind(mark) for mark in ".!?;\n")
            at = (
                match.end() - 1
                if resolve in (_weekday, _today)
                else match.start("month")
                if "month" in match.re.groupindex
                else -1
            )
            verb = _verb_of(doc, at) if doc is not None and at >= 0 else None
            after = re.split(r"[.!?;\n]", text[match.end() : match.end() + 60], maxsplit=1)[0]
            resolved = resolve(match, _Context(today, before[stop + 1 :], after, month_first, language, verb))
            if resolved:
                start, groups = match.start(), match.groupdict()
                if resolve is _month_only:
                    start = match.start("which" if match["which"] else "month")
                elif language == "ru" and (key := next((each for each in _SPAN_STARTS if groups.get(each)), None)):
                    start = match.start(key)
                words = match[0].rstrip(" ,")
                end = match.start() + len(_FULL_STOP.sub("", words))
                if (
                    language in _FOREIGN
                    and text[end - 1] == "."
                    and not re.match(r"[ ][a-zà-ÿа-яё\d(]", text[end : end + 2])
                ):
                    end -= 1
                if language == "ru" and (year := _OF_THE_YEAR.match(text, end)):
                    end = year.end()
                yield start, end, *resolved


STAGE = Stage("dates", 4, _dates, needs=frozenset({"language", "entities", "places", "money", "quantities"}))
