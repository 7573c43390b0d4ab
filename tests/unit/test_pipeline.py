"""From bytes to a complete Article, without any server."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime

import pytest

from services.records import Source
from workers import pipeline

NOON = datetime(2024, 5, 6, 12, tzinfo=UTC)


def test_the_record_of_an_archive_says_which_file_is_broken() -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("good.txt", "Ships sailed.")
        archive.writestr("bad.txt", "Cranes were greased.")
    result = pipeline.run(data.getvalue().replace(b"Cranes", b"Crames"), Source(received_at=NOON))
    assert [member.path for member in result.members] == ["good.txt"]
    assert result.article.warnings == ["member_corrupt:bad.txt"]


@pytest.mark.parametrize(
    "data", [b"Flash", b"Flash\n\nOne line more", b"Flash\n\nKoeln", "خبر".encode(), b"1", b"a\n\nb\n\nc"]
)
def test_the_shortest_documents_are_read(data: bytes) -> None:
    article = pipeline.run(data, Source(received_at=NOON)).article
    assert article.title or article.text


def test_a_title_and_one_line_are_a_title_and_a_body() -> None:
    article = pipeline.run(b"Bridge closed\n\nThe bridge is closed.", Source(received_at=NOON)).article
    assert (article.title, article.text) == ("Bridge closed", "The bridge is closed.")


def test_what_the_sender_says_stands_over_what_was_read() -> None:
    said = Source(received_at=NOON, title="Theirs", publisher="Sender", published_at=NOON, published_zone="+00:00")
    article = pipeline.run(b"Ours\n6 May 2023\n\nROME (AP) - It rained on Sunday. It rained a lot.", said).article
    assert (article.title, article.publisher, article.published_at) == ("Theirs", "Sender", NOON)
    assert [date.value for date in article.dates] == ["2024-05-05"]


def test_a_given_title_turns_no_letters_round() -> None:
    said = Source(received_at=NOON, title="Invoice \u202efdp.exe\u202c\x07", publisher="\u2066")
    article = pipeline.run(b"Ours\n\nIt rained on Sunday. It rained a lot.", said).article
    assert (article.title, article.publisher) == ("Invoice fdp.exe", None)
