"""Operators of ``q`` that set parameters of another name: sums and days."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from services.search.params import Search
from services.search.words import Query, WrongQuery

OWN = {"amount": "amount_min", "currency": "currency", "from": "published_from", "to": "published_to"}
"""Each operator with the parameter that it sets. Both apply to the same sum, so ``currency:USD amount:>1bn`` does not
find a million dollars beside a billion euros."""

_UNITS = {"": 0, "k": 3, "thousand": 3, "m": 6, "mn": 6, "million": 6, "b": 9, "bn": 9, "billion": 9, "t": 12, "tn": 12,
          "trillion": 12}  # fmt: skip
_NUMBER = r"(\d[\d,]{0,30}(?:\.\d{1,15})?)\s*([a-z]*)"
_SPAN = re.compile(rf"{_NUMBER}\.\.{_NUMBER}", re.ASCII | re.IGNORECASE)
_BOUND = re.compile(rf"(>=|<=|>|<|=|)\s*{_NUMBER}", re.ASCII | re.IGNORECASE)


def into_search(search: Search, query: Query) -> tuple[Search, Query]:
    """Move the operators into the search's parameters, and return them with the rest of the query. Raises WrongQuery
    with the wrong part."""
    given: dict[str, Any] = {}
    rest = []
    for name, value, excluded in query.filters:
        part = f"{'-' if excluded else ''}{name}:{value}"
        if name in OWN and excluded:
            raise WrongQuery(f"{part[:100]!r} cannot be excluded; ask for the other sums or days", part)
        wanted: dict[str, Any] = {OWN[name]: value} if name in OWN else {name: value if name == "story" else [value]}
        if name == "amount":
            wanted = _amount(value, part)
        if repeated := [one for one in wanted if name in OWN and one in {*given, *search.model_fields_set}]:
            raise WrongQuery(f"{part[:100]!r}: {repeated[0]} is given twice", part)
        if name in ("amount", "currency") and search.money:
            raise WrongQuery(f"{part[:100]!r}: `money` already sets the sum", part)
        try:
            Search.model_validate(wanted)
        except ValidationError as error:
            raise WrongQuery(f"{part[:100]!r}: {error.errors()[0]['msg']}", part) from None
        if name in OWN:
            given |= wanted
        else:
            rest.append((name, value, excluded))
    if not given:
        return search, query
    try:
        search = Search.model_validate({**search.model_dump(exclude_unset=True), **given})
    except ValidationError as error:
        raise WrongQuery(error.errors()[0]["msg"]) from None
    return search, replace(query, filters=tuple(rest))


def _amount(value: str, part: str) -> dict[str, Decimal]:
    """Return ``>1bn``, ``<=5m``, ``1bn..2bn`` or ``250,000`` as minimum and maximum amount."""
    if span := _SPAN.fullmatch(value):
        return {"amount_min": _number(span[1], span[2], part), "amount_max": _number(span[3], span[4], part)}
    if not (bound := _BOUND.fullmatch(value)):
        raise WrongQuery(f"{part[:100]!r} is not an amount; write amount:>1bn, amount:<=250,000 or amount:1m..5m", part)
    number = _number(bound[2], bound[3], part)
    ends = {">": {"amount_min": number.next_plus()}, ">=": {"amount_min": number},
            "<": {"amount_max": number.next_minus()}, "<=": {"amount_max": number}}  # fmt: skip
    return ends.get(bound[1], {"amount_min": number, "amount_max": number})


def _number(digits: str, unit: str, part: str) -> Decimal:
    if unit.lower() not in _UNITS:
        raise WrongQuery(f"{part[:100]!r}: unknown unit {unit[:20]!r}; write k, m, bn or tn", part)
    return Decimal(digits.replace(",", "")).scaleb(_UNITS[unit.lower()])
