"""Measured quantities: a number beside a unit of measure, or a percentage. Counts of people and things are left out.

``unit`` is the singular English name of the unit as written, its prefix included (``kilometre``, ``barrel/day``);
nothing is converted. In a range only the high end, which has the unit, is marked.
"""

from __future__ import annotations

import re

from services.records import Quantity
from workers.enrich.base import Reading, Stage
from workers.enrich.facts.numbers import lowered, numbers

_UNITS = {
    "percent": "% percent per-cent pct prozent % pour-cent por-ciento процент* проц. درصد",
    "percentage point": "percentage-point percentage-points",
    "kilometre": "km kms kilometer kilometers kilometre kilometres kilometern kilomètres kilómetros км километр*",
    "metre": "metre metres meter meters mètres metros метр*",
    "centimetre": "cm centimetre centimetres centimeter centimeters",
    "millimetre": "mm millimetre millimetres millimeter millimeters",
    "mile": "mile miles",
    "nautical mile": "nautical-mile nautical-miles",
    "yard": "yards",
    "foot": "feet foot ft",
    "inch": "inch inches",
    "acre": "acre acres",
    "hectare": "hectare hectares ha hektar га гектар*",
    "square kilometre": "km² km2 sq-km square-km square-kilometers square-kilometres square-kilometer square-kilometre кв.-км кв.-километр* квадратн*-километр* kilomètres-carrés",
    "square mile": "square-mile square-miles sq-miles",
    "square metre": "m² square-meters square-metres square-meter square-metre кв.-м кв.-метр* квадратн*-метр* mètres-carrés",
    "square foot": "square-feet square-foot sq-ft",
    "cubic metre": "cubic-meters cubic-metres cubic-metre cubic-meter m³",
    "cubic foot": "cubic-feet cubic-foot",
    "kilogram": "kg kgs kilo kilos kilogram kilograms kilogramme kilogrammes кг килограмм*",
    "gram": "gram grams gramme grammes",
    "tonne": "tonne tonnes metric-ton metric-tons tonnen тонн тонны тонна",
    "ton": "ton tons",
    "pound": "pounds lb lbs",
    "ounce": "ounce ounces oz",
    "litre": "litre litres liter liters литр*",
    "gallon": "gallon gallons",
    "barrel/day": "barrels-per-day barrels-a-day bpd barrel-per-day",
    "barrel": "barrel barrels баррел*",
    "bushel": "bushel bushels",
    "kilometre/hour": "km/h kph kmh kilometers-per-hour kilometres-per-hour kilometers-an-hour kilometres-an-hour",
    "mile/hour": "mph miles-per-hour miles-an-hour",
    "knot": "knots",
    "degree Celsius": "°c degrees-celsius degrees-centigrade ºc",
    "degree Fahrenheit": "°f degrees-fahrenheit ºf",
    "degree": "degree degrees",
    "watt": "watt watts",
    "kilowatt": "kw kilowatt kilowatts",
    "megawatt": "mw megawatt megawatts",
    "gigawatt": "gw gigawatt gigawatts",
    "kilowatt hour": "kwh kilowatt-hours",
    "megahertz": "mhz megahertz",
    "gigabyte": "gb gigabytes",
    "decibel": "db decibels",
    "basis point": "basis-point basis-points",
}
_UNIT = {word.replace("-", " "): unit for unit, words in _UNITS.items() for word in words.split()}
_STEMS = [(re.compile(word.replace("*", r"\w{0,3}")), unit) for word, unit in _UNIT.items() if "*" in word]
_PATTERN = re.compile(
    r"[ \u00a0\u202f-]?(?P<unit>"
    + "|".join(
        re.escape(each).replace(r"\*", r"\w{0,3}").replace("\\ ", "[ -]")
        for each in sorted(_UNIT, key=len, reverse=True)
    )
    + r")(?![\w²³])",
    re.IGNORECASE,
)


def _quantities(reading: Reading) -> list[Quantity]:
    text = reading.folded
    taken = {offset for sum_ in reading.article.money for offset in range(sum_.start, sum_.end)}
    found = []
    for number in numbers(text, reading.article.language):
        match = _PATTERN.match(text, number.end)
        if match is None or number.start in taken or number.letter:
            continue
        word = lowered(match["unit"]).replace("-", " ")
        unit = _UNIT.get(word) or next(unit for stem, unit in _STEMS if stem.fullmatch(word))
        end = match.end()
        found.append(
            Quantity(
                text=reading.article.text[number.start : end],
                start=number.start,
                end=end,
                value=number.value,
                unit=unit,
            )
        )
    return found


STAGE = Stage("quantities", 4, _quantities, needs=frozenset({"language", "money"}))
