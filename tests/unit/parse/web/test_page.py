"""Web pages: which of their blocks are the story, and where its captions were."""

from __future__ import annotations

import json

import pytest

from workers.parse import ParseError, parse
from workers.parse.web.calls import is_call
from workers.parse.web.page import read_html

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


def test_calls_on_the_reader_are_kept_out_of_the_story() -> None:
    calls = ["Sign up now!", "Read the full story »", "You might also like", "Check price at Weir & Sons"]
    told = ["Sign up by 3 March", "Read the room", "Back to the trams"]
    lines = [part for pair in zip(SAID, calls, strict=False) for part in pair]
    shown = [part for pair in zip(SAID[4:], told, strict=False) for part in pair]
    story = "".join(f"<p>{line}</p>" for line in [*lines, *shown, SAID[0] + " So he did."])
    article = read_html(_page(story))
    assert [notice.text for notice in article.notices] == calls
    assert all(line in article.text for line in (*SAID, *told[:2]))


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


CARD = "<div class=k><h3><a href=/{n}>A dentist bought the light on the point {n}</a></h3><p>He gave a crown for it, and a tooth.</p></div>"
CARDS = "".join(CARD.format(n=n) for n in range(4))


def test_cards_of_other_stories_are_told_by_their_shape() -> None:
    story = "".join(f"<p>{line}</p>" for line in SAID[:2])
    for page in (_page(story, rest=f"<div>{CARDS}</div>"), _page(f"{story}<div>{CARDS}</div>")):
        assert read_html(page).text == "\n\n".join(SAID[:2])


def test_a_story_that_goes_through_a_list_keeps_its_entries() -> None:
    story = f"<p>{SAID[0]}</p>{CARDS}<p>{SAID[1]}</p>"
    assert "He gave a crown for it" in read_html(_page(story)).text


def test_walls_and_answers_are_no_story() -> None:
    wall = (
        "<div class=m2><p>We and our partners use cookies to show you advertising that suits you, with your consent, on every page"
        " of this site and on others, for as long as you like to read them.</p><button>Accept all</button></div>"
    )
    answer = "<div class=q><div>gull9</div><div>{}</div><div><a>Reply</a> <a>Report</a></div></div>"
    answers = "".join(answer.format(line.replace("council", "crew") * 2) for line in SAID[2:])
    article = read_html(
        _page("".join(f"<p>{line}</p>" for line in SAID[:2]), rest=answers).replace("<nav>", wall + "<nav>")
    )
    assert article.text == "\n\n".join(SAID[:2])


def test_a_story_about_consent_is_a_story() -> None:
    lines = [line.replace("trams", "cookies and the consent of readers") for line in SAID]
    story = "".join(f"<p>{line}</p>" for line in lines)
    assert read_html(_page(f"<div>{story}<button>Share</button></div>")).text == "\n\n".join(lines)


def test_a_page_that_its_script_will_draw() -> None:
    data = {"props": {"menu": ["Home"], "story": {"title": "Trams put off", "body": [{"html": line} for line in SAID]}}}
    script = f"<script type='application/json'>{json.dumps(data)}</script>"
    article = read_html(
        f"<html><head><title>Trams put off</title></head><body><div id=root></div>{script}</body></html>"
    )
    assert article.text == "\n\n".join(SAID)


def test_a_dateline_in_an_element_of_its_own_heads_the_story() -> None:
    lines = "".join(f"<p>{line}</p>" for line in SAID)
    article = read_html(_page(f"<p class=dateline>LEEDS, March 3 (AP)</p>{lines}"))
    assert article.dateline is not None
    assert (article.dateline.places, article.dateline.credit) == (["Leeds"], "AP")


def test_elements_nested_too_deep_are_a_failure_that_says_so() -> None:
    page = f"<html><body>{'<div>' * 1900}<p>{SAID[0]}</p></body></html>"
    with pytest.raises(ParseError) as caught:
        parse(page.encode(), "text/html")
    assert caught.value.code == "too_deep"


STORY = "".join(f"<p>{line}</p>" for line in SAID)


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(f"<div>{STORY}</div><div>{STORY}</div>", id="a copy for small screens"),
        pytest.param(f"<div class=with-caption>{STORY}</div>", id="a whole story named for its caption"),
        pytest.param(f"\x00{STORY}", id="a raw control character"),
        pytest.param(f"<div hidden id=S:0>{STORY}</div>", id="hidden until a script shows it"),
        pytest.param(f"<button>Menu{STORY}", id="a button that is never closed"),
        pytest.param("".join(f"<div class='toc-text'><p>{line}</p></div>" for line in SAID), id="a name that every part has"),
    ],
)  # fmt: skip
def test_the_story_is_read_once_and_whole(page: str) -> None:
    for body in (f"<article><h1>Trams put off</h1>{page}</article>", f"<h1>Trams put off</h1>{page}"):
        article = read_html(
            f"<html><head><title>Trams put off</title></head><body class=has-caption>{body}</body></html>"
        )
        assert [line for line in SAID if article.text.count(line) != 1] == []


