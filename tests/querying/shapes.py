"""Parts that many questions share."""

from __future__ import annotations

from typing import Any


def first(*names: str) -> dict[str, int]:
    return dict.fromkeys(names, 1)


def shown(**more: Any) -> dict[str, Any]:
    return {"_id": 0, "title": 1, **more}


COUNT = {"$sum": 1}
BY_COUNT = {"$sort": {"count": -1, "_id": 1}}
