"""The patterns of events: which verbs and nouns indicate which PLOVER type."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from workers.enrich.languages.wordlists import DATA

TYPES = [
    "AGREE",
    "CONSULT",
    "SUPPORT",
    "CONCEDE",
    "COOPERATE",
    "AID",
    "RETREAT",
    "REQUEST",
    "ACCUSE",
    "REJECT",
    "THREATEN",
    "PROTEST",
    "SANCTION",
    "MOBILIZE",
    "COERCE",
    "ASSAULT",
]
_OWN = DATA / "events.toml"
_LISTS = (
    "support_verbs",
    "representatives",
    "groups",
    "plan_words",
    "deny_words",
    "doubt_words",
    "accuse_words",
    "need_target",
    "need_actor",
    "need_direct",
    "to_somebody",
)


@dataclass(frozen=True, slots=True)
class Pattern:
    """``words`` are the sets of lemmas that must depend on the head, in order.

    ``gives_actor`` means that the noun after the last word, a preposition, is the actor and not the target.
    """

    action: str
    words: tuple[frozenset[str], ...]
    gives_actor: bool = False


@dataclass
class Patterns:
    """The patterns of a file by the lemma of their verb or noun, the longest first."""

    verbs: dict[str, list[Pattern]] = field(default_factory=dict)
    nouns: dict[str, list[Pattern]] = field(default_factory=dict)
    reciprocal: set[str] = field(default_factory=set)
    alone: set[str] = field(default_factory=set)
    unnamed: set[str] = field(default_factory=set)
    nothing: dict[str, list[tuple[frozenset[str], ...]]] = field(default_factory=dict)
    words: dict[str, set[str]] = field(default_factory=dict)

    def add(self, path: Path) -> None:
        """Add a file's patterns to these. Raises OSError, tomllib.TOMLDecodeError, ValueError for an unknown type."""
        table = tomllib.loads(path.read_text("utf-8"))
        for name in _LISTS:
            self.words.setdefault(name, set()).update(table.get(name, []))
        for line in table.get("nothing", []):
            head, *words = line.split()
            self.nothing.setdefault(head, []).append(tuple(frozenset(word.split("|")) for word in words))
        for action, entry in table.get("types", {}).items():
            if action not in TYPES:
                raise ValueError(f"{path}: {action} is not a PLOVER event type; use one of {', '.join(TYPES)}")
            for kind in ("verbs", "nouns"):
                for line in entry.get(kind, []):
                    head, *words = line.split()
                    sets = tuple(frozenset(word.lstrip("<").split("|")) for word in words)
                    pattern = Pattern(action, sets, gives_actor=line.rpartition(" ")[2].startswith("<"))
                    known = getattr(self, kind).setdefault(head, [])
                    known.append(pattern)
                    known.sort(key=lambda one: -len(one.words))
            for flag in ("reciprocal", "alone", "unnamed"):
                if entry.get(flag):
                    getattr(self, flag).add(action)


@lru_cache
def load_patterns(extra: Path | None = None) -> Patterns:
    """Return Copydesk's own patterns and those of ``extra``, a file of the same form."""
    patterns = Patterns()
    patterns.add(_OWN)
    if extra is not None:
        patterns.add(extra)
    return patterns
