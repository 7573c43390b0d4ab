"""Dates and times of an article, with what they mean in ISO 8601."""

from workers.enrich.facts.dates.stage import STAGE

__all__ = ["STAGE"]
