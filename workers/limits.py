"""Convert the settings that limit the cost of one document into the parser's limits."""

from __future__ import annotations

from services.settings import Settings
from workers.parse.base import Limits


def limits(settings: Settings) -> Limits:
    """Return the limits. Raises TypeError if ``parse_formats`` names an unknown limit."""
    found = Limits(
        size_bytes=settings.max_body_bytes,
        expanded_bytes=settings.parse_expanded_bytes,
        expansion_ratio=settings.parse_expansion_ratio,
        members=settings.parse_members,
        pages=settings.parse_pages,
        cells=settings.parse_cells,
        depth=settings.parse_depth,
        seconds=settings.parse_seconds,
        memory_bytes=settings.parse_memory_bytes,
        ocr=settings.parse_ocr,
        ocr_pages=settings.parse_ocr_pages,
        ocr_seconds=settings.parse_ocr_seconds,
        ocr_languages=settings.parse_ocr_languages,
        formats=settings.parse_formats,
    )
    for format in found.formats:
        found.of(format)
    return found
