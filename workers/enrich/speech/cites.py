"""Find agencies and outlets that the document credits for a statement: a source beside a verb of reporting.

A source is one that the gazetteer knows, a name in capitals after `the news agency` or before `newspaper`, or a name
that ends as outlets' names do (`Sun Journal`, `Joy FM`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from services.records import Cite
from workers.calendars import names_of_days
from workers.enrich.base import Reading, Stage
from workers.enrich.names.gazetteer import country_of, known, local_names, tables
from workers.enrich.names.shapes import says_what_it_is

_KIND = (
    r"(?:news agency|newspaper|daily|weekly|tabloid|broadsheet|magazine|broadcaster|news website|news site|news portal|"
    r"wire service|journal|outlet|radio station|TV channel|television channel|state television|state TV|state radio)"
)
_ENDING = (
    r"(?:Journal|Courier|Times|Post|Tribune|Herald|Gazette|Chronicle|Telegraph|Guardian|Observer|Mirror|Examiner|"
    r"Inquirer|Dispatch|Sentinel|Register|Advertiser|Argus|Echo|Mail|Express|Monitor|Standard|Star|Sun|Globe|Review|"
    r"Record|Bee|Ledger|News|News Agency|Radio|FM|TV|Television|Sports|Weekly|Daily|Press|Bulletin|Leader|Nation|Citizen|Reporter|Dagblad|Presse|Anzeiger|Broadcasting Corporation|Zeitung|Shimbun|Gazeta)"
)
_NAME = r"[A-ZÀ-Þ][\w’'&.-]*(?: (?:of |de |del |la |le )?[A-ZÀ-Þ][\w’'&-]*){0,4}"
_UNKNOWN = re.compile(
    rf"\b{_KIND},? (?P<named>{_NAME})|\b(?P<agency>[Nn]ews [Aa]gency of [A-Z]\w+)"
    rf"|(?P<told>(?<=told )(?:the )?[A-Z]{{2,5}}(?= (?:radio|television|TV)\b))"
    rf"|\b(?P<led>[A-Z][\w’'-]{{1,40}}(?: [A-Z][\w’'-]{{1,40}}){{0,3}}) {_KIND}\b(?! [A-Z])"
    rf"|\b(?P<ended>(?:[A-Z][\w’'-]{{1,40}} ){{1,4}}{_ENDING})\b"
)
_BEFORE = re.compile(
    r"(?:\b(?:reported|reports|according to|told|tells|interview (?:with|to)|quoted by|cited by|published (?:in|by)|"
    r"said|wrote in|writing in|written in|obtained by|carried by|seen by|reviewed by|viewed by|broadcast by|aired by|"
    r"broadcast on|aired on|speaking on|appearing on|interview on|(?:article|column|editorial|op-ed|essay) (?:in|for)|"
    r"statement to|speaking to|spoke to|confirmed to|shared with|citing|quoting|report(?:s|ed)?(?: today)? (?:by|in|from))[ ]"
    rf"(?:(?:the|a|an|its|state|official|local|independent|[A-Z]\w+|{_KIND}),?[ ]){{0,4}}|[(])$",
)
_TOLD = re.compile(r"\b(?:told|interview with|speaking to|spoke to)[ ](?:the[ ])?$")
_TOLD_END = re.compile(r"[.,;]|[ ](?:in|on|that|by|via|late|earlier|[A-Z]\w+day)\b")
_REPORTED = re.compile(r"[ ](?:first[ ])?reported(?:[.,]|[ ](?:on|that|late|earlier|citing|[A-Z]\w+day)\b)")
"""Words that show an outlet: somebody tells it something, or it reports something, and it is not a ministry or the
like."""
_AFTER = re.compile(
    rf"(?:[ ]{_KIND})?(?:,? (?:has |had |also |first |later |on \w+day )?(?:reported|reports|said|says|wrote|quoted|"
    r"quotes|cited|revealed|called|added|learned|understands|claimed|confirmed|noted|described)\b|, (?:citing|quoting)\b|\)|['’]s? (?:report|correspondent))",
)


@lru_cache(maxsize=1)
def _known() -> tuple[re.Pattern[str], dict[str, str]]:
    sources = {name: each.name for name, each in tables().names.items() if each.kind in ("agency", "outlet")}
    names = "|".join(map(re.escape, sorted(sources, key=len, reverse=True)))
    return re.compile(rf"(?<!\w)(?:{names})(?!\w)"), sources


def _sources(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield offsets and canonical name of each possible source, known ones first."""
    pattern, sources = _known()
    for match in pattern.finditer(text):
        yield *match.span(), sources[match[0]]
    for match in _UNKNOWN.finditer(text):
        start, end = match.span(match.lastgroup or 0)
        if text.startswith(("The ", "the "), start):
            start += 4
        if text.endswith(".", start, end) and text.count(".", start, end) == 1:
            end -= 1
        if start < end and country_of(text[start:end]) is None:  # not `US` of `the influential US daily`
            yield start, end, text[start:end]


def _credited(text: str, start: int, end: int) -> bool:
    before = _BEFORE.search(text, max(0, start - 80), start)
    after = _AFTER.match(text, end)
    bracketed = before is not None and before[0].startswith("(")
    if before and (not bracketed or text[end : end + 1] == ")"):
        return True
    return after is not None and after[0] != ")"


