"""The stages in the order they run. Each module of an annotation ends with its ``STAGE``."""

from __future__ import annotations

import hashlib
import importlib
from dataclasses import replace
from functools import partial
from pathlib import Path

from services.settings import Settings
from services.stages import STORY
from workers.enrich.base import Stage
from workers.enrich.facts import dates, events, money, quantities
from workers.enrich.languages import models
from workers.enrich.names import entities, places
from workers.enrich.speech import cites, quotes, statements
from workers.enrich.whole import keywords, language, summary, terms, topics

# language, entities, places, money, quantities, dates, cites, quotes, statements, topics, events, keywords,
# summary, terms: later stages read what earlier ones found.
STAGES: tuple[Stage, ...] = (
    language.STAGE,
    entities.STAGE,
    places.STAGE,
    money.STAGE,
    quantities.STAGE,
    dates.STAGE,
    cites.STAGE,
    quotes.STAGE,
    statements.STAGE,
    topics.STAGE,
    events.STAGE,
    keywords.STAGE,
    summary.STAGE,
    terms.STAGE,
)


class WrongStage(ValueError):
    """A setting names a stage that does not exist; the message is one line that says which."""


def configured(settings: Settings) -> tuple[Stage, ...]:
    """Return ``STAGES`` with replacements from the settings and without stages that are switched off. Raises
    WrongStage.

    WrongStage is also raised if COPYDESK_ENRICH_LANGUAGES names a language without a model.
    """
    names = [stage.field for stage in STAGES]
    for setting, known, given in (
        ("ENRICH_SKIP", [*names, STORY], settings.enrich_skip),
        ("ENRICH_REPLACE", names, settings.enrich_replace),
    ):
        for name in sorted(set(given) - set(known)):
            raise WrongStage(f"COPYDESK_{setting}: there is no stage {name!r}; the stages are {', '.join(known)}")
    for code in sorted(settings.enrich_languages - set(models.MODELS)):
        raise WrongStage(
            f"COPYDESK_ENRICH_LANGUAGES: no model reads {code!r}; the languages are {', '.join(models.MODELS)}"
        )
    stages = []
    for stage in STAGES:
        if stage.field in settings.enrich_skip:
            continue
        if (dotted := settings.enrich_replace.get(stage.field)) is not None:
            stage = _replacement(stage, dotted)
        elif stage.field == events.STAGE.field and settings.event_patterns:
            stage = _with_patterns(stage, settings.event_patterns)
        stages.append(stage)
    return tuple(stages)


def _replacement(ours: Stage, dotted: str) -> Stage:
    """Return the stage at ``dotted``: a ``Stage``, or a function, which is assumed to need the same fields as the
    built-in stage."""
    setting = f"COPYDESK_ENRICH_REPLACE: {ours.field}={dotted}"
    module, colon, name = dotted.partition(":")
    if not (module and colon and name):
        raise WrongStage(f"{setting} is not of the form package.module:name")
    try:
        found = getattr(importlib.import_module(module), name)
    except Exception as error:  # a module may raise anything
        reason = str(error).partition("\n")[0]
        raise WrongStage(f"{setting} cannot be imported: {type(error).__name__}: {reason}") from error
    if isinstance(found, Stage):
        if found.field != ours.field:
            raise WrongStage(f"{setting} is a stage for {found.field!r}")
        return replace(found, origin=dotted)
    if not callable(found) or isinstance(found, type):
        raise WrongStage(f"{setting} is neither a function nor a Stage")
    return Stage(ours.field, 1, found, needs=ours.needs, origin=dotted, uses_model=ours.uses_model)


def _with_patterns(ours: Stage, path: Path) -> Stage:
    """Return the stage ``events`` with additional patterns from a file; its version contains the file's digest."""
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()[:8]
        patterns = events.load_patterns(path)
    except OSError as error:
        raise WrongStage(f"COPYDESK_EVENT_PATTERNS: {path}: {error.strerror}") from None
    except ValueError as error:  # the file is not valid TOML, or a pattern is wrong
        raise WrongStage(f"COPYDESK_EVENT_PATTERNS: {error}") from error
    return replace(ours, run=partial(events.find_events, patterns=patterns), origin=f"patterns:{digest}")
