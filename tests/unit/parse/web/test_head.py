"""The head of a web page: its title, its authors, its date."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from workers.parse.web.page import read_html

STORY = "".join(
    f"<p>The council met for the {n}th time and put the question of the trams off until the spring, said the clerk.</p>"
    for n in range(4, 9)
)


def _page(head: str = "", above: str = "<h1>Trams put off</h1>", below: str = "") -> str:
    return f"<html lang=en><head>{head}</head><body><main><article>{above}{STORY}</article>{below}</main></body></html>"


def _linked(said: str) -> str:
    return f'<script type="application/ld+json">{said}</script>'


@pytest.mark.parametrize(
    ("head", "authors"),
    [
        (_linked('{"@type":"NewsArticle","author":{"@type":"Person","name":{"name":"Jane Roe"}}}'), ["Jane Roe"]),
        (_linked('{"@type":"NewsArticle","author":[[{"givenName":"Jane","familyName":"Roe"}]],}'), ["Jane Roe"]),
        (
            _linked(
                '{"@graph":[{"@type":"Article","author":{"@id":"#p1"}},{"@type":"Person","@id":"#p1","name":"Jane Roe"}]}'
            ),
            ["Jane Roe"],
        ),
        (_linked("{&quot;@type&quot;:&quot;Article&quot;,&quot;author&quot;:&quot;Jane\nRoe&quot;}"), ["Jane Roe"]),
        (
            _linked('{"@type":"Article","author":[{"name":"Ann Poe"},{"name":"Jane Roe"},{"name":"Ann Poe Jane Roe"}]}'),
            ["Ann Poe", "Jane Roe"],
        ),
        ('<meta property="og:author" content="By &lt;a href=&quot;/j&quot;&gt;Jane Roe&lt;/a&gt; and Ann Poe, CNN">', ["Jane Roe", "Ann Poe"]),
        ('<meta name="citation_author" content="Roe, Jane"><meta name="citation_author" content="Poe, Ann">', ["Jane Roe", "Ann Poe"]),
        ('<meta name="twitter:label1" content="Written by"><meta name="twitter:data1" content="Jane Roe">', ["Jane Roe"]),
        ('<meta name="author" content="Jane Roe, PhD, MS">', ["Jane Roe"]),
        ('<meta name="author" content="Daniel D. Von Hoff">', ["Daniel D. Von Hoff"]),
        ('<meta name="author" content="Head of Marketing">', []),
        ('<meta name="author" content="jane roe">', ["Jane Roe"]),
        ('<meta name="author" content="page.head.extra.author">', []),
        ('<meta name="author" content="Gull Holding"><meta property="article:author" content="Jane Roe">', ["Jane Roe"]),
        ('<meta name="author" content="Gull"><meta property="og:site_name" content="Gull">', []),
    ],
)  # fmt: skip
def test_authors_in_the_shapes_in_which_pages_state_them(head: str, authors: list[str]) -> None:
    assert [author.name for author in read_html(_page(head)).byline] == authors


@pytest.mark.parametrize(
    "line",
    [
        "<div class=byline><span>Jane Roe</span><span>Staff Writer</span></div>",
        "<div class=when>Monday August 27, 2018 10:05 am by Jane Roe</div>",
        "<p>By <a href=/contributor/jane>Jane Roe</a> <a href=/digital>Digital Edition</a></p>",
        "<aside class=post-author>Jane Roe</aside>",
        "<nav><ul><li>By Role</li></ul></nav><div class=byline>By Jane Roe Senior Trams Reporter</div>",
        "<div class=author-card><p class=author-name>Jane Roe</p><p class=author-title>BSc, Certified Tram Driver</p></div>",
        "<p class=author>Jane Roe<br><br>4 August 2010</p>",
        "<p>By Jane Roe, MD. Reviewed by Ann Poe, MD</p>",
        "<p>Medically reviewed by Ann Poe</p><p>By Jane Roe</p>",
        "<p class=topics-by>Topics</p><ul class=by><li>Movies</li></ul><p>By: Jane Roe</p>",
        "<p class=publish-date-author>Dec. 19, 2025 · Jane Roe on behalf of the Trams group</p>",
        "<p class=deck>The council met for long, and the trams have to wait until the spring has come to town.</p><p>By Jane Roe</p>",
        '<div class=author>Written by <a href="https://roe.example">Jane Roe</a> in <a href=/trams>Trams</a> at 7:05 am</div>',
    ],
)
def test_authors_that_are_seen_at_the_head(line: str) -> None:
    assert [author.name for author in read_html(_page(above=f"<h1>Trams put off</h1>{line}")).byline] == ["Jane Roe"]


def test_a_person_goes_before_the_house() -> None:
    head = _linked('{"@type":"Article","author":{"name":"Gull Staff"},"publisher":{"name":"Gull"}}')
    seen = "<h1>Trams put off</h1><div class=byline>By Jane Roe</div>"
    assert [author.name for author in read_html(_page(head, seen)).byline] == ["Jane Roe"]
    assert [author.name for author in read_html(_page(head)).byline] == ["Gull Staff"]


@pytest.mark.parametrize(
    "head",
    [
        _linked('{"@type":"Article","datePublished":1535360700}'),
        _linked('{"@type":"Article","datePublished":1535360700000}'),
        '<meta name="OriginalPublicationDate" content="2018-08-27T09:05:00+00:00">',
        '<meta property="article:published_time" value="2018-08-27T09:05:00Z">',
        '<meta property="article:published_time" content="Mon Aug 27 05:05:00 EDT 2018">',
        """<meta name="parsely-page" content='{"pub_date": "2018-08-27T09:05:00Z"}'>""",
        _linked('{"@type":"WebPage","datePublished":"Mon, 27 Aug 2018 09:05:00 GMT"}'),
    ],
)
def test_dates_in_the_shapes_in_which_pages_state_them(head: str) -> None:
    article = read_html(_page(head))
    assert article.published_at == datetime(2018, 8, 27, 9, 5, tzinfo=UTC)
    assert "date_guessed" not in article.warnings


def test_a_date_that_only_stands_somewhere_on_the_page_is_marked() -> None:
    article = read_html(_page(below=f"<footer>{'<p>Gull</p>' * 9}<span>2018-08-27</span></footer>"))
    assert article.published_at == datetime(2018, 8, 27, tzinfo=UTC)
    assert "date_guessed" in article.warnings
    notice = read_html(_page(below="<footer>Copyright 2018 Gull</footer>"))
    assert notice.published_at is None and "date_guessed" not in notice.warnings


@pytest.mark.parametrize(
    ("head", "above", "title"),
    [
        ("<title>Trams put off | Gull</title>", "<h1>Trams put off again</h1>", "Trams put off again"),
        (_linked('{"@type":"Article","headline":"Trams put off | Gull"}'), "<h1>Trams put off</h1>", "Trams put off"),
        ("<title>Trams put off | Gull</title>", "<h1>TRAMS PUT OFF</h1>", "Trams put off"),
        ('<meta property="og:title" content="Why the trams will not run"><title>Trams</title>', "<h1>Opinion</h1>", "Why the trams will not run"),
        ('<meta property="og:title" content="Trams: five reasons">', "<h1>Five reasons why there will be no trams</h1>", "Five reasons why there will be no trams"),
    ],
)  # fmt: skip
def test_the_heading_is_the_title_where_the_metadata_repeat_it(head: str, above: str, title: str) -> None:
    assert read_html(_page(head, above)).title == title


@pytest.mark.parametrize(
    ("head", "above", "title"),
    [
        ("<title>Trams: what to expect - a guide | Gull</title>", "<h1>All about the trams of this town</h1><h2>What to expect</h2>", "All about the trams of this town"),
        ('<meta property="og:title" content="Trams put off till spring">', "<h2>Why trams are put off</h2>", "Trams put off till spring"),
        ('<meta property="og:title" content="Five reasons to miss the trams"><title>Trams missed | Gull</title>', "<h1>Trams missed</h1><h2>Five reasons to miss the trams</h2>", "Five reasons to miss the trams"),
        ('<meta property="og:title" content="Slow lines: The trams">', "<h1>Slow lines</h1>", "Slow lines: The trams"),
        ("<title>Trams put off till spring | City news | Gull &amp; Co</title>", "<h2>Trams put off till spring</h2>", "Trams put off till spring"),
        ('<meta property="og:title" content="gull/trams: a timetable for all of the trams">', "<p>A timetable for all of the trams</p>", "gull/trams: a timetable for all of the trams"),
        ("<title>gull.example Trams put off</title>", "<h2>December 16, 2025</h2><h3>Trams put off</h3>", "Trams put off"),
    ],
)  # fmt: skip
def test_a_heading_inside_the_story_is_no_title(head: str, above: str, title: str) -> None:
    assert read_html(_page(head, above)).title == title


@pytest.mark.parametrize(
    "heading",
    [
        "<small>Dec 18, 2025</small> The trams are put off",
        "Blog: The trams are put off",
        "The trams are put off <span>(gull.example)</span> <span>87</span>",
        "The trams are put off / Dec 18, 2025",
        "<span>The trams are put off</span> <nav>Home Articles The trams are put off</nav>",
    ],
)
def test_what_stands_in_the_heading_beside_the_title_is_cut(heading: str) -> None:
    head = "<title>The trams are put off | Gull</title>"
    assert read_html(_page(head, f"<h1>{heading}</h1>")).title == "The trams are put off"
    assert read_html(_page(head, "<h1>2025: The trams are put off</h1>")).title == "2025: The trams are put off"


def test_a_name_on_its_line_is_the_author_whom_the_page_tells_of() -> None:
    seen = "<h1>Trams put off</h1><p>City News</p><p>Jane Roe</p>"
    assert read_html(_page(above=seen)).byline == []
    article = read_html(
        _page(above=seen, below="<footer><p>Jane Roe is our reporter for trams and ferries.</p></footer>")
    )
    assert [author.name for author in article.byline] == ["Jane Roe"]
    more = read_html(_page(above="<h1>Trams put off</h1>", below="<p>More articles by Jane Roe</p>"))
    assert more.byline == []
