"""Recognise lines that ask readers to act: to subscribe, buy, comment, or go to another page; and disclosures of
affiliate links."""

from __future__ import annotations

import re
from functools import lru_cache

_LONGEST = 90  # characters
_CALL = re.compile(
    r"""\W*(?:
      (?:sign|log)[ ]?(?:up|in|out)(?:[ ](?:now|today|here|for[ ]free))?     # Sign up now; not: Sign up by 3 March
    | (?:subscribe|register|join)(?:[ ](?:us|now|today|here))*               # Subscribe today; not: Join us in Leeds
    | join[ ](?:our|the)[ ].{0,40}(?:newsletter|mailing[ ]list|facebook[ ]group)
    | get[ ]started(?:[ ](?:now|today|here|for[ ]free))?
    | (?:start|try|book|request|schedule|get)[ ](?:(?:a|an|your|my|it)[ ])?(?:for[ ])?(?:free|demo|quote)(?:[ ](?:trial|demo|quote|consultation))?
    | no[ ]credit[ ]card[ ]required
    | back[ ]to[ ](?:top|start)|(?:see|view|show|load|explore|learn)[ ](?:more|less|all)
    | read[ ](?:more|(?:the[ ])?(?:full[ ])?(?:reviews?|story|article))     # Read the review; not: Read the room
    | (?:previous|next)[ ](?:article|post|page|story)
    | click[ ]to[ ](?:expand|shrink|enlarge)|(?:reveal|show|hide)[ ]answers?
    | check[ ](?:the[ ])?price(?:s)?[ ](?:at|on)[ ].{2,40}|(?:check|view|buy|shop)[ ](?:now[ ])?(?:it[ ])?(?:on|at|from)[ ](?:amazon|ebay|walmart|etsy).{0,40}
    | buy[ ]now(?:[ ](?:at|on|from)[ ].{2,40})?|where[ ]to[ ]buy|add[ ]to[ ](?:cart|bag|basket|wish[ ]?list|compare|favou?rites)
    | you[ ](?:may|might)[ ](?:also[ ])?(?:like|enjoy|be[ ]interested[ ]in).{0,20}|more[ ]like[ ]this
    | (?:other|more)[ ](?:posts|articles|stories)[ ]you[ ](?:may|might).{0,20}
    | (?:related|recommended|popular|recent|similar|latest)[ ](?:posts|articles|stories|topics|reading|reads|links)
    | (?:add|leave|post|write)[ ](?:a|your)[ ](?:comment|reply|review)
    | (?:all|no)[ ]comments(?:[ ](?:yet|are[ ]welcome))?|comment[ ]via
    | share[ ](?:your[ ]story|this.{0,20})|pin[ ](?:it|for[ ]later)
    | advert(?:isement|ising)|sponsored
    | (?:estimated[ ]reading[ ]time:?[ ])?\d+[ ]min(?:ute)?s?[ ]read(?:ing[ ]time)?
    | already[ ](?:have[ ]an[ ]account|a[ ](?:member|subscriber))\?[ ](?:log|sign)[ ]in(?:[ ]here)?
    | this[ ](?:article|story|post)[ ]is[ ](?:exclusive[ ]to|for)[ ](?:our[ ])?.{0,25}(?:subscribers|members)(?:[ ]only)?
    | join[ ].{2,30}[ ]for[ ]free[ ]to[ ]get[ ]updates.{0,40}
    | want[ ]more[ ]from[ ].{2,30}\?[ ](?:sign[ ]up|subscribe).{0,60}
    )\W*""",
    re.I | re.X,
)


_LONG = 300  # characters
_DISCLOSURE = re.compile(
    r"""
      (?:this|our|the|some)\b.{0,40}\b(?:contains?|includes?|uses?|of[ ]the[ ]links)\b.{0,30}\baffiliate   # This post may contain affiliate links
    | \b(?:I|we|us|our|site|website|purchases)\b.{0,60}\b(?:earn|receive|be)\b.{0,30}\b(?:commissions?|compensat(?:ed|ion)|qualifying[ ]purchases)
    """,
    re.I | re.X,
)
_SALE = re.compile(r"\b(?:links?|purchas\w+|partners|providers)\b", re.I)


def is_call(text: str) -> bool:
    """Return whether the line only asks the reader to act, or discloses that the publisher earns money from its
    links."""
    return len(text) <= _LONG and _is_call(text)


@lru_cache(4096)
def _is_call(text: str) -> bool:
    if len(text) <= _LONGEST and _CALL.fullmatch(text):
        return True
    return bool(_SALE.search(text) and _DISCLOSURE.search(text))
