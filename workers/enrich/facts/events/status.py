"""Find whether an event has happened, is planned, denied or alleged."""

from __future__ import annotations

from typing import Any, Literal

from workers.enrich.facts.events.patterns import Patterns
from workers.enrich.facts.events.syntax import is_negated, lemma_of

Status = Literal["happened", "planned", "denied", "alleged"]

_MODALS = {"will", "would", "could", "may", "might", "should", "shall", "must", "'ll", "can", "’ll"}
_CONDITIONS = {"if", "unless", "whether"}
_AHEAD = {"planned", "proposed", "upcoming", "possible", "potential", "future", "expected", "threatened", "impending"}
_INNER = {"xcomp", "ccomp", "pcomp", "acl", "prep"}
_AFTER_PLANS = {"of", "to", "for", "about", "from", "on", "against", "into", "in", "with", "at", "over"}
"""Prepositions that lead from a plan to what is planned: a threat of war, warned against, talk about; not ``by
calling``."""


def status_of(trigger: Any, patterns: Patterns) -> Status:
    """Return the status, from the words around the trigger, then from what governs it."""
    words = patterns.words
    children = {child.lower_ for child in trigger.children}
    if "no" in children or "never" in children or is_negated(trigger):
        return "denied"
    if children & words["doubt_words"]:
        return "alleged"
    status: Status = "planned" if _is_ahead(trigger, children, patterns) else "happened"
    is_noun = trigger.pos_ != "VERB"
    node = trigger
    while node.dep_ == "conj" and node.tag_ == node.head.tag_ and node.tag_ in ("VB", "VBG"):
        node = node.head  # declined to confirm or deny
        if _would(node):
            status = "planned"
    while node.dep_ in _INNER or (
        is_noun and (node.dep_ in ("dobj", "nsubjpass", "pobj") or (node.dep_ == "conj" and node.pos_ != "VERB"))
    ):
        head, link = node.head, node.dep_
        if head.lower_ == "without" and link == "pcomp":
            return "denied"
        if head.pos_ == "ADP" and head.lower_ not in _AFTER_PLANS and link in ("pcomp", "pobj"):
            would = head.lower_ == "by" and _would(head.head)  # could win by calling on them; but: tried to win by it
            return "planned" if would else status
        word = lemma_of(head)
        inner = link in ("xcomp", "acl", "pcomp", "prep") or (link == "ccomp" and node.tag_ == "VB")
        if word in words["deny_words"] and link != "pobj":
            return "denied"
        if word in words["accuse_words"] and (inner or link == "ccomp"):
            return "alleged"
        if link == "acl" and is_noun and node.tag_ == "VBG":
            break  # a solution linking the occupation
        lent = link == "dobj" and (word in words["support_verbs"] or not _is_owned(trigger))
        let = link == "ccomp" and node.tag_ == "VB" and word in ("allow", "let", "permit")
        own = link == "xcomp" or lent or let or (link == "nsubjpass" and word in words["support_verbs"])
        if own and is_negated(head):
            return "denied"
        if (own and _would(head)) or (inner and any(child.lower_ in _CONDITIONS for child in head.children)):
            status = "planned"
        if word in words["plan_words"] and (inner or (is_noun and link in ("dobj", "nsubjpass"))):
            status = "planned"
        if link in ("xcomp", "advcl") and head.pos_ == "ADJ" and node.tag_ == "VB":
            status = "planned"  # is adequate to carry out a blockade
        node = head
    first = node
    while first.dep_ == "conj" and first.tag_ in ("VB", "VBP") and node.tag_ in ("VB", "VBP"):
        first = first.head
        if (
            _would(first)
            or (first.dep_ == "xcomp" and first.head.pos_ == "ADJ")
            or (first.dep_ in ("xcomp", "pcomp") and lemma_of(_above(first)) in words["plan_words"])
        ):
            status = "planned"
    return status


def _is_ahead(trigger: Any, children: set[str], patterns: Patterns) -> bool:
    if children & (_MODALS | _CONDITIONS | _AHEAD):
        return True
    if trigger.pos_ != "VERB" and not children & {"the", "this", "that"} and not _is_owned(trigger):
        above = next((one for one in trigger.ancestors if one.pos_ == "VERB"), None)
        told = trigger.dep_ == "nsubj" or children & {
            "a",
            "an",
            "any",
        }  # strikes could do harm, will respond to an attack
        if told and above is not None and _would(above):
            return True
    if any(child.dep_ == "mark" and child.lower_ in ("until", "till") for child in trigger.children):
        return True
    return trigger.tag_ == "VB" and trigger.dep_ in ("acl", "relcl", "advcl") and not _marched(trigger.head, patterns)


def _is_owned(noun: Any) -> bool:
    """Return whether the event is taken for granted, as in ``its occupation``."""
    return any(child.dep_ == "poss" for child in noun.children)


def _would(verb: Any) -> bool:
    return any(child.lower_ in _MODALS for child in verb.children)


def _above(verb: Any) -> Any:
    """Return the verb over an infinitive, or over a gerund behind its preposition."""
    return verb.head.head if verb.dep_ == "pcomp" else verb.head


def _marched(verb: Any, patterns: Patterns) -> bool:
    """Return whether the verb expresses a protest: people who marched to protest have protested."""
    return any(pattern.action == "PROTEST" and not pattern.words for pattern in patterns.verbs.get(lemma_of(verb), ()))
