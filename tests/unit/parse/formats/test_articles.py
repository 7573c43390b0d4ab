"""Formats that contain one article: the story is read from each of them."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest

from tests.unit.parse import samples
from workers.parse import Limits, ParseError, parse


def read(data: bytes, **more):
    article = parse(data, **more).article
    assert article is not None
    for block in article.blocks:
        assert article.text[block.start : block.end].strip() == article.text[block.start : block.end]
    for section in article.sections:
        assert article.text[section.start : section.end] == section.heading
    if article.dateline:
        assert article.text[article.dateline.start : article.dateline.end] == article.dateline.text
    return article


WITH_HEADINGS = ["pdf", "docx", "odt", "rtf", "epub", "eml", "nitf", "newsml-g2", "ninjs"]
WITHOUT = ["ninjs2", "msg", "mhtml"]


@pytest.mark.parametrize("name", WITH_HEADINGS + WITHOUT)
def test_the_story_is_read(name):
    article = read(samples.SAMPLES[name]())
    assert article.title == samples.TITLE
    assert article.text.startswith(samples.LEAD)
    assert samples.SECOND in article.text
    assert article.text.rstrip().endswith(samples.THIRD) or name == "nitf"
    assert article.dateline is not None and article.dateline.credit == "Reuters"
    if name in WITH_HEADINGS:
        assert [section.heading for section in article.sections] == [samples.HEADING]


@pytest.mark.parametrize(
    "name", ["pdf", "docx", "odt", "rtf", "epub", "eml", "msg", "nitf", "newsml-g2", "ninjs", "anpa-1312"]
)
def test_the_author_is_read_and_leaves_the_text(name):
    article = read(samples.SAMPLES[name]())
    assert [author.name for author in article.byline] == ["Jane Roe"]
    assert "Jane Roe" not in article.text


@pytest.mark.parametrize("name", ["pdf", "docx", "odt", "rtf", "epub"])
def test_a_date_without_a_zone_keeps_its_wall_clock(name):
    article = read(samples.SAMPLES[name]())
    assert article.published_at == datetime(2012, 3, 10, tzinfo=UTC)
    assert article.published_zone is None


@pytest.mark.parametrize("name", ["eml", "msg", "nitf", "newsml-g2", "ninjs", "ninjs2"])
def test_a_date_with_a_zone_becomes_utc(name):
    article = read(samples.SAMPLES[name]())
    versioned = name in ("newsml-g2", "ninjs")  # these distinguish a version's time from that of the first
    assert article.published_at == datetime(2012, 3, 10, *((11, 0) if versioned else (10, 11)), tzinfo=UTC)
    assert article.published_zone is not None


def code(data: bytes, **more) -> str:
    with pytest.raises(ParseError) as caught:
        parse(data, **more)
    return caught.value.code


# --- office documents ---------------------------------------------------------------------------


def test_docx_takes_insertions_and_leaves_deleted_and_hidden_words():
    p = samples.docx_paragraph
    body = (
        p(samples.TITLE, "Title")
        + "<w:p><w:r><w:t>The ships waited </w:t></w:r><w:del><w:r><w:delText>ten</w:delText></w:r></w:del>"
        + "<w:ins><w:r><w:t>nine</w:t></w:r></w:ins><w:r><w:t xml:space='preserve'> days</w:t></w:r>"
        + "<w:r><w:rPr><w:vanish/></w:rPr><w:t>secret</w:t></w:r><w:r><w:t>.</w:t></w:r></w:p>"
        + "<w:sdt><w:sdtContent>" + p("In a content control.") + "</w:sdtContent></w:sdt>"
        + p("Ladders first, they said.", "Quote") + p("Cranes at the quay.", "Caption")
        + "<w:tbl><w:tr><w:tc>" + p("Ships") + "</w:tc><w:tc>" + p("14") + "</w:tc></w:tr></w:tbl>"
        + "<w:p><w:pPr><w:numPr/></w:pPr><w:r><w:t>First point</w:t></w:r></w:p>"
    )  # fmt: skip
    article = read(samples.docx(body))
    assert "The ships waited nine days." in article.text
    assert "In a content control." in article.text
    kinds = {article.text[block.start : block.end]: block.kind for block in article.blocks}
    assert kinds["Ships | 14"] == "table"
    assert kinds["First point"] == "list_item"
    assert kinds["Ladders first, they said."] == "blockquote"
    assert [caption.text for caption in article.captions] == ["Cranes at the quay."]


def test_odt_lists_spaces_notes_and_flat_files():
    body = (
        f'<text:p text:style-name="Title">{samples.TITLE}</text:p>'
        "<text:p>Ships<text:s/>waited<text:line-break/>long<text:note><text:note-body><text:p>a note</text:p>"
        "</text:note-body></text:note>.</text:p><text:list><text:list-item><text:p>Ladders</text:p></text:list-item></text:list>"
    )
    article = read(samples.odt(body))
    assert article.title == samples.TITLE
    assert article.text == "Ships waited long.\n\nLadders"
    assert [block.kind for block in article.blocks] == ["paragraph", "list_item"]


def test_rtf_code_pages_tables_and_skipped_destinations():
    data = (
        rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Times;}{\f1\fcharset204 Arial;}}{\*\generator Word;}"
        rb"\pard\f1 \'cf\'ee\'f0\'f2 \'ee\'f2\'ea\'f0\'fb\'f2 \'f1\'ed\'ee\'e2\'e0 \'e2 \'f1\'f3\'e1\'e1\'ee\'f2\'f3.\par"
        rb"\f0 It cost \u8364?5 \endash  no more.{\pict 0102ff}\par{\header Running head}"
        rb"\trowd\intbl Ships\cell 14\cell\row\trowd\intbl Days\cell 9\cell\row\pard The end.\par}"
    )
    article = read(data)
    assert "Порт открыт снова в субботу." in article.text
    assert "It cost €5 – no more." in article.text
    assert "Ships | 14\nDays | 9" in article.text
    assert "Running head" not in article.text and "0102ff" not in article.text


def test_epub_reads_chapters_in_the_order_of_its_spine():
    article = read(samples.epub())
    assert article.publisher == "The Vale Courier"
    assert article.language == "en"
    assert "Contents" not in article.text
    assert article.text.index("PORT VALE") < article.text.index(samples.HEADING)


# --- messages -----------------------------------------------------------------------------------


def test_mail_attachment_is_a_document_of_its_own():
    for data in (samples.eml(), samples.msg()):
        members = parse(data).members
        assert [(member.path, member.data) for member in members] == [("figures.csv", b"name,age\nAnn,7\n")]


def test_mail_from_an_office_names_the_publisher_not_an_author():
    data = samples.eml().replace(
        b"Jane Roe <jane.roe@valecourier.example>", b"Port Authority Press Office <press@port.example>"
    )
    article = read(data)
    assert article.byline == []
    assert article.publisher == "Port Authority Press Office"


def test_mail_in_an_old_encoding_with_flowed_lines():
    body = "Les dockers ont repris \nle travail à midi.\n\nFin.\n\n-- \nJane\n".encode("iso-8859-1")
    data = (
        b"From: =?iso-8859-1?Q?Ren=E9?= <rene@port.example>\nSubject: =?utf-8?B?TGEgZ3LDqHZl?=\n =?utf-8?B?IGZpbmll?=\n"
        b"Date: Sat, 10 Mar 2012 13:11:00 -0000\nContent-Type: text/plain; charset=iso-8859-1; format=flowed\n\n" + body
    )
    article = read(data)
    assert article.title == "La grève finie"
    assert article.text == "Les dockers ont repris le travail à midi.\n\nFin."
    assert article.published_zone is None


def test_newsletter_without_its_hidden_preview_and_with_layout_tables():
    page = (
        '<div style="display:none">Preview text</div><table><tr><td><table><tr><td><h2>Quay news</h2>'
        f"<p>{samples.LEAD}</p></td></tr></table></td></tr></table><p>Unsubscribe from this list</p>"
    )
    data = f"From: News <n@x.example>\nTo: a@x.example\nDate: Sat, 10 Mar 2012 13:11:00 +0000\nSubject: Week\nMIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n{page}".encode()
    article = read(data)
    assert "Preview text" not in article.text
    assert samples.LEAD in article.text
    assert all(block.kind != "table" for block in article.blocks)


def test_message_in_a_message_is_a_member():
    from email.message import EmailMessage

    outer = EmailMessage()
    outer["From"], outer["Subject"], outer["Date"] = "a@x.example", "Fwd", "Sat, 10 Mar 2012 13:11:00 +0000"
    outer["To"] = "b@x.example"
    outer.set_content("See below.")
    outer.add_attachment(message_from_bytes(samples.eml(), policy=policy.default))
    member = parse(outer.as_bytes()).members[0]
    assert member.media_type == "message/rfc822"
    assert read(member.data).title == samples.TITLE


def test_mhtml_tells_where_the_page_was():
    assert read(samples.mhtml()).url == "https://courier.example/strike"


@pytest.mark.parametrize("named_by", ["Snapshot-Content-Location", "start"])
def test_mhtml_may_have_another_page_before_the_one_that_was_saved(named_by):
    message = message_from_bytes(samples.mhtml())
    page = message.get_payload(0)
    frame = message_from_bytes(
        b"Content-Type: text/html\nContent-Location: https://ads.example/1\n\n<p>Buy a boat today.</p>\n"
    )
    message.set_payload([frame, page])
    if named_by == "start":
        del message["Snapshot-Content-Location"]
        page["Content-ID"] = "<page@courier.example>"
        message.set_param("start", "<page@courier.example>")
    article = read(message.as_bytes())
    assert (article.title, article.url) == (samples.TITLE, "https://courier.example/strike")


# --- the trade's formats ------------------------------------------------------------------------


def test_nitf_head():
    article = read(samples.nitf())
    assert article.deck == "Owners promise new ladders"
    assert article.code == "PORT-STRIKE"
    assert article.byline[0].role == "Port Correspondent"
    assert article.publisher == "The Vale Courier"
    assert "Ships | 14\nDays | 9" in article.text
    assert [caption.text for caption in article.captions] == ["Cranes at the northern quay."]


def test_nitf_dateline_apart_from_the_body_is_put_before_it():
    data = (
        samples.nitf()
        .replace(b"PORT VALE, March 10 (Reuters) - ", b"")
        .replace(b"<location>PORT VALE", b"<location>LONDON")
    )
    article = read(data)
    assert article.dateline is not None and article.dateline.places == ["London"]


def test_nitf_named_characters_need_no_dtd():
    article = read(samples.nitf().replace(b"Owners promise", b"Propri&eacute;taires &amp; others promise"))
    assert article.deck == "Propriétaires & others promise new ladders"


def test_newsml_of_escaped_html_and_of_plain_text():
    item = samples.newsml_item()
    start, end = item.index("<inlineXML"), item.index("</inlineXML>") + len("</inlineXML>")
    for kind, content in (
        ("text/html", f"&lt;p&gt;{samples.LEAD}&lt;/p&gt;&lt;p&gt;{samples.THIRD}&lt;/p&gt;"),
        ("text/plain", f"{samples.LEAD}\n\n{samples.THIRD}"),
    ):
        data = f'{item[:start]}<inlineData contenttype="{kind}">{content}</inlineData>{item[end:]}'.encode()
        assert read(data).text == f"{samples.LEAD}\n\n{samples.THIRD}"


def test_ninjs_picture_captions():
    import json

    item = json.loads(samples.ninjs())
    item["associations"] = {"p": {"type": "picture", "description_text": "Cranes at the quay."}}
    assert [caption.text for caption in read(json.dumps(item).encode()).captions] == ["Cranes at the quay."]


def test_anpa_head_and_marks():
    article = read(samples.anpa())
    assert article.title == samples.TITLE
    assert article.code == "BC-Port Strike, 1st Ld"
    assert [(author.name, author.role) for author in article.byline] == [("Jane Roe", "Vale Courier Writer")]
    assert article.published_at == datetime(2012, 3, 10, 14, 11, tzinfo=UTC)
    assert article.published_zone == "EST"
    assert "“We asked for safe ladders,” said" in article.text
    assert "^" not in article.text and "<" not in article.text


def test_reuters_story():
    article = read(samples.reuters_story(7).encode())
    assert article.title == "DOCKERS END STRIKE"
    assert article.code == "7"
    assert article.published_at is not None and article.published_at.year == 1987
    assert article.text == (
        "PORT VALE, March 10 - Dockers went back to their cranes on Saturday after nine days <VALE.L>."
        "\n\nThe first ship was unloaded before noon."
    )


# --- pictures -----------------------------------------------------------------------------------


def test_a_picture_of_text_says_which_setting_has_it_read():
    for data in (samples.png(), samples.scanned_pdf(), samples.drawn_pdf()):
        with pytest.raises(ParseError) as caught:
            parse(data)
        assert caught.value.code == "needs_ocr"
        assert "COPYDESK_PARSE_OCR" in caught.value.message


def test_a_page_with_nothing_on_it_needs_no_ocr():
    assert code(samples.blank_pdf()) == "empty"


needs_tesseract = pytest.mark.skipif(shutil.which("tesseract") is None, reason="Tesseract is not installed")


@needs_tesseract
@pytest.mark.parametrize("kind", ["png", "pdf"])
def test_a_picture_of_text_is_read(kind):
    picture = samples.printed([samples.TITLE, "", "Dockers at Port Vale went back to work on Friday."])
    data = samples.png(picture) if kind == "png" else samples.scanned_pdf([picture])
    article = parse(data, limits=Limits(ocr=True)).article
    assert article is not None
    assert article.title == samples.TITLE
    assert "went back to work on Friday." in article.text
    assert "ocr" in article.warnings
    assert article.confidence is not None and article.confidence < 0.6


@needs_tesseract
def test_a_scanned_page_among_others_is_read_in_its_place():
    picture = samples.printed(["The harbour master counted nineteen ships on Friday."])
    data = samples.scanned_pdf([samples.TITLE, picture, "Nobody else had counted them, and nobody thanked him for it."])
    article = parse(data, limits=Limits(ocr=True)).article
    assert article is not None and "ocr" in article.warnings
    assert article.text.index("counted nineteen") < article.text.index("Nobody else")
    article = parse(data).article
    assert article is not None and "scanned_pages" in article.warnings
    assert "nineteen" not in article.text


@needs_tesseract
def test_limits_of_ocr():
    data = samples.scanned_pdf([samples.printed(["One ship"]), samples.printed(["Two ships"])])
    assert code(data, limits=Limits(ocr=True, ocr_pages=1)) == "too_many_pages"
    assert code(data, limits=Limits(ocr=True, ocr_seconds=1e-6)) == "timeout"


def test_a_line_of_hard_wrapped_text_with_nothing_but_a_mark_separates_paragraphs():
    first = "The ferries of the northern quay stayed in port\non Monday because their crews wanted ladders that\nhold, the union of the crews said.\n"
    second = "The board of the harbour answered that ladders had\nbeen ordered in the spring and were to come by sea\nin the second week of June.\n"
    article = read(f"Ferries stay in\n\nPORT VALE (AP) — {first}^\n{second}".encode())
    assert article.text == f"PORT VALE (AP) — {' '.join(first.split())}\n\n{' '.join(second.split())}"
