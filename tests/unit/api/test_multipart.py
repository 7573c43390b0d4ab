"""Forms: a body that is not a form, or is cut off, is refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.api.multipart import FIELD_BYTES, read_multipart
from services.api.problems import Problem
from services.api.upload import Uploads
from services.settings import Settings

TYPE = "multipart/form-data; boundary=b"


def part(name: str, value: str, filename: str = "") -> str:
    named = f'; filename="{filename}"' if filename else ""
    return f'--b\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n{value}\r\n'


def read(body: str, content_type: str = TYPE) -> tuple[dict[str, list[str]], Uploads]:
    nothing: Any = None  # no byte of these bodies goes to the store

    async def chunks() -> AsyncIterator[bytes]:
        data = body.encode()
        for at in range(0, len(data), 7):
            yield data[at : at + 7]

    async def run() -> tuple[dict[str, list[str]], Uploads]:
        uploads = Uploads(nothing, Settings())
        return await read_multipart(chunks(), content_type, uploads), uploads

    return asyncio.run(run())


def test_fields_and_files_are_told_apart() -> None:
    fields, uploads = read(
        part("tags", "a") + part("tags", "b") + part("file", "Ships sailed.", "ships.txt") + "--b--\r\n"
    )
    assert fields == {"tags": ["a", "b"]}
    assert [(upload.filename, bytes(upload.data)) for upload in uploads] == [("ships.txt", b"Ships sailed.")]


@pytest.mark.parametrize(
    ("body", "content_type", "status", "told"),
    [
        (part("tags", "a"), "multipart/form-data", 400, "boundary"),
        (part("tags", "a"), f"multipart/form-data; boundary={'b' * 71}", 400, "70 characters"),
        ("no parts", TYPE, 400, ""),
        (part("file", "Ships", "s.txt")[:-2], TYPE, 400, "send the whole form again"),
        (part("file", "Ships", "s.txt"), TYPE, 400, "send the whole form again"),
        (part("tags", "a") + part("file", "Ships", "s.txt")[:-2], TYPE, 400, "send the whole form again"),
        (part("file", "A", "a.txt") + part("file", "Ships", "s.txt")[:-3], TYPE, 400, "send the whole form again"),
        (part("tags", "a") + "--b", TYPE, 400, "send the whole form again"),
        ("", TYPE, 400, "send the whole form again"),
        (part("title", "a" * (FIELD_BYTES + 1)) + "--b--\r\n", TYPE, 413, "files"),
    ],
)
def test_what_is_no_form_is_refused(body: str, content_type: str, status: int, told: str) -> None:
    with pytest.raises(Problem) as refused:
        read(body, content_type)
    assert refused.value.status == status
    assert told in str(refused.value.detail)


@pytest.mark.parametrize("name", ["новости.txt", "東京.txt", "é.txt", "🚢 a b.txt", "a'b;c.txt"])
def test_a_file_keeps_its_name_in_any_script(name: str) -> None:
    _, uploads = read(part("file", "Ships", name) + "--b--")
    assert [upload.filename for upload in uploads] == [name]


def test_text_of_any_script_is_a_field() -> None:
    fields, uploads = read(part("title", "Корабли ушли — 東京") + part("", "lost") + "--b--\r\nan epilogue")
    assert fields == {"title": ["Корабли ушли — 東京"]} and not uploads


def test_a_form_of_nothing_is_whole() -> None:
    assert read("--b--\r\n")[0] == {}


def test_no_more_files_than_the_settings_allow() -> None:
    most = Settings().max_files
    body = "".join(part("file", "x", f"{n}.txt") for n in range(most + 1)) + "--b--"
    with pytest.raises(Problem, match=f"at most {most} files") as refused:
        read(body)
    assert refused.value.status == 413
