"""What providers say about an item besides its text, in every format of the trade, on our own items."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from services.records import Article, Wire
from workers.parse import ParseError, parse

LEAD = "Dockers of the northern quay went back to their cranes on Saturday after nine days."


def read(data: bytes) -> tuple[Article, Wire]:
    article = parse(data).article
    assert article is not None and article.wire is not None
    return article, article.wire


def anpa(apart: str) -> bytes:
    body = f"{apart}\t   PORT VALE (AP) _ {LEAD}\r\n\t   ``We asked for safe ladders,'' Maria Anders said.\r\n"
    return f"\x16\x16\x01z6715\x1f-----\r\nr i\x13\x11 BC-VAL--Port-Strike   03-10 0500\r\n\x02{body}\x03AP-WF-03-10-12 0911GMT<\r\n\x04".encode()


@pytest.mark.parametrize("end", ["<", "=", "", " < ", "<@"])
def test_no_line_of_an_anpa_head_takes_the_text_with_it(end: str) -> None:
    lines = (
        "^BC-VAL--Port Strike, 1st Ld,83",
        "^Dockers end strike",
        "^Eds: With AP Photos.",
        "^By JANE ROE",
        "^AP Writer",
    )
    article, wire = read(anpa("".join(f"{line}{end}\r\n" for line in lines)))
    assert article.title == "Dockers end strike"
    assert article.text == f"PORT VALE (AP) — {LEAD}\n\n“We asked for safe ladders,” Maria Anders said."
    assert article.code == "BC-VAL--Port Strike, 1st Ld"
    assert [(author.name, author.role) for author in article.byline] == [("Jane Roe", "AP Writer")]
    assert (wire.word_count, wire.priority, wire.category) == (83, "r", "i")
    assert wire.ednote == "With AP Photos."
    assert article.publisher == "AP"


def test_an_anpa_line_that_runs_on_is_one_line() -> None:
    article, _ = read(anpa("^BC-VAL--Port Strike,83<\r\n^Dockers end\r\nlong strike<\r\n"))
    assert article.title == "Dockers end long strike"
    assert article.text.startswith("PORT VALE (AP) — Dockers")


@pytest.mark.parametrize("apart", ["^Dockers end strike", "^Dockers end strike<\r\n^By JANE ROE", "^By JANE ROE"])
@pytest.mark.parametrize("gap", ["", "\r\n"])
def test_a_text_that_is_not_indented_is_no_part_of_an_anpa_line_that_nobody_closed(apart: str, gap: str) -> None:
    data = anpa("").split(b"\x02")[0] + f"\x02{apart}\r\n{gap}{LEAD}\r\nTwo ferries sailed.\r\n\x03\x04".encode()
    article, _ = read(data)
    assert article.text == f"{LEAD} Two ferries sailed."
    assert article.title in {"Dockers end strike", None}
    assert [author.name for author in article.byline] == (["Jane Roe"] if "By" in apart else [])


@pytest.mark.parametrize("end", ["<", "=", ""])
def test_an_anpa_story_that_is_set_apart_as_a_whole_has_a_text(end: str) -> None:
    start = anpa("").split(b"\x02")[0] + b"\x02"

    def story(*lines: str) -> Article:
        return read(start + "".join(f"^{line}{end}\r\n" for line in lines).encode() + b"\x03\x04")[0]

    assert story("Dockers end strike").text == "Dockers end strike"
    assert story("Dockers end strike", LEAD).text == LEAD
    whole = story("Dockers end strike", LEAD, "Two ferries sailed.", "The port said no.")
    assert (whole.deck, whole.text) == (LEAD, "Two ferries sailed.\n\nThe port said no.")


def test_iptc_7901() -> None:
    data = (
        "\x01vca0045 3 i 83  vpa 0045\r\n\r\nVale/port/\r\n\x02REFILE\n1ST LEAD\nDockers end strike\nBy vpa correspondents =\r\n\r\n"
        f"Port Vale (vpa) - {LEAD}\r\n\r\nTwo ferries sailed.\r\n\r\n# Notebook\r\n\r\n## Note to editors\r\n- adds ferries\r\n\r\n"
        "## Editorial contacts\r\n- Reporting by: Jane Roe in Port Vale\r\n\r\nvpa jr mb\r\n\r\n\x03212322 GMT Mar 12\r\n\x04"
    ).encode()
    article, wire = read(data)
    assert article.title == "Dockers end strike"
    assert article.text == f"Port Vale (vpa) - {LEAD}\n\nTwo ferries sailed."
    assert article.published_at == datetime(2012, 3, 21, 23, 22, tzinfo=UTC)
    assert (article.code, article.publisher, article.byline) == ("Vale/port/", "vpa", [])
    assert (wire.urgency, wire.category, wire.word_count) == (3, "i", 83)
    assert wire.signals == ["REFILE", "1ST LEAD"]
    assert wire.ednote == "REFILE; 1ST LEAD; adds ferries"


NITF = f"""<nitf baselang="en-GB"><head><title>1 PORT Strike</title>
<docdata management-status="embargoed"><du-key key="VPA-PORT-Strike" version="3"/><doc-id regsrc="VPA" id-string="vpa-17"/>
<urgency ed-urg="4"/><date.issue norm="20120310T131100+0300"/><date.release norm="20120311T000100+0300"/>
<date.expire norm="YYYYMMDDTHHMMSS"/><ed-msg info="Embargoed to 0001"/><doc.copyright year="2012" holder="Vale Press"/>
<key-list><keyword key="Port"/><keyword>Strike</keyword></key-list></docdata>
<tobject tobject.type="News"><tobject.subject tobject.subject.refnum="04010000" tobject.subject.matter="Transport"/></tobject></head>
<body><body.head><hedline><hl1>Dockers end strike</hl1></hedline>
<byline>By <person>Jane Roe and Tom Hall</person><byttl>Port Correspondent</byttl></byline>
<dateline><location><city>Port Vale</city><country>Valeland</country></location><story.date norm="20120310"/></dateline></body.head>
<body.content><p>{LEAD}</p><p>They had<br/>struck for nine days.</p><p>ends</p></body.content></body></nitf>""".encode()


def test_nitf() -> None:
    article, wire = read(NITF)
    assert article.title == "Dockers end strike"
    assert [(author.name, author.role) for author in article.byline] == [
        ("Jane Roe", "Port Correspondent"),
        ("Tom Hall", "Port Correspondent"),
    ]
    assert article.dateline is not None and article.dateline.places == ["Port Vale", "Valeland"]
    assert article.text.endswith(f"{LEAD}\n\nThey had struck for nine days.")
    assert (wire.guid, wire.version, wire.pub_status, wire.urgency) == ("vpa-17", "3", "embargoed", 4)
    assert wire.embargoed_until == datetime(2012, 3, 10, 21, 1, tzinfo=UTC)
    assert wire.expires_at is None
    assert wire.keywords == ["Port", "Strike"]
    assert wire.rights is not None and wire.rights.copyright == "2012 Vale Press"
    assert [(one.scheme, one.code, one.name) for one in wire.subjects] == [("IPTC", "04010000", "Transport")]


def g2(status: str = "usable", content: str = f"<p>{LEAD}</p>", declared: str = "UTF-8") -> bytes:
    body = (
        f'<inlineXML contenttype="application/xhtml+xml"><html><body>{content}</body></html></inlineXML>'
        if content
        else ""
    )
    return f"""<?xml version="1.0" encoding="{declared}"?>
