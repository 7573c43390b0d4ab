"""Read a page's head: first JSON-LD, then meta tags, then the text above and right below the story."""

from __future__ import annotations

from workers.parse import warnings as warn
from workers.parse.article.compose import Head
from workers.parse.base import tried
from workers.parse.web import dated
from workers.parse.web.authors import find_authors
from workers.parse.web.blocks import Block, deck_name
from workers.parse.web.body import Body, is_head_line
from workers.parse.web.near import near_story
from workers.parse.web.stated import Page, names_in
from workers.parse.web.words import tokens


def read_head(page: Page, body: Body, title: str | None, given: Head, warned: list[str], *, guess: bool = True) -> Head:
    """Return the head; ``given`` values override those of the page. Adds warnings to ``warned``. Without ``guess``, no
    date is searched for if the page states none and shows none near its headline.
    """
    near = [block for block in near_story(page.blocks, body) if page.apart.isdisjoint(block.path)]
    use_given = given.published_at is not None
    stamp = None if use_given else tried(warned, "published_at", lambda: dated.published(page, body, near), None)
    unknown = guess and stamp is None and not use_given
    if unknown and (stamp := tried(warned, "published_at", lambda: dated.guessed(page), None)):
        warned.append(warn.DATE_GUESSED)
    if stamp and stamp.ambiguous:
        warned.append(warn.DATE_AMBIGUOUS)
    updated = tried(warned, "updated_at", lambda: dated.updated(page, near), None)
    publisher = given.publisher or next(iter(names_in(page.linked.get("publisher"))), None) or page.said("og:site_name")
    return Head(
        code=given.code,
        title=title,
        deck=given.deck or tried(warned, "deck", lambda: _deck(page, body, title), None),
        byline=given.byline or tried(warned, "byline", lambda: find_authors(page, near, publisher), []),
        published_at=given.published_at if use_given else stamp.instant if stamp else None,
        published_zone=given.published_zone if use_given else stamp.zone if stamp else None,
        updated_at=given.updated_at or (updated.instant if updated else None),
        publisher=publisher,
        url=given.url or page.said("canonical", "og:url"),
        language=given.language
        or page.tree.get("lang")
        or page.told("inLanguage")
        or page.said("content-language", "og:locale"),
    )


def _deck(page: Page, body: Body, title: str | None) -> str | None:
    """Return the deck: a separate line between headline and story that the markup calls a deck, or that the page's
    description repeats."""
    if (told := page.told("alternativeHeadline")) and tokens(told) != tokens(title or ""):
        return told
    described = {
        tokens(each)
        for each in (page.told("description"), page.said("description"), page.said("og:description"))
        if each
    }
    heading = max((at for at in range(body.start) if _is_title(page.blocks[at], title)), default=None)
    if heading is None:
        return None
    for block in page.blocks[heading + 1 : body.start]:
        if not 20 <= len(block.text) <= 500 or block.caption is not None or block.links > 0.5 or block.head:
            continue
        if (deck_name(block) or tokens(block.text) in described) and not is_head_line(block.text):
            return block.text
    return None


def _is_title(block: Block, title: str | None) -> bool:
    return block.element.tag == "h1" or (title is not None and tokens(block.text) == tokens(title))
