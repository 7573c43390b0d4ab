"""docs/formats.md says what the code does, and its example works."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from types import ModuleType

import pytest

from services.settings import Settings
from workers.limits import limits
from workers.parse import Limits, ParseError, isolate, registry, warnings
from workers.parse.codes import CODES

DOCS = (Path(__file__).parents[3] / "docs" / "formats.md").read_text()


def rows(heading: str) -> list[list[str]]:
    section = DOCS.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return [
        [cell.strip(" `") for cell in line.strip("|").split("|")] for line in re.findall(r"^\|.*\|$", section, re.M)
    ][2:]


def test_every_format_is_in_the_table_and_isolated_as_it_says():
    told = {row[0]: row[4] for row in rows("What is read") if row[0]}
    assert told == {parser.name: "yes" if parser.isolated else "no" for parser in registry.PARSERS}


def test_every_code_is_in_the_table():
    assert dict(rows("Why a document failed")) == CODES


def test_every_warning_is_in_the_table():
    values = {value for name, value in vars(warnings).items() if name.isupper()}
    assert {row[0] for row in rows("Warnings")} == values
    assert all(row[1] for row in rows("Warnings"))


def test_codes_used_are_codes_documented():
    source = Path(registry.__file__).parent
    used = {code for path in source.rglob("*.py") for code in re.findall(r'ParseError\(\s*"(\w+)"', path.read_text())}
    assert used <= set(CODES)
    assert {"encrypted", "needs_ocr", "too_many_pages"} <= used


def test_the_settings_become_limits():
    names = {row[0].lower() for row in rows("Limits")}
    assert names - {"max_body_bytes"} == {name for name in Settings.model_fields if name.startswith("parse_")}
    found = limits(Settings(parse_pages=7, max_body_bytes=9, parse_formats={"pdf": {"pages": 3}}))
    assert (found.pages, found.size_bytes, found.of("pdf").pages, found.of("epub").pages) == (7, 9, 3, 7)
    assert limits(Settings()) == Limits()
    assert len(fields(Limits)) == len(names)
    with pytest.raises(TypeError):
        limits(Settings(parse_formats={"pdf": {"leaves": 3}}))


def test_the_example_of_another_format_reads_a_document(monkeypatch):
    code = re.findall(r"```python\n(# workers/parse/desk\.py\n.*?)```", DOCS, re.S)[0]
    module = ModuleType("desk")
    exec(compile(code, "desk.py", "exec"), module.__dict__)
    monkeypatch.setattr(registry, "PARSERS", [module.PARSER, *registry.PARSERS])

    def read(data: bytes):
        source = isolate.Source(data)
        return isolate.read(registry.choose(source), source)

    article = read(b"@@PORT-STRIKE@@\nStrike ends\nPORT VALE (AP) - Dockers went back.\nShips sailed.\n").article
    assert article is not None
    assert (article.format, article.code, article.title) == ("desk", "PORT-STRIKE", "Strike ends")
    assert article.dateline is not None and article.dateline.credit == "AP"
    with pytest.raises(ParseError) as caught:
        read(b"@@nothing")
    assert caught.value.code == "corrupt"
