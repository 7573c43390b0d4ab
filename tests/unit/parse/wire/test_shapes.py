"""What agencies send: takes, items without text, documents in JSON, the SGML of an old collection."""

from __future__ import annotations

import json

import pytest

from services.records import Article, Wire
from workers.parse import ParseError, parse

LEAD = "Dockers of the northern quay went back to their cranes on Saturday after nine days."
NITF = f"""<nitf><head><docdata><doc-id id-string="x1" regsrc="AP"/></docdata></head><body><body.head><hedline>
<hl1>Dockers end strike</hl1></hedline></body.head><body.content><p>{LEAD}</p></body.content></body></nitf>"""


def read(data: bytes | str) -> tuple[Article, Wire]:
    article = parse(data if isinstance(data, bytes) else data.encode()).article
    assert article is not None and article.wire is not None
    return article, article.wire


def anpa(keyword: str, text: str, sent: str = "0911") -> bytes:
    head = f"\x16\x16\x01a0101\r\nr i\x13\x11{keyword}    03-10 0120\r\n"
    return f"{head}\x02{text}\x03AP-ES-03-10-12 {sent}GMT\x04".encode()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("BC-Strike, 1st Take,120", "BC-Strike, 2nd Take,80"),
        ("BC-Strike, Take 1,120", "BC-Strike, Take 2,80"),
        ("BC-Strike,120", "BC-Strike, 1st Add,80"),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_the_takes_of_an_anpa_story_are_one_document(first: str, second: str, turned: bool) -> None:
    stories = [
        anpa("BC-Strike", f"^{first}<\r\n^Dockers end strike<\r\n\tPORT VALE (AP) _ {LEAD}\r\n\tMORE\r\n"),
        anpa("BC-Strike", f"^{second}<\r\n\tTwo ferries sailed.\r\n", "0930"),
    ]
    article, wire = read(b"".join(reversed(stories) if turned else stories))
    assert article.title == "Dockers end strike"
    assert article.text == f"PORT VALE (AP) — {LEAD}\n\nTwo ferries sailed."
    assert (article.code, wire.slugline, wire.word_count) == ("BC-Strike", "BC-Strike", 200)
    assert [f"{at:%H%M}" for at in (article.published_at, article.updated_at) if at] == ["0911", "0930"]


def test_takes_of_several_anpa_stories_are_put_together_by_story() -> None:
    stories = [
        anpa("BC-Strike", f"^BC-Strike, 1st Take,9<\r\n^Dockers end strike<\r\n\t{LEAD}\r\n"),
        anpa("BC-Ferry", "^BC-Ferry,9<\r\n^Ferry late<\r\n\tThe ferry was late.\r\n"),
        anpa("BC-Strike", "^BC-Strike, 2nd Take,9<\r\n\tTwo ferries sailed.\r\n"),
    ]
    members = parse(b"".join(stories)).members
    articles = [parse(member.data, member.media_type, depth=1).article for member in members]
    assert [article and article.text for article in articles] == [
        f"{LEAD}\n\nTwo ferries sailed.",
        "The ferry was late.",
    ]


@pytest.mark.parametrize("end", ["END", "-30-", "ENDS"])
def test_the_mark_of_an_end_is_no_anpa_headline(end: str) -> None:
    assert read(anpa("BC-Strike", f"^{end}<\r\n^Dockers end strike<\r\n\t{LEAD}\r\n"))[0].title == "Dockers end strike"


@pytest.mark.parametrize(
    "wrap", [lambda nitf: {"id": 7, "content": {"nitf": nitf}}, lambda nitf: [nitf], lambda nitf: nitf]
)
def test_json_around_a_nitf_document_is_read_as_that(wrap: object) -> None:
    article, wire = read(json.dumps(wrap(f'<?xml version="1.0" encoding="UTF-8"?>\n{NITF}')))  # type: ignore[operator]
    assert (article.title, article.text, wire.guid) == ("Dockers end strike", LEAD, "x1")


def test_json_around_several_documents_has_them_as_members() -> None:
    members = parse(json.dumps({"items": [NITF, NITF.replace("x1", "x2")]}).encode()).members
    assert [read(member.data)[1].guid for member in members] == ["x1", "x2"]


def g2(kind: str, inside: str) -> str:
    return (
        f'<{kind} xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:x:1" version="2"><itemMeta>'
        f'<provider qcode="nprov:AFP"/><versionCreated>2024-01-02T10:00:00Z</versionCreated></itemMeta>{inside}</{kind}>'
    )


