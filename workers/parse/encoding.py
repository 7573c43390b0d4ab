"""Decode bytes to text: by BOM, by the declared encoding, by what the bytes allow, by guessing."""

from __future__ import annotations

import codecs
import re

import chardet
import ftfy
from chardet import EncodingEra
from ftfy.badness import is_bad

from workers.parse import warnings as warn

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Encodings that senders give an older name, read as in the WHATWG Encoding Standard.
_SUPERSETS = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "latin-1": "cp1252", "iso8859-9": "cp1254", "gb2312": "gb18030",
    "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949", "tis-620": "cp874", "big5": "big5hkscs",
}  # fmt: skip
_ERAS = EncodingEra.MODERN_WEB | EncodingEra.LEGACY_ISO | EncodingEra.LEGACY_REGIONAL | EncodingEra.LEGACY_MAC
_EAST = re.compile("[\n\r -~\u00b7\u2010-\u2026\u3000-\u30ff\u3400-\u9fff\uac00-\ud7a3\uff00-\uffef]")
_SAMPLE = 64 * 1024  # bytes the guess looks at
_ASCII_RUN = re.compile(r"([\x00-\x7f]{8})[\x00-\x7f]+([\x00-\x7f]{8})")
"""A bad sequence has at most two ASCII characters next to another character, so the middle of an ASCII run shows
nothing."""
_META = re.compile(
    rb"<(?:meta[^>]{0,200}?charset\s*=\s*[\"']?|\?xml[^>]{0,100}?encoding\s*=\s*[\"'])([\w.:-]{2,40})", re.I
)


def decode(data: bytes, declared: str | None = None) -> tuple[str, list[str]]:
    """Return the text of ``data`` and warnings. ``declared`` is a charset label, used only if the bytes allow it."""
    text, warnings = _decode(data, declared)
    return _repair(text, warnings)


def charset_in(data: bytes, media_type: str | None = None) -> str | None:
    """Return the charset named by the declared media type, or otherwise by the first bytes of the markup."""
    if media_type and (match := re.search(r"charset\s*=\s*[\"']?([\w.:-]{2,40})", media_type, re.I)):
        return match[1]
    match_bytes = _META.search(data[:4096])
    return match_bytes[1].decode("ascii") if match_bytes else None


def _decode(data: bytes, declared: str | None) -> tuple[str, list[str]]:
    for bom, codec in _BOMS:
        if data.startswith(bom):
            text = data.decode(codec, "replace")
            return text, [warn.ENCODING_ERRORS] if "\ufffd" in text else []
    if found := wide(data):
        return data.decode(found, "replace"), []
    if data.isascii() and re.search(rb"\x1b\$[@B]", data):
        return data.decode("iso2022_jp", "replace"), []
    try:
        return data.decode("utf-8"), []
    except UnicodeDecodeError as error:
        # A document cut in the middle of a character is still UTF-8.
        if error.start >= len(data) - 4 and error.start > 0:
            return data[: error.start].decode("utf-8"), [warn.TRUNCATED]
    warnings = []
    if declared and (named := _codec(declared)):
        try:
            return data.decode(named), []
        except UnicodeDecodeError:
            warnings = [warn.ENCODING_MISDECLARED]
    text = data.decode("utf-8", "replace")
    if text.count("\ufffd") * 50 < sum(ord(char) > 127 for char in text):
        return text, [*warnings, warn.ENCODING_ERRORS]
    guess = chardet.detect(data[:_SAMPLE], encoding_era=_ERAS, max_bytes=_SAMPLE)["encoding"]
    text = data.decode((guess and _codec(guess)) or "cp1252", "replace")
    warnings.append(warn.ENCODING_GUESSED)
    return text, [*warnings, warn.ENCODING_ERRORS] if "\ufffd" in text else warnings


def _codec(label: str) -> str | None:
    """Return Python's name for the charset, or None if it is not a charset for text."""
    try:
        info = codecs.lookup(label)
    except LookupError:
        return None
    if not info._is_text_encoding or info.name in ("utf-7", "idna", "punycode", "unicode-escape", "raw-unicode-escape"):
        return None
    return _SUPERSETS.get(info.name, info.name)


def wide(data: bytes) -> str | None:
    """Return the codec of UTF-16 or UTF-32 without a BOM, by the positions of zero bytes in spaces and line ends."""
    sample = data[:4096]
    if len(sample) < 8 or b"\0" not in sample:
        return None
    quarter = len(sample) // 4
    zeros = [sample[at::4].count(0) for at in range(4)]
    if zeros[2] > 0.9 * quarter and zeros[3] > 0.9 * quarter:
        return "utf-32-le"
    if zeros[0] > 0.9 * quarter and zeros[1] > 0.9 * quarter:
        return "utf-32-be"
    little, big = (sum(sample[at::2][k] == 0 for k in range(len(sample) // 2)) for at in (1, 0))
    spaces = {"utf-16-le": sample.count(b" \0"), "utf-16-be": sample.count(b"\0 ")}
    codec = "utf-16-le" if little > big else "utf-16-be"
    if max(little, big) < 0.02 * len(sample) or not spaces[codec]:
        return _wide_cjk(sample)
    try:
        data[: len(data) // 2 * 2].decode(codec)
    except UnicodeDecodeError:
        return None
    return codec


def _wide_cjk(sample: bytes) -> str | None:
    """Return the codec of UTF-16 without a BOM in Chinese, Japanese or Korean, which has few zero bytes: hardly any
    other bytes decode to such text."""
    for codec in ("utf-16-le", "utf-16-be"):
        text = sample[: len(sample) // 2 * 2].decode(codec, "ignore")
        if len(text) >= 8 and re.search(r"[\n，。、]", text) and len(_EAST.findall(text)) >= 0.95 * len(text):
            return codec
    return None


def _repair(text: str, warnings: list[str]) -> tuple[str, list[str]]:
    """Undo a wrong decoding that happened before the document was sent, but no other fault that ftfy can fix."""
    if text.isascii():
        return text, warnings
    lines = [
        line if line.isascii() or not is_bad(_ASCII_RUN.sub(r"\1\2", line)) else ftfy.fix_encoding(line)
        for line in text.split("\n")
    ]
    repaired = "\n".join(lines)
    return (repaired, [*warnings, warn.MOJIBAKE_REPAIRED]) if repaired != text else (text, warnings)
