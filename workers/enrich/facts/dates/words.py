"""Words for relative days, units, seasons and numbers in the languages whose dates are read; names are in `calendars`."""

from __future__ import annotations

from workers.enrich.facts.numbers import SMALL

WHICH = {
    "dernier": "last", "prochain": "next", "letzten": "last", "vergangenen": "last", "nächsten": "next",
    "kommenden": "next", "pasado": "last", "próximo": "next",
    "прошл": "last", "минувш": "last", "предыдущ": "last", "следующ": "next", "ближайш": "next", "будущ": "next",
    "эт": "this", "текущ": "this", "нынешн": "this",
}  # fmt: skip
TODAYS = {
    "yesterday": -1, "tomorrow": 1, "hier": -1, "demain": 1, "gestern": -1, "ayer": -1,
    "avant-hier": -2, "après-demain": 2, "вчера": -1, "накануне": -1, "завтра": 1, "позавчера": -2, "послезавтра": 2,
}  # fmt: skip
ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": 4}
RELATIVE = {"last": -1, "past": -1, "next": 1}
COUNTS = {
    **SMALL, "a": 1, "an": 1, "un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "six": 6, "sept": 7, "huit": 8,
    "neuf": 9, "dix": 10, "douze": 12, "quinze": 15, "vingt": 20, "два": 2, "две": 2, "три": 3, "четыре": 4, "пять": 5,
    "шесть": 6, "семь": 7, "восемь": 8, "девять": 9, "десять": 10, "двадцать": 20, "": 1,
}  # fmt: skip
_UNIT_NAMES = {
    "day": "день дня дней сутки jour jours", "week": "неделя неделю недели недель неделе semaine semaines",
    "month": "месяц месяца месяцев месяце mois", "quarter": "квартал квартале квартала",
    "year": "год года году лет an ans année années", "decade": "десятилетие десятилетия décennie décennies",
}  # fmt: skip
UNIT = {name: unit for unit, names in _UNIT_NAMES.items() for name in names.split()}
ONE = ("день", "неделю", "месяц", "год")
SEASONS = {
    "весн": "spring", "лет": "summer", "осен": "autumn", "зим": "winter", "printemps": "spring", "été": "summer",
    "automne": "autumn", "hiver": "winter",
}  # fmt: skip
FOREIGN_ORDINALS = {
    "перв": 1, "втор": 2, "трет": 3, "четверт": 4, "premier": 1, "deuxième": 2, "troisième": 3, "quatrième": 4,
    "dernier": 4,
}  # fmt: skip
