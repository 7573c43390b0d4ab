"""A document is written in a format of the trade and read again: everything it said is still there, and nothing
else."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from services.formats import FORMATS, Name
from services.records import (
    Article,
    Association,
    Block,
    Byline,
    Caption,
    Coded,
    Dateline,
    Rights,
    Wire,
)
from workers.parse import parse

Doc = dict[str, Any]
ID = "665f1f77bcf86cd799439011"
NAMES: list[Name] = [*FORMATS]


def record(article: Article) -> Doc:
    """Return the record of an article, as the API shows it."""
    source = {"collection": "default", "received_at": "2024-07-11T08:00:00Z"}
    return {**article.model_dump(mode="json"), "id": ID, "status": "done", "source": source, "members": []}


def again(article: Article, name: Name) -> Article:
    found = parse(FORMATS[name].write(record(article))).article
    assert found is not None
    return found


def body(*pieces: tuple[str, str]) -> tuple[str, list[Block]]:
    """Return the text and blocks of pieces, each given by its kind and text."""
    text, blocks = "", []
    for kind, said in pieces:
        text += "\n\n" if text else ""
        blocks.append(Block(kind=kind, start=len(text), end=len(text) + len(said)))  # type: ignore[arg-type]
        text += said
    return text, blocks


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2024, 7, 10, hour, minute, tzinfo=UTC)


LEAD = "OSLO (North Wire) — The ferry Solveig left the northern quay on Monday with all its lamps lit."


def full() -> Article:
    """Return a wire story with everything that a provider may say."""
    text, blocks = body(
        ("paragraph", LEAD),
        ("heading", "What the pilot saw"),
        ("paragraph", "“We counted <nine> lights & a bell,” the pilot, Ingrid Solheim, said."),
        ("list_item", "nine lights"),
        ("list_item", "one bell"),
        ("table", "Quay | Ships\nNorth | 4\nSouth | 11"),
        ("blockquote", "No ship sails without its bell."),
        ("paragraph", "The harbour master had no more to say on Tuesday."),
    )
    return Article(
        format="ninjs", code="NOR-FERRY", title="Ferry sails & returns <late>", deck="Nine lights were counted",
        byline=[Byline(name="Jane Roe", role="Chief Correspondent"), Byline(name="John Doe", agency="Reuters")],
        published_at=at(9, 30), published_zone="+02:00", publisher="North Wire", language="en", text=text, blocks=blocks,
        url="https://example.com/ferry?a=1&b=2", updated_at=at(11),
        dateline=Dateline(text="OSLO (North Wire) —", start=0, end=19, places=["Oslo"], credit="North Wire"),
        captions=[Caption(text="The ferry Solveig at the northern quay.", position=len(LEAD) + 2)],
        wire=Wire(
            provider="North Wire", guid="tag:north.example,2024:ferry-1", version="3", pub_status="usable", urgency=2,
            priority="r", category="i", slugline="NOR-FERRY", keywords=["ferry", "Oslo fjord"], ednote="Adds the bell. Eds: check.",
            genre=[Coded(scheme="genre", code="Current", name="Current"), Coded(name="Feature")],
            subjects=[Coded(scheme="medtop", code="20000337", name="shipping"), Coded(scheme="nw", code="SEA 1", name="Sea"),
                      Coded(name="Harbours"), Coded(scheme="http://cv.north.example/topics", code="77", name="Pilots")],
            places=[Coded(scheme="iso3166-1a2", code="NO", name="Norway"), Coded(name="Oslofjord")],
            first_created=at(7), embargoed_until=at(18), expires_at=at(23), signals=["sig:update", "REFILE"],
            rights=Rights(copyright="Copyright 2024 North Wire", usage_terms="Not for use in the Faroes.", credit="NW/Roe"),
            associations=[
                Association(kind="picture", relation="main", guid="urn:nw:picture:5", title="Solveig", credit="Jan Moe/NW",
                            caption="The bell of the Solveig.", url="https://pictures.example/5.jpg"),
                Association(kind="video", guid="urn:nw:video:6", title="Under way"),
                Association(kind="item", guid="NW 7", title="More of it"),
                Association(kind="audio", relation="audio", url="https://sounds.example/8.mp3"),
            ],
            word_count=61,
        ),
    )  # fmt: skip


def plain(title: str | None = "Ferry sails", *pieces: tuple[str, str], **more: Any) -> Article:
    text, blocks = body(*(pieces or (("paragraph", "The ferry left the quay on Monday, said its pilot."),)))
    return Article(title=title, text=text, blocks=blocks, language="en", **more)


def persian() -> Article:
    return plain(
        "کشتی‌ها به بندر برگشتند",
        ("paragraph", "تهران (ایرنا) — کشتی‌های بندر روز دوشنبه با ۱۲ چراغ روشن به اسکله برگشتند."),
        ("heading", "آنچه ناخدا دید"),
        ("paragraph", "ناخدا گفت: «زنگ کشتی را شنیدیم و چراغ‌ها را شمردیم.»"),
        byline=[Byline(name="رضا احمدی"), Byline(name="سارا کریمی")],
        publisher="ایرنا", published_at=at(6), published_zone="+03:30",
    )  # fmt: skip


STORIES = {
    "full": full(),
    "persian": persian(),
    "no date": plain(publisher="North Wire"),
    "no title": plain(None, published_at=at(9), published_zone="Z"),
    "no zone": plain(published_at=at(9)),
    "one word title": plain("Self-made", published_at=at(9), published_zone="Z"),
    "one column, long cells": plain("Lists", ("paragraph", "These ships sail."), ("table", "North quay\nSouth quay"),
                                    ("table", "Quay | Note\nNorth | " + "The bell rings at dusk. " * 12 + "So it does.")),
    "two authors, one an agency's": plain(byline=[Byline(name="Jane van der Meer", email="jane@north.example"),
                                                 Byline(name="Ole Moe", role="Reporter", email="ole@north.example")]),
    "canceled": plain("Kill: ferry", ("paragraph", "The story of the ferry is withdrawn. Do not use it."), published_at=at(9),
                      published_zone="Z", wire=Wire(provider="NW", guid="NW.115", version="4", pub_status="canceled")),
    "withheld, version that is no number": plain(
        published_at=at(9), published_zone="Z",
        wire=Wire(provider="NW", guid="NW 116/a", version="2.1 b", pub_status="withheld")),
    "embargo": plain(published_at=at(9), published_zone="Z", wire=Wire(provider="NW", guid="urn:nw:1", embargoed_until=at(20))),
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("story", STORIES)
def test_what_a_document_says_comes_back(name: Name, story: str) -> None:
    before = STORIES[story]
    after = again(before, name)
    assert after.title == before.title
    assert after.text == before.text
    assert [(block.kind, block.start) for block in after.blocks] == [
        (block.kind, block.start) for block in before.blocks
    ]
    assert [(one.name, one.role, one.agency) for one in after.byline] == [
        (one.name, one.role, one.agency) for one in before.byline
    ]
    if name != "nitf":  # which has no place for it
        assert [one.email for one in after.byline] == [one.email for one in before.byline]
    assert after.published_at == before.published_at
    assert after.published_zone == before.published_zone or (name == "ninjs" and before.published_zone is None)
    assert (after.language, after.url) == (before.language, before.url)
    if before.dateline:
        assert after.dateline is not None and after.dateline.places == before.dateline.places
    wire, said = after.wire, before.wire
    assert wire is not None
    assert wire.provider == (said.provider if said else before.publisher)
    assert wire.guid == (said.guid if said else f"urn:copydesk:document:{ID}")
    for field in Wire.model_fields:
        if field not in ("provider", "guid"):
            assert getattr(wire, field) == getattr(said or Wire(), field), field
