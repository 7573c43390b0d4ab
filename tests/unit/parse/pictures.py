"""Build photos with metadata: IIM, XMP, both or neither."""

from __future__ import annotations

import io
import struct
from xml.sax.saxutils import escape

CAPTION = (
    "PORT VALE, March 10 (Reuters) - Dockers walk back to their cranes on the northern quay on Saturday, after nine days of strike. "
    "(REUTERS/Jane Roe)"
)
HEADLINE = "Dockers go back to work"

IIM: dict[tuple[int, int], list[str]] = {
    (2, 5): ["PORT-STRIKE"],
    (2, 15): ["FIN"],
    (2, 12): ["IPTC:09014000:labour:strike"],
    (2, 10): ["4"],
    (2, 25): ["strike", "docks"],
    (2, 40): ["NO ARCHIVES"],
    (2, 55): ["20120310"],
    (2, 60): ["131100+0300"],
    (2, 80): ["Jane Roe"],
    (2, 85): ["STAFF"],
    (2, 90): ["Port Vale"],
    (2, 95): ["Northland"],
    (2, 100): ["NOR"],
    (2, 101): ["Norway"],
    (2, 103): ["PV01"],
    (2, 105): [HEADLINE],
    (2, 110): ["Reuters"],
    (2, 115): ["Reuters"],
    (2, 116): ["© The Vale Courier 2012"],
    (2, 120): [CAPTION],
}


def iim(fields: dict[tuple[int, int], list[str]], utf8: bool = True) -> bytes:
    """Return the datasets as a stream of IIM 4."""
    sets = [(1, 90, b"\x1b%G")] if utf8 else []
    sets += [
        (record, number, value.encode("utf-8" if utf8 else "latin-1"))
        for (record, number), values in fields.items()
        for value in values
    ]
    return b"".join(struct.pack(">BBBH", 0x1C, record, number, len(value)) + value for record, number, value in sets)


def photoshop(data: bytes) -> bytes:
    """Return the APP13 segment of a JPEG with IIM in it."""
    resource = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(data)) + data + b"\0" * (len(data) % 2)
    body = b"Photoshop 3.0\0" + resource
    return b"\xff\xed" + struct.pack(">H", len(body) + 2) + body


def xmp(caption: str = CAPTION, headline: str = HEADLINE, more: str = "") -> bytes:
    return f"""<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
 xmlns:core="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/" xmlns:ext="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
 xmlns:rights="http://ns.adobe.com/xap/1.0/rights/" photoshop:Headline="{escape(headline)}" photoshop:City="Port Vale"
 photoshop:State="Northland" photoshop:Country="Norway" core:CountryCode="NOR" photoshop:DateCreated="2012-03-10T13:11:00+03:00"
 photoshop:Credit="Reuters" photoshop:Source="Reuters" photoshop:Instructions="NO ARCHIVES" photoshop:AuthorsPosition="STAFF"
 photoshop:TransmissionReference="PV01" photoshop:Urgency="4" photoshop:Category="FIN" ext:DigImageGUID="tag:vale.example,2012:1">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">PORT-STRIKE</rdf:li></rdf:Alt></dc:title>
<dc:description><rdf:Alt><rdf:li xml:lang="de">Hafenarbeiter</rdf:li><rdf:li xml:lang="x-default">{escape(caption)}</rdf:li></rdf:Alt></dc:description>
<dc:creator><rdf:Seq><rdf:li>Jane Roe</rdf:li></rdf:Seq></dc:creator>
<dc:rights><rdf:Alt><rdf:li xml:lang="x-default">© The Vale Courier 2012</rdf:li></rdf:Alt></dc:rights>
<dc:subject><rdf:Bag><rdf:li>strike</rdf:li><rdf:li>docks</rdf:li></rdf:Bag></dc:subject>
<core:SubjectCode><rdf:Bag><rdf:li>09014000</rdf:li></rdf:Bag></core:SubjectCode>
<rights:UsageTerms><rdf:Alt><rdf:li xml:lang="x-default">Editorial use only</rdf:li></rdf:Alt></rights:UsageTerms>{more}
</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>""".encode()


def picture(kind: str, *, xmp: bytes = b"", iim: bytes = b"") -> bytes:
    """Return a small picture as ``jpeg``, ``tiff``, ``png`` or ``webp``; PNG and WebP have no place for IIM."""
    from PIL import Image, PngImagePlugin, TiffImagePlugin

    drawn, out = Image.new("RGB", (24, 16), "gray"), io.BytesIO()
    if kind == "tiff":
        tags = TiffImagePlugin.ImageFileDirectory_v2()
        for tag, data in ((700, xmp), (33723, iim)):
            if data:
                tags.tagtype[tag] = 7
                tags[tag] = data
        drawn.save(out, "TIFF", tiffinfo=tags)
    elif kind == "png":
        text = PngImagePlugin.PngInfo()
        text.add_itxt("XML:com.adobe.xmp", xmp.decode())
        drawn.save(out, "PNG", pnginfo=text if xmp else None)
    elif kind == "webp":
        drawn.save(out, "WEBP", **({"xmp": xmp} if xmp else {}))
    else:
        drawn.save(out, "JPEG", **({"xmp": xmp} if xmp else {}))
        if iim:
            return out.getvalue()[:2] + photoshop(iim) + out.getvalue()[2:]
    return out.getvalue()
