"""What a document looks like in each format: the structure that its standard documents, marks on what Copydesk found,
and nothing that a parser would refuse."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copydesk_client import Written
from services.formats import FORMATS, Name, accepted, is_story
from services.records import Byline, Coded, Entity, Place, Span, Topic, Wire
from services.records.annotations import Point
from tests.unit.formats.test_round_trip import NAMES, STORIES, again, body, full, plain, record
from workers.parse import parse

Doc = dict[str, Any]
G2 = {"g": "http://iptc.org/std/nar/2006-10-01/", "h": "http://www.w3.org/1999/xhtml"}
NITF = {"n": "http://iptc.org/std/NITF/2006-10-18/"}


def enriched() -> Doc:
    """Return a record in which Copydesk found people, an organisation, an event, places and topics."""
    mention = [Span(text="x", start=0, end=1)]
    article = plain(
        "Ferry sails", publisher="North Wire", wire=Wire(subjects=[Coded(scheme="nw", code="SEA", name="Sea")])
    )
    article.entities = [
        Entity(name="Ingrid Solheim", type="PERSON", mentions=mention, count=1),
        Entity(name="Busan Yards", type="ORG", mentions=mention, count=1),
        Entity(name="Ferry Week", type="EVENT", mentions=mention, count=1),
        Entity(name="Oslo", type="GPE", mentions=mention, count=1),
        Entity(name="Solveig Quay", type="FAC", mentions=mention, count=1),
    ]
    point = Point(coordinates=[10.75, 59.91])
    article.places = [Place(name="Oslo", country="NO", geonames_id=3143244, location=point, mentions=mention)]
    article.topics = [Topic(code="medtop:20000337", name="shipping", score=0.62)]
    return record(article)


def test_what_copydesk_found_is_marked_in_ninjs() -> None:
    item = json.loads(FORMATS["ninjs"].write(enriched()))
    ours = "copydesk:mentioned"
    assert item["people"] == [{"name": "Ingrid Solheim", "rel": ours}]
    assert item["organisations"] == [{"name": "Busan Yards", "rel": ours}]
    assert item["events"] == [{"name": "Ferry Week", "rel": ours}]
    assert item["places"] == [
        {"name": "Oslo", "rel": ours, "uri": "http://sws.geonames.org/3143244/",
         "geoJSON": {"type": "Point", "coordinates": [10.75, 59.91]}},
        {"name": "Solveig Quay", "rel": ours},
    ]  # fmt: skip
    assert item["subjects"][1] == {
        "name": "shipping", "rel": ours, "uri": "http://cv.iptc.org/newscodes/mediatopic/20000337",
        "literal": "medtop:20000337", "creator": "Copydesk", "relevance": 62,
    }  # fmt: skip


def test_what_copydesk_found_is_marked_in_newsml_and_nitf_and_json_ld() -> None:
    root = ET.fromstring(FORMATS["newsml-g2"].write(enriched()))
    subjects = root.findall("g:contentMeta/g:subject", G2)
    ours = {one.findtext("g:name", "", G2) for one in subjects if one.get("creatoruri") == "urn:copydesk"}
    assert ours == {"Ingrid Solheim", "Busan Yards", "Ferry Week", "Oslo", "Solveig Quay", "shipping"}
    assert len(subjects) == len(ours) + 1
    position = root.find("g:contentMeta/g:subject/g:geoAreaDetails/g:position", G2)
    assert position is not None and position.attrib == {"latitude": "59.91", "longitude": "10.75"}

    content = ET.fromstring(FORMATS["nitf"].write(enriched())).find("n:head/n:docdata/n:identified-content", NITF)
    assert content is not None
    assert {one.text for one in content if one.get("class") == "copydesk"} == ours
    assert [one.text for one in content if one.get("class") != "copydesk"] == ["Sea"]

    item = json.loads(FORMATS["json-ld"].write(enriched()))
    mentioned = [*item["mentions"], *item["about"][1:]]
    assert {one["name"] for one in mentioned} == ours
    assert all(one["copydesk:foundBy"] == "Copydesk" for one in mentioned)
    assert item["mentions"][3]["geo"] == {"@type": "GeoCoordinates", "latitude": 59.91, "longitude": 10.75}


@pytest.mark.parametrize("name", NAMES)
def test_what_copydesk_found_does_not_come_back_as_the_providers_words(name: Name) -> None:
    article = parse(FORMATS[name].write(enriched())).article
    assert article is not None and article.wire is not None
    assert [subject.name for subject in article.wire.subjects] == ["Sea"]
    assert (article.byline, article.wire.places, article.wire.genre, article.wire.keywords) == ([], [], [], [])
    assert article.wire.provider == "North Wire"


NINJS: dict[str, type | tuple[type, ...]] = {
    "uri": str, "type": str, "representationType": str, "profile": str, "version": str, "firstCreated": str,
    "versionCreated": str, "contentCreated": str, "embargoedUntil": str, "pubStatus": str, "urgency": int, "copyrightHolder": str,
    "copyrightNotice": str, "usageTerms": str, "edNote": str, "language": str, "descriptions": list, "bodies": list,
    "headlines": list, "people": list, "organisations": list, "places": list, "subjects": list, "events": list,
    "objects": list, "infoSources": list, "title": str, "by": str, "slugline": str, "located": str, "renditions": list,
    "associations": list, "altIds": list, "standard": dict, "genres": list, "expires": str, "rightsInfo": dict,
}  # fmt: skip
"""Properties of ninjs 3.2 that a text may have, with their types; it allows no others."""
INNER = {
    "descriptions": {"role", "contentType", "value"}, "headlines": {"role", "contentType", "value"},
    "bodies": {"role", "contentType", "charCount", "wordCount", "value"},
    "people": {"name", "rel", "uri", "literal", "contactInfo"},
    "organisations": {"name", "rel", "uri", "literal", "symbols", "contactInfo"},
    "places": {"name", "rel", "uri", "literal", "contactInfo", "geoJSON"},
    "subjects": {"name", "rel", "uri", "literal", "creator", "relevance", "confidence"},
    "events": {"id", "name", "rel", "uri", "literal"}, "objects": {"name", "rel", "uri", "literal"},
    "infoSources": {"name", "role", "uri", "literal", "contactInfo"}, "genres": {"name", "uri", "literal"},
    "renditions": {"name", "href", "contentType", "title"}, "altIds": {"role", "value"},
}  # fmt: skip


def check_ninjs(item: Doc, *more: str) -> None:
    assert ":" in item["uri"] and " " not in item["uri"]
    assert item.keys() <= {*NINJS, *more}
    for name, value in item.items():
        assert name in more or isinstance(value, NINJS[name])
        for inner in value if name in INNER else []:
            assert inner and inner.keys() <= INNER[name]
    assert item.get("pubStatus", "usable") in ("usable", "withheld", "canceled")
    assert item.get("type", "text") in ("text", "audio", "video", "picture", "graphic", "composite")
    for association in item.get("associations", []):
        assert association["name"]
        check_ninjs(association, "name", "rel")


@pytest.mark.parametrize("story", STORIES)
def test_ninjs_has_what_its_schema_allows(story: str) -> None:
    item = json.loads(FORMATS["ninjs"].write(record(STORIES[story])))
    check_ninjs(item)
    assert (
        item["standard"]["schema"] == f"http://www.iptc.org/std/ninjs/ninjs-schema_{item['standard']['version']}.json#"
    )


def in_order(parent: ET.Element | None, names: str) -> bool:
    """Return whether the children are exactly those in ``names``, in this order."""
    assert parent is not None
    order = names.split()
    places = [order.index(child.tag.rpartition("}")[2]) for child in parent]
    return places == sorted(places)


@pytest.mark.parametrize("story", STORIES)
def test_a_news_item_has_its_parts_in_the_order_of_the_schema(story: str) -> None:
    root = ET.fromstring(FORMATS["newsml-g2"].write(record(STORIES[story])))
    assert root.attrib.items() >= {"standard": "NewsML-G2", "conformance": "power"}.items() and root.get("guid")
    assert in_order(root, "catalogRef rightsInfo itemMeta contentMeta contentSet")
    assert in_order(
        root.find("g:itemMeta", G2),
        "itemClass provider versionCreated firstCreated embargoed pubStatus generator title edNote signal expires link "
        "itemMetaExtProperty",
    )
    for required in ("itemClass", "provider", "versionCreated"):
        assert root.find(f"g:itemMeta/g:{required}", G2) is not None
    assert in_order(
        root.find("g:contentMeta", G2),
        "urgency contentCreated contentModified located creator language genre keyword subject slugline headline dateline by "
        "creditline description",
    )
    schemes = {code.split(":")[0] for element in root.iter() for name, code in element.attrib.items()
               if name in ("qcode", "role", "type")}  # fmt: skip
    assert schemes <= {"ninat", "stat", "sig", "medtop", "subj", "genre", "drol", "cpnat"}, (
        "the IPTC's catalog has these"
    )


@pytest.mark.parametrize("story", STORIES)
def test_nitf_has_its_parts_in_the_order_of_the_schema(story: str) -> None:
    root = ET.fromstring(FORMATS["nitf"].write(record(STORIES[story])))
    assert root.get("version") == "-//IPTC//DTD NITF 3.6//EN"
    assert in_order(root, "head body")
    assert in_order(root.find("n:head", NITF), "title meta tobject docdata pubdata")
    assert in_order(root.find("n:body", NITF), "body.head body.content")
    assert in_order(root.find("n:body/n:body.head", NITF), "hedline byline distributor dateline abstract")
    for media in root.iter(f"{{{NITF['n']}}}media"):
        assert media.get("media-type")
        assert media.find("n:media-reference", NITF) is not None
        assert in_order(media, "media-metadata media-reference media-caption media-producer")
    for quotation in root.iter(f"{{{NITF['n']}}}bq"):
        assert in_order(quotation, "block")


def test_a_withdrawn_document_says_so_in_each_format() -> None:
    for status, said in (("canceled", "canceled"), ("withheld", "withheld"), ("embargoed", "withheld")):
        one = record(plain(wire=Wire(provider="NW", guid="urn:nw:1", pub_status=status)))  # type: ignore[arg-type]
        assert json.loads(FORMATS["ninjs"].write(one))["pubStatus"] == said
        root = ET.fromstring(FORMATS["newsml-g2"].write(one))
        element = root.find("g:itemMeta/g:pubStatus", G2)
        assert element is not None and element.get("qcode") == f"stat:{said}"
        data = ET.fromstring(FORMATS["nitf"].write(one)).find("n:head/n:docdata", NITF)
        assert data is not None and data.get("management-status") == status
        assert json.loads(FORMATS["json-ld"].write(one))["creativeWorkStatus"] == status


NASTY = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from("\x00\x0b\x1f\ufffe\r\n<>&\"'|\u200c"), max_size=40
)


@settings(max_examples=60, deadline=None)
@given(title=NASTY, text=st.lists(NASTY.filter(str.strip), min_size=1, max_size=4), word=NASTY, code=NASTY)
def test_no_character_makes_a_file_that_cannot_be_read(title: str, text: list[str], word: str, code: str) -> None:
    kinds = ("paragraph", "heading", "list_item", "table")
    written, blocks = body(*zip(kinds, text, strict=False))
    article = full().model_copy(
        update={"title": title or None, "text": written, "blocks": blocks, "byline": [Byline(name=word)]}
    )
    assert article.wire is not None
    article.wire = article.wire.model_copy(
        update={
            "guid": code or None,
            "keywords": [word],
            "version": code,
            "subjects": [Coded(scheme=word, code=code, name=title)],
        }
    )
    for name, format in FORMATS.items():
        data = format.write(record(article))
        ET.fromstring(data) if format.suffix == "xml" else json.loads(data)
        assert parse(data).article is not None, name


@pytest.mark.parametrize("name", NAMES)
def test_no_control_character_goes_out(name: Name) -> None:
    article = plain("Fer\x00ry sails", ("paragraph", "The ferry\x0b left the quay on\x1f Monday."))
    data = FORMATS[name].write(record(article))
    for bad in ("\x00", "\x0b", "\x1f", "\\u0000", "\\u000b", "\\u001f"):
        assert bad not in data.decode()
    assert again(article, name).title == "Ferry sails"


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (None, None), ("*/*", None), ("application/json", None), ("text/html,application/xhtml+xml,*/*;q=0.8", None),
        ("application/ninjs+json", "ninjs"), ("application/ld+json, */*;q=0.1", "json-ld"),
        ("application/nitf+xml;q=0.5, application/vnd.iptc.g2.newsitem+xml", "newsml-g2"),
        ("application/nitf+xml;q=0.5, application/json", None), ("text/vnd.IPTC.NITF", "nitf"),
        ("application/nitf+xml;q=none", None), ("image/png", None), ("application/nitf+xml;q=0", None),
    ],
)  # fmt: skip
def test_the_accept_header_chooses(header: str | None, name: Name | None) -> None:
    assert accepted(header) == name


def test_what_only_holds_others_is_no_story() -> None:
    assert is_story(record(full()))
    assert not is_story({**record(full()), "status": "queued"})
    assert not is_story({"id": "1", "status": "done", "members": [{"path": "a", "id": "2"}], "text": "", "title": None})


def test_the_client_knows_every_format() -> None:
    assert set(get_args(Written)) == set(FORMATS)
