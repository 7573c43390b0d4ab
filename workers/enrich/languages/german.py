"""Tell whether a German clause refers to the future by its finite verb, which comes second: before a date or right
after it."""

from __future__ import annotations

import re

_MODAL = "wird|werden|soll|sollen|will|wollen|muss|müssen|kann|können|darf|dürfen"
_PLURAL = "beginnen|starten|tagen|treffen|entscheiden|wählen|stimmen|eröffnen|kommen|reisen|fahren|spielen|empfangen|beraten|finden|enden|streiken"
"""Verbs of announced occasions, in the plural of the present; many others have the same form as the past."""
_PRESENT = rf"(?:{_MODAL}|{_PLURAL}|(?:[a-zäöüß]+[^\Wt]|ri)t)"  # beginnt, öffnet; not: sagte, kamen
_PAST = re.compile(
    r"hat|ist|war|fast|erst|jetzt|nicht|seit|mit|statt|selbst|sonst|zuerst|zuletzt|längst|meist|insgesamt|bereit|weit|laut|samt|dort|"
    r"\w*(?:trat|bat|tat|hielt|schritt|stritt|galt|litt|ritt|glitt|schnitt|riet|fand|stand|band|schwand|sprang|bot|lud)|ge\w+t|"
    r"teilt|sagt|erklärt|berichtet|meldet|gibt|zeigt"
)
"""Words that end like a verb in the present but are not one: auxiliaries of the perfect, strong verbs in the past,
participles, adverbs, verbs of reporting."""
_AFTER = re.compile(
    rf"(?:[ ](?:morgen|abend|nachmittag|früh|um \d+(?:[.:]\d\d)? Uhr))*[ ](?P<verb>{_PRESENT})\b", re.IGNORECASE
)
_BEFORE = re.compile(
    rf"\b(?P<verb>{_PRESENT})(?:[ ](?:sich|erst|nur|bereits|schon|dann|wieder))*[ ](?:am|an diesem|ab|bis|vom)[ ]$"
)
_HELPER = re.compile(r"\b(?:hat|haben|hatte|hatten|ist|sind|war|waren|wurde|wurden)\b")


def looks_ahead(before: str, after: str) -> bool:
    """Return whether ``Freitag`` is in the future in ``am Freitag beginnt die Messe``: ``before`` and ``after`` are the
    words around it."""
    clause = re.split(r"[,;:]", before)[-1]
    match = _AFTER.match(after)
    if match and match["verb"].islower() and _PAST.fullmatch(match["verb"]) is None:
        return True
    match = _BEFORE.search(clause)
    return match is not None and _PAST.fullmatch(match["verb"]) is None and _HELPER.search(clause) is None
