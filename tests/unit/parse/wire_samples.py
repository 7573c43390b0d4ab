"""Samples in the formats of agencies."""

from __future__ import annotations

import json

from tests.unit.parse.told import HEADING, LEAD, SECOND, THIRD, TITLE


def nitf() -> bytes:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<nitf><head><title>{TITLE}</title><docdata><date.issue norm="20120310T131100+0300"/><du-key key="PORT-STRIKE"/>
<doc.copyright holder="The Vale Courier" year="2012"/></docdata></head><body><body.head>
<hedline><hl1>{TITLE}</hl1><hl2>Owners promise new ladders</hl2></hedline>
<byline>By <person>Jane Roe</person><byttl>Port Correspondent</byttl></byline>
<dateline><location>PORT VALE</location></dateline></body.head>
<body.content><p>{LEAD}</p><p>{SECOND}</p><hl2>{HEADING}</hl2><p>{THIRD}</p>
<media media-type="image"><media-caption>Cranes at the northern quay.</media-caption></media>
<table><tr><td>Ships</td><td>14</td></tr><tr><td>Days</td><td>9</td></tr></table></body.content></body></nitf>
""".encode()


def newsml_item(guid: str = "urn:x:1", title: str = TITLE) -> str:
    return f"""<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="{guid}" xml:lang="en"><itemMeta>
<provider><name>The Vale Courier</name></provider><versionCreated>2012-03-10T14:00:00+03:00</versionCreated></itemMeta>
<contentMeta><contentCreated>2012-03-10T13:11:00+03:00</contentCreated><by>By Jane Roe</by><slugline>PORT-STRIKE</slugline>
<headline>{title}</headline></contentMeta><contentSet><inlineXML contenttype="application/xhtml+xml">
<html xmlns="http://www.w3.org/1999/xhtml"><body><p>{LEAD}</p><p>{SECOND}</p><h2>{HEADING}</h2><p>{THIRD}</p></body></html>
</inlineXML></contentSet></newsItem>"""


def newsml() -> bytes:
    return newsml_item().encode()


def newsmessage() -> bytes:
    items = newsml_item("urn:x:1") + newsml_item("urn:x:2", "Ladders arrive")
    return f"<newsMessage><header/><itemSet>{items}</itemSet></newsMessage>".encode()


def ninjs() -> bytes:
    return json.dumps(
        {
            "uri": "http://courier.example/items/1", "type": "text", "versioncreated": "2012-03-10T14:00:00+03:00",
            "firstcreated": "2012-03-10T13:11:00+03:00", "headline": TITLE, "byline": "By Jane Roe", "slugline": "PORT-STRIKE",
            "source": "The Vale Courier", "language": "en", "pubstatus": "usable",
            "body_xhtml": f"<p>{LEAD}</p><p>{SECOND}</p><h2>{HEADING}</h2><p>{THIRD}</p>",
        }
    ).encode()  # fmt: skip


def ninjs2() -> bytes:
    return json.dumps(
        {
            "uri": "http://courier.example/items/1", "type": "text", "versioncreated": "2012-03-10T13:11:00+03:00",
            "headlines": [{"role": "sub", "value": "Owners promise"}, {"role": "main", "value": TITLE}],
            "bodies": [{"contenttype": "text/plain", "value": "\n\n".join([LEAD, SECOND, THIRD])}],
        }
    ).encode()  # fmt: skip


def json_ld() -> bytes:
    return json.dumps(
        {
            "@context": "https://schema.org", "@type": "NewsArticle", "headline": TITLE, "url": "https://courier.example/1",
            "author": {"@type": "Person", "name": "Jane Roe"}, "publisher": {"@type": "Organization", "name": "The Vale Courier"},
            "datePublished": "2012-03-10T13:11:00+03:00", "articleBody": "\n\n".join([LEAD, SECOND, THIRD]),
        }
    ).encode()  # fmt: skip


def anpa() -> bytes:
    body = (
        f"^BC-Port Strike, 1st Ld,0234<\r\n^{TITLE}<\r\n^By JANE ROE<\r\n^Vale Courier Writer<\r\n"
        "\t   PORT VALE (AP) _ Dockers of the northern quay went back to their cranes\r\non Saturday after nine days.\r\n"
        "\t   ``We asked for safe ladders,'' said Maria Anders.\r\n"
    )
    return f"\x16\x16\x01a0123\x1fcpstf\r\nr i \x13\x11 bc-Port-Strike, 1st Ld, 03-10 0234\r\n\x02{body}\x03\r\nAP-ES-03-10-12 0911EST\r\n\x04".encode()


def reuters_story(number: int) -> str:
    return f"""<REUTERS TOPICS="YES" LEWISSPLIT="TRAIN" NEWID="{number}">
<DATE>10-MAR-1987 15:01:01.79</DATE><TEXT>&#2;<TITLE>DOCKERS END STRIKE</TITLE><DATELINE>    PORT VALE, March 10 - </DATELINE>
<BODY>Dockers went back to their cranes
on Saturday after nine days &lt;VALE.L>.
    The first ship was unloaded before noon.
 Reuter
&#3;</BODY></TEXT></REUTERS>"""


def reuters() -> bytes:
    stories = "\n".join(reuters_story(number) for number in (1, 2))
    return f'<!DOCTYPE lewis SYSTEM "lewis.dtd">\n{stories}'.encode()


def telex() -> bytes:
    return f"ZCZC ABC123\r\n:PORT STRIKE\r\n^{TITLE}^\r\nPORT VALE, March 10 AAP - {THIRD}\r\nNNNN\r\n".encode()


def wire_json() -> bytes:
    return json.dumps({"id": 7, "document": nitf().decode()}).encode()


def rbnews() -> bytes:
    return (
        f"<RBNews><NewsID>17</NewsID><PublishDate>2012-03-10T13:11:00</PublishDate><headline>{TITLE}</headline><town>Vejle</town>"
        f"<content>&lt;p&gt;{LEAD}&lt;/p&gt;</content></RBNews>"
    ).encode()
