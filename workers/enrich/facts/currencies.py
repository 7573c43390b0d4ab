"""Resolve the name, symbol or code of a currency in a document, by the document's date, country and places.

The tables are written by hand; which country had which currency, and when, comes from CLDR through Babel. A name that
several currencies share is settled, in this order, by an adjective beside it (``Irish pounds``), by the country that
the document comes from, by what the name means by default (``dollars``), by the countries of the document's places. If
it is still open, there is no currency, and the candidates are listed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache

from babel.core import get_global
from babel.numbers import get_territory_currencies

from workers.enrich.base import Reading
from workers.enrich.names.home import home_country

SYMBOLS = {
    "US$": "USD", "U.S.$": "USD", "$US": "USD", "C$": "CAD", "CA$": "CAD", "CDN$": "CAD", "Can$": "CAD", "A$": "AUD", "AU$": "AUD",
    "NZ$": "NZD", "HK$": "HKD", "S$": "SGD", "NT$": "TWD", "J$": "JMD", "TT$": "TTD", "R$": "BRL", "MX$": "MXN",
    "Mex$": "MXN", "N$": "NAD", "FJ$": "FJD", "$": "$", "€": "EUR", "£": "£", "₹": "INR", "₽": "RUB", "₪": "ILS",
    "₩": "KRW", "₦": "NGN", "₺": "TRY", "₴": "UAH", "฿": "THB", "₱": "PHP", "₫": "VND", "₸": "KZT", "₾": "GEL",
    "₼": "AZN", "֏": "AMD", "₵": "GHS", "GH₵": "GHS", "GH¢": "GHS", "₡": "CRC", "₲": "PYG", "₭": "LAK", "₮": "MNT",
    "৳": "BDT", "﷼": "rial", "¥": "¥", "￥": "¥", "CN¥": "CNY", "Rs": "rupee", "Rs.": "rupee", "Tk": "BDT",
    "Tk.": "BDT", "RM": "MYR", "Rp": "IDR", "Rp.": "IDR", "RMB": "CNY", "KSh": "KES", "Ksh": "KES", "Sh": "shilling",
    "USh": "UGX", "TSh": "TZS", "Php": "PHP", "Fr.": "CHF", "SFr": "CHF", "SFr.": "CHF", "FFr": "FRF", "BFr": "BEF", "DM": "DEM",
    "kr": "krone", "kr.": "krone", "LE": "EGP", "S/": "PEN", "E£": "EGP", "I£": "IEP", "IR£": "IEP", "LL": "LBP", "ECU": "XEU",
    "dlrs": "dollar", "Dlrs": "dollar", "DLRS": "dollar", "stg": "GBP", "Stg": "GBP", "STG": "GBP",
}  # fmt: skip

# Names by currency, in the forms news uses; ``*`` stands for an ending.
_NAMES = {
    "EUR": "euro euros евро یورو يورو avro 欧元 유로",
    "dollar": "dollar dollars dólar dólares dollaro dollari dolar доллар* долл. долл دلار دولار دولارات bucks dlr dlrs",
    "USD": "美元 달러 ドル 米ドル greenbacks",
    "£": "pound pounds pfund фунт* پوند",
    "GBP": "pounds-sterling livres-sterling libras-esterlinas sterling sterline quid stg",
    "IEP": "punts",
    "EGP": "جنيه",
    "JPY": "yen yens иен* ين ین 円 日元",
    "CNY": "yuan yuans renminbi юан* یوان 元 人民币",
    "rouble": "rouble roubles ruble rubles rubel roubles rublos rubli рубл* руб. руб روبل",
    "rupee": "rupee rupees rupien roupies рупия рупии рупий",
    "INR": "paise-rupee",
    "rial": "rial rials ریال",
    "riyal": "riyal riyals ريال",
    "toman": "toman tomans تومان",
    "dinar": "dinar dinars دينار دینار динар*",
    "dirham": "dirham dirhams درهم дирхам*",
    "lira": "lira liras lirası ليرة لیر лира лиры лир",
    "lire": "lire",
    "mark": "mark marks марок",
    "DEM": "d-mark d-marks deutschmark deutschmarks deutsche-mark deutsche-marks deutschemarks",
    "FIM": "markka markkaa markkas",
    "guilder": "guilder guilders florin florins gulden",
    "ATS": "schilling schillings",
    "ESP": "peseta pesetas",
    "escudo": "escudo escudos",
    "GRD": "drachma drachmas drachmae",
    "XEU": "ecu ecus",
    "ILS": "shekel shekels шекель шекелей",
    "peso": "peso pesos песо",
    "franc": "franc francs franken франк франка франков",
    "cfa": "cfa-francs cfa-franc francs-cfa",
    "krone": "krone kroner krona kronor kronen crown crowns kr kr. крона кроны крон",
    "CZK": "koruna korunas korun kč",
    "zloty": "zloty zlotys zlotych zł złotych злотый злотых",
    "HUF": "forint forints",
    "UAH": "hryvnia hryvnias гривен* гривн*",
    "KGS": "сом сома сомов",
    "UZS": "сум сума сумов",
    "KZT": "tenge тенге",
    "AZN": "manat manats манат*",
    "AMD": "dram drams драм*",
    "GEL": "lari laris лари",
    "AFN": "afghani afghanis افغانی",
    "BDT": "taka takas",
    "THB": "baht",
    "MYR": "ringgit",
    "IDR": "rupiah",
    "VND": "dong",
    "KRW": "won 원",
    "ZAR": "rand",
    "NGN": "naira",
    "cedi": "cedi cedis",
    "ETB": "birr",
    "shilling": "shilling shillings",
    "BRL": "reais real",
    "cruzeiro": "cruzeiro cruzeiros",
    "cruzado": "cruzado cruzados",
    "ARA": "austral australs australes",
    "sol": "soles",
    "PEI": "inti intis",
    "ECS": "sucre sucres",
    "ZRZ": "zaires",
    "PYG": "guaranies guaraníes",
    "bolivar": "bolivar bolivars bolivares bolívares",
    "leu": "lei leu",
    "lev": "leva lev",
    "MMK": "kyat kyats",
    "kwacha": "kwacha kwachas",
    "MZN": "metical meticais",
    "MKD": "denar denars",
    "TJS": "somoni somonis сомони",
    "som": "som soms",
    "MNT": "tugrik tugriks togrog тугрик тугриков",
    "KHR": "riel riels",
    "LAK": "kip",
    "BWP": "pula",
    "GTQ": "quetzal quetzals quetzales",
    "HNL": "lempira lempiras",
    "NIO": "cordoba cordobas",
    "BOB": "boliviano bolivianos",
    "HTG": "gourde gourdes",
    "MGA": "ariary",
    "SLE": "leone leones",
    "GMD": "dalasi dalasis",
    "MVR": "rufiyaa",
    "PGK": "kina",
    "ALL": "lek leks",
    "MDL": "moldovan-lei moldovan-leu",
    "BAM": "convertible-marks",
    "cent": "cents cent cts ct céntimos centimes",
    "pence": "pence penny p",
}
_ADJECTIVES = {
    "US": "us u.s. american américains estadounidenses американских сша آمریکا أمريكي", "CA": "canadian canada canadiens канадских",
    "AU": "australian australia australiens австралийских", "NZ": "new-zealand n.z.", "HK": "hong-kong h.k. гонконгских", "SG": "singapore singaporean", "TW": "taiwan taiwanese",
    "JM": "jamaican", "ZW": "zimbabwe zimbabwean", "LR": "liberian", "NA": "namibian", "IN": "indian индийских indiennes",
    "PK": "pakistani pakistan", "LK": "sri-lankan", "NP": "nepali nepalese", "IR": "iranian", "OM": "omani",
    "YE": "yemeni", "SA": "saudi saudi-arabian", "QA": "qatari", "AE": "uae emirati", "KW": "kuwaiti",
    "BH": "bahraini", "IQ": "iraqi", "JO": "jordanian", "DZ": "algerian algériens", "TN": "tunisian tunisiens", "LY": "libyan",
    "RS": "serbian сербских serbes", "YU": "yugoslav", "MA": "moroccan marocains", "TR": "turkish türk турецких turques", "EG": "egyptian", "LB": "lebanese", "SY": "syrian",
    "SD": "sudanese", "GB": "british uk британских", "IE": "irish", "MX": "mexican", "AR": "argentine argentinian", "CL": "chilean",
    "CO": "colombian", "UY": "uruguayan", "CU": "cuban", "PH": "philippine filipino", "DO": "dominican",
    "CH": "swiss schweizer suisses швейцарских", "FR": "french français", "BE": "belgian belges", "LU": "luxembourg luxembourgeois",
    "DE": "german west-german", "NL": "dutch", "IT": "italian", "ES": "spanish", "PT": "portuguese", "AT": "austrian", "FI": "finnish", "GR": "greek", "CY": "cypriot cyprus", "MT": "maltese",
    "RU": "russian российских russes", "SU": "soviet", "BY": "belarusian belarusan белорусских", "SE": "swedish шведских suédoises",
    "NO": "norwegian норвежских norvégiennes", "DK": "danish датских danoises", "IS": "icelandic", "CZ": "czech чешских tchèques", "KE": "kenyan kenya", "UG": "ugandan uganda",
    "TZ": "tanzanian tanzania", "SO": "somali", "KR": "south-korean korean", "KP": "north-korean", "JP": "japanese",
    "CN": "chinese", "BR": "brazilian", "ZA": "south-african", "NG": "nigerian", "IL": "israeli", "AZ": "azeri"
    " azerbaijani azerbaijan", "AM": "armenian", "GE": "georgian", "UA": "ukrainian", "PL": "polish", "HU": "hungarian",
    "TH": "thai", "MY": "malaysian", "ID": "indonesian", "VN": "vietnamese", "KZ": "kazakh", "BG": "bulgarian",
    "RO": "romanian", "ZM": "zambian", "MW": "malawian", "KG": "kyrgyz", "UZ": "uzbek", "ET": "ethiopian", "GH": "ghanaian", "AF": "afghan", "BD": "bangladeshi",
    "PE": "peruvian", "EC": "ecuadorean", "VE": "venezuelan",
}  # fmt: skip
COUNTRY = {word.replace("-", " "): code for code, words in _ADJECTIVES.items() for word in words.split()}
NAME = {word.replace("-", " "): code for code, words in _NAMES.items() for word in words.split()}
STEMS = {word[:-1]: code for word, code in NAME.items() if word.endswith("*")}

# Where a name or symbol is shared: the currencies that it means by default (the first one in use at the time), and
# after the stroke the others of that name.
_SHARED = {
    "dollar": "USD | CAD AUD NZD HKD SGD TWD JMD TTD LRD NAD FJD ZWL BSD BBD BZD GYD XCD",
    "rupee": "INR | PKR LKR NPR MUR SCR",
    "£": "GBP | IEP EGP LBP SYP SDG CYP MTP ILP",
    "¥": "JPY | CNY",
    "rial": "IRR | OMR YER SAR QAR",
    "riyal": "SAR | QAR YER OMR",
    "rouble": "RUB RUR SUR | BYN BYR BYB",
    "lira": "TRY TRL | ITL LBP SYP MTL",
    "lire": "ITL | TRL TRY",
    "mark": "DEM | DDM FIM BAM",
    "guilder": "NLG | ANG SRG AWG",
    "escudo": "PTE | CVE",
    "zloty": "PLN PLZ |",
    "cedi": "GHS GHC |",
    "sol": "PEN PES |",
    "bolivar": "VES VEF VEB |",
    "leu": "RON ROL | MDL",
    "lev": "BGN BGL |",
    "cruzeiro": "BRR BRE BRB BRN |",
    "cruzado": "BRC BRN |",
    "dinar": "| KWD IQD JOD DZD TND LYD BHD RSD YUD YUN YUM",
    "dirham": "AED | MAD",
    "peso": "| MXN MXP ARS CLP COP UYU CUP PHP DOP BOP",
    "cfa": "| XOF XAF",
    "franc": "| CHF FRF BEF LUF XAF XOF XPF CDF RWF BIF DJF GNF KMF",
    "krone": "| SEK NOK DKK ISK CZK CSK",
    "shilling": "| KES UGX TZS SOS",
    "kwacha": "ZMW ZMK | MWK",
    "som": "| KGS UZS",
}
MOST_CANDIDATES = 8
# Other currencies whose hundredth is a cent, by the words for them, and the countries whose cent does not belong to a
# dollar.
_WITH_CENTS = {"ZAR": r"rands?", "NLG": r"guilders?", "MYR": r"ringgit", "EUR": r"euros?|€"}
_CENTS_OF = {"ZA": "ZAR", "MY": "MYR"}
_DOLLARS = re.compile(r"\$|\b(?:dlrs?|dollars?)\b", re.IGNORECASE)
_OWN_DOLLAR = {"CA", "AU", "NZ", "SG", "HK", "JM", "TT"}


@dataclass(frozen=True, slots=True)
class Meant:
    """A currency as an ISO 4217 code, or None and the candidates."""

    code: str | None
    candidates: tuple[str, ...] = ()


@cache
def _in_use() -> dict[str, list[tuple[datetime, datetime]]]:
    """Return from when to when each currency was in use anywhere, from CLDR."""
    found: dict[str, list[tuple[datetime, datetime]]] = {}
    for periods in get_global("territory_currencies").values():
        for code, start, end, _tender in periods:
            first = datetime(start[0], start[1], start[2], tzinfo=UTC) if start else datetime.min.replace(tzinfo=UTC)
            last = datetime(end[0], end[1], end[2], tzinfo=UTC) if end else datetime.max.replace(tzinfo=UTC)
            found.setdefault(code, []).append((first, last))
    return found


class Currencies:
    """What shared names and symbols mean in one document."""

    def __init__(self, reading: Reading) -> None:
        text, article = reading.folded, reading.article
        self.home = home_country(article)
        self.countries = sorted({each.country for each in article.places if each.country and each.mentions})
        self.at = article.published_at or reading.reference
        apart = re.search(r"\b(?:C|CA|A|AU|NZ|S|HK)\$", text) is not None
        self.dollar = self.own("dollar")[0] if self.home in _OWN_DOLLAR and not apart else "USD"
        self.cent = self._cent(text)
        self.sterling = self.home == "GB" or re.search(r"£|\b(?:stg|sterling|pence)\b", text, re.IGNORECASE) is not None
        self.pounds_are_money = self.home in ("GB", "IE", "EG", "LB", "SY") or "£" in text

    def own(self, key: str) -> list[str]:
        """Return those currencies of that name that the document's own country had at its time."""
        return self._of(self.home, _parts(key), ever=False) if self.home else []

    def meant(self, key: str, adjective: str | None = None) -> Meant:
        """Return what a key of the tables above means; ``adjective`` is the word for a country beside it."""
        if key in ("$", "dollar", "cent") and not adjective:
            return Meant(self.cent if key == "cent" else self.dollar)
        if key in ("pence", "toman"):
            return Meant("GBP" if key == "pence" else "IRR")
        key = "dollar" if key in ("cent", "$") else key
        if key not in _SHARED:
            return Meant(key)
        return self._settled(_parts(key), adjective)

    def _cent(self, text: str) -> str:
        """Return the currency of a cent: a dollar's where the text has dollars or no other currency with cents."""
        if _DOLLARS.search(text):
            return self.dollar
        named = [code for code, words in _WITH_CENTS.items() if re.search(rf"(?i)(?<!\w)(?:{words})(?!\w)", text)]
        return named[0] if len(named) == 1 else _CENTS_OF.get(self.home or "", self.dollar)

    def _settled(self, shared: tuple[list[str], list[str]], adjective: str | None) -> Meant:
        usual, others = shared
        if adjective and (country := COUNTRY.get(adjective.lower().replace("-", " "))):
            named = self._of(country, shared, ever=False) or self._of(country, shared, ever=True)
            return Meant(named[0] if named else None)
        if self.home and (own := self._of(self.home, shared, ever=False)):
            return Meant(own[0])
        if default := next((code for code in usual if self._circulates(code)), None):
            return Meant(default)
        for ever in (False, True):
            local = {code for country in self.countries for code in self._of(country, shared, ever=ever)}
            if len(local) == 1:
                return Meant(local.pop())
            if local:
                return Meant(None, tuple(sorted(local))[:MOST_CANDIDATES])
            if self.home and (own := self._of(self.home, shared, ever=True)):
                return Meant(own[-1])
        if usual:
            return Meant(usual[0])
        return Meant(None, tuple(code for code in others if self._circulates(code))[:MOST_CANDIDATES])

    def _of(self, country: str, shared: tuple[list[str], list[str]], *, ever: bool) -> list[str]:
        """Return the currencies of that name that the country has ever had, or had at the document's time."""
        if ever:
            codes: Sequence[str] = get_territory_currencies(country, date(1900, 1, 1), date(2100, 1, 1))
        else:
            codes = get_territory_currencies(country, self.at.date() if self.at else None)
        return [code for code in codes if code in shared[0] or code in shared[1]]

    def _circulates(self, code: str) -> bool:
        at = self.at or datetime.now(UTC)
        return any(start <= at.astimezone(UTC) <= end for start, end in _in_use().get(code, ()))


def _parts(key: str) -> tuple[list[str], list[str]]:
    usual, _, others = _SHARED.get(key, key).partition("|")  # the code of a currency is its own name
    return usual.split(), others.split()
