"""Recognise paragraphs that do not belong to the story: corrections, copyright, subscriptions, sharing, other
stories."""

from __future__ import annotations

import re
from typing import Literal

NoticeKind = Literal["correction", "update", "copyright", "subscription", "related", "share", "contact", "other"]

_LONGEST = 600  # characters; a longer paragraph belongs to the story, whatever it begins with

_PATTERNS: tuple[tuple[NoticeKind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.I))  # type: ignore[misc]
    for kind, pattern in (
        ("correction", r"^\W*(?:this (?:story|article|version)[^.]{0,60}(?:corrects?|(?:has been|was) (?:corrected|amended))|corrections?(?:,[^:]{2,30})?\s*[:—–-]|"
         r"clarification\s*[:—–-]|\(?corrects |an earlier version of this|editor[’']s note:[^.]{0,80}correct|berichtigung:|"
         r"rectificatif|correction apportée|исправление:|تصحیح\s*:|تصحيح\s*:|更正[:：])"),
        ("update", r"^\W*(?:update\s*\d*\s*[:—–]|updated (?:at|on|with|to)\b|this (?:story|article) (?:has been|was) updated|\(?(?:updates|adds|recasts|releads)\b[^.]{2,80}\)?$|"
         r"this is a (?:breaking|developing) (?:news )?story)"),
        ("copyright", r"^\W*(?:©|\(c\)\s|copyright\b(?! (?:law|rules?|act|holders?|owners?|infring|claims?|case|suit|protect|is|has|was|can|does))|all rights reserved|tous droits réservés|alle rechte vorbehalten|"
         r"todos los derechos|все права защищены|جميع الحقوق|کلیه حقوق|版权所有)|(?:all rights reserved\.?|this material may not be published, "
         r"broadcast[^.]{0,60}\.?)$"),
        ("subscription", r"^\W*(?:subscribe\b|sign up (?:for|to|here)|already a (?:subscriber|member)|get (?:unlimited|full) access|become a (?:member|subscriber)|"
         r"to (?:continue|keep) reading|abonnez-vous|jetzt abonnieren|suscríbete|подпишитесь|assine (?:já|agora)|iscriviti|abbonati|abonneer|word abonnee|abone ol|zaprenumeruj|subskrybuj|subscreva|inscrivez-vous|jetzt (?:anmelden|testen)|відписуйтесь|підпишіться|订阅|購読|구독|اشترك|مشترک شوید|weiterlesen mit|(?:can[’']t see|having trouble)[^.]{0,40}\bemail|view (?:this (?:e-?mail|newsletter|message) )?(?:in|on) (?:your |a |the )?(?:web )?browser|unsubscribe\b|you(?:[’']re| are)? (?:receiv\w+|getting|got) this\b|update (?:your )?(?:e-?mail )?preferences|forward(?:ed)? (?:this|to a friend)|sie (?:erhalten|bekommen) diese[nrs]?\b[^.]{0,20}(?:mail|newsletter|nachricht)|im browser (?:ansehen|öffnen|anzeigen)|newsletter abbestellen|vous recevez (?:cet|ce|cette)\b|voir (?:cet e-?mail )?dans (?:votre|le) navigateur|se désabonner|recibes? este (?:correo|bolet[ií]n)|ver en (?:el|tu) navegador|darse de baja|ricevi questa|отписаться|вы получили это письмо|get our (?:daily )?newsletter|support (?:our|independent) journalism)"),
        ("related", r"^\W*(?:read (?:more|also|next|the full)\b|see also\b|also read\b|related(?: (?:stories|articles|content|news))?\s*(?::|$)|more (?:on this|from|stories)\b|"
         r"lire aussi\b|à lire aussi|lesen sie auch|mehr zum thema|lea también|te puede interesar|leia (?:também|mais)|leggi anche|lees ook|"
         r"читайте также|بیشتر بخوانید|اقرأ أيضا|click here (?:to|for)|watch:|recommended\s*:?$)"),
        ("share", r"^\W*(?:share (?:this|via)\b|share on (?:facebook|twitter|x|whatsapp|linkedin|reddit|pinterest|social)\b|share$|tweet$|follow us\b|like us on|print(?: this)?$|e-?mail this|facebook$|twitter$|whatsapp$|"
         r"partager$|teilen$|compartir$|поделиться|اشتراک گذاری|comments?(?: \(\d+\))?$|\d+ comments?$)"),
        ("contact", r"^\W*(?:(?:media|press) contacts?\s*:|contacts?\s*:[^.]{0,100}?(?:@|\d{3})|contact us\b|for (?:more|further) information,? (?:please )?(?:contact|visit)|"
         r"\(?(?:additional )?(?:reporting|writing|editing) by [^.]{2,200}$|editing by |write to [^@]{3,60} at \S+@|.{3,120} contributed (?:to this (?:article|report|story)|reporting)\b)"),
        ("other", r"^(?:声明|免责声明|版权声明|聲明)\s?[:：].*$|^\W*(?:advertisement|advertising|sponsored(?: content)?|publicité|anzeige|реклама|publicidad|embargoed?\b[^.]{0,80}|"
         r"for immediate release|(?:press|news|media) (?:release|advisory)|communiqué(?: de presse)?|pressemitteilung|comunicado(?: de prensa)?|comunicato stampa|пресс-релиз|انتهای پیام/?|end of (?:story|text)|ends?|#{2,}|-?\s?30\s?-?|(?:-\s?)?more(?:\s?-)?|/?ends/?)\W*$"),
    )
)  # fmt: skip


_SIGN_OFF = re.compile(
    r"\s*(?P<line>[(\[](?:Additional )?(?:Reporting|Writing|Editing|Compiled|Written) by (?P<names>[^()\[\];.]{3,200})[^()\[\]]{0,300}[)\]])\W*$"
)


def sign_off(paragraph: str) -> tuple[str, str] | None:
    """Return the desk's line in brackets at the end of a report, with the first names in it: ``(Reporting by Jane Roe; Editing
    by …)``."""
    match = _SIGN_OFF.search(paragraph)
    return (match["line"], match["names"]) if match else None


_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}|\+\d[\d ()-]{6,18}\d")


def contact_kind(paragraph: str, after: str | None) -> NoticeKind | None:
    """Return ``contact`` for a line that is only an address, or a short line with one directly ``after`` a notice of
    that kind."""
    found = _ADDRESS.search(paragraph)
    if found and (len(found[0]) > 0.8 * len(paragraph) or (after == "contact" and len(paragraph) < 200)):
        return "contact"
    return None


def notice_kind(paragraph: str) -> NoticeKind | None:
    """Return the kind of notice, or None if the paragraph may belong to the story."""
    if len(paragraph) > _LONGEST:
        return None
    for kind, pattern in _PATTERNS:
        if pattern.search(paragraph):
            short = kind in ("related", "share", "subscription") and len(paragraph) > 220
            return None if short else kind
    return None


_END_MARK = re.compile(
    r"[-–—#* ]*(?:ends?|more|mf|mtf|-?30-?|###?|reuters?)[-–—#* .]*|(?:AAP|PA|AFP|AP|CP|dpa|ANSA|Reuters|STT|NTB|TT|Ritzau)(?: [A-Z]{2,4})? [a-z]{2,4}(?:[/ ][a-z]{2,4}){0,4}",
    re.IGNORECASE,
)
"""Matches ``ends``, ``-30-``, ``AAP RTV ar``, not ``More follows.``"""


def is_end_mark(paragraph: str) -> bool:
    """Return whether the paragraph is a desk's end mark."""
    return len(paragraph) < 30 and _END_MARK.fullmatch(paragraph.strip()) is not None
