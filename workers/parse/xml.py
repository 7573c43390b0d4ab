"""Read XML safely: only XML's five entities are expanded, no DTD is read, nothing is fetched."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from workers.parse.base import ParseError

Element = Any  # lxml has no types

_NAMED = re.compile(rb"&([A-Za-z][A-Za-z0-9]{1,31});")
_OF_XML = {b"amp", b"lt", b"gt", b"quot", b"apos"}


def read_xml(data: bytes, *, recover: bool = True) -> Element:
    """Return the root element. HTML's named characters (``&eacute;``) are known without a DTD.

    Raises ParseError ``corrupt`` if there is no root, or the XML is broken and ``recover`` is off.
    """
    parser = etree.XMLParser(
        encoding="utf-8" if _is_utf8(data) else None,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        recover=recover,
    )
    try:
        root = etree.fromstring(_NAMED.sub(_numbered, data), parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise ParseError("corrupt", f"The XML is broken: {error}.") from None
    if root is None:
        raise ParseError("corrupt", "There is no XML element in the document.")
    return root


def _is_utf8(data: bytes) -> bool:
    """Return whether the bytes are valid UTF-8 whatever the declaration says; text in another encoding hardly ever
    is."""
    if data.isascii() or data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data[:64]:
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _numbered(match: re.Match[bytes]) -> bytes:
    if match[1] in _OF_XML:
        return match[0]
    text = html.unescape(match[0].decode())
    return match[0] if text.startswith("&") else "".join(f"&#{ord(char)};" for char in text).encode()


def name(element: Element) -> str:
    """Return the element's name without its namespace, in lower case; empty for nodes that are not elements, such as
    entities."""
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


def attribute(element: Element, wanted: str) -> str:
    """Return the attribute of that name in any namespace, or an empty string."""
    found = element.get(wanted)
    if found is None:
        found = next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == wanted), "")
    return str(found).strip()


def children(element: Element, *names: str) -> list[Element]:
    return [child for child in element if name(child) in names]


def first(element: Element | None, *path: str) -> Element | None:
    """Return the first descendant along a path of lower-case names; ``*`` as the first step means at any depth."""
    if element is None or not path:
        return element
    if path[0] == "*":
        return next((e for e in element.iter() if name(e) == path[1] and e is not element), None)
    for child in children(element, path[0]):
        found = first(child, *path[1:])
        if found is not None:
            return found
    return None


def every(element: Element, *names: str) -> Iterator[Element]:
    """Return descendants with these names, in document order."""
    return (e for e in element.iter() if name(e) in names)


def topmost(element: Element, *names: str, without: str = "") -> Iterator[Element]:
    """Yield descendants with these names in document order, but none inside another one or inside an element in
    ``without``."""
    for child in element:
        if name(child) in names:
            yield child
        elif name(child) != without:
            yield from topmost(child, *names, without=without)


def text_of(element: Element | None) -> str:
    """Return all text inside, with runs of white space as one space."""
    if element is None:
        return ""
    return " ".join("".join(_texts(element)).split())


def _texts(element: Element) -> Iterator[str]:
    if isinstance(element.tag, str):
        yield element.text or ""
        for child in element:
            yield from _texts(child)
            yield child.tail or ""
