"""Find the role of a person: ``Azerbaijan's Ambassador to Iran``, from apposition and titles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from services.records import Entity, Span
from workers.enrich.languages.wordlists import wordlist
from workers.enrich.names.gazetteer import country_of
from workers.enrich.names.marks import quoted

NOUNS = (
    "ambassador|president|vice president|prime minister|minister|deputy minister|secretary|secretary general|"
    "chancellor|king|queen|pope|spokesman|spokeswoman|spokesperson|general|commander|colonel|chief|chief executive|"
    "director|"
    "chairman|chairwoman|chair|governor|mayor|senator|lawmaker|professor|analyst|economist|lawyer|judge|prosecutor|"
    "coach|captain|manager|editor|journalist|reporter|correspondent|author|founder|leader|envoy|consul|adviser|advisor|"
    "secretary-general|director-general|attorney general|undersecretary|councilman|councilwoman|councillor|congressman|"
    "congresswoman|representative|justice|"
    "speaker|head|officer|official|activist|scientist|researcher|doctor|bishop|cleric|negotiator|commissioner|inspector|sheriff"
)
_WORD = r"[^\W\d_][^\s,.;:()“”\"]*"
_OF_WHAT = r"(?: (?:to|of|for|at|in)(?: the)?(?: [A-Z][\w’'-]*){1,4}(?: and(?: [A-Z][\w’'-]*){1,3})?)"
_ROLE = rf"(?:{_WORD} ){{0,5}}(?i:{NOUNS}){_OF_WHAT}{{0,2}}"
_LEADS = re.compile(
    r", who ((?:leads|heads|runs|chairs|directs|owns|edits|founded|co-founded) (?:the )?[A-Z][\w’'-]*(?: [A-Z][\w’'-]*){0,4})"
)
_AFTER = re.compile(rf",\s+(?:(?:the|a|an)\s+)?({_ROLE})(?=[,.;]|$)")
_BEFORE = re.compile(rf"(?:^|(?<=[\s“\"—–]))(?:(?:[Tt]he|[Aa]n?|[Hh]is|[Hh]er|[Ii]ts|[Tt]heir) )?({_ROLE}),? $")
_NOMINAL = re.compile(
    rf"(?:(?<![\w’'-])(?:[Tt]he) ([A-Z][\w-]{{1,40}})|([A-Z][\w-]{{1,40}})['’]s) ((?i:{NOUNS}))(?![\w-])"
    r"((?: (?:to|of|for)(?: the)?(?: [A-Z][\w-]*){1,3})?)"
)
_COMMON = re.compile(
    r"\b[Tt]he (?P<office>(?:[a-z]+ )?[a-z]{4,})\b(?! (?:of|for|to|and|or) |['’]s (?:office|house)|,? [A-Z]|-)"
)
_AND_MORE = re.compile(r" and (?=[A-Z])")
_PREPOSITION = re.compile(r" (?:to|of|for|at|in|from) ")
_STOP = re.compile(
    r"\b(?:said|says|told|with|that|and|when|who|by|from|as|while|after|but|was|is|met|on|about|against|between|among|"
    r"into|over|under|towards?|during|without|including|like|than|because|despite|before|since|until|through|amid)\b"
)
_NOUN = re.compile(rf"\b(?i:{NOUNS})\b")
_LED_BY = re.compile(
    r"\b[a-z]\S* (?:to|of|for|in|at) (?:(?:the|a|an|his|her|its|their) )?"
)  # a visit to the Cuban leader


_OFFICES = frozenset(NOUNS.split("|"))
_PEOPLE = frozenset(NOUNS.replace("|", " ").split()) | wordlist("people")
_PEOPLE_ENDS = ("er", "or", "ist", "man", "woman", "person", "eer", "ian", "keeper")
_THINGS = wordlist("things")
_KIN = frozenset(
    [
        "mother",
        "father",
        "wife",
        "husband",
        "son",
        "daughter",
        "sister",
        "brother",
        "widow",
        "widower",
        "uncle",
        "aunt",
        "cousin",
    ]
)
LONGEST = 12
"""Maximum number of words in a role."""


_NOT_OF_ROLE = ("VERB", "AUX", "PRON", "DET", "CCONJ", "SCONJ")


class Nominal(NamedTuple):
    text: str
    country: str
    noun: str
    start: int


def assign(text: str, entities: list[Entity], doc: Any = None) -> list[Entity]:
    """Return the same entities; people get their ``role``, and the descriptions used for them in ``aliases``."""
    nominals = _nominals(text)
    for entity in (entity for entity in entities if entity.type == "PERSON"):
        role = next(filter(None, (_beside(text, span.start, span.end, doc) for span in entity.mentions)), None)
        if role is None and doc is not None:
            spans = (doc.char_span(span.start, span.end, alignment_mode="expand") for span in entity.mentions)
            role = next(filter(None, (_parsed(text, span) for span in spans if span is not None)), None)
        if role is None:
            leads = (_LEADS.match(text, span.end) for span in entity.mentions)
            role = next((match.group(1) for match in leads if match), None)
        if role is None:
            continue
        same = [n for n in nominals if (n.country, n.noun) == _sense(role)]
        entity.aliases = sorted({*entity.aliases, *(n.text for n in same)} - {entity.name})
        entity.mentions = sorted([*entity.mentions, *_alone(same, entity)], key=lambda mention: mention.start)
        entity.count = len(entity.mentions)
        fuller = max((n.text for n in same if not n.text.lower().startswith("the ")), key=len, default=role)
        entity.role = fuller if len(fuller) > len(role) else role
    for span, entity in _references(text, entities):
        entity.mentions = sorted([*entity.mentions, span], key=lambda mention: mention.start)
        entity.count = len(entity.mentions)
    return entities


def _alone(nominals: list[Nominal], holder: Entity) -> Iterator[Span]:
    """Yield mentions of an office without the name beside it, such as ``Azeri ambassador``."""
    for each in nominals:
        end = each.start + len(each.text)
        beside = any(0 <= name.start - end <= 2 or 0 <= each.start - name.end <= 2 for name in holder.mentions)
        if not beside:
            start = each.start + (4 if each.text.lower().startswith("the ") else 0)
            yield Span(text=each.text[start - each.start :], start=start, end=end)


def _references(text: str, entities: list[Entity]) -> list[tuple[Span, Entity]]:
    """Return mentions such as ``the mayor``, after the only mayor in the document has been named."""
    holders: dict[str, list[Entity]] = {}
    for entity in entities:
        if entity.type == "PERSON" and entity.role:
            holders.setdefault(_office(entity.role), []).append(entity)
    if not holders:
        return []
    marked = {(span.start, span.end) for entity in entities for span in entity.mentions}
    marked.update(quoted(text))  # the person quoted may mean somebody else
    found = []
    for match in _COMMON.finditer(text):
        words = match["office"].split(" ")
        for name in (" ".join(words), words[0]):
            start = match.start("office")
            held = holders.get(name, [])
            if len(held) == 1 and held[0].mentions[0].end < start:
                if not any(begin < start + len(name) and start < end for begin, end in marked):
                    found.append(
                        (Span(start=start, end=start + len(name), text=text[start : start + len(name)]), held[0])
                    )
                break
    return found


def _office(role: str) -> str:
    """Return the role's noun with the words that make it a different office: ``prime minister``, ``vice president``."""
    words = _PREPOSITION.split(role)[0].lower().split()
    return " ".join(words[-2:]) if " ".join(words[-2:]) in _OFFICES else words[-1]


