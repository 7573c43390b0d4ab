"""Find the parts of a page that do not belong to its story, by their structure: consent banners, cards of other
stories, readers' comments."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from workers.parse.article.normalise import tidy

_UNITS = frozenset(["div", "section", "article", "li", "dl", "tr"])
_WALLS = frozenset(["div", "section", "aside", "dialog", "form", "footer"])
_CARD = 500  # characters; a longer unit is not a teaser
_LINK = 12  # characters of a linked headline; half of it in Chinese and Japanese
_WALL = 3000  # characters of a notice on consent
_PROSE = 80  # characters
_TOLD = 60  # characters outside links in a card that belongs to the story
_BUTTONS = ("a", "button", "span", "div", "li")
_REPLY = re.compile(
    r"(?:reply|antworten|répondre|responder|rispondi|svara?|vastaa|beantwoorden|reageer|odpowiedz|odpovědět|cevapla|yanıtla|ответить|відповісти|"
    r"απάντηση|رد|پاسخ|הגב|回复|回覆|返信|답글)\b",
    re.I,
)
_CONSENT = re.compile(
    r"\bcookies?\b|\bconsent|personal(?:ised|ized)? (?:data|ads|advertising)|\bpartners\b|\bprivacy\b|einwilligung|datenschutz|personenbezogen|"
    r"\bpartnern?\b|données personnelles|consentement|confidentialité|partenaires|datos personales|consentimiento|privacidad|\bsocios\b|"
    r"dati personali|consenso|dados pessoais|consentimento|persoonsgegevens|toestemming|danych osobowych|zgod[aęy]\b|персональн|согласи|"
    r"kişisel veri|çerez|个人信息|隐私|كوكي|الخصوصية|حریم خصوصی|クッキー|개인정보",
    re.I,
)
_AGREE = re.compile(
    r"accept|agree|reject|allow|got it|manage|akzeptier|zustimm|ablehn|einverstanden|refuser|continuer sans|aceptar|rechazar|aceitar|accett|rifiut|"
    r"akkoord|weiger|zgadzam|akceptuj|принять|соглас|kabul|同意|接受|أوافق|موافق|می‌پذیرم|同意する|동의",
    re.I,
)
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff]")


@dataclass(slots=True)
class Around:
    """The structure of a page: ``apart`` are the elements around its story, ``cards`` the groups of neighbours that
    begin with a linked headline, whether they are the story or around it, ``posts`` those with a
    button to reply."""

    apart: set[Any]
    cards: list[list[Any]]
    posts: set[Any] = field(default_factory=set)


def find_around(tree: Any, *, thread: bool = False) -> Around:
    """Remove consent banners from the page, and find its cards and posts. The posts of a ``thread`` are its story."""
    drop(list(_walls(tree)))
    groups = list(_repeated(tree))
    found = Around(set(), [group for kind, group in groups if kind == "cards"])
    found.posts.update(unit for kind, group in groups if kind == "posts" for unit in group)
    if groups:
        rest, scope = _rest(tree, {unit for _, group in groups for unit in group})
        for kind, group in groups:
            if not (thread if kind == "posts" else _is_the_story(group, rest, scope)):
                found.apart.update(group)
    return found


def drop(elements: Iterable[Any]) -> None:
    """Remove the elements with all their content from the page."""
    for element in elements:
        if element.getparent() is not None:
            element.drop_tree()


def _rest(tree: Any, around: set[Any]) -> tuple[int, Any]:
    """Return the size of the page's prose outside the units, and the deepest element that contains most of it."""
    held: Counter[Any] = Counter()
    total = 0
    for element in tree.iter("p", "div", "section", "article", "td"):
        said = element.itertext() if element.tag == "p" else _own_text(element)
        size = sum(len(part.strip()) for part in said)
        if size >= _PROSE and not any(each in around for each in (element, *element.iterancestors())):
            total += size
            held.update(
                dict.fromkeys((() if element.tag == "p" else (element,)) + tuple(element.iterancestors()), size)
            )
    deepest = [each for each, size in held.items() if size >= 0.8 * total]
    return total, max(deepest, key=lambda each: sum(1 for _ in each.iterancestors()), default=None)


def _own_text(element: Any) -> Iterator[str]:
    """Yield the text in the element itself, not in elements inside it."""
    yield element.text or ""
    for child in element:
        yield child.tail or ""


