"""Recognise sports reports, in which a city's name can mean its team: ``Leeds beat Norwich 3-1``."""

from __future__ import annotations

import re
from collections.abc import Iterator

# Each pattern has an example of what it matches.
_WORDS = re.compile(
    r"\b(?:beat|striker|midfielder|goal|goals|League|coach|championship|cup|innings|playoffs|wickets?|"  # beat Leeds
    r"semi-?finals?|quarter-?finals?|halftime|half-time|scorers?|Scorers?|standings|Standings|homers?|inning|"
    r"Grand Prix|tournament|fixtures|Soccer|soccer|athletics|metres|hurdles|marathon|baseball|basketball|cricket|rugby|tennis|golf)\b"
)
_SLUG = re.compile(  # SOCCER - LEEDS BEAT NORWICH; Cricket: Kent all out
    r"\s*(?:SOCCER|FOOTBALL|CRICKET|RUGBY(?: LEAGUE| UNION)?|BASEBALL|BASKETBALL|(?:ICE )?HOCKEY|TENNIS|GOLF|ATHLETICS|"
    r"CYCLING|SQUASH|BOXING|SWIMMING|BADMINTON|MOTOR ?RACING|N[FBH]L|MLB)\b"
)
_ALONE = re.compile(  # singles, second round; round of 68; 100 metres; heats
    r"\b(?:[Ss]ingles|seed(?:s|ed|ing)?|SEEDS?|metres|[Mm]arathon|strokes?|par|GOLF|golf|TENNIS|tennis|ATHLETICS|athletics|"
    r"SQUASH|squash|CYCLING|cycling|BADMINTON|badminton|SWIMMING|BOXING|featherweight|heavyweight|[Gg]rand [Pp]rix)\b"
)
_TOGETHER = re.compile(  # league; won, drawn, lost; innings; American League
    r"\b(?:[Ll]eague|[Dd]ivision|drawn|innings|wickets|[Ss]coreboard|[Cc]ounty|CUP|Cup|SOCCER|[Ss]occer|RUGBY|[Rr]ugby|BASEBALL|"
    r"BASKETBALL|CRICKET|halftime|striker|midfielder|inning)\b"
)
_CRICKET = re.compile(r"\b(?:wickets?|innings|overs|CRICKET|lbw|not out)\b")

_PLAYS_AFTER = re.compile(  # Leeds lost; Leeds striker; Leeds had reached 120 for three
    r"(?:['’]s?)? (?:beat|lost|drew|thrashed|edged|defeated|won|has won|had won|face|host|play|are|were|have|striker|"
    r"midfielder|defender|goalkeeper|winger|forward|quarterback|pitcher|captain|manager|coach|boss|fans?|supporters|"
    r"side|players?|kept up|had reached|need (?:a|an|another)|scored|tied it|outhit|batsm[ae]n|bowlers?)\b"
)
_PLAYS_BEFORE = re.compile(  # lead over Leeds; a draw with Leeds; to dismiss Leeds
    r"\b(?:beat|beating|defeated|defeating|thrashed|edged|against|win over|victory over|wins? over|lead over|winners over|"
    r"lost to|draw with|drew with|defeat (?:by|to|at)|loss to|joined|joined [A-Z]\w+ from|signed (?:for|from)|played for|"
    r"champions|rivals?|hopefuls|dismiss|dismissed|reducing|bowling|leaders|outdueled|v|vs) $"
)
_SQUAD = re.compile(
    r" (?:striker|midfielder|defender|goalkeeper|winger|quarterback|pitcher|captain|manager|coach|boss|fans|supporters)\b"
)
_NICKNAME = re.compile(r"(?: [A-Z][\w’-]*)?(?: [A-Z][a-z]+s| Sox| Jazz| Magic| Heat| Thunder| Lightning)\b")
_CLUB = re.compile(r" (?:City|United|Town|Rovers|Wanderers|Athletic|Albion|Hotspur|County|FC|Villa|Forest|Wednesday)\b")
NATIONS = frozenset(["England", "Scotland", "Wales", "Northern Ireland"])
"""Parts of a country that have national teams."""
_CLUB_OF = re.compile(  # Dynamo Moscow; AC Milan
    r"\b(?:Dynamo|Dinamo|Real|Atletico|Atlético|Inter|AC|AS|FC|SC|Spartak|Lokomotiv|CSKA|Torpedo|Sporting|Bayern|Borussia|"
    r"Olympique|Racing|Deportivo|Athletic|Rapid|Partizan|Maccabi|Hapoel|Steaua|Red Star|Eintracht|Werder|Hertha|VfB|IFK|OFK|"
    r"Paris St|Paris Saint) [A-ZÀ-Þ][\w-]+"
)
_CLUB_NAME = re.compile(  # Norwich City; West Bromwich Albion
    r"\b[A-Z][a-z]+(?: [A-Z][a-z]+)? (?:City|United|Town|Rovers|Wanderers|Albion|Hotspur|Villa|Wednesday)\b(?! [A-Z])"
)
_AT_PLACE = re.compile(r"\b(?:[Ii]n|[Aa]t|[Nn]ear|[Tt]o|[Ff]rom|[Oo]utside|[Aa]round|[Oo]f|city|town) $")
_PLACE_AFTER = re.compile(r"(?:-based|-born|, [A-Z])")


def is_sport(text: str) -> bool:
    """Return whether this is a sports report, in which the name of a city can mean its team."""
    return _SLUG.match(text) is not None or len(_WORDS.findall(text)) >= 2


def clubs(text: str) -> Iterator[tuple[int, int]]:
    """Yield names in a sports report that are clearly clubs: ``Dynamo Moscow``, ``Norwich City``."""
    if is_sport(text):
        for pattern in (_CLUB_OF, _CLUB_NAME):
            for match in pattern.finditer(text):
                yield match.span()


def is_alone(text: str) -> bool:
    """Return whether people, not teams, compete in a sports report: tennis, golf, athletics."""
    return len(_ALONE.findall(text)) > len(_TOGETHER.findall(text))


def is_cricket(text: str) -> bool:
    """Return whether a sports report is about cricket, which has its own kind of score."""
    return len(_CRICKET.findall(text)) >= 2


def of_squad(text: str, end: int) -> bool:
    """Return whether a player or the coach follows the name that ends at ``end``: ``Leeds striker``."""
    return _SQUAD.match(text, end) is not None


def team(text: str, start: int, end: int) -> int | None:
    """Return the end of the team's name if the city's name at ``start:end`` means its team, otherwise None."""
    if longer := _NICKNAME.match(text, end) or _CLUB.match(text, end):
        return longer.end()
    before = text[max(0, start - 30) : start]
    return end if _PLAYS_AFTER.match(text, end) or _PLAYS_BEFORE.search(before) else None


def is_placed(text: str, start: int, end: int) -> bool:
    """Return whether the words around the name mean the place, although its team plays: ``In Leeds``, ``Leeds,
    England``."""
    return bool(_AT_PLACE.search(text, max(0, start - 8), start) or _PLACE_AFTER.match(text, end))
