"""Find verbs of saying and their subjects in the parse."""

from __future__ import annotations

from typing import Any

from workers.enrich.speech.cues import CUE

SUBJECTS = ("nsubj", "nsubjpass", "nsubj:pass", "sb")
_OF_SUBJECT = ("used", "uses", "use", "using", "promised", "promises")
"""Verbs whose subject also performs the infinitive although they have an object: `used his speech to accuse`."""
_CLIMBED = ("conj", "xcomp", "advcl", "pcomp", "prep", "ccomp", "dep", "cd", "oc")


def says(verb: Any) -> bool:
    """Return whether the token is a verb of saying in any of its forms."""
    word = verb.lower_
    return bool(CUE.fullmatch(word) or (verb.pos_ == "VERB" and CUE.fullmatch(f"{word}s")))


def _agent_of(verb: Any) -> Any:
    """Return the agent of a passive: `It was called a farce by Solheim`."""
    by = next((child for child in verb.children if child.dep_ in ("agent", "prep") and child.lower_ == "by"), None)
    return None if by is None else next((child for child in by.children if child.dep_ == "pobj"), None)


def _object_of(verb: Any) -> Any:
    """Return the person quoted: `The agencies quoted Solheim saying`."""
    return next((child for child in verb.children if child.dep_ == "dobj"), None)


def subject_of(verb: Any) -> Any:
    """Return the subject's head in the parse, through conjunctions, participles and relative clauses; or None."""
    said = verb
    for _ in range(6):
        subjects = [child for child in verb.children if child.dep_ in SUBJECTS]
        if subjects:
            subject = max(subjects, key=lambda child: child.i > verb.i and child.pos_ == "PROPN")  # a plan, said Ruiz
            if subject.dep_ == "nsubjpass" and (verb == said or verb.lower_ in ("told", "asked", "warned", "accused")):
                return _agent_of(verb)
            relative = subject.lower_ in ("who", "which", "that", "qui")
            return verb.head if relative and verb.dep_ in ("relcl", "acl:relcl") else subject
        if verb.dep_ == "acl":
            return verb.head
        if (
            verb.dep_ == "xcomp"
            and verb.head.lower_ not in _OF_SUBJECT
            and (controller := _object_of(verb.head)) is not None
        ):
            return controller
        if verb.dep_ not in _CLIMBED or verb.head == verb:
            return None
        verb = verb.head
    return None
