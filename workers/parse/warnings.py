"""The warnings of parsers: the values of ``article.warnings``, so that people can query for documents that need a
look."""

from __future__ import annotations

ENCODING_GUESSED = "encoding_guessed"  # no declaration, BOM or valid UTF-8 said how to read the bytes
ENCODING_MISDECLARED = "encoding_misdeclared"  # the declared encoding could not have made these bytes
ENCODING_ERRORS = "encoding_errors"  # some bytes could not be read and became U+FFFD
MOJIBAKE_REPAIRED = "mojibake_repaired"  # text that had been decoded wrongly before it was sent was corrected
DATE_AMBIGUOUS = "date_ambiguous"  # 03/04/2012: day and month could be either
DATE_GUESSED = (
    "date_guessed"  # neither the page's metadata nor its head state the date; it was found elsewhere on the page
)
NO_TITLE = "no_title"
NO_DATE = "no_date"
NO_TEXT = "no_text"  # there is no running text
TRUNCATED = "truncated"  # the document, or what was read of it, ends in the middle
EXTRACTION_UNSURE = "extraction_unsure"  # ways of finding the article on the page disagree
OCR = "ocr"  # read from a picture; letters may be wrong
SCANNED_PAGES = "scanned_pages"  # some pages are pictures and were not read
FIELD_FAILED = "field_failed"  # field_failed:<field>: this field of the head could not be read
RTL_UNSURE = "rtl_unsure"  # words of a right-to-left script may be in the wrong order
MIME_BROKEN = "mime_broken"  # a mail breaks MIME's rules: text or attachments are missing or run together
MEMBER_CORRUPT = "member_corrupt"  # member_corrupt:<path>: this file inside is broken and was not read
HIDDEN_LEFT_OUT = "hidden_left_out"  # hidden_left_out:<name>: this hidden sheet or slide was not read
REVISITS_LEFT_OUT = (
    "revisits_left_out"  # revisits_left_out:<count>: these pages of a WARC have their text in another file
)
