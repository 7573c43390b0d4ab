"""Text boxes: pull quotes, sidebars, the names under a picture. Their text follows the paragraph they are anchored in, once."""

from __future__ import annotations

import pytest

from tests.unit.parse import samples
from workers.parse import parse

BOX = "“Safe ladders,” she said, “and we got them.”"
BEFORE, AFTER = "The ships waited nine days", "and were unloaded before noon."
P = samples.docx_paragraph


def paragraphs(data: bytes) -> list[str]:
    article = parse(data).article
    return [article.text[block.start : block.end] for block in article.blocks]


def shape(content: str) -> str:
    return f"<w:r><w:drawing><wp:anchor><a:graphic><wps:wsp><wps:txbx><w:txbxContent>{content}</w:txbxContent></wps:txbx></wps:wsp></a:graphic></wp:anchor></w:drawing></w:r>"


def vml(content: str) -> str:
    return f"<w:r><w:pict><v:shape><v:textbox><w:txbxContent>{content}</w:txbxContent></v:textbox></v:shape></w:pict></w:r>"


def both(content: str) -> str:
    """Return a box as Word has written it since 2010: the shape, and VML for older programs."""
    return f"<mc:AlternateContent><mc:Choice>{shape(content)}</mc:Choice><mc:Fallback>{vml(content)}</mc:Fallback></mc:AlternateContent>"


NAMESPACES = (
    'xmlns:wp="urn:wp" xmlns:a="urn:a" xmlns:wps="urn:wps" xmlns:v="urn:v" xmlns:mc="urn:mc" '
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
)


def with_box(box: str) -> bytes:
    text = f'<w:r><w:t xml:space="preserve">{BEFORE} </w:t></w:r>{box}<w:r><w:t>{AFTER}</w:t></w:r>'
    body = f"{P(samples.TITLE, 'Title')}<w:p {NAMESPACES}>{text}</w:p>{P(samples.THIRD)}"
    return samples.docx(body)


@pytest.mark.parametrize("kind", [shape, vml, both])
def test_a_text_box_of_word_is_read_once_behind_its_paragraph(kind):
    assert paragraphs(with_box(kind(P(BOX)))) == [f"{BEFORE} {AFTER}", BOX, samples.THIRD]


def test_a_text_box_in_a_text_box_and_a_table_in_one():
    table = f"<w:tbl><w:tr><w:tc>{P('Ships')}</w:tc><w:tc>{P('14')}</w:tc></w:tr></w:tbl>"
    inner = f"<w:p><w:r><w:t>Outer words.</w:t></w:r>{both(P(BOX) + table)}</w:p>"
    assert paragraphs(with_box(both(inner))) == [f"{BEFORE} {AFTER}", "Outer words.", BOX, "Ships | 14", samples.THIRD]


def test_a_text_box_of_opendocument_in_a_paragraph_and_on_the_page():
    box = f"<draw:frame><draw:text-box><text:p>{BOX}</text:p></draw:text-box></draw:frame>"
    body = (
        f'<text:p text:style-name="Title">{samples.TITLE}</text:p>'
        f'<text:p xmlns:draw="urn:draw">{BEFORE} {box}{AFTER}</text:p><text:p>{samples.THIRD}</text:p>'
    )
    assert paragraphs(samples.odt(body)) == [f"{BEFORE} {AFTER}", BOX, samples.THIRD]
    body = f'<text:p text:style-name="Title">{samples.TITLE}</text:p>{box.replace("<draw:frame>", "<draw:frame xmlns:draw=" + chr(34) + "urn:draw" + chr(34) + ">")}<text:p>{samples.THIRD}</text:p>'
    assert paragraphs(samples.odt(body)) == [BOX, samples.THIRD]


def test_a_text_box_of_rtf_does_not_break_the_paragraph_it_stands_in():
    said = BOX.replace("“", r"\ldblquote ").replace("”", r"\rdblquote ")
    box = (
        r"{\shp{\*\shpinst\shpleft10{\sp{\sn shapeType}{\sv 202}}{\shptxt \pard\plain " + said + r"\par}}"
        r"{\shprslt{\*\do\dobxpage{\dptxbxtext\pard\plain " + said + r"\par}}}}"
    )
    third = samples.THIRD.replace("’", r"\rquote ")
    data = rf"{{\rtf1\ansi\pard {samples.TITLE}\par {BEFORE} {box}{AFTER}\par {third}\par}}".encode("cp1252")
    assert paragraphs(data) == [f"{BEFORE} {AFTER}", BOX, samples.THIRD]


def test_a_text_box_of_rtf_that_is_cut_off_keeps_what_was_read():
    data = rf"{{\rtf1\ansi\pard {samples.TITLE}\par {BEFORE} {{\shp{{\*\shpinst{{\shptxt A box of words.".encode()
    assert paragraphs(data) == [f"{BEFORE}", "A box of words."]
