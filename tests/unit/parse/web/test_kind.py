"""Web pages are classified by kind, and pages that are not stories are read whole."""

from __future__ import annotations

import json

import pytest

from workers.parse.web.page import read_html

SAID = [
    f"The mill by the weir ground {what} for the valley until the flood took its wheel and half of its roof."
    for what in ("barley", "rye", "acorns", "bone", "flint", "chalk")
]


def _page(body: str, head: str = "") -> str:
    return (
        f"<html lang=en><head><title>Mills</title>{head}</head><body><nav><a href=/>Home</a></nav>{body}</body></html>"
    )


def _cards(count: int, price: str = "") -> str:
    return "".join(
        f"<div class=card><a href=/m{n}>The mill at Weir Street {n}</a><p>Grinds flour {n} days.</p>{price}</div>"
        for n in range(count)
    )


STORY = "<h1>Mill lost</h1><div>" + "".join(f"<p>{line}</p>" for line in SAID) + "</div>"
SECTIONS = "".join(
    f"<section><h2>We mill {n}</h2><p>{line}</p><ul><li>Fast</li><li>Fine</li></ul></section>"
    for n, line in enumerate(SAID)
)


def _stated(kind: str) -> str:
    return f"<script type='application/ld+json'>{json.dumps({'@type': kind, 'name': 'Mill'})}</script>"


@pytest.mark.parametrize(
    ("page", "name"),
    [
        (_page(STORY), "article"),
        (_page(STORY, "<meta name=generator content='Discourse 3.2'>"), "forum"),
        (_page("<h1>mill(1)</h1>" + "<p>Grinds.</p><pre>mill -f x</pre>" * 4), "documentation"),
        (_page(STORY, _stated("Product")), "product"),
        (_page("<h1>Mills</h1>" + _cards(12, "<p>$ 12.00</p>")), "collection"),
        (_page("<h1>Mills</h1>" + _cards(12)), "listing"),
        (_page(f"<h1>We mill for you</h1>{SECTIONS}"), "service"),
    ],
)
def test_a_page_is_named_by_its_kind(page: str, name: str) -> None:
    kind = read_html(page).page_type
    assert kind is not None and kind.name == name and 0.5 <= kind.confidence < 1


def test_a_listing_keeps_its_cards_and_takes_no_author_of_one() -> None:
    byline = "<p class=byline>By <a rel=author href=/ana>Ana Roe</a>, 3 March 2012</p>"
    menu = "<div role=dialog><p>Choose your county and your town to see mills that are near to you.</p></div>"
    article = read_html(_page(f"<h1>Mills</h1>{menu}<main>{_cards(12, byline)}</main><footer>Imprint</footer>"))
    assert article.text.startswith("The mill at Weir Street 0\n\nGrinds flour 0 days.")
    assert article.text.count("Weir Street") == 12
    assert "county" not in article.text and "Imprint" not in article.text and "Home" not in article.text
    assert not article.byline and article.published_at is None


def test_a_page_with_a_date_beside_its_headline_is_an_article() -> None:
    page = read_html(_page(f"<h1>Mills of the valley</h1><p>3 March 2012</p>{SECTIONS}"))
    assert page.page_type is not None and page.page_type.name == "article"
    assert page.published_at is not None and page.published_at.year == 2012


def test_a_main_part_that_a_name_marks_as_around_is_read_all_the_same() -> None:
    page = read_html(_page(f"<div class=secondary-nav>{SECTIONS}</div><p>Call the mill.</p>"))
    assert all(line in page.text for line in SAID)


def test_a_news_page_full_of_links_is_read_as_its_story() -> None:
    links = "".join(
        f"<div class=x{n}><a href=/n{n}>Other news of the day, number {n} of forty</a></div>" for n in range(40)
    )
    page = read_html(
        _page(f"<h1>Mill lost</h1><p>3 March 2012</p><div>{''.join(f'<p>{line}</p>' for line in SAID)}</div>{links}")
    )
    assert page.text == "\n\n".join(SAID) and page.published_at is not None


