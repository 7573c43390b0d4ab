"""Dialects: the built-in ones, one of a user, and the message about a file that cannot be used."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.records import Article
from workers.parse import dialects, parse
from workers.parse.article.dialect import byline_in, slug_in
from workers.parse.base import Parser
from workers.parse.formats import text

DOCS = (Path(__file__).parents[3] / "docs" / "dialects.md").read_text("utf-8")
OURS = dialects.load(dialects.OURS)
LEAD = "The harbour opens again on Saturday after nine days, the board of the port said."


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    dialects.use(None)


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", DOCS, re.DOTALL)


def read(written: str) -> Article:
    article = parse(written.encode(), "text/plain").article
    assert article is not None
    return article


def test_the_dialect_of_the_docs_reads_its_document(folder: Path) -> None:
    (folder / "nordnyt.toml").write_text(blocks("toml")[0], "utf-8")
    dialects.use(folder)
    article = read(blocks("text")[0])
    assert {
        "code": article.code,
        "title": article.title,
        "byline": article.byline[0].name,
        "agency": article.byline[0].agency,
        "place": article.dateline and article.dateline.places[0],
        "text": article.text,
    } == json.loads(blocks("json")[0])
    killed = read("TILBAGEKALDT: Havnen åbner igen (Nordnyt)\n\nRedaktionen trækker historien om havnen tilbage.")
    assert killed.wire is not None and killed.wire.pub_status == "canceled"


def test_a_document_is_read_as_that_of_a_given_agency() -> None:
    written = f"HARBOUR-BOARD/ (UPDATE 2)\nHarbour opens again\n\n{LEAD}\n\n((desk@news.example; +45 7000 0000))\n"
    assert "desk@news.example" in read(written).text, "it shows no agency"
    for isolated in (False, True):  # a web page is read in a child process
        html = (
            f"<title>Harbour opens again</title><article><p>{LEAD * 3}</p><p>((desk@news.example; 7000))</p></article>"
        )
        given = html if isolated else written
        article = parse(given.encode(), "text/html" if isolated else "text/plain", dialect="reuters").article
        assert article is not None and LEAD in article.text and "desk@news.example" not in article.text
    unknown = parse(written.encode(), "text/plain", dialect="reuter").article
    assert unknown is not None and unknown.text == read(written).text
    assert "reuters" in dialects.names()


def test_a_format_of_ones_own_is_read_in_the_child_process_too(folder: Path) -> None:
    (folder / "nordnyt.toml").write_text(f'name = "Nordnyt"\n{blocks("toml")[1]}', "utf-8")
    document = folder / "story.xml"
    document.write_text(
        f'<Stories><Story id="s7"><head><line>Harbour opens</line></head><meta name="slug" content="HAVN"/>'
        f"<content>&lt;p&gt;{LEAD}&lt;/p&gt;</content><topics><topic id='4'>ports</topic></topics>"
        f"<is-correction>true</is-correction></Story></Stories>",
        "utf-8",
    )
    told = _copydesk("parse", str(document), folder=folder)
    assert json.loads(told.stdout)["members"] == ["s7"]
    document.write_text(document.read_text("utf-8").replace("<Stories>", "").replace("</Stories>", ""), "utf-8")
    article = json.loads(_copydesk("parse", str(document), folder=folder).stdout)["article"]
    assert (article["format"], article["title"], article["code"], article["text"]) == (
        "nordxml",
        "Harbour opens",
        "HAVN",
        LEAD,
    )
    assert article["wire"]["subjects"] == [{"scheme": "nord", "code": "4", "name": "ports"}]
    assert (article["wire"]["guid"], article["wire"]["signals"]) == ("s7", ["Correction"])


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("name = 'X'\nbyline = ['By (?P<name']", "byline.0: the pattern 'By (?P<name' is broken: missing >"),
        ("name = 'X'\nbyline = ['By .+']", "byline.0: the pattern has no group (?P<name>…)"),
        ("name = 'X'\nslugs = ['A']", "slugs: Extra inputs are not permitted"),
        ("slug = ['A']", "name: Field required"),
        ("name = ", "Invalid value"),
    ],
)
def test_a_wrong_file_is_told_with_its_fault(folder: Path, written: str, said: str) -> None:
    (folder / "x.toml").write_text(written, "utf-8")
    with pytest.raises(dialects.WrongDialect) as raised:
        dialects.use(folder)
    assert str(raised.value).startswith(f"{folder / 'x.toml'}: ")
    assert said in str(raised.value)


def test_the_command_line_says_what_is_wrong(folder: Path) -> None:
    told = _copydesk("parse", "-", folder=folder / "missing")
    assert told.returncode == 1
    assert f"COPYDESK_DIALECTS: {folder / 'missing'}: there is no such folder" in " ".join(told.stderr.split())


def _copydesk(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "copydesk"), *words]
    environment = {**os.environ, "COPYDESK_DIALECTS": str(folder), "COLUMNS": "500"}
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )


def test_versions_of_parsers_change_with_a_users_dialects(folder: Path) -> None:
    parser: Parser = text.PARSER
    before = parser.full_version
    (folder / "x.toml").write_text("name = 'X'", "utf-8")
    dialects.use(folder)
    assert re.fullmatch(rf"{re.escape(before)}\+[0-9a-f]{{8}}", parser.full_version)
    (folder / "x.toml").write_text("name = 'Y'", "utf-8")
    first = parser.full_version
    dialects.use(folder)
    assert parser.full_version != first


def test_a_users_file_takes_the_place_of_ours(folder: Path) -> None:
    (folder / "tt.toml").write_text("name = 'Mine'\n[found]\nproviders = ['TT']", "utf-8")
    dialects.use(folder)
    found = dialects.of(["TT"], "")
    assert found is not None and found.name == "Mine"
    assert "TT" not in {dialect.name for dialect in dialects.known()}


SLUGS = [
    ("ap", "BC-US--Harbor Strike, 1st Ld-Writethru,416", "BC-US--Harbor Strike"),
    ("reuters", "PORT-STRIKE/ (UPDATE 2, PIX)", "PORT-STRIKE/"),
    ("ap", "Harbor strike ends", None),
    ("reuters", "PORT-VALE STRIKE ENDS", None),
]
BYLINES = [
    ("ap", "By Jane Roe, Associated Press", "Jane Roe", "Associated Press"),
    ("pa", "By Jane Roe, Press Association Political Editor", "Jane Roe", "Press Association"),
    ("tt", "Maria Anders/TT", "Maria Anders", "TT"),
    ("ntb", "Maria Anders / NTB", "Maria Anders", "NTB"),
    ("dpa", "Von Maria Anders, dpa", "Maria Anders", "dpa"),
    ("ansa", "(di Maria Anders)", "Maria Anders", None),
    ("tt", "Maria Anders går i land.", None, None),
]
BOILERPLATE = [
    ("ap", "Copyright 2024 The Associated Press. All rights reserved. This material may not be published."),
    ("reuters", "((jane.roe@example.org; +44 20 7000 0000; Reuters Messaging: jane.roe@example.net))"),
    ("afp", "burs-abc/de/fgh"),
    ("dpa", "dpa abc de fghi"),
    ("efe", "EFE abc/de"),
    ("ansa", "(ANSA)."),
    ("pa", "/ends/"),
    ("stt", "(STT–AFP)"),
    ("ntb", "(©NTB)"),
    ("ritzau", "/ritzau/AFP/"),
    ("aap", "AAP RTV ar"),
    ("tt", "/TT"),
    ("xinhua", "Enditem"),
    ("xinhua", "（完）"),
    ("kyodo", "==Kyodo"),
]
KILLS = [
    ("ap", "STORY KILLED: Harbor strike"),
    ("reuters", "WITHDRAWN - Harbor strike"),
    ("afp", "KILL: Harbour strike"),
    ("afp", "ANNULATION Grève au port"),
    ("dpa", "ACHTUNG: Die Meldung zum Hafen wird zurückgezogen"),
    ("efe", "ANULACIÓN: Huelga en el puerto"),
    ("ansa", "ANNULLARE PORTO"),
    ("pa", "LEGAL KILL: Harbour strike"),
    ("stt", "MITÄTÖINTI: Satama"),
    ("ntb", "TREKKES: Havn"),
    ("ritzau", "ANNULLERING: Havn"),
    ("aap", "KILL - Harbour strike"),
    ("tt", "ANNULLERING: Hamnen"),
    ("xinhua", "MANDATORY KILL: Harbor"),
    ("kyodo", "取り消し　港"),
]
NO_KILLS = [
    ("ap", "Kill or cure: the harbor strike"),
    ("ap", "BOMB KILLS TWO IN PORT"),
    ("reuters", "TROOPS WITHDRAWN FROM PORT - MINISTER"),
    ("afp", "Kill rate falls in the port"),
    ("pa", "KILLER WHALE SEEN IN PORT"),
]


@pytest.mark.parametrize(("which", "line", "slug"), SLUGS)
def test_slugs(which: str, line: str, slug: str | None) -> None:
    assert slug_in(line, OURS[which]) == slug


@pytest.mark.parametrize(("which", "line", "author", "agency"), BYLINES)
def test_bylines(which: str, line: str, author: str | None, agency: str | None) -> None:
    found = byline_in(line, OURS[which])
    assert [(each.name, each.agency) for each in found] == ([(author, agency)] if author else [])


def by_wire(which: str, title: str, *paragraphs: str) -> Article:
    """Return the article of a ninjs item of an agency."""
    item = {
        "uri": "urn:1",
        "type": "text",
        "headline": title,
        "infosources": [{"name": OURS[which].found.providers[0]}],
        "provider": OURS[which].found.providers[0],
        "pubstatus": "usable",
        "body_html": "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs),
    }
    article = parse(json.dumps(item).encode()).article
    assert article is not None and article.wire is not None
    assert dialects.of([article.wire.provider, article.publisher], "") == OURS[which]
    return article


@pytest.mark.parametrize(("which", "line"), BOILERPLATE)
def test_boilerplate_is_kept_out_of_the_text(which: str, line: str) -> None:
    article = by_wire(which, "Harbour opens", LEAD, line)
    assert article.text == LEAD
    assert [notice.text for notice in article.notices] == [line]


@pytest.mark.parametrize(
    ("which", "title", "status"), [(*each, "canceled") for each in KILLS] + [(*each, "usable") for each in NO_KILLS]
)
def test_kills(which: str, title: str, status: str) -> None:
    wire = by_wire(which, title, LEAD).wire
    assert wire is not None and wire.pub_status == status


def test_the_teletype_dateline_of_kyodo() -> None:
    article = read(f"Harbor opens\n\nTOKYO, June 12, Kyodo - {LEAD}\n\n==Kyodo")
    assert article.dateline is not None
    assert (article.dateline.places, article.dateline.credit) == (["Tokyo"], "Kyodo")
    assert "==Kyodo" not in article.text


def test_a_sign_in_the_text_tells_the_agency() -> None:
    for top, which in (
        ("LEEDS (AP) — The", "AP"),
        ("LEEDS (Reuters/Leeds Post) - The", "Reuters"),
        ("x /ritzau/", "Ritzau"),
    ):
        found = dialects.by_text(top)
        assert found is not None and found.name == which
    assert dialects.by_text("The AP said (as AP does) that it was so.") is None


def test_an_entry_of_a_feed_with_elements_of_the_agency() -> None:
    feed = f"""<feed xmlns="http://www.w3.org/2005/Atom" xmlns:cm="http://feed.wenn.com/xmlns/2010/03/wenn_cm" xml:lang="en">
    <title>The feed</title><entry><id>urn:7</id><updated>2024-06-12T10:00:00Z</updated><title>Harbour opens</title>
    <content type="text">Stand-in.</content><cm:ContentMetadata lang="en-GB"><cm:first_line>{LEAD}</cm:first_line>
    <cm:slug>(AB/CD)</cm:slug><cm:tags><cm:tag value="Maria Anders"/></cm:tags>
    <cm:categories><cm:catagory id="8" value="Ports"/></cm:categories></cm:ContentMetadata></entry></feed>"""
    member = parse(feed.encode()).members[0]
    article = parse(member.data, member.media_type, depth=1).article
    assert article is not None and article.wire is not None
    assert (article.publisher, article.code, article.language, article.text) == ("WENN", "(AB/CD)", "en-GB", LEAD)
    assert [(each.scheme, each.code, each.name) for each in article.wire.subjects] == [("wenn category", "8", "Ports")]
    assert article.wire.keywords == ["Maria Anders"]
