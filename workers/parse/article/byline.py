"""Who wrote it: ``By Jane Roe, Political Correspondent``."""

from __future__ import annotations

import re

from services.records import Byline
from workers.parse.article.agencies import WIRE_AGENCIES
from workers.parse.article.normalise import tidy
from workers.parse.article.placenames import is_place

_BY = (
    r"(?:this (?:post|article|story|blog)(?: post)? (?:was|is) )?(?:(?:written|reported|posted|published|story|words|text|analysis|review|interview|edited|compiled)\s+)?by\s*:?|authors?\s*:|byline\s*:|"
    r"reporter\s*:|von\s(?!der\s|den\s)|par\s|por\s|di\s(?=[A-Z])|door\s|av\s|af\s|autorzy?\s*:|auteurs?\s*:|autor(?:en|es|a|as)?\s*:|"
    r"texte?s?\s*:|textos?\s*(?::|de\s)|testo\s*(?::|di\s)|tekst\s*:|yazan\s*:|haber\s*:|muhabir\s*:|автор(?:ы|и|и тексту)?\s*:|текст\s*:|"
    r"συντάκτης\s*:|του\s(?=[Α-Ω])|της\s(?=[Α-Ω])|"
    r"نویسنده\s*:|نويسنده\s*:|خبرنگار\s*:|گزارش از\s*:?|بقلم\s*:?|كتب\s*:|كتبت\s*:|کاتب\s*:|تحریر\s*:|מאת\s*:?\s|"
    r"本报记者|本報記者|记者[:：\s]|記者[:：\s]|作者[:：]|文[/／:：]|撰文[:：]|लेखक\s*[:：]|द्वारा\s*[:：]?|লেখক\s*:|penulis\s*:|oleh\s*:?\s"
)
_LABEL = re.compile(rf"\s*(?:{_BY})\s*", re.I)
_LABEL_WITHIN = re.compile(rf"(?<=[\s\d])(?:{_BY})\s*(?=[^\W\d_])", re.I)
_LABEL_AFTER = re.compile(r"\s?(?:기자|특파원|记者|記者|报道|報道)$")
_ROLE_FIRST = re.compile(
    r"(?:onze\s+|our\s+|unser(?:er|em)?\s+|notre\s+|nuestr[oa]\s+|(?:special|senior|chief)\s+)*"
    r"(?:(?:staff|foreign|political|economics?|science|court|crime|sports?|defen[cs]e|city|night)\s+)?"
    r"(?P<role>correspond[ae]nte?n?|correspondente|reporter|redacteur|redakteur(?:in)?|redactora?|korrespondent(?:in)?|"
    r"verslaggever|verslaggeefster|journalist|editor|columnist|staff writer|envoy[ée] spéciale?|корреспондент|خبرنگار|مراسل)\s+(?=[^\W\d_])",
    re.I,
)
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_ROLE = re.compile(
    r"\b(?:correspondent|editor|reporter|writer|columnist|analyst|bureau|chief|staff|contributor|columnista|"
    r"correspondant|redakteur|redacteur|korrespondent|professor|fellow|journalist|director|secretary|minister|producer|"
    r"special to|for the|redaktor|корреспондент|редактор|обозреватель|corresponsal|enviad[oa]|envoyée?|redactora?|jornalista|giornalista)\b",
    re.I,
)
_ROLE_LAST = re.compile(
    r"(?<=\w)\s+(?:(?:former|senior|staff|contributing|chief|managing|associate|deputy|executive|special)\s+(?:[A-Z]\w+\s+){0,2})?"
    r"(?:writer|reporter|editor|correspondent|columnist|journalist)$",
    re.I,
)
"""``Jane Roe Senior Trams Reporter``."""
_BESIDES = re.compile(
    r"(?<=[\w.])[\s.,;|]+(?:(?:medically|fact)[ -])?(?:reviewed|edited|checked|verified|translated) by\b.*|\s+on behalf of\b.*",
    re.I,
)
"""``Jane Roe. Reviewed by Ann Poe``: people other than the author."""
_TITLE = re.compile(
    r"(?:(?:senior|junior|lead|chief|global|associate|assistant|deputy|digital|content|marketing|executive|managing|staff|guest|product|"
    r"brand|social media|communications|customer|technical|editorial|general|sales|growth|seo|web|regional)\s+)*"
    r"(?:(?:head|director|vice president|vp|manager|chief|president|professor|editor|dean|chair)\s+(?:of|in|for)\b.*|(?:co-?)?founder\b.*|"
    r"ceo|cto|cmo|cfo|coo|editor|writer|manager|director|strategist|specialist|coordinator|consultant|analyst|marketer|copywriter|officer|"
    r"head\s+\w+|veterinarian|astrologer|physician|attorney|nutritionist|dietitian|journalist|blogger|photographer|president|owner)",
    re.I,
)
"""A job title without a name: ``Head of Marketing``, ``Senior Content Writer``."""
_DEGREE = re.compile(
    r"(?:[A-Z]{2,6}|Ph\.?D|M\.?D|[BM]\.?(?:A|S|Sc|Ed)|D\.?(?:O|V\.?M|D\.?S)|R\.?D|Jr|Sr|Esq)\.?(?:-[A-Z]{1,3})?"
)
"""What may follow a name after a comma without being a name: ``MS``, ``Ph.D.``, ``Jr``."""
_AGENCY = re.compile(
    r"^(?:the )?(?:associated press|ap|reuters|afp|agence france-presse|dpa|efe|ansa|tass|xinhua|bloomberg(?: news)?|"
    r"[\w .&'’-]{2,40} (?:news|times|post|herald|agency|service|press|tribune|gazette|journal|radio|tv|wire|media|ledger|chronicle|observer|mail|"
    r"guardian|star|standard|monitor|bulletin|courier|examiner|inquirer|register|telegraph|independent|echo|argus|broadcasting|newspaper|report))$",
    re.I,
)
_NAME = re.compile(r"[^\W\d_][\w.'’‑–-]*(?:\s(?:[^\W\d_][\w.'’‑–-]*)){0,4}")
_ELIDED = re.compile(r"(?:d|dell|dall|l|o|m)['’][A-Z]")
"""Matches ``d'Emilio``, not ``don't``."""
_BODY = re.compile(
    r"\b(?:University|Universit[äày]\w*|College|Institut\w*|School|Association|Federation|Foundation|Agency|Council|"
    r"Cent(?:er|re)|Society|Network|Ltd|Inc|Corp|TV)\b"
)
"""An organization that an author belongs to: ``Michigan State University``, ``Press Association``."""
_OUTLETS = frozenset(
    ["CNN", "BBC", "NBC", "ABC", "CBS", "NPR", "PBS", "CNBC", "CBC", "RTE", "RFI", "NHK", "UPI", "AAP", "PTI", "ANI"]
)
"""Broadcasters and agencies whose sign after a name could be mistaken for a degree."""
_PARTICLES = frozenset(
    [
        "de",
        "da",
        "do",
        "del",
        "della",
        "di",
        "la",
        "le",
        "van",
        "von",
        "der",
        "den",
        "bin",
        "ibn",
        "al",
        "el",
        "dos",
        "das",
        "y",
        "e",
        "und",
        "ter",
        "ten",
        "af",
        "zu",
        "of",
        "the",
    ]
)


