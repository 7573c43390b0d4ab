"""A photo becomes the record that its caption, credit, place and date make."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.unit.parse import pictures
from workers.parse import Limits, ParseError, parse

WAYS = {
    "jpeg with IIM": ("jpeg", {"iim": pictures.iim(pictures.IIM)}),
    "tiff with IIM": ("tiff", {"iim": pictures.iim(pictures.IIM)}),
    **{f"{kind} with XMP": (kind, {"xmp": pictures.xmp()}) for kind in ("jpeg", "tiff", "png", "webp")},
    "jpeg with both": ("jpeg", {"iim": pictures.iim(pictures.IIM), "xmp": pictures.xmp()}),
}


def code(data: bytes) -> str:
    with pytest.raises(ParseError) as caught:
        parse(data)
    return caught.value.code


@pytest.mark.parametrize("way", WAYS)
def test_a_photo_is_the_record_of_what_is_said_of_it(way):
    kind, said = WAYS[way]
    found = parse(pictures.picture(kind, **said))
    article, wire = found.article, found.article.wire
    assert found.media_type == f"image/{kind}"
    assert article.title == pictures.HEADLINE
    assert article.text == pictures.CAPTION
    assert article.captions == []
    assert [(author.name, author.role) for author in article.byline] == [("Jane Roe", "STAFF")]
    assert (article.publisher, article.code) == ("Reuters", "PV01")
    assert article.published_at == wire.first_created == datetime(2012, 3, 10, 10, 11, tzinfo=UTC)
    assert article.dateline.places == ["Port Vale"]
    assert (wire.provider, wire.slugline, wire.urgency, wire.category) == ("Reuters", "PORT-STRIKE", 4, "FIN")
    assert wire.keywords == ["strike", "docks"]
    assert wire.ednote == "NO ARCHIVES"
    assert [(place.code, place.name) for place in wire.places] == [
        (None, "Port Vale"), (None, "Northland"), ("NOR", "Norway"),
    ]  # fmt: skip
    assert [(subject.scheme, subject.code) for subject in wire.subjects] == [("subj", "09014000")]
    assert (wire.rights.copyright, wire.rights.credit) == ("© The Vale Courier 2012", "Reuters")
    if "XMP" in way or "both" in way:
        assert (wire.guid, wire.rights.usage_terms) == ("tag:vale.example,2012:1", "Editorial use only")
    assert article.warnings == []


def test_text_of_a_photo_in_an_old_encoding():
    fields = {(2, 120): ["Les dockers de Port-Valé à la grue, samedi."], (2, 5): ["Grève des dockers finie"]}
    article = parse(pictures.picture("jpeg", iim=pictures.iim(fields, utf8=False))).article
    assert (article.title, article.text) == ("Grève des dockers finie", "Les dockers de Port-Valé à la grue, samedi.")


def test_the_parts_of_a_structure_are_not_taken_for_the_photo_s_own():
    shown = '<ext:LocationShown><rdf:Bag><rdf:li><rdf:Description photoshop:City="Elsewhere"/></rdf:li></rdf:Bag></ext:LocationShown>'
    said = pictures.xmp(more=shown).replace(b'photoshop:City="Port Vale"', b"")
    wire = parse(pictures.picture("jpeg", xmp=said)).article.wire
    assert [place.name for place in wire.places] == ["Northland", "Norway"]


def test_a_headline_alone_is_the_text_too():
    article = parse(pictures.picture("png", xmp=pictures.xmp(caption=""))).article
    assert (article.title, article.text) == (pictures.HEADLINE, pictures.HEADLINE)


def test_a_picture_without_a_caption_is_left_to_ocr():
    assert code(pictures.picture("jpeg")) == "needs_ocr"
    assert code(pictures.picture("png", xmp=pictures.xmp(caption="", headline=""))) == "needs_ocr"
    assert code(pictures.picture("jpeg", xmp=b"<x:xmpmeta", iim=b"\x1c\x02\x78\xff\xff")) == "needs_ocr"


def test_a_picture_that_says_it_is_larger_than_memory_is_not_unpacked():
    data = bytearray(pictures.picture("png", xmp=pictures.xmp()))
    import struct
    import zlib

    data[16:24] = struct.pack(">II", 60_000, 60_000)
    data[29:33] = struct.pack(">I", zlib.crc32(bytes(data[12:29])))
    assert parse(bytes(data), limits=Limits(seconds=20)).article.text == pictures.CAPTION


def test_entities_in_what_a_picture_says_are_not_expanded():
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;"><!ENTITY s SYSTEM "file:///etc/hostname">]>'
    said = pictures.xmp(caption="WORDS").replace(b"WORDS", b"Dockers laugh &b; &s; on the quay")
    article = parse(pictures.picture("jpeg", xmp=laughs + said.partition(b"?>")[2])).article
    assert "haha" not in article.text
    assert article.text.startswith("Dockers laugh")
