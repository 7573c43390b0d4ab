"""Build small valid documents from the web: feeds, exports, saved pages; all tell the story of ``told``."""

from __future__ import annotations

import io
import json

from tests.unit.parse.told import HEADING, LEAD, SECOND, THIRD, TITLE


def rss() -> bytes:
    return f"""<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>The Vale Courier</title><language>en</language>
<item><title>{TITLE}</title><link>https://courier.example/strike</link><dc:creator>Jane Roe</dc:creator>
<pubDate>Sat, 10 Mar 2012 13:11:00 +0300</pubDate><description>Strike ends.</description>
<content:encoded><![CDATA[<p>{LEAD}</p><p>{SECOND}</p>]]></content:encoded></item>
<item><title>Ladders arrive</title><guid>https://courier.example/ladders</guid><description>{THIRD}</description></item>
</channel></rss>""".encode()


def atom() -> bytes:
    return f"""<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>The Vale Courier</title>
<entry><title type="html">Dockers &amp;amp; owners agree</title><link rel="alternate" href="https://courier.example/strike"/>
<author><name>Jane Roe</name></author><published>2012-03-10T13:11:00+03:00</published><updated>2012-03-10T14:00:00+03:00</updated>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>{LEAD}</p></div></content></entry></feed>""".encode()


def wxr() -> bytes:
    """Return a WordPress export: a post with its picture, a draft, a menu entry and a revision."""

    def item(kind: str, status: str, title: str, more: str) -> str:
        return f"<item><title><![CDATA[{title}]]></title><wp:post_type>{kind}</wp:post_type><wp:status>{status}</wp:status>{more}</item>"

    story = f"<strong>{LEAD}</strong>\n\n[caption id='a' width='9']<img src='q.jpg'/> The quay at dawn.[/caption]\n\n{SECOND}\n\n<h2>{HEADING}</h2>\n\n[su_box]{THIRD}[/su_box]"
    post = f"""<link>https://courier.example/strike</link><guid isPermaLink="false">https://courier.example/?p=7</guid>
<pubDate>Sat, 10 Mar 2012 10:11:00 +0000</pubDate><dc:creator>jroe</dc:creator><content:encoded><![CDATA[{story}]]></content:encoded>
<excerpt:encoded><![CDATA[Back to the quay.]]></excerpt:encoded><wp:post_id>7</wp:post_id>
<wp:post_date>2012-03-10 13:11:00</wp:post_date><wp:post_date_gmt>2012-03-10 10:11:00</wp:post_date_gmt>
<category domain="category" nicename="harbour">Harbour</category><category domain="post_tag" nicename="strike">strike</category>
<wp:postmeta><wp:meta_key>_thumbnail_id</wp:meta_key><wp:meta_value>9</wp:meta_value></wp:postmeta>
<wp:comment><wp:comment_content>First!</wp:comment_content></wp:comment>"""
    draft = f"""<dc:creator>jroe</dc:creator><content:encoded><![CDATA[<!-- wp:paragraph --><p>{THIRD}</p><!-- /wp:paragraph -->]]></content:encoded>
<wp:post_id>8</wp:post_id><wp:post_date>2012-03-11 09:00:00</wp:post_date><wp:post_date_gmt>0000-00-00 00:00:00</wp:post_date_gmt>"""
    picture = """<excerpt:encoded><![CDATA[Dockers on <em>Friday</em>.]]></excerpt:encoded><wp:post_id>9</wp:post_id>
<wp:post_parent>7</wp:post_parent><wp:attachment_url>https://courier.example/dockers.jpg</wp:attachment_url>"""
    items = [
        item("post", "publish", TITLE, post),
        item("post", "draft", "Ladders arrive", draft),
        item("attachment", "inherit", "dockers", picture),
        item("nav_menu_item", "publish", "Home", ""),
        item("revision", "inherit", TITLE, f"<content:encoded>{THIRD}</content:encoded>"),
    ]
    return f"""<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/">
<channel><title>The Vale Courier</title><language>en-GB</language><wp:author><wp:author_login>jroe</wp:author_login>
<wp:author_display_name><![CDATA[Jane Roe]]></wp:author_display_name></wp:author>{"".join(items)}</channel></rss>""".encode()


def json_feed() -> bytes:
    items = [
        {"id": "7", "url": "https://courier.example/strike", "title": TITLE, "summary": "Back to the quay.", "tags": ["strike"],
         "content_html": f"<p>{LEAD}</p><p>{SECOND}</p>", "date_published": "2012-03-10T13:11:00+03:00",
         "image": "https://courier.example/dockers.jpg"},
        {"id": "https://courier.example/ladders", "content_text": THIRD, "author": {"name": "Bo Ek"}},
        {"id": 9},
    ]  # fmt: skip
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "The Vale Courier", "language": "en"}
    return json.dumps(feed | {"authors": [{"name": "Jane Roe"}], "items": items}).replace("/", "\\/").encode()


def json_list() -> bytes:
    return json.dumps([{"title": TITLE, "text": LEAD}, {"title": "Ladders arrive", "body": THIRD}]).encode()


def wordpress_post() -> bytes:
    shown = {
        "title": {"rendered": "Dockers &#038; owners agree"},
        "content": {"rendered": f"<p>{LEAD}</p><p>{SECOND}</p>"},
    }
    dates = {"date": "2012-03-10T13:11:00", "date_gmt": "2012-03-10T10:11:00", "status": "publish"}
    embedded = {
        "author": [{"name": "Jane Roe"}],
        "wp:term": [[{"taxonomy": "category", "slug": "harbour", "name": "Harbour"}]],
    }
    return json.dumps(
        {"id": 7, "link": "https://courier.example/strike"} | dates | shown | {"_embedded": embedded}
    ).encode()


def warc() -> bytes:
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    buffer = io.BytesIO()
    writer = WARCWriter(buffer, gzip=False)
    page = f"<html><body><h1>{TITLE}</h1><p>{LEAD}</p></body></html>".encode()
    for url, kind, data in (
        ("https://courier.example/strike", "text/html; charset=utf-8", page),
        ("https://courier.example/logo.png", "image/png", b"\x89PNG"),
    ):
        headers = StatusAndHeaders("200 OK", [("Content-Type", kind)], protocol="HTTP/1.1")
        writer.write_record(writer.create_warc_record(url, "response", payload=io.BytesIO(data), http_headers=headers))
    return buffer.getvalue()


def mhtml() -> bytes:
    page = f"<html><head><title>{TITLE}</title></head><body><article><h1>{TITLE}</h1><p>{LEAD}</p><p>{SECOND}</p><p>{THIRD}</p></article></body></html>"
    from email.mime.multipart import MIMEMultipart
    from email.mime.text import MIMEText

    message = MIMEMultipart("related", type="text/html")
    message["From"] = "<Saved by a browser>"
    message["Snapshot-Content-Location"] = "https://courier.example/strike"
    message["Subject"] = TITLE
    part = MIMEText(page, "html", "utf-8")
    part["Content-Location"] = "https://courier.example/strike"
    message.attach(part)
    return message.as_bytes()