def test_lines_that_a_sentence_runs_through_are_one_paragraph() -> None:
    broken = "<p><span>The</span> <span>board</span>\n<span>of Hook</span>&nbsp;<span>sat</span> on<br>Tuesday to keep<br/>the trams of the point going.</p>"
    article = read_html(_page(broken + STORY))
    assert article.text.startswith("The board of Hook sat on Tuesday to keep the trams of the point going.\n\n")


def test_a_story_told_in_cards_keeps_them() -> None:
    card = "<div class=k><h3><a href=/{n}>Tram line number {n} to the Hook</a></h3><p>It goes by the depot, the market and the {n} lights of the point, every hour.</p></div>"
    story = read_html(_page(f"<p>{SAID[0]}</p><div>{''.join(card.format(n=n) for n in range(5))}</div>"))
    assert story.text.count("It goes by the depot") == 5


def test_a_thread_keeps_its_posts() -> None:
    post = "<div class='comment post'><b>gull{n}</b><div><p>{line}</p></div><a>Reply</a></div>"
    posts = "".join(post.format(n=n, line=line) for n, line in enumerate(SAID))
    page = f"<html><head><meta name=generator content='phpBB'><title>Trams put off</title></head><body><h1>Trams put off</h1><div id=comments>{posts}</div></body></html>"
    text = read_html(page).text
    assert [line for line in SAID if line not in text] == []


def test_lists_and_short_lines_amid_the_story_are_kept() -> None:
    listed = (
        "<p>For</p><ul><li>Quiet streets</li><li>Clean air by 2030, <a href=/a>says</a> the union of drivers</li></ul>"
    )
    story = f"<p>{SAID[0]}</p><p>{SAID[1]}</p>{listed}<p>{SAID[2]}</p><p>{SAID[3]}</p>"
    links = "<ul><li><a href=/x>Dentists at sea and how they live there</a></li></ul>"
    text = read_html(_page(f"<div class=body>{story}{links}</div>")).text
    assert "For\n\nQuiet streets\n\nClean air by 2030, says the union of drivers" in text and "Dentists" not in text


def test_a_page_for_readers_without_scripts_is_read() -> None:
    posts = "".join(f"<div class=post><p>{line}</p></div>" for line in SAID)
    page = f"<html><head><title>Trams</title></head><body><div>Loading…</div><noscript><h1>Trams</h1>{posts}</noscript></body></html>"
    assert read_html(page).text == "\n\n".join(SAID)
    note = "<noscript><p>Please turn on scripts to see this page as we meant it.</p></noscript>"
    assert "scripts" not in read_html(_page("".join(f"<p>{line}</p>" for line in SAID) + note)).text


def test_answers_that_a_script_unfolds_are_part_of_a_story() -> None:
    def paragraphs(*lines: str) -> str:
        return "".join(f"<p>{line}</p>" for line in lines)

    told = [
        f"The lock keeper of the {what} canal opened his gates at dawn, and thirty barges loaded with coal went down."
        for what in ("northern", "southern", "old", "new", "royal", "narrow", "broad", "upper")
    ]
    asked = "".join(
        f"<div class=accordion-item><h3>{question}</h3><div class=accordion-panel style='display:none'><p>{answer}</p></div></div>"
        for question, answer in (("How deep is the lock?", told[6]), ("Who pays the keeper?", told[7]))
    )
    page = read_html(
        "<html lang=en><head><title>Locks</title><meta property=og:type content=article>"
        "<meta property=article:published_time content=2012-03-03></head><body><nav><a href=/>Home</a></nav><main><article>"
        f"<h1>Thirty barges</h1><div class=entry-content>{paragraphs(*told[:4])}<h2>Questions</h2>{asked}{paragraphs(*told[4:6])}</div>"
        "</article></main><footer>Imprint</footer></body></html>"
    )
    assert told[6] in page.text and told[7] in page.text
    assert page.text.startswith(told[0]) and page.text.index(told[6]) < page.text.index(told[4])
    assert "Imprint" not in page.text and "Home" not in page.text


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("This post may contain affiliate links.", True),
        ("Purchases made through our links may earn us a commission, at no cost to you.", True),
        ("As an Amazon Associate, I earn from qualifying purchases.", True),
        ("5 min read", True),
        ("Already have an account? Log in", True),
        ("This story is exclusive to Harbour+ subscribers", True),
        ("The brokers earn a commission on every house that they sell.", False),
        ("Streamers earn a commission when viewers buy games by affiliate links.", False),
        ("It took him five minutes to read the letter.", False),
    ],
)
def test_disclosures_and_calls_are_notices(line: str, said: bool) -> None:
    assert is_call(line) is said