def has_label(line: str) -> bool:
    """Return whether the line is labelled as a byline."""
    return bool(_LABEL.match(line)) or (len(line.split()) <= 3 and bool(_LABEL_AFTER.search(line)))


def label_within(line: str) -> int | None:
    """Return where a byline begins in a line that starts with something else, as in ``Posted on Monday by Jane
    Roe``."""
    match = _LABEL_WITHIN.search(line)
    return match.start() if match else None


def is_title(text: str) -> bool:
    """Return whether the text is a job title without a name."""
    return bool(_TITLE.fullmatch(text.strip(" .,")))


def is_agency(text: str) -> bool:
    return bool(_AGENCY.match(text)) or text.casefold() in WIRE_AGENCIES


def in_order(name: str) -> str:
    """Return ``Given Family`` for a library's ``Family, Given``; a name without a comma is not changed."""
    family, comma, given = (part.strip() for part in tidy(name).partition(","))
    inverted = comma and family and given and "," not in given and len(given.split()) <= 3 and not _ROLE.search(given)
    return f"{given} {family}" if inverted and not is_agency(given) else tidy(name)


def read_byline(text: str, *, within: bool = True) -> list[Byline]:
    """Return the authors that ``text`` names, a byline with or without its ``By``; [] if it reads as something else.

    The label may come later in the line unless ``within`` is false, as for a name of metadata: ``Daniel D. Von Hoff``.
    """
    line = tidy(text)
    if not line or len(line) > 200:
        return []
    line = line.lstrip("^")
    if label := _LABEL.match(line) or (_LABEL_WITHIN.search(line) if within else None):
        line = line[label.end() :]
    line = _BESIDES.sub("", _LABEL_AFTER.sub("", line))
    role = _ROLE_FIRST.match(line)
    line = line[role.end() :] if role else line
    emails = _EMAIL.findall(line)
    line = _EMAIL.sub(" ", line).strip(" |,;-–—()<>•·&")
    if re.search(r"https?:|[.!?]\s+[A-Z][a-z]+ [a-z]", line):
        return []
    found: list[Byline] = []
    ended = False  # after words that are not a name, what looks like one is the rest of a description
    for part in re.split(
        r"\s*(?:,|;|\||•|·|/|\band\b|\bund\b|\bet\b|&|\bwith files from\b|\bwith\b|\bavec\b|\bmit\b| [-–—] |\(|\))\s*",
        line,
    ):
        part = part.strip("_ ")
        if not part or any(map(str.isdigit, part)) or (found and " " not in part and is_place(part)):
            continue
        if found and _DEGREE.fullmatch(part):
            if not (_AGENCY.match(part) or part.casefold() in WIRE_AGENCIES or part in _OUTLETS):
                continue
            _set(found, "agency", part)
        elif found and (_ROLE.search(part) or is_title(part)):
            _set(found, "role", part)
        elif is_agency(part) or (found and _BODY.search(part)):
            _set(found, "agency", part) if found else found.append(Byline(name=part, agency=part))
        elif name := _name(part):
            if not ended and not (found and found[-1].role and " " not in name):
                found.append(Byline(name=name))
        elif not found:
            return []
        else:
            ended = True
    if role:
        _set(found, "role", role[0].strip())
    if emails and len(emails) <= len(found):
        for author, email in zip(found, emails, strict=False):
            author.email = email
    return found


def _set(found: list[Byline], name: str, value: str) -> None:
    """``By A and B, Staff Writers``: apply what follows the names to all that lack it."""
    for author in found:
        if getattr(author, name) is None:
            setattr(author, name, value)


def _name(part: str) -> str | None:
    part = re.split(r"\s+(?:in|en|à|aus)\s+(?=[^\W\d_])", part, maxsplit=1)[0].strip()
    if len(part.split()) > 2 and len(bare := _ROLE_LAST.sub("", part)) < len(part) and " " in bare:
        part = bare
    if not _NAME.fullmatch(part):
        return None
    if any(word[0].islower() and word not in _PARTICLES and not _ELIDED.match(word) for word in part.split()):
        return None
    words = part.split()
    if words[-1].endswith(".") and len(words[-1]) > 4 and len(words) > 1:  # the end of the line, not ``Jr.``
        part, words[-1] = part[:-1], words[-1][:-1]
    return " ".join(word.title() for word in words) if part.isupper() and len(words) > 1 else part
