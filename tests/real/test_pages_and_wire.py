"""The scorers of pages, wire files and Reuters stories, tried on documents of our own: a wrong scorer is worse than none."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from services.records import Article, Byline, Caption, Dateline, Wire
from tests.quality.parse.baselines import Found
from tests.real.pages import local_day, names
from tests.real.reuters import Story
from tests.real.sets import pages, reuters, web, wire


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        (["Ana Roe & Bo Li"], {"ana roe", "bo li"}),
        (["Ana  Roe, Bo Li and Cy Day"], {"ana roe", "bo li", "cy day"}),
        (["Ana Roe, MS, Ph.D.", "Bo Li"], {"ana roe", "bo li"}),
        (["Andy Brand"], {"andy brand"}),
        ([""], set()),
    ],
)
def test_names_are_split_and_degrees_left_out(stated: list[str], expected: set[str]) -> None:
    assert names(stated) == expected


def test_the_local_day_is_that_of_the_zone() -> None:
    late = datetime(2024, 5, 3, 2, tzinfo=UTC)
    assert local_day(Article(published_at=late, published_zone="-05:00")) == date(2024, 5, 2)
    assert local_day(Article(published_at=late)) == date(2024, 5, 3)
    assert local_day(Article()) is None


def test_words_are_compared_as_bags() -> None:
    assert web.f1_of_words("The ferry, the quay", "the FERRY the quay") == 1
    assert web.f1_of_words("ferry", "ferry quay") == pytest.approx(2 / 3)
    assert web.f1_of_words("", "") == 1
    assert web.f1_of_words("ferry", "") == 0


def test_snippets_are_found_across_white_space() -> None:
    assert web.share_in("A ferry\n\nline stays", ["ferry line", "Subscribe"]) == 0.5


def test_a_month_is_the_first_part_of_a_day() -> None:
    assert web.on_day(date(2024, 5, 2), "2024-05")
    assert not web.on_day(date(2024, 5, 2), "2024-05-03")
    assert not web.on_day(None, "2024-05")


def test_a_page_is_judged_by_what_its_suite_states() -> None:
    gold = pages.gold_of(
        {"file": "a.html", "title": "Ferry stays", "authors": ["Ana Roe", "Bo Li"], "date": "2024-05-03T02:00:00Z", "start": "The “old” ferry"}
    )  # fmt: skip
    found = Found(
        "The old  ferry line", "Ferry  stays", ("Ana Roe",), date(2024, 5, 2), datetime(2024, 5, 3, 2, tzinfo=UTC)
    )
    assert pages.judge(gold, found) == {
        "title": 1.0, "authors": pytest.approx(2 / 3), "day": 1.0, "start": 1.0, "anywhere": 1.0,
    }  # fmt: skip
    late = Found("Then the old ferry", "Ferry", (), date(2024, 5, 4), None)
    assert pages.judge(gold, late) == {"title": 0.0, "authors": 0.0, "day": 0.0, "start": 0.0, "anywhere": 1.0}
    only = pages.gold_of({"file": "a.html", "date": "Sun Nov 23 16:00:00 EDT 2014"})
    assert pages.judge(only, Found(day=date(2014, 11, 23))) == {"day": 1.0}


WANTED = {
    "set": "x", "read": True, "members": 0, "title": "Ferry “stays”", "byline": ["JANE ROE"], "version": "2", "urgency": 3,
    "published_at": "2024-05-03T10:00:00+02:00", "dateline": {"places": ["VARNSUND"], "text": "VARNSUND (AP) _"},
    "first_words": "The old ferry", "last_words": "one more winter.", "must_not_contain": ["END", "<p>"], "doubtful": ["code"], "code": "X",
}  # fmt: skip


def item() -> Article:
    head = "VARNSUND (AP) —"
    return Article(
        title='Ferry "stays"',
        byline=[Byline(name="Jane Roe")],
        published_at=datetime(2024, 5, 3, 8, tzinfo=UTC),
        dateline=Dateline(text=head, start=0, end=len(head), places=["VARNSUND"]),
        text=f"{head} The old ferry stays over the weekend and for one more winter.",
        wire=Wire(version="2", urgency=3),
    )


def test_a_wire_file_is_right_in_every_field() -> None:
    judged = wire.judge(WANTED, wire.File(item()))
    assert all(judged.values())
    assert "code" not in judged
    assert "set" not in judged


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("title", {"title": "Ferry"}),
        ("byline", {"byline": [Byline(name="Jane Roe AP Writer")]}),
        ("version", {"wire": Wire(urgency=3)}),
        ("published_at", {"published_at": datetime(2024, 5, 3, 10, tzinfo=UTC)}),
        ("dateline", {"dateline": None}),
        ("must_not_contain", {"title": 'Ferry "stays" END'}),
    ],
)
def test_a_wire_file_is_wrong_in_one_field(field: str, change: dict[str, object]) -> None:
    judged = wire.judge(WANTED, wire.File(item().model_copy(update=change)))
    assert not judged[field]


def test_a_refusal_is_right_only_where_it_may_be() -> None:
    refused = wire.File(refusal="unsupported_format: no")
    assert wire.judge(WANTED | {"refusal_ok": True}, refused) == {}
    assert wire.judge(WANTED | {"read": False}, refused) == {}
    assert not any(wire.judge(WANTED, refused).values())
    assert wire.judge(WANTED | {"read": False}, wire.File(item())) == {"text": False}


def test_the_caption_of_a_picture_is_its_text() -> None:
    picture = Article(captions=[Caption(text="The old ferry for one more winter.")])
    judged = wire.judge(WANTED, wire.File(picture))
    assert judged["first_words"]
    assert judged["last_words"]


STORY = Story(
    1, "a.sgm",
    b'<REUTERS NEWID="1"><DATE> 3-MAR-1987 09:18:21.26</DATE></REUTERS>',
    "The old ferry stays\nopen, its owner said.\n    It carries 400 a day.\n Reuter\n\x03",
    "FERRY <FRY> STAYS", "    VARNSUND, March 3 - ", " 3-MAR-1987 09:18:21.26",
)  # fmt: skip


def test_a_story_is_written_out_as_wire_text() -> None:
    assert reuters.as_wire_text(STORY).decode() == (
        "FERRY <FRY> STAYS\n\n    VARNSUND, March 3 - The old ferry stays\nopen, its owner said.\n"
        "    It carries 400 a day.\n Reuter\n"
    )


def test_the_fields_of_a_story() -> None:
    head = "VARNSUND, March 3 -"
    article = Article(
        title="FERRY <FRY> STAYS",
        published_at=datetime(1987, 3, 3, 9, 18, 21, tzinfo=UTC),
        dateline=Dateline(text=head, start=0, end=len(head), places=["VARNSUND"]),
        text=f"{head} The old ferry stays open, its owner said.\n\nIt carries 400 a day.",
    )
    assert reuters.right_fields(STORY, article) == {"title", "dateline", "body", "date"}
    cut = article.model_copy(update={"text": f"{head} The old ferry stays open, its owner said.", "title": "FERRY"})
    assert reuters.right_fields(STORY, cut) == {"dateline", "date"}
    assert reuters.right_fields(STORY, None) == frozenset()