def _beside(text: str, start: int, end: int, doc: Any) -> str | None:
    after = _AFTER.match(text, end, end + 120)
    if after and not _STOP.search(_AND_MORE.sub(" ", after.group(1))):
        return after.group(1)
    window = text[max(0, start - 100) : start].split("\n")[-1]
    stops = list(_STOP.finditer(window))
    window = window[stops[-1].end() :] if stops else window
    before = _BEFORE.search(window.lstrip())
    if before is None:
        return None
    role = before.group(1).strip()
    if (noun := _NOUN.search(role)) and (leads := list(_LED_BY.finditer(role, 0, noun.start()))):
        role = role[leads[-1].end() :]
    at = text.rfind(role, 0, start)
    words = doc.char_span(at, at + len(role), alignment_mode="expand") if doc is not None else None
    cut = next((word for word in reversed(words or ()) if word.pos_ in _NOT_OF_ROLE), None)
    return role if cut is None else text[cut.idx + len(cut) : at + len(role)].strip() or None


def is_calling(word: str) -> bool:
    """Return whether a lower-case singular is a noun for a person: ``striker``, ``blogger``, ``daughter``."""
    return word not in _THINGS and (word in _PEOPLE or word.endswith(_PEOPLE_ENDS))


def _is_person(token: Any) -> bool:
    return token.tag_ == "NN" and is_calling(token.lower_)