def _is_the_story(units: list[Any], rest: int, scope: Any) -> bool:
    """Return whether the units are the page's content: a list of cards, with little else or within its prose."""
    own = [sum(len(part.strip()) for part in unit.itertext()) - _linked(unit) for unit in units]
    if sum(own) < 2 * _PROSE or sum(own) < _TOLD * len(own):
        return False
    if rest < _PROSE:
        return True
    inside = scope is not None and (scope in units[0].iterancestors() or units[0].getparent() is scope)
    return sum(own) > (0.5 if inside else 10) * rest


def _linked(unit: Any) -> int:
    return sum(len(part.strip()) for link in unit.iter("a") for part in link.itertext())


def _walls(tree: Any) -> Iterator[Any]:
    """Yield elements that ask for consent and have a button for it."""
    seen: set[Any] = set()
    for button in tree.iter("button", "a", "input"):
        if button.tag == "a" and not _is_button(button):
            continue
        if not _AGREE.search("".join(button.itertext()) or button.get("value") or ""):
            continue
        for element in button.iterancestors(*_WALLS):
            if element in seen:
                break
            seen.add(element)
            text = _short(element, _WALL)
            if text and len(set(map(str.casefold, _CONSENT.findall(text)))) >= 2 and element.find(".//h1") is None:
                yield element


def _is_button(link: Any) -> bool:
    return link.get("role") == "button" or "btn" in (link.get("class") or "") or "button" in (link.get("class") or "")


def _repeated(tree: Any) -> Iterator[tuple[str, list[Any]]]:
    """Yield groups of similar neighbours: cards that begin with a linked headline, and posts with a button to
    reply."""
    answered = _answered(tree)
    for parent in tree.iter():
        if len(parent) < 2 or not isinstance(parent.tag, str):
            continue
        makes: dict[tuple[str, str], list[Any]] = defaultdict(list)
        for child in parent:
            if child.tag in _UNITS:
                makes[child.tag, child.get("class") or ""].append(child)
        for units in makes.values():
            if len(units) < 2:
                continue
            cards = [unit for unit in units if _is_card(unit)]
            if len(cards) >= 2 and 2 * len(cards) > len(units) and not _holds_prose(parent):
                yield "cards", cards
            elif len(posts := [unit for unit in units if unit in answered]) >= 2 and 2 * len(posts) > len(units):
                yield "posts", posts


def _answered(tree: Any) -> set[Any]:
    """Return the elements that hold a button to reply."""
    found: set[Any] = set()
    for each in tree.iter():
        for said, within in ((each.text, each), (each.tail, each.getparent())):
            if not said or said.isspace() or not _REPLY.match(said.lstrip()):
                continue
            button = within if within.tag in _BUTTONS else next(within.iterancestors(*_BUTTONS), None)
            if button is None or not _begins(button, said) or not _short(button, 60):
                continue
            if next(button.iterdescendants("p"), None) is None:
                found.update(button.iterancestors())
    return found


def _begins(element: Any, said: str) -> bool:
    """Return whether the element's text begins with this part."""
    return next((part for part in element.itertext() if part.strip()), "") == said


def _is_card(unit: Any) -> bool:
    text = _short(unit, _CARD)
    if not text:
        return False
    for link in unit.iter("a"):
        said = tidy("".join(link.itertext()))
        if not said:  # a picture that links to the story
            continue
        if len(said) + len(_CJK.findall(said)) < _LINK:  # the section's name above the headline
            if text.startswith(said) or said not in text[: _CARD // 4]:
                continue
            return False
        alone = link
        while (above := alone.getparent()) is not None and above is not unit and _same(above, said):
            alone = above
        begins = text.find(said) < _CARD // 5
        more = len(text) > len(said) + 2 or any(True for _ in unit.iter("h2", "h3", "h4", "h5", "img", "picture"))
        stands = alone is not link or (link.getparent() is unit and not (unit.text or "").strip())
        return begins and more and stands and not (link.get("href") or "").startswith("#") and not _continues(alone)
    return False


def _same(element: Any, said: str) -> bool:
    return _short(element, len(said) + 20) == said


def _continues(element: Any) -> bool:
    """Return whether a sentence continues after the link."""
    return bool(re.match(r"\s*[^\W\d_,.;:]", element.tail or ""))


def _holds_prose(parent: Any) -> bool:
    """Return whether there are paragraphs of a story beside the units, as in an article about a list."""
    return sum(len(_short(each, 10 * _PROSE) or "x" * _PROSE) >= _PROSE for each in parent.iterchildren("p")) > 0


def _short(element: Any, most: int) -> str | None:
    """Return the element's text, or None if it is longer than ``most``."""
    parts: list[str] = []
    size = 0
    for part in element.itertext():
        size += len(part.strip())
        if size > most:
            return None
        parts.append(part)
    return tidy("".join(parts)) or None
