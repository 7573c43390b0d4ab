"""Read pictures: a photo whose metadata describes it; otherwise a scanned or photographed page, by OCR."""

from __future__ import annotations

import re

from workers.parse import warnings as warn
from workers.parse.article.newstext import read_text
from workers.parse.base import Parsed, ParseError, Parser, Source
from workers.parse.formats.ocr import read_picture
from workers.parse.formats.photo import photo_article, read_photo

_KINDS: list[tuple[re.Pattern[bytes], str]] = [
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"II\*\x00|MM\x00\*|II\+\x00|MM\x00\+"), "image/tiff"),
    (re.compile(rb"BM.{4}\x00\x00\x00\x00", re.DOTALL), "image/bmp"),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), "image/webp"),
    (re.compile(rb"\x00\x00\x00\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51"), "image/jp2"),
    (re.compile(rb".{4}ftyp(?:avif|avis|heic|heix|mif1)", re.DOTALL), "image/heif"),
    (re.compile(rb"P[1-6][\s#]+\d+\s"), "image/x-portable-anymap"),
]


def media_type(data: bytes) -> str | None:
    return next((kind for magic, kind in _KINDS if magic.match(data[:32])), None)


def sniff(source: Source) -> float:
    return 0.95 if media_type(source.data) else 0.0


def parse(source: Source) -> Parsed:
    photo = read_photo(source.data)
    if photo.tells:
        return Parsed(media_type(source.data) or "image/*", photo_article(photo))
    text = read_picture(source.data, source.limits)
    if not text.strip():
        raise ParseError("empty", "No text was found in the picture.")
    article = read_text(text, format="image", warnings=[warn.OCR])
    return Parsed(media_type(source.data) or "image/*", article)


PARSER = Parser("image", tuple(kind for _, kind in _KINDS), sniff, parse, isolated=True, version=2)