@pytest.mark.parametrize("prefix", ["", "x:"])
@pytest.mark.parametrize("kind", ["xhtml", "nitf"])
def test_inline_xml_with_and_without_prefix(prefix: str, kind: str) -> None:
    namespace = {"xhtml": "http://www.w3.org/1999/xhtml", "nitf": "http://iptc.org/std/NITF/2006-10-18/"}[kind]
    root, body = ("html", "body") if kind == "xhtml" else ("nitf", "body.content")
    declared = f'xmlns:x="{namespace}"' if prefix else f'xmlns="{namespace}"'
    inner = f"<{prefix}{body}><{prefix}p>{LEAD}</{prefix}p></{prefix}{body}>"
    if kind == "nitf":
        inner = f"<{prefix}body>{inner}</{prefix}body>"
    content = f"<{prefix}{root} {declared}>{inner}</{prefix}{root}>"
    item = g2(
        "newsItem",
        "<contentMeta><headline>Dockers end strike</headline></contentMeta><contentSet>"
        f'<inlineXML contenttype="application/{kind}+xml">{content}</inlineXML></contentSet>',
    )
    article, _ = read(item)
    assert (article.title, article.text) == ("Dockers end strike", LEAD)


def test_a_package_names_its_items() -> None:
    article, wire = read(
        g2(
            "packageItem",
            "<contentMeta><headline>The hour</headline></contentMeta><groupSet><group><itemRef residref='urn:x:2'>"
            "<title>Dockers end strike</title></itemRef></group></groupSet>",
        )
    )
    assert article.title == "The hour"
    assert [(each.kind, each.guid, each.title) for each in wire.associations] == [
        ("item", "urn:x:2", "Dockers end strike")
    ]


def test_an_item_with_its_content_elsewhere_has_its_description_and_the_address() -> None:
    article, wire = read(
        g2(
            "newsItem",
            "<contentMeta><headline>Docks</headline><description role='drol:caption'>Cranes.</description></contentMeta>"
            "<contentSet><remoteContent href='http://afp.example/a.jpg' contenttype='image/jpeg'/>"
            "<remoteContent href='http://afp.example/a.pdf' contenttype='application/pdf'/></contentSet>",
        )
    )
    assert article.text == "Cranes."
    assert [(each.kind, each.url) for each in wire.associations] == [
        ("picture", "http://afp.example/a.jpg"),
        ("file", "http://afp.example/a.pdf"),
    ]


def test_a_concept_is_read_and_a_vocabulary_refused() -> None:
    article, wire = read(
        g2("conceptItem", "<concept><name>Maria Anders</name><definition>A docker of Port Vale.</definition></concept>")
    )
    assert (article.title, article.text, wire.guid) == ("Maria Anders", "A docker of Port Vale.", "urn:x:1")
    with pytest.raises(ParseError, match="A knowledgeItem lists a vocabulary"):
        parse(g2("knowledgeItem", "<conceptSet><concept><name>Maria Anders</name></concept></conceptSet>").encode())


def test_ninjs_in_a_bare_list_and_told_by_its_type() -> None:
    item = {"guid": "g1", "type": "text", "headline": "Dockers end strike", "body_html": f"<p>{LEAD}</p>"}
    article, wire = read(json.dumps(item))
    assert (article.format, article.text, wire.guid) == ("ninjs", LEAD, "g1")
    members = parse(json.dumps([item, {**item, "guid": "g2"}]).encode()).members
    assert [member.path for member in members] == ["g1", "g2"]


def test_ninjs_description_beside_a_body_is_its_deck() -> None:
    item = {
        "uri": "urn:1",
        "headlines": [{"role": "main", "value": "Dockers end strike"}],
        "descriptions": [{"role": "text", "value": "Nine days without a ship.\n\nMore of it."}],
        "bodies": [{"role": "text", "contentType": "text/plain", "value": LEAD}],
    }
    assert read(json.dumps(item))[0].deck == "Nine days without a ship."


def test_reuters_sgml_keeps_what_its_indexers_coded() -> None:
    article, wire = read(
        '<REUTERS TOPICS="YES" NEWID="7"><DATE> 3-MAR-1987 10:00:00.00</DATE><TOPICS><D>ship</D></TOPICS>'
        "<PLACES><D>uk</D></PLACES><PEOPLE><D>anders</D></PEOPLE><ORGS><D>ilo</D></ORGS><EXCHANGES><D>lse</D></EXCHANGES>"
        "<COMPANIES></COMPANIES><UNKNOWN>\n&#5;&#5;C T\n&#22;f0704&#31;reute\nu f BC-PORT-VALE-&lt;PRT   03-03 0105</UNKNOWN>"
        f"<TEXT>&#2;\n<TITLE>DOCKERS END STRIKE</TITLE><DATELINE>    LEEDS, March 3 - </DATELINE><BODY>{LEAD}\n Reuter\n"
        "&#3;</BODY></TEXT></REUTERS>"
    )
    assert [(each.scheme, each.code) for each in wire.subjects] == [
        ("reuters topic", "ship"),
        ("reuters person", "anders"),
        ("reuters organisation", "ilo"),
        ("reuters exchange", "lse"),
    ]
    assert [(each.scheme, each.code) for each in wire.places] == [("reuters place", "uk")]
    assert (wire.provider, wire.priority, wire.category, wire.slugline) == ("Reuters", "u", "f", "BC-PORT-VALE-<PRT")
    assert article.dateline is not None and article.dateline.places == ["Leeds"]


