"""Find times of day and join them with the day beside them."""

from __future__ import annotations

import re
from bisect import bisect_left
from datetime import date

from services.records import DateKind, DateMention, Grain


def _clock(match: re.Match[str], around: str) -> str | None:
    """Return a time as ``T13:11``; `evening` in the words around it makes 8:40 into 20:40. Returns None if it is not a
    time."""
    hour, minute = int(match["hour"]), int(match["minute"] or match["minute2"] or 0)
    half = (match["half"] or "").lower()
    if not half and hour < 12 and re.search(r"\b(?:afternoon|evening|night)\b", around):
        half = "pm"
    if half:
        hour = hour % 12 + (12 if half[0] == "p" else 0)
    if hour > 23 or minute > 59:
        return None
    zone = "Z" if (match["zone"] or "").upper() in ("GMT", "UTC") else ""
    return f"T{hour:02}:{minute:02}{zone}"


def _on(day: str | None, clock: str) -> str | None:
    """Return day and time as ``2012-03-04T13:11``; None if the day has no value."""
    return f"{day[:10]}{clock}" if day else None


_CLOCK = re.compile(
    r"\b(?P<hour>[0-2]?\d)(?:(?:[:.](?P<minute>[0-5]\d))?[ ]?(?P<half>[ap]\.?m\b\.?)|:(?P<minute2>[0-5]\d)(?![:\d]))"
    r"(?:[ ](?P<zone>GMT|UTC|E[SD]T))?",
    re.IGNORECASE,
)
_SAID = re.compile(r"\b(?:said|told|announced|reported)(?:[ ]on)?[ ]$")
"""Words before the day on which something was said, to which no time of day belongs."""
_TO_DAY = re.compile(r",?[ ](?:on[ ]|local time[ ]on[ ]|le[ ]|am[ ])?", re.IGNORECASE)
_FROM_DAY = re.compile(r",?[ ](?:at[ ](?:about[ ]|around[ ])?|à[ ]|um[ ]|в[ ]|около[ ])?", re.IGNORECASE)


def mention(text: str, start: int, end: int, value: str | None, value_end: str | None, grain: Grain) -> DateMention:
    kind: DateKind = "time" if grain in ("minute", "hour") else "date"
    return DateMention(
        text=text[start:end], start=start, end=end, value=value, value_end=value_end, grain=grain, kind=kind
    )


def timed(text: str, folded: str, found: list[DateMention], taken: bytearray, today: date | None) -> list[DateMention]:
    """Return the days with their times: a time joins the day beside it in one mention, otherwise it is on the last day
    of this or the previous paragraph."""
    days = [
        each
        for each in found
        if each.grain in ("day", "hour")
        and each.value_end is None
        and not _SAID.search(folded, max(0, each.start - 14), each.start)
    ]
    starts = [each.start for each in days]
    joined: dict[int, DateMention] = {}
    times: list[DateMention] = []
    for match in _CLOCK.finditer(folded):
        if any(taken[match.start() : match.end()]):
            continue
        at = bisect_left(starts, match.start())
        before = days[at - 1] if at else None
        after = days[at] if at < len(days) else None
        start, end, day = match.start(), match.start() + len(match[0].rstrip()), None
        if after and _TO_DAY.fullmatch(folded, match.end(), after.start):
            day, end = after, after.end
        elif before and _FROM_DAY.fullmatch(folded, before.end, match.start()):
            day, start = before, before.start
        if day is not None and day.start not in joined:
            if clock := _clock(match, folded[start : end + 12]):
                joined[day.start] = mention(text, start, end, _on(day.value, clock), None, "minute")
            continue
        if not match["half"] and not match["zone"]:
            continue
        near = before and folded.count("\n\n", before.end, start) < 3
        known = before.value if before and near else today.isoformat() if today else None
        if clock := _clock(match, folded[start:end]):
            times.append(mention(text, start, end, _on(known, clock), None, "minute"))
    kept = [joined.get(each.start, each) for each in found]
    return sorted([*kept, *times], key=lambda each: each.start)
