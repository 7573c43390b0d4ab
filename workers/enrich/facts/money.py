"""Sums of money: symbols, codes and names of currencies beside numbers in figures and words.

A span runs from the symbol or the first figure to the last word of the sum; a range is one span, without its
``between``. An amount without a number (``millions of dollars``) is not marked. ``$`` is the US dollar unless the
document is at home where another dollar is used and does not itself tell the two apart; a name that several
currencies share has a currency only where an adjective or the document's country tells which. A toman is ten rials.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from babel.numbers import get_territory_currencies

from services.records import Money
from workers.enrich.base import Reading, Stage
from workers.enrich.facts.numbers import VULGAR, Number, lowered, number_at, numbers, plain
from workers.enrich.languages.wordlists import wordlist
from workers.enrich.names.home import home_country

_SYMBOLS = {
    "US$": "USD", "U.S.$": "USD", "$US": "USD", "C$": "CAD", "CA$": "CAD", "CDN$": "CAD", "A$": "AUD", "AU$": "AUD",
    "NZ$": "NZD", "HK$": "HKD", "S$": "SGD", "NT$": "TWD", "J$": "JMD", "TT$": "TTD", "R$": "BRL", "MX$": "MXN",
    "Mex$": "MXN", "N$": "NAD", "FJ$": "FJD", "$": "$", "€": "EUR", "£": "£", "₹": "INR", "₽": "RUB", "₪": "ILS",
    "₩": "KRW", "₦": "NGN", "₺": "TRY", "₴": "UAH", "฿": "THB", "₱": "PHP", "₫": "VND", "₸": "KZT", "₾": "GEL",
    "₼": "AZN", "֏": "AMD", "₵": "GHS", "GH₵": "GHS", "GH¢": "GHS", "₡": "CRC", "₲": "PYG", "₭": "LAK", "₮": "MNT",
    "৳": "BDT", "﷼": "rial", "¥": "¥", "￥": "¥", "CN¥": "CNY", "Rs": "rupee", "Rs.": "rupee", "Tk": "BDT",
    "Tk.": "BDT", "RM": "MYR", "Rp": "IDR", "Rp.": "IDR", "RMB": "CNY", "KSh": "KES", "Ksh": "KES", "Sh": "shilling",
    "USh": "UGX", "TSh": "TZS", "Php": "PHP", "Fr.": "CHF", "kr": "krone", "kr.": "krone", "LE": "EGP", "S/": "PEN",
    "E£": "EGP", "LL": "LBP", "dlrs": "dollar", "Dlrs": "dollar", "DLRS": "dollar", "stg": "GBP", "Stg": "GBP", "STG": "GBP",
}  # fmt: skip
CODES = sorted(wordlist("currency_codes"))

# Names by currency, in the forms news uses; ``*`` stands for an ending.
_NAMES = {
    "EUR": "euro euros евро یورو يورو avro 欧元 유로",
    "dollar": "dollar dollars dólar dólares dollaro dollari dolar доллар* долл. долл دلار دولار دولارات bucks dlr dlrs",
    "USD": "美元 달러 ドル 米ドル greenbacks",
    "£": "pound pounds pfund фунт* پوند",
    "GBP": "pounds-sterling livres-sterling libras-esterlinas sterling sterline quid stg",
    "EGP": "جنيه",
    "JPY": "yen yens иен* ين ین 円 日元",
    "CNY": "yuan yuans renminbi юан* یوان 元 人民币",
    "RUB": "",
    "rouble": "rouble roubles ruble rubles rubel roubles rublos rubli рубл* руб. руб روبل",
    "rupee": "rupee rupees rupien roupies рупия рупии рупий",
    "INR": "paise-rupee",
    "rial": "rial rials ریال",
    "riyal": "riyal riyals ريال",
    "toman": "toman tomans تومان",
    "dinar": "dinar dinars دينار دینار динар*",
    "dirham": "dirham dirhams درهم дирхам*",
    "lira": "lira liras lirası ليرة لیر лира лиры лир",
    "ILS": "shekel shekels шекель шекелей",
    "peso": "peso pesos песо",
    "franc": "franc francs franken франк франка франков",
    "cfa": "cfa-francs cfa-franc francs-cfa",
    "krone": "krone kroner krona kronor kronen crown crowns kr kr. крона кроны крон",
    "CZK": "koruna korunas korun kč",
    "PLN": "zloty zlotys zł złotych злотый злотых",
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
    "LKR": "",
    "THB": "baht",
    "MYR": "ringgit",
    "IDR": "rupiah",
    "VND": "dong",
    "KRW": "won 원",
    "PHP": "",
    "ZAR": "rand",
    "NGN": "naira",
    "GHS": "cedi cedis",
    "ETB": "birr",
    "shilling": "shilling shillings",
    "BRL": "reais real",
    "PEN": "soles",
    "PYG": "guaranies guaraníes",
    "VES": "bolivars bolivares bolívares",
    "RON": "lei leu",
    "BGN": "leva lev",
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
    "US": "us u.s. american américains estadounidenses американских сша آمریکا أمريكي", "CA": "canadian canadiens канадских",
    "AU": "australian australiens австралийских", "NZ": "new-zealand n.z.", "HK": "hong-kong h.k. гонконгских", "SG": "singapore singaporean", "TW": "taiwan taiwanese",
    "JM": "jamaican", "ZW": "zimbabwe zimbabwean", "LR": "liberian", "NA": "namibian", "IN": "indian индийских indiennes",
    "PK": "pakistani pakistan", "LK": "sri-lankan", "NP": "nepali nepalese", "IR": "iranian", "OM": "omani",
    "YE": "yemeni", "SA": "saudi saudi-arabian", "QA": "qatari", "AE": "uae emirati", "KW": "kuwaiti",
    "BH": "bahraini", "IQ": "iraqi", "JO": "jordanian", "DZ": "algerian algériens", "TN": "tunisian tunisiens", "LY": "libyan",
    "RS": "serbian сербских serbes", "MA": "moroccan marocains", "TR": "turkish türk турецких turques", "EG": "egyptian", "LB": "lebanese", "SY": "syrian",
    "SD": "sudanese", "GB": "british uk британских", "MX": "mexican", "AR": "argentine argentinian", "CL": "chilean",
    "CO": "colombian", "UY": "uruguayan", "CU": "cuban", "PH": "philippine filipino", "DO": "dominican",
    "CH": "swiss schweizer suisses швейцарских", "RU": "russian российских russes", "BY": "belarusian belarusan белорусских", "SE": "swedish шведских suédoises",
    "NO": "norwegian норвежских norvégiennes", "DK": "danish датских danoises", "IS": "icelandic", "CZ": "czech чешских tchèques", "KE": "kenyan kenya", "UG": "ugandan uganda",
    "TZ": "tanzanian tanzania", "SO": "somali", "KR": "south-korean korean", "KP": "north-korean", "JP": "japanese",
    "CN": "chinese", "BR": "brazilian", "ZA": "south-african", "NG": "nigerian", "IL": "israeli", "AZ": "azeri"
    " azerbaijani azerbaijan", "AM": "armenian", "GE": "georgian", "UA": "ukrainian", "PL": "polish", "HU": "hungarian",
    "TH": "thai", "MY": "malaysian", "ID": "indonesian", "VN": "vietnamese", "KZ": "kazakh", "BG": "bulgarian",
    "RO": "romanian", "ZM": "zambian", "MW": "malawian", "KG": "kyrgyz", "UZ": "uzbek", "ET": "ethiopian", "GH": "ghanaian", "AF": "afghan", "BD": "bangladeshi",
}  # fmt: skip
_COUNTRY = {word.replace("-", " "): code for code, words in _ADJECTIVES.items() for word in words.split()}
_NAME = {word.replace("-", " "): code for code, words in _NAMES.items() for word in words.split()}
_STEMS = {word[:-1]: code for word, code in _NAME.items() if word.endswith("*")}

_SHARED = {  # where a name or symbol is shared: the currencies that bear it, the one meant by default first
    "dollar": "USD CAD AUD NZD HKD SGD TWD JMD TTD LRD NAD FJD ZWL BSD BBD BZD GYD XCD",
    "rupee": "INR PKR LKR NPR MUR SCR",
    "£": "GBP EGP LBP SYP SDG",
    "¥": "JPY CNY",
    "rial": "IRR OMR YER SAR QAR",
    "riyal": "SAR QAR YER OMR",
    "rouble": "RUB BYN",
    "lira": "TRY LBP SYP",
    "dinar": "- KWD IQD JOD DZD TND LYD BHD RSD",
    "dirham": "AED MAD",
    "peso": "- MXN ARS CLP COP UYU CUP PHP DOP",
    "cfa": "- XOF XAF",
    "franc": "- CHF XAF XOF XPF CDF RWF",
    "krone": "- SEK NOK DKK ISK CZK",
    "shilling": "- KES UGX TZS SOS",
    "kwacha": "ZMW MWK",
    "som": "- KGS UZS",
}
_WORDS_TOO = ("som", "kip", "pula", "kina", "won", "lev", "lei", "dong", "rand")
_OWN_DOLLAR = {"CA", "AU", "NZ", "SG", "HK", "JM", "TT"}

_symbols = "|".join(re.escape(each) for each in sorted(_SYMBOLS, key=len, reverse=True))
_PREFIX = re.compile(
    rf"(?<![\w$])(?P<currency>(?:{_symbols})|(?!COP\d)(?:{'|'.join(CODES)}))[ \u00a0]?(?=[\d{VULGAR}])"
)
_names = "|".join(
    re.escape(each).replace(r"\*", r"\w{0,4}").replace("\\ ", "[ -]") for each in sorted(_NAME, key=len, reverse=True)
)
_adjectives = "|".join(re.escape(each).replace("\\ ", "[ -]") for each in sorted(_COUNTRY, key=len, reverse=True))
_cjk = "美元|欧元|日元|人民币|米ドル|ドル|円|元|달러|원|유로"
_SUFFIX = re.compile(
    rf"(?P<join>[ \u00a0\u202f-]?(?:(?:of|de|di)[ ]|d['’])?)"
    rf"(?:(?:(?P<adjective>{_adjectives})[ -])?(?P<name>{_names})(?!\w)(?:[ ](?P<after>{_adjectives}|sterling|stg)(?!\w))?"
    rf"|(?P<cjk>{_cjk})|(?P<symbol>(?-i:US\$|C\$|A\$|[€£$₽₺₴₫₪zł]))(?!\w)"
    rf"|(?P<code>(?-i:{'|'.join(CODES)}))(?!\w))",
    re.IGNORECASE,
)
_RANGE = re.compile(r"[ ]?(?:[-–—]|to|and|or|bis|und|à|a|y|et|do|до)[ ]?(?![ ])", re.IGNORECASE)
_BETWEEN = re.compile(r"\b(?:between|zwischen|entre|tra|from|de|от)[ ]$", re.IGNORECASE)
_MOVED = re.compile(
    r"\b(?:from|by|rose|fell|gained|lost|added|shed|dropped|slid|sank|dipped|climbed|jumped|slipped|up|down)[ ]$",
    re.IGNORECASE,
)
_WEIGHT = re.compile(r"[ ](?:of|per square|heavier|lighter|overweight)\b", re.IGNORECASE)

_CARAT = re.compile(r"[ -](?:(?:white|yellow|rose) )?(?:gold|diamonds?|rings?|stones?|gems?)\b", re.IGNORECASE)


@dataclass(slots=True)
class _Sum:
    start: int
    end: int
    number: Number
    currency: str | None
    factor: Decimal = Decimal(1)
    high: Number | None = None


def _money(reading: Reading) -> list[Money]:
    text, language = reading.folded, reading.article.language
    currencies = _Currencies(reading)
    sums = [*_led(text, language, currencies), *_followed(text, language, currencies)]
    for each in sums:
        each.end -= text[each.start : each.end].endswith(
            ("млн.", "млрд.", "трлн.")
        )  # a full stop: no dot belongs to these
    return [
        Money(
            text=reading.article.text[each.start : each.end],
            start=each.start,
            end=each.end,
            amount=plain(each.number.value * each.factor),
            amount_max=plain(each.high.value * each.factor) if each.high else None,
            currency=each.currency,
        )
        for each in _joined(text, _apart(sums))
    ]


class _Currencies:
    """What shared names and symbols mean in one document."""

    def __init__(self, reading: Reading) -> None:
        text = reading.folded
        self.home = home_country(reading.article)
        self.own = get_territory_currencies(self.home) if self.home else []
        self.countries = {each.country for each in reading.article.places if each.country}
        apart = re.search(r"\b(?:C|CA|A|AU|NZ|S|HK)\$", text) is not None
        self.dollar = "USD"
        if self.home in _OWN_DOLLAR and not apart:
            self.dollar = self.own[0]
        self.pounds_are_money = self.home in ("GB", "EG", "LB", "SY") or "£" in text

    def code(self, key: str, adjective: str | None = None) -> str | None:
        """ISO 4217 for a key of the tables above; None where it stays open."""
        if key in ("$", "dollar", "cent") and not adjective:
            return self.dollar
        if key in ("pence", "toman"):
            return "GBP" if key == "pence" else "IRR"
        if key == "cent":
            key = "dollar"
        if key not in _SHARED:
            return key
        bearers = _SHARED[key].split()
        if adjective and (country := _COUNTRY.get(adjective.lower().replace("-", " "))):
            return next((each for each in get_territory_currencies(country) if each in bearers), None)
        if named := next((each for each in self.own if each in bearers), None):
            return named
        if bearers[0] != "-":
            return bearers[0]
        local = {each for country in self.countries for each in get_territory_currencies(country) if each in bearers}
        return local.pop() if len(local) == 1 else None


def _led(text: str, language: str | None, currencies: _Currencies) -> list[_Sum]:
    """Sums whose currency leads: `$1.6 billion`, `Rs 500 crore`, `USD 5m`."""
    sums = []
    for match in _PREFIX.finditer(text):
        number = number_at(text, match.end(), language)
        if number is None:
            continue
        end = number.end
        mark = match["currency"]
        if mark.lower() == "dlrs" and text[: match.start()].endswith((" of ", " in ")):
            continue  # billions of dlrs 5 years ago
        found = _Sum(match.start(), end, number, currencies.code(_SYMBOLS.get(mark, mark)))
        if mark == "$" and (follow := _SUFFIX.match(text, end)) and follow["name"] and not follow["adjective"]:
            found.end = follow.end() if _NAME.get(follow["name"].lower()) == "dollar" else found.end
        if (gap := _RANGE.match(text, end)) and (high := number_at(text, gap.end(), language)):
            dashed = gap[0].strip() in ("-", "–", "—")
            counted = high.scale > 1 or dashed or _BETWEEN.search(text, max(0, match.start() - 12), match.start())
            separate = gap[0].strip().lower() in ("or", "and") and not _BETWEEN.search(
                text, max(0, match.start() - 12), match.start()
            )
            if counted and not separate and not text[high.end : high.end + 1].isalnum():
                if number.scale == 1 and high.scale > 1 and number.mantissa < high.mantissa:
                    number.scale = high.scale
                if number.value < high.value:
                    found.end, found.high = high.end, high
        sums.append(found)
    return sums


def _followed(text: str, language: str | None, currencies: _Currencies) -> list[_Sum]:
    """Sums whose currency follows: `half a billion dollars`, `500 Iranian rials`, `2 Mio. Euro`, `50億円`."""
    sums = []
    before: Number | None = None
    for number in numbers(text, language):
        previous, before = before, number
        match = _SUFFIX.match(text, number.end)
        if match is None:
            continue
        found = _suffixed(text, number, match, currencies)
        if found is None:
            continue
        if previous and (gap := _RANGE.fullmatch(text, previous.end, number.start)):
            between = _BETWEEN.search(text, max(0, previous.start - 12), previous.start)
            if gap[0].strip().lower() not in ("and", "or", "und", "y", "et") or between:
                if previous.scale == 1 and number.scale > 1 and previous.mantissa < number.mantissa:
                    previous.scale = number.scale
                spoken = (
                    previous.words
                    and number.words
                    and not between
                    and gap[0].strip().lower() not in ("to", "à", "bis", "a", "до")
                )
                if previous.value < number.value and not spoken:
                    found.start, found.number, found.high = previous.start, previous, number
        sums.append(found)
    return sums


def _suffixed(text: str, number: Number, match: re.Match[str], currencies: _Currencies) -> _Sum | None:
    if match["symbol"] or match["code"] or match["cjk"]:
        mark = match["symbol"] or match["code"] or match["cjk"]
        if mark == "$" and "\u00a0" not in match["join"] and currencies.home is None and number.scale == 1:
            return None
        return _Sum(number.start, match.end(), number, currencies.code(_SYMBOLS.get(mark, _NAME.get(mark, mark))))
    name = lowered(match["name"])
    key = _NAME.get(name.replace("-", " ")) or next(code for stem, code in _STEMS.items() if name.startswith(stem))
    sterling = match["after"] is not None and lowered(match["after"]) in ("sterling", "stg")
    adjective = match["adjective"] or (None if sterling else match["after"])
    hyphenated = match["join"].startswith("-")
    if number.words and hyphenated and text[number.start].lower() == "a":
        return None  # a million-dollar home
    if key == "£" and sterling:
        key = "GBP"
    bare = number.scale == 1 and not adjective
    if key == "£" and bare and (not currencies.pounds_are_money or _WEIGHT.match(text, match.end())):
        return None
    if bare and (name in ("crown", "crowns", "real") or (name in _WORDS_TOO and number.value < 100)):
        return None
    if name == "cent" and number.value >= 1 and (match["join"] != "-" or text[match.end() : match.end() + 1] == "a"):
        return None
    if match["name"] == "CT" or (name == "ct" and _CARAT.match(text, match.end())):
        return None  # Connecticut, carats
    if name == "p" and (match["join"] or (currencies.home != "GB" and "£" not in text)):
        return None
    if number.letter and match["join"].strip():
        return None
    factor = {"cent": Decimal("0.01"), "pence": Decimal("0.01"), "toman": Decimal(10)}.get(key, Decimal(1))
    if name in ("céntimos", "centimes"):
        return _Sum(number.start, match.end(), number, "EUR", factor)
    return _Sum(number.start, match.end(), number, currencies.code(key, adjective), factor)


def _apart(sums: list[_Sum]) -> list[_Sum]:
    """In order, the longer of two that overlap."""
    kept: list[_Sum] = []
    for each in sorted(sums, key=lambda each: (each.start, -each.end)):
        if not kept or each.start >= kept[-1].end:
            kept.append(each)
    return kept


def _joined(text: str, sums: list[_Sum]) -> list[_Sum]:
    """Two sums that close a range as one: `between $2 million and $3 million`, `$2 to $3 million`."""
    joined: list[_Sum] = []
    for each in sums:
        low = joined[-1] if joined else None
        if low and low.high is None and each.high is None and low.currency == each.currency:
            gap = _RANGE.fullmatch(text, low.end, each.start)
            word = gap[0].strip().lower() if gap else "or"
            between = _BETWEEN.search(text, max(0, low.start - 12), low.start)
            moved = word == "to" and _MOVED.search(text, max(0, low.start - 12), low.start)
            if gap and not moved and (word in ("to", "-", "–", "—", "bis", "à", "до") or (between and word != "or")):
                if low.number.scale == 1 and each.number.scale > 1 and low.number.mantissa < each.number.mantissa:
                    low.number.scale = each.number.scale
                if low.number.value * low.factor < each.number.value * each.factor:
                    low.high, low.end = each.number, each.end
                    continue
        joined.append(each)
    return joined


STAGE = Stage("money", 4, _money, needs=frozenset({"language", "places"}))
