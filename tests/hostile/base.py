"""What harmful documents are made of."""

from __future__ import annotations

import io
import zipfile

WORDS = "The harbour master said on Monday that two ferries had collided near the northern quay."


def zipped(parts: dict[str, bytes | str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(
                zipfile.ZipInfo(name), data, zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            )
    return out.getvalue()


def nitf(text: str, doctype: str = "") -> bytes:
    return (
        f'<?xml version="1.0"?>{doctype}<nitf xmlns:xi="http://www.w3.org/2001/XInclude"><body><body.head><hedline>'
        f"<hl1>Ferries collide</hl1></hedline></body.head><body.content><p>{text}</p></body.content></body></nitf>"
    ).encode()


def docx_with(document: str, relationships: str = "") -> bytes:
    main = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    return zipped({
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "word/document.xml": document.replace("<w:document", f"<w:document {main}", 1),
        "word/_rels/document.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
        f'relationships">{relationships}</Relationships>',
    })  # fmt: skip
