"""Why a document cannot be read: the values of ``error.code`` from parsing, each with its meaning."""

from __future__ import annotations

CODES: dict[str, str] = {
    "empty": "There are no bytes, or nothing in them that could be read as a document.",
    "unsupported_format": "The bytes are of no format that can be read here.",
    "not_an_article": "The document only lists where others are, such as a sitemap or a list of feeds; send the pages that it names.",
    "corrupt": "The bytes begin as their format does but break its rules, so that nothing of use could be read.",
    "encrypted": "The document or the archive is locked with a password; send it unlocked.",
    "needs_ocr": "The document is a picture of text; set COPYDESK_PARSE_OCR and install Tesseract to have it read.",
    "too_large": "The document, or what it expands to, has more bytes than the limits allow.",
    "expansion_ratio": "The archive expands to far more bytes than it has, as a decompression bomb does.",
    "too_many_members": "The archive, feed or table has more members than the limits allow; send it in parts.",
    "too_many_pages": "The document has more pages than the limits allow; send it in parts.",
    "too_deep": "Documents in documents, or elements in elements, are nested deeper than the limits allow.",
    "timeout": "Reading took longer than the limits allow, and was stopped.",
    "out_of_memory": "Reading took more memory than the limits allow, and was stopped.",
    "crashed": "The library that reads this format crashed on the document; no other document was affected.",
}
