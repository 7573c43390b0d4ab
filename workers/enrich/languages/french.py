"""French names: where they begin and end, and what the words before them say about their type."""

from __future__ import annotations

import re
from collections.abc import Collection

from services.records import EntityType
from workers.calendars import names_of_days
from workers.enrich.languages.wordlists import wordlist

PLACE_WORDS: dict[EntityType, frozenset[str]] = {
    "LOC": wordlist("fr_loc"), "FAC": wordlist("fr_fac"), "ORG": wordlist("fr_org"), "GPE": wordlist("fr_gpe"),
}  # fmt: skip
_TITLE = re.compile(
    r"(?:(?:M|MM|Mme|Mmes|Mlle|Me|Dr|Pr|Mgr)\.? |(?:Monsieur|Madame|Maître|Docteur|Professeur|Général|Colonel) )+"
)
_LEAD = re.compile(r"(?:[LlDd]['’]|(?:[Ll][ea]s?|[Uu]ne?|[Dd]es?|[Dd]u|[Aa]ux?|[Cc]e(?:tte)?) |[\s«“\"„(,.;:–—-]+)")
_LOWER = re.compile(r"(?:[a-zà-ÿ][\w-]*(?: |['’])(?:(?:de|du|des|la|le|les|l['’]|d['’])\s?)*)+")
_TRAIL = re.compile(rf"[\s»”\"),.;:–—'’-]+$|(?<=\w) (?:{'|'.join(names_of_days('fr'))})$")  # OFEN jeudi
OFFICES = (
    r"déléguée?|homologue|(?:vice-)?président(?:e)?(?:-directeur général)?|Premier ministre|Première ministre|premier ministre|"
    r"première ministre|ministre|secrétaire(?: d['’]État| général| générale)?|chancelier|chancelière|roi|reine|pape|"
    r"porte-parole|général|colonel|commandant|chef|cheffe|directeur|directrice|PDG|gouverneur|gouverneure|préfet|"
    r"préfète|maire|mairesse|adjointe?|sénateur|sénatrice|députée?|eurodéputée?|ambassadeur|ambassadrice|consul|"
    r"envoyée?|professeure?|analyste|économiste|avocate?|juge|magistrate?|procureure?|substitut|entraîneure?|"
    r"sélectionneur|capitaine|rédacteur|rédactrice|journaliste|correspondante?|écrivain|écrivaine|auteure?|autrice|"
    r"fondateur|fondatrice|patron|patronne|dirigeante?|leader|conseiller|conseillère|experte?|politologue|sociologue|"
    r"historienne?|chercheur|chercheuse|médecin|infirmière?|chirurgien|chirurgienne|évêque|archevêque|imam|négociateur|"
    r"négociatrice|commissaire|inspecteur|inspectrice|syndicaliste|militante?|agriculteur|agricultrice|pêcheur|"
    r"voisine?|témoin|habitante?|étudiante?|urbaniste|architecte|ingénieure?|coordinateur|coordinatrice|responsable|"
    r"gérante?|propriétaire|cinéaste|réalisateur|réalisatrice|acteur|actrice|chanteur|chanteuse|championne?|"
    r"présidente? de la République|lieutenant|lieutenante|capitaine|pompier|géologue|climatologue|épidémiologiste|"
    r"biologiste|astronome|vétérinaire|enseignante?|proviseure?|recteur|rectrice|doyenne?|doyen|notaire|commerçante?"
)
"""A pattern for the offices of people."""
_OF_A_TOWN = wordlist("fr_of_a_town")
_AND = re.compile(r",| et (?=[A-ZÀ-Þ])|\n")


def lemmas(word: str) -> frozenset[str]:
    """Return the word itself: French names are not inflected."""
    return frozenset((word.lower().replace("’", "'"),))


def stems(word: str) -> frozenset[str]:
    return frozenset()


def only_a_name(word: str) -> bool:
    return len(word) > 3 and word[0].isupper() and word not in ("Manche", "Seine", "Pacifique", "Corse", "Temps")


def is_place(word: str) -> bool:
    return False


def person(name: str, surnames: Collection[str] = ()) -> str:
    """Return the name; ``surnames`` is for languages that inflect."""
    return name


def thing(name: str) -> str:
    return name


def trimmed(text: str, start: int, end: int, label: str) -> tuple[int, int]:
    """Return the proposal without articles, titles and common nouns before the name; empty if nothing is left of it."""
    end = start + len(_AND.split(text[start:end].rstrip(), maxsplit=1)[0]) if label != "ORG" else end
    if match := re.search(r"\n", text[start:end]):
        end = start + match.start()
    article = re.compile(r"(?:Le|La|Les|L['’]) ?[A-ZÀ-Þ]")
    while start < end:
        if match := _TITLE.match(text, start, end):
            start = match.end()
        elif label == "PER" and article.match(text, start, end) and text[start : start + 2] in ("Le", "La"):
            break
        elif match := _LEAD.match(text, start, end):
            start = match.end()
        elif match := _LOWER.match(text, start, end):
            if label != "LOC" or match.group().split()[0] not in _OF_A_TOWN:
                return start, start
            start = match.end()
        else:
            break
    while start < end and (match := _TRAIL.search(text, start, end)):
        end = match.start()
    return (start, start) if label == "PER" and is_office(text[start:end]) else (start, end)


def is_office(name: str) -> bool:
    """Return whether the words name an office and no person: ``ancien Premier ministre``."""
    return re.fullmatch(rf"(?:ancien(?:ne)? )?(?:{OFFICES})", name) is not None
