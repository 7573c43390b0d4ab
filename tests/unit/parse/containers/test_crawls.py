"""What crawlers write: WARC with revisits and gzip members, ARC."""

from __future__ import annotations

import gzip
import io

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from tests.unit.parse import samples
from workers.parse import ParseError, parse

PAGE = f"<html><body><h1>{samples.TITLE}</h1><p>{samples.LEAD}</p></body></html>".encode()


def crawl(*, first: bool, digest: str = "") -> bytes:
    """Return a page, if ``first``, and a revisit of one, in gzip members."""
    buffer = io.BytesIO()
    writer = WARCWriter(buffer, gzip=True)
    headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
    url = "https://courier.example/strike"
    page = writer.create_warc_record(url, "response", payload=io.BytesIO(PAGE), http_headers=headers)
    if first:
        writer.write_record(page)
    digest = digest or page.rec_headers.get_header("WARC-Payload-Digest") or ""
    writer.write_record(writer.create_revisit_record(f"{url}?again", digest, url, "2012-03-10T10:11:00Z", headers))
    return buffer.getvalue()


def test_a_revisit_of_a_page_in_the_file_loses_nothing() -> None:
    found = parse(crawl(first=True))
    assert [member.data for member in found.members] == [PAGE]
    assert found.warnings == []


def test_a_revisit_of_a_page_elsewhere_is_told() -> None:
    found = parse(crawl(first=True, digest="sha1:ELSEWHERE"))
    assert [member.data for member in found.members] == [PAGE]
    assert found.warnings == ["revisits_left_out:1"]
    with pytest.raises(ParseError) as caught:
        parse(crawl(first=False, digest="sha1:ELSEWHERE"))
    assert caught.value.code == "empty" and "revisits" in caught.value.message


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_an_arc_file_gives_its_pages(pack) -> None:
    about = b"1 0 Crawler\nURL IP-address Archive-date Content-type Archive-length\n"
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + PAGE
    arc = b"filedesc://a.arc 0.0.0.0 20120310101100 text/plain %d\n" % len(about) + about + b"\n"
    arc += b"https://courier.example/strike 127.0.0.1 20120310101100 text/html %d\n" % len(answer) + answer + b"\n"
    found = parse(pack(arc)).members
    assert [(member.data, member.url) for member in found] == [(PAGE, "https://courier.example/strike")]
