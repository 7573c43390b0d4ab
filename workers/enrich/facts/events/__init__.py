"""Who did what to whom: events of PLOVER types."""

from workers.enrich.facts.events.patterns import load_patterns
from workers.enrich.facts.events.stage import STAGE, find_events

__all__ = ["STAGE", "find_events", "load_patterns"]
