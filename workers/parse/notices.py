"""Paragraphs that are not the story: corrections, copyright, subscriptions, sharing, other stories."""

from __future__ import annotations

import re
from typing import Literal

NoticeKind = Literal["correction", "update", "copyright", "subscription", "related", "share", "contact", "other"]

_LONGEST = 600  # characters; a longer paragraph is the story, whatever it begins with

_PATTERNS: tuple[tuple[NoticeKind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.I))  # type: ignore[misc]
    for kind, pattern in (
        ("correction", r"^\W*(?:this (?:story|article|version)[^.]{0,60}(?:corrects?|has been corrected|was corrected)|corrections?\s*[:—–-]|"
         r"clarification\s*[:—–-]|\(?corrects |an earlier version of this|editor[’']s note:[^.]{0,80}correct|berichtigung:|"
         r"rectificatif|correction apportée|исправление:|تصحیح\s*:|تصحيح\s*:|更正[:：])"),
        ("update", r"^\W*(?:update\s*\d*\s*[:—–]|this (?:story|article) (?:has been|was) updated|\(?(?:updates|adds|recasts|releads)\b[^.]{2,80}\)?$|"
         r"this is a (?:breaking|developing) (?:news )?story)"),
        ("copyright", r"^\W*(?:©|\(c\)\s|copyright\b|all rights reserved|tous droits réservés|alle rechte vorbehalten|"
         r"todos los derechos|все права защищены|جميع الحقوق|کلیه حقوق|版权所有)|(?:all rights reserved\.?|this material may not be published, "
         r"broadcast[^.]{0,60}\.?)$"),
        ("subscription", r"^\W*(?:subscribe\b|sign up (?:for|to|here)|already a (?:subscriber|member)|get (?:unlimited|full) access|become a (?:member|subscriber)|"
         r"to (?:continue|keep) reading|abonnez-vous|jetzt abonnieren|suscríbete|подпишитесь|get our (?:daily )?newsletter|support (?:our|independent) journalism)"),
        ("related", r"^\W*(?:read (?:more|also|next|the full)\b|see also\b|also read\b|related(?: (?:stories|articles|content|news))?\s*:?|more (?:on this|from|stories)\b|"
         r"lire aussi\b|à lire aussi|lesen sie auch|mehr zum thema|lea también|te puede interesar|leia (?:também|mais)|leggi anche|lees ook|"
         r"читайте также|بیشتر بخوانید|اقرأ أيضا|click here (?:to|for)|watch:|recommended\s*:?$)"),
        ("share", r"^\W*(?:share (?:this|on|via)\b|share$|tweet$|follow us\b|like us on|print(?: this)?$|e-?mail this|facebook$|twitter$|whatsapp$|"
         r"partager$|teilen$|compartir$|поделиться|اشتراک گذاری|comments?(?: \(\d+\))?$|\d+ comments?$)"),
        ("contact", r"^\W*(?:(?:media|press) contacts?\s*:|contact us\b|for (?:more|further) information,? (?:please )?(?:contact|visit)|"
         r"\(?(?:additional )?(?:reporting|writing|editing) by [^.]{2,200}$|editing by )"),
        ("other", r"^\W*(?:advertisement|advertising|sponsored(?: content)?|publicité|anzeige|реклама|publicidad|embargoed?\b[^.]{0,80}|"
         r"for immediate release|end of (?:story|text)|ends?|#{2,}|-?\s?30\s?-?|(?:-\s?)?more(?:\s?-)?|/?ends/?)\W*$"),
    )
)  # fmt: skip


def notice_kind(paragraph: str) -> NoticeKind | None:
    """What kind of notice the paragraph is, or None where it may be the story."""
    if len(paragraph) > _LONGEST:
        return None
    for kind, pattern in _PATTERNS:
        if pattern.search(paragraph):
            short = kind in ("related", "share", "subscription") and len(paragraph) > 220
            return None if short else kind
    return None
