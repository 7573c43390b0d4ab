"""Read what an NITF document says about its content besides the text: classifiers and places in its head, and media."""

from __future__ import annotations

from services.records import Association, Coded
from workers.parse.xml import Element, attribute, children, every, first, text_of

_OURS = "copydesk"  # the class of Copydesk's own annotations in documents that it wrote
_KINDS = {"image": "picture", "video": "video", "audio": "audio", "text": "text"}


def classified(docdata: Element | None, kind: str) -> list[Coded | None]:
    """Return the subjects or the genres of ``identified-content``."""
    return [
        Coded(
            scheme=attribute(each, "idsrc") or None, code=attribute(each, "value") or None, name=text_of(each) or None
        )
        for each in _identified(docdata, "classifier")
        if attribute(each, "type") == kind and (attribute(each, "value") or text_of(each))
    ]


def located(docdata: Element | None) -> list[Coded | None]:
    """Return the places of ``identified-content``."""
    return [
        Coded(
            scheme=attribute(each, "code-source") or None,
            code=attribute(each, "location-code") or None,
            name=text_of(each) or None,
        )
        for each in _identified(docdata, "location")
        if attribute(each, "location-code") or text_of(each)
    ]


def _identified(docdata: Element | None, tag: str) -> list[Element]:
    content = first(docdata, "identified-content")
    return [each for each in children(content, tag) if attribute(each, "class") != _OURS] if content is not None else []


def associations(nitf: Element) -> list[Association]:
    """Return the media sent with the text, one entry each; a caption alone does not count."""
    found = []
    for media in every(nitf, "media"):
        reference = first(media, "media-reference")
        said = {attribute(each, "name").lower(): attribute(each, "value") for each in children(media, "media-metadata")}
        url = attribute(reference, "source") if reference is not None else ""
        title = attribute(reference, "name") if reference is not None else ""
        if url or title or said.get("guid"):
            found.append(
                Association(
                    kind=said.get("kind") or _KINDS.get(attribute(media, "media-type").lower()),
                    relation=said.get("relation") or None,
                    guid=said.get("guid") or None,
                    title=title or None,
                    caption=text_of(first(media, "media-caption")) or None,
                    credit=text_of(first(media, "media-producer")) or None,
                    url=url or None,
                )
            )
    return found
