"""Formats that contain documents: each document becomes a member that can be read, under the limits."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile

import pytest

from tests.unit.parse import samples
from workers.parse import Limits, ParseError, parse


def code(data: bytes, **more) -> str:
    with pytest.raises(ParseError) as caught:
        parse(data, **more)
    return caught.value.code


def members(data: bytes, **more):
    found = parse(data, **more)
    assert found.article is None
    return found.members


@pytest.mark.parametrize("name", ["zip", "tar", "tar.gz"])
def test_archives_keep_paths(name):
    found = members(samples.SAMPLES[name]())
    assert [member.path.rpartition(".")[0] for member in found] == ["2012/strike", "2012/ladders"]
    article = parse(found[0].data, filename=found[0].path).article
    assert article is not None and article.text == samples.LEAD


@pytest.mark.parametrize("name", ["gzip", "bz2", "xz"])
def test_a_packed_file_is_one_document_named_without_the_packing(name):
    found = members(samples.SAMPLES[name](), filename="strike.txt.gz")
    assert [(member.path, member.data.decode()) for member in found] == [("strike.txt", samples.LEAD)]


@pytest.mark.parametrize("name", ["rss", "atom", "csv", "tsv", "ndjson"])
def test_entries_and_rows_read_as_articles(name):
    member = members(samples.SAMPLES[name]())[0]
    article = parse(member.data, member.media_type).article
    assert article is not None
    assert samples.LEAD in article.text
    if name in ("rss", "atom", "csv"):
        assert [author.name for author in article.byline] == ["Jane Roe"]
        assert article.published_at is not None and article.published_at.date().isoformat() == "2012-03-10"
    if name in ("rss", "atom"):
        assert article.publisher == "The Vale Courier"
        assert article.url == member.url == "https://courier.example/strike"
    if name == "atom":
        assert article.title == "Dockers & owners agree"
        assert article.published_zone is not None


@pytest.mark.parametrize("name", ["newsmessage", "reuters-21578"])
def test_items_of_a_message_read_as_articles(name):
    found = members(samples.SAMPLES[name]())
    assert len(found) == 2
    assert parse(found[1].data, found[1].media_type).article is not None


@pytest.mark.parametrize("name", ["warc", "warc.gz"])
def test_warc_gives_pages_with_their_urls_and_no_pictures(name):
    (page,) = members(samples.SAMPLES[name]())
    assert page.url == "https://courier.example/strike"
    assert page.media_type == "text/html; charset=utf-8"
    assert samples.LEAD.encode() in page.data


def test_paths_cannot_leave_the_archive():
    names = ["../../etc/passwd", "/root/x", "C:\\Windows\\x", "a/../../b", "..\\c", "\x01d", "..", "d"]
    found = members(samples.zipped(dict.fromkeys(names, b"x")))
    for member in found:
        assert not member.path.startswith("/") and ".." not in member.path.split("/") and "\\" not in member.path
        assert ":" not in member.path
    assert len({member.path for member in found}) == len(names)


def test_a_member_named_in_utf8_without_the_flag():
    data = samples.zipped({"xxxx.txt": b"x"}).replace(b"xxxx", "ёё".encode())
    assert members(data)[0].path == "ёё.txt"


def test_a_locked_archive():
    data = bytearray(samples.zipped({"a.txt": b"x"}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert code(bytes(data)) == "encrypted"


def test_too_many_members():
    many = {f"{n}.txt": b"x" for n in range(12)}
    few = Limits(members=10)
    assert code(samples.zipped(many), limits=few) == "too_many_members"
    assert code(samples.tarred(many), limits=few) == "too_many_members"
    assert code(b'{"text":"a"}\n' * 12, limits=few) == "too_many_members"
    assert code(b"title,text\n" + b"a,b\n" * 12, limits=few) == "too_many_members"
    items = b"<item><title>a</title></item>" * 12
    assert code(b'<rss version="2.0"><channel>' + items + b"</channel></rss>", limits=few) == "too_many_members"


def test_bombs():
    zeros = bytes(64 * 1024 * 1024)
    assert code(gzip.compress(zeros)) == "expansion_ratio"
    assert code(samples.zipped({"a.txt": zeros})) == "expansion_ratio"
    assert code(samples.docx(samples.docx_paragraph("x" * 30_000_000))) == "expansion_ratio"
    small = Limits(expanded_bytes=1000)
    assert code(samples.zipped({"a.txt": bytes(600), "b.txt": bytes(600)}), limits=small) == "too_large"
    assert code(gzip.compress(bytes(5000)), limits=small) == "too_large"


def test_size_and_depth_and_emptiness():
    assert code(b"x" * 11, limits=Limits(size_bytes=10)) == "too_large"
    assert code(samples.rss(), limits=Limits(formats={"feed": {"size_bytes": 10}})) == "too_large"
    assert code(samples.zip_of_texts(), limits=Limits(expanded_bytes=10)) == "too_large"
    assert code(samples.zip_of_texts(), depth=5) == "too_deep"
    assert code(b"") == "empty"
    assert code(samples.zipped({"folder/": b"", ".DS_Store": b"x"})) == "empty"


def test_links_in_tar_are_passed_over():
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
        info = tarfile.TarInfo("real.txt")
        info.size = 1
        archive.addfile(info, io.BytesIO(b"x"))
    assert [member.path for member in members(buffer.getvalue())] == ["real.txt"]


def test_other_office_packages_are_not_taken_for_archives():
    assert code(samples.zipped({"[Content_Types].xml": "<x/>", "visio/document.xml": "<x/>"})) == "unsupported_format"


def test_broken_containers():
    zipped = samples.zip_of_texts()
    assert code(zipped[: len(zipped) // 2]) == "corrupt"
    assert code(gzip.compress(b"x" * 1000)[:-9]) == "corrupt"
    assert code(spoilt(samples.zipped({"only.txt": samples.LEAD}))) == "corrupt"


def spoilt(archive: bytes) -> bytes:
    """Return a ZIP archive whose first file can no longer be unpacked."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        spot = opened.infolist()[0].header_offset + 60
    return archive[:spot] + b"\xff\xff\xff" + archive[spot + 3 :]


