"""Read the dependency parse of a verb or noun: its subject, its object, its clause."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workers.enrich.languages.lemmas import lemma


def is_negated(token: Any) -> bool:
    return any(child.dep_ == "neg" for child in token.children)


def lemma_of(token: Any) -> str:
    return lemma(token.text, token.pos_)


_OPENING = {"that", "on", "upon", "whether", "if", "how", "why", "what", "when", "where", "who"}


def _is_of_time(preposition: Any) -> bool:
    """Return whether the model reads the words as a date: ``on Monday``."""
    inner = pobj(preposition)
    return inner is not None and inner.ent_type_ in ("DATE", "TIME")


def _opens(word: Any) -> bool:
    """Return whether the word opens its clause; ``that`` in ``that is the aim`` does not."""
    return word.lower_ in _OPENING and (word.lower_ not in ("that", "on", "upon") or word.dep_ == "mark")


def match_words(head: Any, words: tuple[frozenset[str], ...]) -> list[Any] | None:
    """Return the tokens for ``words``, each depending on ``head`` or on the word before; None if one is missing."""
    matched: list[Any] = []
    for alternatives in words:
        near = [
            one
            for above in (head, *matched)
            for one in above.children
            if one.dep_ != "aux"
            and (one.dep_ not in ("prep", "prt", "dative") or (one.i > above.i and not _is_of_time(one)))
        ]
        if alternatives & _OPENING:  # agree that it should be so, ask whether it is
            clauses = [child for child in head.children if child.dep_ in ("ccomp", "advcl")]
            near += [one for clause in clauses for one in clause.children if _opens(one)]
        hit = next(
            (
                one
                for one in near
                if one not in matched and (one.lower_ in alternatives or lemma_of(one) in alternatives)
            ),
            None,
        )
        if hit is None:
            return None
        matched.append(hit)
    return matched


def pobj(preposition: Any) -> Any:
    """Return the noun after a preposition; ``him`` in ``on him to resign``, which the parser reads as a clause."""
    if preposition.dep_ == "mark":
        if preposition.lower_ not in ("on", "upon"):
            return None
        return next((one for one in preposition.head.children if one.dep_ == "nsubj"), None)
    for child in preposition.children:
        if child.dep_ == "pobj":
            return child
        if child.dep_ == "pcomp" and child.tag_ == "VB":
            return next((one for one in child.children if one.dep_ == "nsubj"), None)
    return None


def is_passive(verb: Any) -> bool:
    if any(child.dep_ in ("auxpass", "nsubjpass") for child in verb.children):
        return True
    if verb.tag_ != "VBN" or any(child.dep_ in ("aux", "nsubj") for child in verb.children):
        return False
    return verb.dep_ == "acl" or (verb.dep_ == "conj" and verb.head.pos_ == "VERB" and is_passive(verb.head))


def _antecedent(token: Any, verb: Any) -> Any:
    """Return the antecedent of "who", "which" or "that"; other tokens are returned unchanged."""
    if token.lower_ in ("who", "which", "that", "whom"):
        node = verb
        while node.dep_ == "conj":
            node = node.head
        if node.dep_ == "relcl":
            return node.head
    return token


def subject_of(verb: Any, depth: int = 0) -> Any:
    """Return the actor, through passives, conjunctions, infinitives and participles; None if nobody is named."""
    if depth > 4:
        return None
    if is_passive(verb):
        agent = _agent(verb) or next((one for other in _joined(verb) if (one := _agent(other))), None)
        return pobj(agent) if agent is not None else None
    for child in verb.children:
        if child.dep_ == "nsubj":
            return _antecedent(child, verb)
    head = verb.head
    past = verb.tag_ == "VBD" and not verb.lower_.endswith(("en", "wn"))  # "taken" is a participle, whatever its tag
    inside = (head.dep_ in ("ccomp", "pcomp") and head.tag_ in ("VBN", "VBG")) or (
        head.dep_ == "xcomp" and head.tag_ == "VB"
    )
    if verb.dep_ == "conj" and past and inside:
        above = next((one for one in head.ancestors if one.tag_ == "VBD"), None)
        return subject_of(above, depth + 1) if above is not None else None  # he said they had been told and accused her
    if verb.dep_ == "conj" and head.pos_ in ("VERB", "AUX"):
        return subject_of(head, depth + 1) if not is_passive(head) else object_of(head, set())
    if verb.dep_ == "xcomp" and head.dep_ == "acomp":  # is due to meet
        return subject_of(head.head, depth + 1)
    if verb.dep_ in ("xcomp", "advcl") and verb.tag_ == "VB" and (asked := _called_on(head, verb)) is not None:
        return asked
    if verb.dep_ == "ccomp" and verb.tag_ in ("VBD", "VBZ", "VBP"):
        return None  # the parser has lost its subject
    if verb.dep_ in ("xcomp", "ccomp") and head.pos_ in ("VERB", "ADJ", "AUX"):
        controlled = next((child for child in head.children if child.dep_ == "dobj"), None)
        if controlled is not None and lemma_of(head) not in ("promise", "use", "threaten"):
            return controlled
        return subject_of(head, depth + 1) if not is_passive(head) else object_of(head, set())
    if verb.dep_ == "pcomp":  # accused X of attacking
        governor = head.head
        if governor.dep_ == "dobj" and head.lower_ in ("of", "for", "from"):
            return governor
        if head.lower_ in ("of", "for", "from", "into") and governor.pos_ == "VERB":  # jailed X for helping Y
            done_to = object_of(governor, set())
            if done_to is not None or head.lower_ == "of":
                return done_to
        return subject_of(governor, depth + 1) if governor.pos_ == "VERB" and not is_passive(governor) else None
    if verb.dep_ == "advcl" and head.pos_ == "VERB" and verb.tag_ in ("VBG", "VB"):
        return subject_of(head, depth + 1) if not is_passive(head) else object_of(head, set())
    if verb.dep_ == "acl" and verb.tag_ in ("VBG", "VBD"):
        return head
    if verb.dep_ == "acl" and verb.tag_ == "VB":
        owner = next((child for child in head.children if child.dep_ == "poss"), None)
        if owner is not None:
            return owner
        return subject_of(head.head, depth + 1) if head.head.pos_ == "VERB" and head.dep_ == "dobj" else None
    return None


def _called_on(verb: Any, infinitive: Any) -> Any:
    """Return ``Ruiz`` in ``called on Ruiz to resign``."""
    if lemma_of(verb) not in ("call", "appeal", "plead"):
        return None
    prepositions = [one for one in verb.children if one.dep_ == "prep" and verb.i < one.i < infinitive.i]
    return pobj(prepositions[-1]) if prepositions else None


def _agent(verb: Any) -> Any:
    return next((child for child in verb.children if child.dep_ == "agent"), None) or _agent_astray(verb)


def _joined(verb: Any) -> list[Any]:
    """Return ``held`` in ``are being rounded up and held by the troops``."""
    return [child for child in verb.children if child.dep_ == "conj" and child.tag_ == "VBN"]


def _agent_astray(verb: Any) -> Any:
    """Return the ``by X`` that the parser attached to a sum after a passive: ``was fined 3 million euros by a
    regulator``."""
    for child in verb.children:
        if child.i > verb.i and (child.dep_ in ("dobj", "oprd", "npadvmod") or child.lower_ == "by"):
            by = next((one for one in child.subtree if one.lower_ == "by" and one.dep_ in ("prep", "agent")), None)
            if (
                by is not None
                and (inner := pobj(by)) is not None
                and inner.ent_type_ not in ("DATE", "TIME", "PERCENT")
            ):
                return by
    return None


def named_beside(noun: Any) -> Any:
    """Return ``Tamas Lukacs`` in ``his rival, Tamas Lukacs``: the name beside a noun for a person."""
    return next((child for child in noun.children if child.dep_ == "appos" and child.pos_ == "PROPN"), noun)


def object_of(verb: Any, used: set[Any]) -> Any:
    """Return the token of the target of a verb without a preposition."""
    for child in verb.children:
        if child.dep_ in ("dobj", "nsubjpass") and child not in used:
            return _antecedent(child, verb)
    if is_passive(verb):
        if verb.dep_ == "acl":
            return verb.head
        if verb.dep_ == "conj":
            return object_of(verb.head, used) if is_passive(verb.head) else subject_of(verb.head)
    return None


def top_noun(noun: Any) -> Any:
    """Climb from "deals" in "$1.6 billion in deals" or from a conjunct to the noun that the verb governs."""
    for _ in range(3):
        head = noun.head
        if noun.dep_ == "pobj" and head.head.pos_ in ("NUM", "NOUN", "SYM") and head.lower_ in ("in", "of"):
            noun = head.head
        elif noun.dep_ == "pobj" and head.head.pos_ == "VERB" and head.lower_ in ("in", "into", "to"):
            return _Governed(noun, head.head)
        elif noun.dep_ == "conj" and head.pos_ in ("NOUN", "PROPN"):
            noun = head
        else:
            break
    return noun


@dataclass(slots=True)
class _Governed:
    """A noun after a preposition that counts as the object of the verb: "entered into talks"."""

    noun: Any
    head: Any
    dep_: str = "pobj"

    @property
    def i(self) -> int:
        return int(self.noun.i)


def reporter_of(top: Any) -> Any:
    """Return the verb of saying over the clause whose subject ``top`` is."""
    clause = top.head
    if top.dep_ in ("nsubj", "nsubjpass") and clause.dep_ == "ccomp" and clause.head.pos_ == "VERB":
        return clause.head
    return None


def governing(token: Any) -> Any:
    """Return the nearest verb or event noun above a date or a place."""
    node = token
    while node.head != node:  # spaCy makes a new Token each time
        node = node.head
        if node.pos_ in ("VERB", "AUX") or (
            node.pos_ == "NOUN" and node.dep_ in ("dobj", "nsubj", "nsubjpass", "pobj")
        ):
            if node.pos_ == "NOUN" and node.dep_ == "pobj":
                continue
            return node
    return node


def clause_of(trigger: Any) -> set[Any]:
    """Return the tokens that a date or place of this event may depend on: the trigger, its object, and for a noun the
    verb above it."""
    words = {trigger, *(child for child in trigger.children if child.dep_ in ("dobj", "nsubjpass"))}
    if trigger.pos_ != "VERB":
        top = top_noun(trigger)
        words.add(top.head)
        words.add(top.noun if isinstance(top, _Governed) else top)
    node = trigger
    while node.dep_ in ("xcomp", "conj"):
        node = node.head
        words.add(node)
    return words