<newsMessage xmlns="http://iptc.org/std/nar/2006-10-01/"><header><priority>4</priority></header><itemSet>
<newsItem guid="urn:newsml:vale.example:17" version="2" xml:lang="en"><rightsInfo><copyrightNotice>© 2012 Vale Press</copyrightNotice>
<usageTerms>No archives</usageTerms></rightsInfo><itemMeta><provider literal="Vale Press"/>
<versionCreated>2012-03-10T13:11:00+03:00</versionCreated><firstCreated>2012-03-10T12:00:00+03:00</firstCreated>
<pubStatus qcode="stat:{status}"/><edNote role="vale:private">Call the port</edNote><edNote role="vale:public">Adds ferries</edNote>
<signal qcode="sig:update"/></itemMeta><contentMeta><urgency>3</urgency><located><name>Desk Town</name></located>
<subject qcode="medtop:04000000"><name>economy</name></subject><slugline>VALE-PORT</slugline><headline>Dockers end strike</headline>
<dateline>2012-03-10 10:11:00 GMT+00:00</dateline><by>JANE ROE, TOM HALL</by><creditline>Vale</creditline></contentMeta>
<contentSet>{body}</contentSet></newsItem></itemSet></newsMessage>""".encode()


def test_newsml_g2() -> None:
    article, wire = read(g2())
    assert article.text == LEAD  # a time and the desk's town are not a dateline
    assert article.published_at == datetime(2012, 3, 10, 10, 11, tzinfo=UTC)
    assert wire.first_created == datetime(2012, 3, 10, 9, 0, tzinfo=UTC)
    assert (wire.guid, wire.version, wire.pub_status, wire.urgency) == ("urn:newsml:vale.example:17", "2", "usable", 3)
    assert wire.ednote == "Adds ferries"
    assert wire.signals == ["sig:update"]
    assert wire.rights is not None
    assert (wire.rights.copyright, wire.rights.usage_terms, wire.rights.credit) == (
        "© 2012 Vale Press",
        "No archives",
        "Vale",
    )
    assert [(one.scheme, one.code, one.name) for one in wire.subjects] == [("medtop", "04000000", "economy")]


def test_a_canceled_item_without_text_is_a_document() -> None:
    article, wire = read(g2("canceled", content=""))
    assert wire.pub_status == "canceled"
    assert article.title == "Dockers end strike"
    assert article.text == ""


def test_utf_8_under_another_declaration_is_read_as_utf_8() -> None:
    assert (
        read(g2(declared="iso-8859-1", content="<p>Müller crossed the Øresund.</p>"))[0].text
        == "Müller crossed the Øresund."
    )
    latin = g2(declared="iso-8859-1", content="<p>Müller</p>").decode().encode("latin-1")
    assert read(latin)[0].text == "Müller"


def ninjs(**more: Any) -> bytes:
    item = {
        "guid": "urn:vale:17", "version": 0, "type": "text", "versioncreated": "2012-03-10T10:11:00Z", "pubstatus": "usable",
        "headline": "Dockers end strike", "byline": "Jane Roe and Frances d'Emilio", "located": "London",
        "body_text": LEAD, "usageterms": "No archives", "subject": [{"code": "04010000", "name": "transport"}],
    }  # fmt: skip
    return json.dumps(item | more).encode()


def test_ninjs_keyed_by_guid() -> None:
    article, wire = read(ninjs(embargoed="2012-03-11T00:00:00Z"))
    assert article.title == "Dockers end strike"
    assert article.text == f"London — {LEAD}"
    assert [author.name for author in article.byline] == ["Jane Roe", "Frances d'Emilio"]
    assert (wire.guid, wire.version) == ("urn:vale:17", "0")
    assert wire.embargoed_until == datetime(2012, 3, 11, tzinfo=UTC)


def test_ninjs_located_that_is_no_place_is_no_dateline() -> None:
    assert read(ninjs(located="Jane Roe, Vale University"))[0].dateline is None


def test_ninjs_bodies_under_other_names_and_as_nitf() -> None:
    assert read(ninjs(body_text="", body_main=LEAD))[0].text.endswith(LEAD)
    assert read(ninjs(body_text="", body_nitf=NITF.decode()))[0].text.endswith("They had struck for nine days.")


def test_ninjs_in_a_list_are_members() -> None:
    found = parse(json.dumps({"total": 1, "item": [json.loads(ninjs())]}).encode())
    assert found.article is None
    assert [member.path for member in found.members] == ["urn:vale:17"]


def test_ninjs_without_anything_to_read_is_refused() -> None:
    with pytest.raises(ParseError, match="neither headline nor body"):
        parse(
            json.dumps({"uri": "urn:vale:18", "versioncreated": "2012-03-10T10:11:00Z", "pubstatus": "usable"}).encode()
        )


def test_rbnews_is_unescaped_as_often_as_it_was_escaped() -> None:
    content = f"&lt;p&gt;{LEAD} &amp;amp;quot;At last,&amp;amp;quot; said Maria Anders.&lt;/p&gt;"
    article, wire = read(
        f"<RBNews><NewsID>17</NewsID><PublishDate>2012-03-10T10:11:00.500</PublishDate><strapline>PORT-1</strapline>"
        f"<headline>Dockers end strike</headline><town>Vejle</town><version>2</version><content>{content}</content>"
        f"<Priority>3</Priority><byLine>Jane Roe</byLine><Annuleret>true</Annuleret></RBNews>".encode()
    )
    assert article.text == f'Vejle — {LEAD} "At last," said Maria Anders.'
    assert (wire.guid, wire.version, wire.urgency, wire.pub_status) == ("17", "2", 3, "canceled")
    assert article.published_at == datetime(2012, 3, 10, 10, 11, 0, 500_000, tzinfo=UTC)


def test_a_story_sent_by_a_web_form_is_the_story() -> None:
    form = '{"Headline":["Dockers end strike"],"Slugline":["PORT"],"Priority":["5"],"Timestamp":["10/3/2012\n10:11"],"Body":["%s"]}'
    mail = "From: desk@vale.example\nDate: Sat, 10 Mar 2012 10:11:00 +0000\nSubject: Form\nMessage-ID: <17@vale.example>\n\n"
    article, wire = read((mail + form % LEAD).encode())
    assert (article.title, article.code, article.text) == ("Dockers end strike", "PORT", LEAD)
    assert (wire.guid, wire.urgency) == ("<17@vale.example>", 5)


def test_a_wordpress_export_keeps_status_categories_and_paragraphs() -> None:
    export = """<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:wp="http://wordpress.org/export/1.2/">
<channel><title>Vale</title><item><title>Dockers end strike</title><guid>https://vale.example/?p=17</guid>
<content:encoded><![CDATA[[dropcap]D[/dropcap]ockers went back.

<b>They</b> had struck for nine days.

[contact_form]]]></content:encoded><wp:post_date_gmt>2012-03-10 10:11:00</wp:post_date_gmt><wp:status>publish</wp:status>
<category domain="category" nicename="port">Port</category><category domain="post_tag" nicename="strike">Strike</category></item></channel></rss>"""
    (member,) = parse(export.encode()).members
    article, wire = read(member.data)
    assert article.text == "Dockers went back.\n\nThey had struck for nine days."
    assert (wire.guid, wire.pub_status, wire.keywords) == ("https://vale.example/?p=17", "usable", ["Strike"])
    assert [(one.code, one.name) for one in wire.subjects] == [("port", "Port")]