def test_a_broken_file_in_an_archive_costs_that_file():
    found = parse(spoilt(samples.zip_of_texts()))
    assert [member.path for member in found.members] == ["2012/ladders.html"]
    assert found.warnings == ["member_corrupt:2012/strike.txt"]


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_tar_that_breaks_off_has_the_files_before(pack):
    whole = samples.tar()
    assert parse(pack(whole)).warnings == []
    found = parse(pack(whole[:1550]))  # in the second file: each has a head of 512 bytes and is padded to as many
    assert [member.path for member in found.members] == ["2012/strike.txt"]
    assert found.warnings == ["truncated"]


def test_csv_with_quoted_lines_semicolons_and_html():
    data = b"Titel;Titre\nx;y\n"
    assert parse(data).article is not None  # no column of text is named: a plain text, not a table
    rows = members(b'headline;content;source\n"A; b";"<p>One</p><p>Two</p>";Courier\n')
    article = parse(rows[0].data, rows[0].media_type).article
    assert article is not None
    assert (article.title, article.publisher) == ("A; b", "Courier")
    assert "<p>" not in article.text


def test_rdf_feed():
    data = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
    xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>C</title></channel><item><title>T</title>
    <description>Ships sailed.</description><dc:date>2012-03-10T10:00:00Z</dc:date></item></rdf:RDF>"""
    article = parse(members(data)[0].data).article
    assert article is not None and article.title == "T" and article.published_at is not None


def test_fields_by_other_names_and_in_other_languages():
    line = '{"headline": "Lobo à vista", "author": [{"name": "Ana Reis"}], "date": "2022-09-06", "body": "<p>Um lobo.</p>"}'
    table = "Titre;Auteur;Date;Texte\nLobo à vista;Ana Reis;06/09/2022;Um lobo.\n".encode()
    for data, name in ((f"{line}\n{line}\n".encode(), "line-1"), (table, "row-1")):
        first = members(data)[0]
        article = parse(first.data, first.media_type).article
        assert article is not None and first.path == name
        assert (article.title, article.text) == ("Lobo à vista", "Um lobo.")
        assert [author.name for author in article.byline] == ["Ana Reis"]
        assert article.published_at is not None


def test_a_tar_is_no_document_of_the_kind_of_its_first_file():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for path in ("in/a.xml", "in/b.zip"):
            data = samples.nitf() if path.endswith("xml") else samples.SAMPLES["zip"]()
            info = tarfile.TarInfo(path)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    assert [member.path for member in members(out.getvalue())] == ["in/a.xml", "in/b.zip"]


def test_a_stored_pdf_does_not_make_its_archive_a_pdf():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("report.pdf", samples.pdf())
        archive.writestr("note.txt", "The cranes were greased.")
    assert [member.path for member in members(out.getvalue())] == ["report.pdf", "note.txt"]
    late = b"\n" * 200 + b"% sent by the archive\n" + samples.pdf()
    assert parse(late).article is not None
