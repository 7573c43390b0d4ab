"""Map the topic codes of Reuters-21578 to IPTC Media Topics: the terms of the second level that a story may have."""

from __future__ import annotations

import re

from tests.real.reuters import Story

ECONOMY = "04000000"
"""The top term of every story with a code."""
_COMPANIES, _SECTORS, _ECONOMY, _MARKETS = "20000170", "20000209", "20000344", "20000385"
_CODES = {
    # business information: results, mergers
    "earn acq": {_COMPANIES},
    # economy: figures of a country
    "trade gnp cpi wpi ipi bop reserves retail housing inventories lei income jobs instal-debt cpu": {_ECONOMY},
    # money: policy or market, depending on the story
    "interest money-supply money-fx dlr yen stg dmk": {_ECONOMY, _MARKETS},
    "ship": {_SECTORS},
    # goods: who makes them or what they cost
    "crude nat-gas gas fuel heat jet naphtha pet-chem grain wheat corn rice barley sorghum oat oilseed soybean rapeseed "
    "sunseed veg-oil palm-oil soy-oil meal-feed soy-meal sugar coffee cocoa tea cotton rubber livestock l-cattle hog "
    "carcass pork-belly orange potato lumber gold silver platinum copper zinc lead tin nickel alum iron-steel "
    "strategic-metal": {_SECTORS, _MARKETS},
}
_TERMS = {code: terms for codes, terms in _CODES.items() for code in codes.split()}
_TOPICS = re.compile(r"<TOPICS>(.*?)</TOPICS>", re.DOTALL)
_CODE = re.compile(r"<D>(.*?)</D>")


def terms(story: Story) -> set[str]:
    """Return the terms of the second level that are right for a story; none if it has no code, or one without a
    term."""
    field = _TOPICS.search(story.data.decode("latin-1"))
    codes = _CODE.findall(field[1]) if field else []
    return set().union(*(_TERMS[code] for code in codes)) if all(code in _TERMS for code in codes) else set()