ZCZC = (
    f"ZCZC ABC123\r\n$ s\r\n:PORT STRIKE\r\n=Update\r\n^Dockers end strike^\r\nLEEDS, June 12 AAP - {LEAD}\r\nNNNN\r\n"
)


def test_telex_between_zczc_and_nnnn() -> None:
    article, wire = read(ZCZC)
    assert (article.format, article.title, article.code) == ("zczc", "Dockers end strike", "PORT STRIKE")
    assert (wire.slugline, wire.category, wire.signals) == ("PORT STRIKE", "s", ["Update"])
    assert article.text == f"LEEDS, June 12 AAP - {LEAD}"
    assert article.dateline is not None
    assert (article.dateline.places, article.dateline.credit) == (["Leeds"], "AAP")
    assert [member.path for member in parse((ZCZC * 2).encode()).members] == ["message-1", "message-2"]


def test_telex_without_signs_has_its_head_read_as_text() -> None:
    article = parse(
        f"ZCZC\nGRS0123 4 I 0123 TAS\nPORT-STRIKE\n\nDockers end strike\n\nLEEDS, June 12. /TASS/. {LEAD}\n\nNNNN\n".encode()
    ).article
    assert article is not None and article.dateline is not None
    assert (article.title, article.code, article.dateline.credit) == ("Dockers end strike", "PORT-STRIKE", "TASS")
    assert article.text.endswith(LEAD)
    with pytest.raises(ParseError, match="between ZCZC and NNNN"):
        parse(b"ZCZC\n\nNNNN\n")


@pytest.mark.parametrize(
    "dateline",
    ["<story.date norm='20140102T120000+0000'>20140102T120000+0000</story.date>", "<story.date>Jan 2</story.date>"],
)
def test_a_stamp_is_no_nitf_dateline(dateline: str) -> None:
    headed = NITF.replace("</hedline>", f"</hedline><dateline>{dateline}</dateline>")
    assert read(headed)[0].text == LEAD


def test_the_dash_of_a_nitf_dateline_is_not_doubled() -> None:
    headed = NITF.replace("</hedline>", "</hedline><dateline>LEEDS, England (AP) _</dateline>")
    assert read(headed)[0].text == f"LEEDS, England (AP) — {LEAD}"


def test_iptc_7901_without_a_mark_below_the_headline() -> None:
    article, wire = read(
        "\x01paa0123 4 POL 0456 FRA /AFP-AB12\r\nPort-Greve\r\n\x02Les dockers reprennent le travail\r\n"
        "LEEDS, 12 juin 2024 (AFP) - Les dockers ont repris le travail samedi.\r\nabc/de\r\n\x03121030 JUN 24\r\n\x04"
    )
    assert (article.title, wire.provider, article.published_zone) == ("Les dockers reprennent le travail", "AFP", None)
    assert article.text == "LEEDS, 12 juin 2024 (AFP) - Les dockers ont repris le travail samedi."
    assert article.published_at is not None and f"{article.published_at:%d %H%M}" == "12 1030"


def test_a_country_in_brackets_is_no_part_of_the_town() -> None:
    article = parse(f"Los estibadores vuelven\n\nLeeds (Reino Unido), 12 jun (EFE).- {LEAD}".encode()).article
    assert article is not None and article.dateline is not None
    assert (article.dateline.places, article.dateline.credit) == (["Leeds"], "EFE")


def test_lines_of_desks_are_kept_apart_from_the_text() -> None:
    article = parse(
        f"""USA-PORT/STRIKE (UPDATE 2)
Dockers end strike
By Jane Roe

LEEDS, June 12 (Reuters) - {LEAD}

(Reporting by Jane Roe; Editing by Tom Low)
((jane.roe@example.org; +44 20 7000 0000))
""".encode()
    ).article
    assert article is not None
    assert (article.title, article.code) == ("Dockers end strike", "USA-PORT/STRIKE")
    assert article.text == f"LEEDS, June 12 (Reuters) - {LEAD}"
    assert len(article.notices) == 2