_SAYS_RU = (
    r"(?:сообщ(?:ает|ают|ил[аио]?)|переда(?:ет|ют|л[аио]?)|пиш(?:ет|ут)|писал[аи]?|цитиру(?:ет|ют)|отмеча(?:ет|ют)|утвержда(?:ет|ют)|"
    r"выяснил[аи]?|узнал[аи]?|опубликовал[аи]?|рассказал[аи]?|уточн(?:яет|ил[аио]?)|информиру(?:ет|ют)|напомина(?:ет|ют))"
)
_KIND_RU = r"(?:агентств|газет|издани|телеканал|журнал|портал|сайт|телекомпани|радиостанци|радио|телевидени)\w*"
_SAYS_FR = (
    r"(?:(?:a|ont|avait) (?:rapporté|indiqué|annoncé|écrit|révélé|affirmé|précisé|publié|cité)|rapporte|écrit|révèle|indique|"
    r"affirme|annonce|précise|croit savoir)"
)
_KIND_FR = (
    r"(?:agence(?: de presse)?|quotidien|journal|hebdomadaire|chaîne|radio|magazine|site|presse|revue|télévision)"
)
_CREDIT = {
    "ru": (
        re.compile(
            rf"(?:{_SAYS_RU}|(?:заявил|сказал|рассказал|сообщил|пояснил)[аи]?|по (?:данным|информации|сообщению|сведениям)|"
            rf"со ссылкой на|ссылаясь на|в интервью|корреспонденту?|в эфире)[ ](?:[а-я]+[ ]){{0,2}}[«“\"]?$",
            re.IGNORECASE,
        ),
        re.compile(rf"[»”\"]?,?[ ](?:(?:в|во|на)[ ]\w+[ ]|со ссылкой\b)?(?:{_SAYS_RU}\b|со ссылкой\b)"),
        re.compile(rf"\b{_KIND_RU}[ ](?P<kind>[«“\"])?$"),
    ),
    "fr": (
        re.compile(
            rf"(?:\b(?:selon|d['’]après|{_SAYS_FR}|cité(?:e|s|es)? par|obtenue?s? par|publiée?s? (?:par|dans)|"
            rf"interrogée?s? par|(?:a|ont) (?:déclaré|confié|affirmé|indiqué|dit|expliqué) (?:à|au)|"
            rf"entretien (?:à|au|avec)|au micro de|dans les colonnes de|consultée?s? par|contactée?s? par)[ ])"
            rf"(?:(?:la|les?|du|des?|une?)[ ]|l['’]|d['’]|{_KIND_FR}[ ]){{0,4}}[«“\"]?[ ]?$",
            re.IGNORECASE,
        ),
        re.compile(rf"[ ]?[»”\"]?,?[ ](?:(?:{'|'.join(names_of_days('fr'))})[ ])?{_SAYS_FR}\b"),
        re.compile(rf"\b{_KIND_FR}[ ](?P<kind>[«“\"])?[ ]?$"),
    ),
}


def _by_names(reading: Reading, language: str) -> list[Cite]:
    """Return the agencies and outlets among French and Russian entities: known ones, and names beside a word for
    one."""
    before, after, kind = _CREDIT[language]
    text, local, head = reading.article.text, local_names(language), reading.article.dateline
    found = []
    for entity in reading.article.entities:
        what = local.get(entity.name) or known(entity.name)
        source = entity.type == "ORG" and what is not None and what.kind in ("agency", "outlet")
        for span in entity.mentions if entity.type == "ORG" else ():
            low = max(0, span.start - 80)
            if (head and span.start < head.end) or not (source or kind.search(text, low, span.start)):
                continue
            if before.search(text, low, span.start) or after.match(text, span.end):
                found.append(Cite(text=span.text, start=span.start, end=span.end, source=entity.name))
    return sorted(found, key=lambda each: each.start)


def _cites(reading: Reading) -> list[Cite]:
    text, article = reading.truecased, reading.article
    language = reading.model_language
    if language in _CREDIT:
        return _by_names(reading, language)
    people = {span.start for each in article.entities if each.type == "PERSON" for span in each.mentions}
    found: list[Cite] = []
    reached = bytearray(len(text))
    head = article.dateline
    for start, end, source in _sources(text):
        in_head = head is not None and head.start <= start < head.end
        if in_head or any(reached[start:end]) or start in people or not _credited(text, start, end):
            continue
        reached[start:end] = b"\1" * (end - start)
        found.append(Cite(text=article.text[start:end], start=start, end=end, source=source))
    for body in (each for each in article.entities if each.type == "ORG" and not says_what_it_is(each.name)):
        for span in body.mentions:
            told = _TOLD.search(text, max(0, span.start - 20), span.start) and _TOLD_END.match(text, span.end)
            if (
                (told or _REPORTED.match(text, span.end))
                and not any(reached[span.start : span.end])
                and not known(body.name)
            ):
                found.append(Cite(text=span.text, start=span.start, end=span.end, source=body.name))
    return sorted(found, key=lambda each: each.start)


STAGE = Stage("cites", 6, _cites, needs=frozenset({"language", "entities"}))
