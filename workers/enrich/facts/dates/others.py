"""Patterns of dates in French, Russian, German and Spanish."""

from __future__ import annotations

import re
from collections.abc import Callable

from workers.calendars import RUSSIAN_DAYS, names_of_days
from workers.enrich.facts.dates import values
from workers.enrich.facts.dates.english import MONTH, YEAR
from workers.enrich.facts.dates.tense import Context
from workers.enrich.facts.dates.words import COUNTS

_FRENCH, _GERMAN, _SPANISH = ("|".join(names_of_days(code)) for code in ("fr", "de", "es"))
_RUSSIAN = "|".join(form for forms in RUSSIAN_DAYS for form in forms.split())
_RU_WHICH = r"(?:прошл|минувш|предыдущ|следующ|ближайш|будущ|текущ|нынешн)(?:ый|ий|ая|яя|ую|юю|ое|ее|ой|ей|ого|его|ом|ем)|эт(?:от|а|у|о|ой|ого|ом)"
_RU_N = "|".join(word for word in COUNTS if word and word[0] >= "а")
_FR_N = "une?|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|douze|quinze|vingt"
_NO_YEAR = r"(?P<which>(?!))?(?P<year>(?!))?"
OTHERS: dict[str, tuple[tuple[re.Pattern[str], Callable[[re.Match[str], Context], values.Found]], ...]] = {
    "fr": (
        (
            re.compile(
                rf"\b[Dd]u[ ](?P<day>\d{{1,2}})[ ]au[ ](?P<last>\d{{1,2}})[ ](?P<month>{MONTH})(?:[ ](?P<year>{YEAR}))?"
            ),
            values.full,
        ),
        (re.compile(rf"\b(?:[Dd]e|[Ee]ntre)[ ](?P<year>{YEAR})[ ](?:à|et)[ ](?P<last>{YEAR})"), values.years),
        (
            re.compile(
                rf"\b(?P<weekday>{_FRENCH})\b(?:[ ](?P<which>dernier|prochain)\b)?"
                r"(?:[ ](?:matin|soir|midi|après-midi)\b)?(?!,?[ ]\d)"
            ),
            values.weekday,
        ),
        (
            re.compile(rf"\b(?:en|depuis|dès|avant|après|d['’]ici|jusqu['’]en)[ ](?P<month>{MONTH})(?![ ]\d){_NO_YEAR}"),
            values.month_only,
        ),
        (re.compile(r"\b(?P<word>avant-hier|après-demain|hier|demain|aujourd['’]hui)\b", re.I), values.today),
        (
            re.compile(
                rf"\b(?:(?:en|depuis|fin|début|mi-|courant)[ ]?)?(?P<month>{MONTH})[ ](?P<which>dernier|prochain)\b(?P<years>(?!))?"
            ),
            values.near_month,
        ),
        (
            re.compile(r"\b(?:la[ ]|l['’]|le[ ])(?P<unit>semaine|mois|année|an)[ ](?P<which>dernier|dernière|prochaine?)\b", re.I),
            values.near_unit,
        ),
        (re.compile(r"\b(?P<which>cet?)(?:te)?[ ](?P<unit>semaine|mois|année)\b", re.I), values.near_unit),
        (
            re.compile(rf"\bil y a (?P<count>\d{{1,3}}|{_FR_N}) (?P<unit>jours?|semaines?|mois|ans?)\b(?P<when>(?!))?", re.I),
            values.counted,
        ),
        (
            re.compile(
                rf"\b(?:[Ll]['’]|[Aa]u |[Ee]n |[Cc]et |[Àà] l['’]|[Dd]e l['’])?(?P<season>printemps|été|automne|hiver)"
                rf"(?:[ ](?P<which>dernier|prochain))?(?:[ ](?:de[ ])?(?P<year>{YEAR}))?"
            ),
            values.foreign_season,
        ),
        (
            re.compile(
                rf"\b(?:(?P<ordinal>premier|deuxième|troisième|quatrième|dernier)|(?P<q>[1-4])(?:er|e|ème))[ ]trimestre\b"
                rf"(?:[ ](?:de[ ])?(?P<year>{YEAR}))?", re.I
            ),
            values.foreign_quarter,
        ),
    ),
    "ru": (
        (
            re.compile(
                rf"\bс[ ](?P<day>\d{{1,2}})[ ](?:по|до)[ ](?P<last>\d{{1,2}})[ ](?P<month>{MONTH})(?:[ ](?P<year>{YEAR}))?",
                re.I,
            ),
            values.full,
        ),
        (re.compile(rf"\bс[ ](?P<year>{YEAR})[ ](?:по|до)[ ](?P<last>{YEAR})", re.I), values.years),
        (
            re.compile(
                rf"\b(?!сред[уы]\b)(?:(?:в|во|ко?|со?|до|на|вечером|утром|днем|ночью)[ ])?(?:(?P<which>{_RU_WHICH})[ ])?"
                rf"(?P<weekday>{_RUSSIAN})\b(?!,?[ ]\d|[ ]обитания)", re.I
            ),
            values.weekday,
        ),
        (
            re.compile(
                rf"\b(?:в|во|с|со|к|до|по|от|за|на|начал\w|середин\w|конц\w)[ ](?:(?P<which>{_RU_WHICH})[ ])?(?P<month>{MONTH})(?![ ]\d)"
                rf"(?:[ ](?P<years>{_RU_WHICH})[ ]года)?", re.I
            ),
            values.near_month,
        ),
        (re.compile(r"\b(?P<word>позавчера|послезавтра|вчера|сегодня|завтра|накануне)\b", re.I), values.today),
        (
            re.compile(
                rf"\b(?:(?P<which>{_RU_WHICH})[ ])?(?P<season>весной|весну|весны|летом|лета|осенью|осень|осени|зимой|зиму|зимы)\b"
                rf"(?:[ ](?P<year>{YEAR})(?:[ ]года)?|[ ](?P<years>{_RU_WHICH})[ ]года)?", re.I
            ),
            values.foreign_season,
        ),
        (
            re.compile(
                rf"\b(?:(?:в|на|с|до|к|за)[ ])?(?P<which>{_RU_WHICH})[ ](?P<unit>неделе|неделю|недели|месяце|месяца|квартале|году|года|год)\b",
                re.I,
            ),
            values.near_unit,
        ),
        (
            re.compile(
                rf"\b(?P<when>через)[ ](?:(?P<count>\d{{1,3}}|{_RU_N})[ ])?(?P<unit>день|дня|дней|неделю|недели|недель|месяц|месяца|"
                r"месяцев|год|года|лет)\b", re.I
            ),
            values.counted,
        ),
        (
            re.compile(
                rf"\b(?:(?P<count>\d{{1,3}}|{_RU_N})[ ])?(?P<unit>день|дня|дней|неделю|недели|недель|месяц|месяца|месяцев|год|года|лет)"
                r"[ ](?P<when>назад)\b", re.I
            ),
            values.counted,
        ),
        (
            re.compile(
                rf"\b(?:(?P<ordinal>перв|втор|трет|четверт)\w{{2,3}}|(?P<q>[1-4])(?:-\w{{1,2}})?)[ ]квартал\w{{0,2}}\b"
                rf"(?:[ ](?P<year>{YEAR})(?:[ ]года)?)?", re.I
            ),
            values.foreign_quarter,
        ),
        (re.compile(r"\b(?P<decade>(?:1[5-9]|20)\d)0-(?:е|х|м|ми|ых)\b"), values.decade),
        (re.compile(r"\b(?P<year>(?:1[89]|20)\d\d)-(?:м|го|й|ом|му)\b"), values.year),
        (re.compile(r"(?<![\d-])(?P<short>[1-9])0-(?:е|х|м|ми)\b"), values.short_decade),
    ),
    "de": (
        (
            re.compile(
                rf"\b(?:(?P<which>letzten|vergangenen|nächsten|kommenden)[ ])?(?P<weekday>{_GERMAN})"
                r"(?:morgen|vormittag|mittag|nachmittag|abend|nacht)?\b(?!,?[ ]\d)"
            ),
            values.weekday,
        ),
        (
            re.compile(rf"\b(?i:im|seit|bis|ab|Anfang|Mitte|Ende)[ ](?P<month>(?i:{MONTH}))(?![ ]\d){_NO_YEAR}"),
            values.month_only,
        ),
        (re.compile(r"\b(?P<word>gestern|heute)\b", re.I), values.today),
    ),
    "es": (
        (
            re.compile(
                rf"\b(?:(?P<which>pasado|próximo)[ ])?(?P<weekday>{_SPANISH})\b(?!,?[ ]\d)"
                r"(?:[ ]por[ ]la[ ](?:mañana|tarde|noche)\b)?"
            ),
            values.weekday,
        ),
        (re.compile(rf"\b(?i:en|desde|hasta)[ ](?P<month>{MONTH})(?![ ](?:de[ ])?\d){_NO_YEAR}"), values.month_only),
        (re.compile(r"\b(?P<word>ayer|hoy)\b", re.I), values.today),
    ),
}  # fmt: skip
