"""XML whose entities grow beyond measure."""

from __future__ import annotations

from tests.hostile.base import WORDS, docx_with, nitf


def billion_laughs(mark: str) -> bytes:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return nitf(f"{WORDS} &l9; {mark}", f'<!DOCTYPE nitf [<!ENTITY l0 "laugh">{levels}]>')


def quadratic_blowup(mark: str) -> bytes:
    return nitf(f"{WORDS} {'&x;' * 20_000} {mark}", f'<!DOCTYPE nitf [<!ENTITY x "{"x" * 100_000}">]>')


def docx_laughs(mark: str) -> bytes:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return docx_with(
        f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "laugh">{levels}]><w:document><w:body><w:p><w:r>'
        f"<w:t>{WORDS} &l9; {mark}</w:t></w:r></w:p></w:body></w:document>"
    )