def test_a_story_that_is_little_of_the_page_has_missed_it() -> None:
    bags = "".join(f"<li>Flour of Weir Street {n}, ground on stone in a bag of {n} pounds</li>" for n in range(70))
    told = "".join(f"<p>{line}</p>" for line in SAID)
    page = read_html(
        _page(f"<article><h1>Flours</h1><p>3 March 2012</p>{told}</article><section><ul>{bags}</ul></section>")
    )
    assert page.text.startswith(SAID[0]) and "Weir Street 69" in page.text
    assert "extraction_unsure" in page.warnings


def test_a_product_is_read_with_its_tabs_and_without_what_others_bought() -> None:
    tabs = (
        "<div class=tabs><button>Description</button><div class=tab-panel>"
        f"<p>{SAID[0]}</p></div><div class=tab-panel style='display:none'><h2>Care</h2><p>{SAID[1]}</p></div></div>"
    )
    others = "".join(
        f"<li class=product-card><a href=/m{n}><h3>Mill of Weir Street {n}</h3></a><span>$ {n}.00</span><button>Add to cart</button></li>"
        for n in range(8)
    )
    page = read_html(
        _page(
            f"<main><h1>Hand mill</h1><p>$ 12.00</p><button>Add to cart</button>{tabs}</main>"
            f"<section class=related-products><h2>Others also bought</h2><ul>{others}</ul></section><footer>Imprint</footer>",
            _stated("Product"),
        )
    )
    assert page.page_type is not None and page.page_type.name == "product"
    assert SAID[0] in page.text and SAID[1] in page.text
    assert "Weir Street" not in page.text and "Imprint" not in page.text


def test_the_confidence_of_a_page_that_is_no_story_is_the_f1_expected_of_it() -> None:
    clear = read_html(_page(f"<main><h1>We mill for you</h1>{SECTIONS}</main>"))
    mixed = read_html(_page("<h1>Mills</h1>" + _cards(12) + "<div class=popup><p>Grind with us.</p></div>" * 9))
    assert clear.confidence is not None and mixed.confidence is not None
    assert clear.confidence > mixed.confidence


def _post(name: str, at: str, body: str) -> str:
    head = f"<div class=top><a class=username href=/members/{name}>{name}</a> <time datetime='{at}'>then</time></div>"
    return f"<li class='post p{name}'>{head}<div class=body>{body}</div></li>"


def test_a_thread_keeps_its_posts_with_author_and_time() -> None:
    reply = (
        f"<blockquote><p>Ana said: <time datetime=2001-01-01>once</time></p></blockquote><h3>Rye</h3><p>{SAID[1]}</p>"
    )
    posts = _post("Ana", "2012-03-03T10:00:00Z", f"<p>{SAID[0]}</p>") + _post("Cyd", "2012-03-04T09:30:00Z", reply)
    posts += _post("Bo", "2012-03-05T08:00:00Z", f"<p>{SAID[2]}</p><p>{SAID[3]}</p>")
    page = read_html(_page(f"<h1>Which mill?</h1><ul>{posts}</ul>", "<meta name=generator content='Discourse 3.2'>"))
    found = [section for section in page.sections if not section.heading]
    assert [(post.author, post.published_at and post.published_at.day) for post in found] == [
        ("Ana", 3),
        ("Cyd", 4),
        ("Bo", 5),
    ]
    texts = [page.text[post.start : post.body_end] for post in found]
    assert SAID[0] in texts[0] and SAID[1] in texts[1] and SAID[2] in texts[2] and texts[2].endswith(SAID[3])
    assert [post.end - post.start for post in found] == [0, 0, 0]


def test_a_page_whose_text_a_script_loads_is_read_from_its_description() -> None:
    told = f"<meta property=og:description content='{SAID[0]}'>"
    page = read_html(_page("<div id=app></div>", f"<meta name=generator content='Discourse 3.2'>{told}"))
    assert page.text == SAID[0] and "extraction_unsure" in page.warnings
    assert page.confidence is not None and page.confidence < 0.5
