"""Web pages: which of their blocks are the story, and where its captions stood."""

from __future__ import annotations

import json

from workers.parse.html import read_html

SAID = [
    f"The council met for the {n}th time and put the question of the trams off until the {season}, said the clerk."
    for n, season in enumerate(("spring", "summer", "autumn", "winter", "thaw", "harvest"), start=4)
]


def _page(story: str, *, head: str = "", rest: str = "") -> str:
    return (
        f"<html lang=en><head><title>Trams put off</title>{head}</head><body class='has-sidebar'><nav><a>Home</a></nav>"
        f"<div class='wrap'><article><h1>Trams put off</h1>{story}</article>{rest}</div></body></html>"
    )


def test_a_caption_is_placed_where_its_figure_stood() -> None:
    story = "".join(f"<p>{line}</p>" for line in SAID[:3])
    story += "<figure><img src=a.jpg><figcaption>The depot at noon.</figcaption></figure>"
    story += "".join(f"<p>{line}</p>" for line in SAID[3:])
    other = "<div class=more><figure><a href=/x><img></a><figcaption>A dentist at sea.</figcaption></figure></div>"
    article = read_html(_page(f"<div class=body>{story}</div>", rest=other))
    assert article.text == "\n\n".join(SAID)
    (caption,) = article.captions
    assert caption.text == "The depot at noon."
    assert caption.position is not None and article.text[caption.position :].startswith(SAID[3])


def test_paragraphs_that_begin_like_notices_are_the_story() -> None:
    lines = [
        *SAID[:2],
        "Copyright law gave the heirs of the tram's painter nothing, the court found on Tuesday.",
        "Related industries lost four hundred places in the same year, the union said.",
        *SAID[2:],
    ]
    article = read_html(_page("".join(f"<p>{line}</p>" for line in lines)))
    assert article.text == "\n\n".join(lines) and not article.notices


def test_a_page_that_shows_a_teaser_is_read_from_what_it_states() -> None:
    stated = {"@type": "NewsArticle", "articleBody": "".join(f"&lt;p&gt;{line}&lt;/p&gt;" for line in SAID)}
    head = f"<script type='application/ld+json'>{json.dumps(stated)}</script>"
    offer = "<div class=offer><p>Subscribe today for full access to all our journalism, cancel when you like.</p></div>"
    assert read_html(_page(f"<p>{SAID[0]}</p>{offer}", head=head)).text == "\n\n".join(SAID)


def test_what_is_said_of_the_page_does_not_match_it() -> None:
    lines = [
        line.replace("council met", "board sat").replace("trams", "gulls").replace("said", "wrote") for line in SAID
    ]
    stated = {"@type": "NewsArticle", "articleBody": " ".join(lines)}
    head = f"<script type='application/ld+json'>{json.dumps(stated)}</script>"
    article = read_html(_page("".join(f"<p>{line}</p>" for line in SAID), head=head))
    assert "extraction_unsure" in article.warnings
    assert article.confidence is not None and article.confidence < 0.7
