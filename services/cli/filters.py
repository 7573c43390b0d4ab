"""Filters of MongoDB on the command line."""

from __future__ import annotations

import json
from typing import Any

from services.cli.errors import die


def filter_of(where: str) -> dict[str, Any]:
    """Return the filter given on the command line; end the command if it is not valid."""
    try:
        found = json.loads(where)
    except ValueError as error:
        die(f"--where is not JSON: {error}")
    if not isinstance(found, dict):
        die('--where is not a filter, such as \'{"status": "failed"}\'')
    return found
