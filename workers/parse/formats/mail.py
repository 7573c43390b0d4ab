"""Convert a message of EML or MSG: its subject, sender, date and text become an Article, its attachments become
members."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any

from services.records import Article, Byline, Wire
from workers.parse.article.byline import in_order
from workers.parse.article.compose import Head, compose
from workers.parse.article.dateline import read_dateline
from workers.parse.article.dates import read_stamp
from workers.parse.article.newstext import read_text
from workers.parse.article.normalise import tidy
from workers.parse.article.notices import notice_kind
from workers.parse.base import Limits, Member
from workers.parse.members import Collector
from workers.parse.web import markup
from workers.parse.wire.coded import coded, distinct, number
from workers.parse.wire.fields import holds_article, known, read_head


@dataclass(slots=True)
class Mail:
    """A message, decoded. ``date`` is as its header writes it (RFC 5322)."""

    subject: str = ""
    sender: str = ""
    address: str = ""
    date: str = ""
    text: str = ""
    html: str = ""
    id: str = ""
    attachments: list[Member] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


_PREFIX = re.compile(r"^\s*(?:(?:re|fwd?|aw|wg|tr|rv|sv|vs|antw)\s*(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE)
_FUNCTION = re.compile(
    r"\b(press|news|newsletters?|newsdesk|media|office|ministry|department|team|desk|editors?|service|agency|bureau|"
    r"centre|center|institute|university|council|committee|group|company|inc|ltd|llc|gmbh|bank|the|daily|weekly|times|"
    r"post|herald|tribune|journal|gazette|today|alerts?|digest|briefing|communications|relations|association|union)\b",
    re.IGNORECASE,
)
_ROLE_ADDRESS = re.compile(
    r"^(press|news|newsletters?|media|info|no-?reply|do-?not-?reply|editors?|newsroom|hello|contact|mail|office|"
    r"communications?|pr|subscriptions?|updates?|alerts?|digest|presse|prensa|redaktion|redaction)\b",
    re.IGNORECASE,
)


def mail_article(mail: Mail, format: str) -> Article:
    """Return the message as an article: its HTML, unless the plain text is clearly longer."""
    head = Head(title=tidy(_PREFIX.sub("", mail.subject)) or None)
    _set_sender(head, mail.sender, mail.address)
    _set_date(head, mail.date)
    head.wire = Wire(guid=mail.id) if mail.id else None
    if form := _form(mail.text):
        return _from_form(form, head, format, mail.warnings)
    if mail.html:
        blocks = markup.pieces(markup.read_html(mail.html))
        if 2 * sum(len(block.text) for block in blocks) >= len(mail.text):
            if blocks and head.title:
                lead = next((at for at, block in enumerate(blocks) if notice_kind(block.text) is None), 0)
                if (blocks[lead].kind == "heading" or lead == 0) and tidy(
                    blocks[lead].text
                ).casefold() in head.title.casefold():
                    del blocks[lead]  # the subject says it
            return compose(blocks, head, format=format, warnings=mail.warnings, confidence=0.8)
    return read_text(mail.text, has_head=False, head=head, format=format, warnings=mail.warnings)


def _form(text: str) -> dict[str, Any] | None:
    """Return the fields of a story that a web form sent as one JSON object; None if the mail is not such a form."""
    if not text.lstrip().startswith("{"):
        return None
    try:
        found = json.loads(text.strip(), strict=False)
    except (ValueError, RecursionError):
        return None
    names = known(found) if isinstance(found, dict) else {}
    return {field: found[name] for field, name in names.items()} | {"form": found} if holds_article(names) else None


def _from_form(form: dict[str, Any], head: Head, format: str, warnings: list[str]) -> Article:
    """Return the story of the form, with missing values from the mail's header."""
    told, more = read_head(form)
    whole = {str(name).casefold(): words for name, value in form["form"].items() if (words := _joined(value))}
    head.title, head.deck = told.title or head.title, told.deck or whole.get("abstract")
    head.byline = told.byline or head.byline
    head.code = told.code or whole.get("slugline")
    head.published_at = head.published_at or told.published_at
    wire = head.wire or Wire()
    wire.slugline, wire.urgency = head.code, number(whole.get("priority"), 9)
    wire.genre = distinct([coded(None, whole.get("genre"))])
    wire.subjects = distinct([coded(None, whole.get("category"))])
    head.wire = wire
    text = _joined(form.get("text") or form.get("html"))
    if (dateline := whole.get("dateline")) and read_dateline(text[:200]) is None:
        text = f"{dateline} — {text}"
    return read_text(text, has_head=False, head=head, format=format, warnings=[*warnings, *more])


def _joined(value: Any) -> str:
    values = value if isinstance(value, list) else [value]
    return "\n\n".join(each.strip() for each in values if isinstance(each, str) and each.strip())


def keep(mail: Mail, limits: Limits, packed_bytes: int) -> list[Member]:
    """Return the attachments under the limits; there may be none."""
    found = Collector(limits, packed_bytes)
    for member in mail.attachments:
        found.add(member.path, member.data, member.media_type, member.url)
    return found.members


def _set_sender(head: Head, sender: str, address: str) -> None:
    """Set a person as author and an office or newspaper as publisher; if the name shows neither, set nothing."""
    sender = tidy(sender.strip("\"' "))
    local, _, domain = address.lower().partition("@")
    if not sender or "@" in sender:
        return
    words = [word for word in re.split(r"\W+", sender.lower()) if len(word) > 2]
    of_place = "".join(words) and any(word in domain for word in words)
    if _FUNCTION.search(sender) or _ROLE_ADDRESS.match(local) or (of_place and not any(w in local for w in words)):
        head.publisher = sender
    elif 2 <= len(sender.split()) <= 4 and any(word in local for word in words):
        head.byline = [Byline(name=in_order(sender), email=address)]


def _set_date(head: Head, date: str) -> None:
    """Read the date by the rules of the mail standard, in which ``-0000`` means that the zone is unknown."""
    try:
        found = parsedate_to_datetime(re.sub(r"\([^()]*\)\s*$", "", date).strip())
    except (ValueError, TypeError, IndexError, OverflowError):
        stamp = read_stamp(date)
        if stamp:
            head.published_at, head.published_zone = stamp.instant, stamp.zone
        return
    if found.tzinfo is None:
        head.published_at = found.replace(tzinfo=UTC)
    else:
        zone = re.search(r"(?:[+-]\d{4}|[A-Z]{1,5})(?=\s*(?:\(|$))", date.strip())
        head.published_at = found.astimezone(UTC)
        head.published_zone = zone[0] if zone else None
