"""Data that is not a document is refused, with a description; documents that look like data are read."""

from __future__ import annotations

import pytest

from workers.parse import ParseError, parse

STORY = "The ferries ran on Friday for the first time since January. " * 3


def refused(data: str | bytes) -> ParseError:
    with pytest.raises(ParseError) as caught:
        parse(data if isinstance(data, bytes) else data.encode())
    return caught.value


@pytest.mark.parametrize(
    ("data", "seen"),
    [
        ('{\n  "name": "left-pad",\n  "version": "1.3.0",\n  "description": "Pads."\n}', "`name`, `version`, `description`"),
        ('{"type":"FeatureCollection","features":[{"type":"Feature","geometry":null}]}', "`type`, `features`"),
        ('{"status": "ok", "page": {"it": "<html><body><p>Hello</p><p>there</p></body></html>"}}', "`status`, `page`"),
        ('[{"a": 1, "b": 2}, {"a": 3, "b": 4}]', "a list of 2, the first an object with the fields `a`, `b`"),
        ("[1, 2, 3]", "a list of 3, the first a number"),
        (f'{{{", ".join(f"{chr(34)}f{n}{chr(34)}: {n}" for n in range(12))}}}', "`f7` and 4 more"),
        ('{"a\\u0000`b": 1}', "`a b`"),
        ('<svg xmlns="http://www.w3.org/2000/svg"><title>A map</title><text>Harbour</text></svg>', "<svg> of http://www.w3.org/2000/svg"),
        ('<?xml version="1.0"?>\n<!-- a <b> -->\n<svg:svg xmlns:svg="http://www.w3.org/2000/svg"><script>1</script></svg:svg>', "<svg> of"),
        ('<?xml version="1.0"?><!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "x"><plist version="1.0"><dict/></plist>', "<plist> without"),
        ('<project xmlns="http://maven.apache.org/POM/4.0.0"><name>App</name></project>', "<project> of http://maven"),
        ('<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body/></s:Envelope>', "<Envelope> of"),
        ('<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>Tr', "<kml> of"),
        ('<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description/></rdf:RDF>', "<RDF> of"),
        ('<article xmlns="http://docbook.org/ns/docbook"><title>Ferries</title><para>They ran.</para></article>', "<article> of"),
        ("<note><to>Ann</to><body>Do not forget.</body></note>\n", "<note> without a namespace"),
        ('<?xml version="1.0"?>\n', "without an element"),
        ('<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><l>&b;</l>', "<l> without"),
        ('<?xml version="1.0" encoding="UTF-16"?><kml xmlns="urn:k"/>'.encode("utf-16"), "<kml> of urn:k"),
    ],
)  # fmt: skip
def test_data_is_refused_with_what_was_seen(data, seen) -> None:
    error = refused(data)
    assert error.code == "unsupported_format"
    assert seen in error.message


@pytest.mark.parametrize(
    "data",
    [
        '<?xml version="1.0" encoding="UTF-8"?><?xml-stylesheet href="a.xsl"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url/></urlset>',
        '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap/></sitemapindex>',
        '<opml version="2.0"><head><title>Feeds</title></head><body><outline xmlUrl="http://a.example/rss"/></body></opml>',
        "https://a.example/1\nhttps://a.example/2\n\nhttps://a.example/3\n",
    ],
)
def test_a_list_of_addresses_is_no_article(data: str) -> None:
    assert refused(data).code == "not_an_article"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ('{"title": "Ferry strike ends", "text": "BERGEN (AP) - The ferr', "corrupt"),
        ('{\n  // settings\n  "size": 12\n}', "corrupt"),
        ("{}", "empty"),
        ('{"a": ' * 100_000, "too_deep"),
    ],
)
def test_broken_json_says_what_is_wrong(data: str, code: str) -> None:
    assert refused(data).code == code


@pytest.mark.parametrize(
    "data",
    [
        f'<?xml version="1.0"?><!DOCTYPE html PUBLIC "x" "y"><html xmlns="http://www.w3.org/1999/xhtml"><body><p>{STORY}</p></body></html>',
        f'<?xml version="1.0"?><div xmlns="http://www.w3.org/1999/xhtml"><p>{STORY}</p></div>',
        f'<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns="http://www.w3.org/TR/REC-html40"><body><p>{STORY}</p></body></html>',
        f"<my-story><p>{STORY}</p><p>They ran on.</p></my-story>",
        f'<svg xmlns="http://www.w3.org/2000/svg"><path d="M0"/></svg><div><p>{STORY}</p><p>They ran on.</p></div>',
        f"<FLASH> {STORY}",
        f"{{Ferry}} {STORY}",
        f"[1] {STORY}",
        f"https://a.example/1 {STORY}\nhttps://a.example/2",
    ],
)
def test_documents_that_look_like_data_are_read(data: str) -> None:
    article = parse(data.encode()).article
    assert article is not None and STORY.strip() in f"{article.title} {article.text}"
