"""Find the country that a document is written in or for, which decides the currency of `$` and whether 3/4 is in
March."""

from __future__ import annotations

import re

from services.records import Article

_CITIES = {
    "CA": "toronto ottawa montreal vancouver calgary edmonton winnipeg halifax regina",
    "AU": "sydney melbourne canberra brisbane perth adelaide hobart darwin",
    "NZ": "wellington auckland christchurch dunedin",
    "SG": "singapore",
    "HK": "hong_kong",
    "TW": "taipei",
    "US": "washington new_york los_angeles chicago houston boston dallas atlanta miami seattle detroit san_francisco",
    "GB": "london manchester edinburgh glasgow birmingham cardiff belfast",
    "IE": "dublin",
    "IN": "new_delhi delhi mumbai kolkata chennai bengaluru bangalore hyderabad",
    "PK": "islamabad karachi lahore",
    "LK": "colombo",
    "NP": "kathmandu",
    "IR": "tehran isfahan",
    "OM": "muscat",
    "YE": "sanaa",
    "SA": "riyadh jeddah",
    "QA": "doha",
    "AE": "abu_dhabi dubai",
    "KW": "kuwait_city",
    "BH": "manama",
    "IQ": "baghdad erbil",
    "JO": "amman",
    "DZ": "algiers",
    "TN": "tunis",
    "RS": "belgrade",
    "EG": "cairo",
    "LB": "beirut",
    "SY": "damascus",
    "TR": "ankara istanbul",
    "MX": "mexico_city",
    "AR": "buenos_aires",
    "CL": "santiago",
    "CO": "bogota bogotá",
    "PH": "manila",
    "CH": "zurich geneva bern",
    "SE": "stockholm",
    "NO": "oslo",
    "DK": "copenhagen",
    "KE": "nairobi",
    "UG": "kampala",
    "TZ": "dar_es_salaam",
    "ZA": "johannesburg cape_town pretoria durban",
    "NG": "lagos abuja",
    "SN": "dakar",
    "CI": "abidjan",
    "ML": "bamako",
    "BF": "ouagadougou",
    "CM": "yaounde yaoundé douala",
    "GA": "libreville",
    "TD": "ndjamena n'djamena",
}
CITIES = {city.replace("_", " "): country for country, cities in _CITIES.items() for city in cities.split()}

_SUFFIX = re.compile(r"^https?://[^/:]+\.([a-z]{2})(?=[/:?#]|$)", re.IGNORECASE)


def home_country(article: Article) -> str | None:
    """Return the country (ISO 3166-1 alpha-2) of the first resolved place in the dateline, otherwise that of the
    address, otherwise None."""
    if dateline := article.dateline:
        for place in article.places:
            if place.country and any(dateline.start <= each.start < dateline.end for each in place.mentions):
                return place.country
        for name in dateline.places:
            if country := CITIES.get(name.casefold()):
                return country
    return address_country(article)


def address_country(article: Article) -> str | None:
    """Return the country of the top-level domain of the document's address, or None."""
    if (match := _SUFFIX.match(article.url or "")) and match[1].lower() not in ("io", "co", "tv", "me", "eu", "ai"):
        code = match[1].upper()
        return "GB" if code == "UK" else code
    return None