def _parsed(text: str, name: Any) -> str | None:
    """Return the role in the noun beside or before the name, by spaCy's parse; ``name`` is the name's Span."""
    root = name.root
    for noun in root.children:
        if noun.dep_ == "appos" and noun.i >= name.end and (_is_person(noun) or noun.lower_ in _KIN):
            return _phrase(text, noun, name)
    if root.dep_ == "appos" and root.head.i < name.start and _is_person(root.head):
        return _phrase(text, root.head, name)
    first, after = name.start, text[name.end_char : name.end_char + 1]
    beside = name.doc[first - 2] if first > 1 and name.doc[first - 1].text == "," else None
    if beside is not None and after in (",", ";", ".") and (_is_person(beside) or beside.lower_ in _KIN):
        return _phrase(text, beside, name)
    if first and _is_person(name.doc[first - 1]):
        first -= 1
        noun = name.doc[first]
        while first > max(0, name.start - LONGEST) and _modifies(name.doc[first - 1]):
            first -= 1
        return _clean(text[name.doc[first].idx : noun.idx + len(noun)])
    return None


def _modifies(token: Any) -> bool:
    return token.text == "-" or token.dep_ in ("compound", "amod", "nmod", "poss", "case")


def _phrase(text: str, noun: Any, name: Any) -> str | None:
    """Return the noun with the words before it and its ``of``, ``at`` and ``from``, up to a comma or a clause."""
    last = noun
    end = min(noun.right_edge.i + 1, noun.i + LONGEST)
    for token in noun.doc[noun.i + 1 : min(end, name.start) if name.start > noun.i else end]:
        if (
            token.is_punct
            or token.is_space
            or token.tag_ in ("WP", "WDT", "WP$", "VBD", "VBZ", "VBP", "VBG", "VBN", "CC")
        ):
            break
        last = token
    while last.i > noun.i and last.dep_ in ("prep", "det"):
        last = last.nbor(-1)
    return _clean(text[noun.left_edge.idx : last.idx + len(last)])


def _clean(role: str) -> str | None:
    role = re.sub(r"^(?:(?:the|a|an|his|her|its|their|whose) )+", "", role.strip(), flags=re.IGNORECASE)
    return role if role and "\n" not in role else None


def _sense(role: str) -> tuple[str, str] | None:
    noun = re.search(rf"\b(?i:{NOUNS})\b", role)
    country = next(filter(None, (country_of(re.sub(r"['’]s$", "", word)) for word in role.split())), None)
    return (country.iso, noun.group().lower()) if noun and country else None


def _nominals(text: str) -> list[Nominal]:
    found = []
    for match in _NOMINAL.finditer(text):
        country = country_of(match.group(1) or match.group(2))
        if country:
            found.append(Nominal(match.group(), country.iso, match.group(3).lower(), match.start()))
    return found
