"""Mails as they are really sent, often against the standard: their content is read, and a warning says what is lost."""

from __future__ import annotations

import base64
import struct

import pytest

from workers.parse import ParseError, parse

HEAD = b"From: Ann Lee <ann@port.example>\nDate: Sat, 10 Mar 2012 13:11:00 +0000\nMIME-Version: 1.0\n"
STORY = "The dockers of Port Vale went back to work at noon on Saturday after nine days on strike."


def mail(head: bytes, body: bytes) -> bytes:
    return HEAD + head + b"\n" + body


def read(data: bytes):
    article = parse(data).article
    assert article is not None
    return article


# --- the head -----------------------------------------------------------------------------------


@pytest.mark.parametrize("charset", ["utf-8", "windows-1252"])
def test_a_subject_in_raw_bytes(charset):
    subject = "Grève à Port-Vale : réponse n° 5, dossier clos"
    article = read(mail(f"Subject: {subject}\n".encode(charset), STORY.encode()))
    assert article.title == subject


def test_a_subject_of_raw_and_encoded_words():
    head = "Subject: Grève =?utf-8?B?w6AgbWlkaQ==?= — fin\n".encode()
    assert read(mail(head, STORY.encode())).title == "Grève à midi — fin"


def test_a_file_name_in_raw_bytes():
    head = b"Subject: Fares\nContent-Type: multipart/mixed; boundary=q\n"
    body = (
        '--q\nContent-Type: text/plain\n\nSee the list.\n--q\nContent-Type: text/csv\n'
        'Content-Disposition: attachment; filename="tarifs été.csv"\n\nline,fare\nferry,7\n--q--\n'
    ).encode()  # fmt: skip
    assert [member.path for member in parse(mail(head, body)).members] == ["tarifs été.csv"]


@pytest.mark.parametrize("before", [b"\n\n", b"   \r\n", b" \t\n\n", b"Status: RO\nX-Status: A\n"])
def test_what_mail_programs_put_before_the_first_field(before):
    article = read(before + mail(b"Subject: Strike ends\n", STORY.encode()))
    assert (article.format, article.title, article.text) == ("eml", "Strike ends", STORY)


# --- broken MIME --------------------------------------------------------------------------------

ALTERNATIVE = f"--real\nContent-Type: text/plain; charset=utf-8\n\n{STORY}\n--real--\n".encode()


@pytest.mark.parametrize("stated", [b"multipart/mixed", b"multipart/mixed; boundary=other"])
def test_parts_whose_boundary_is_not_stated_are_read_with_a_warning(stated):
    article = read(mail(b"Subject: Strike ends\nContent-Type: " + stated + b"\n", ALTERNATIVE))
    assert article.text == STORY
    assert "mime_broken" in article.warnings


def test_a_mail_without_any_of_its_parts_keeps_its_text():
    article = read(mail(b"Subject: Strike ends\nContent-Type: multipart/mixed; boundary=q\n", STORY.encode()))
    assert article.text == STORY
    assert "mime_broken" in article.warnings


def test_a_mail_that_was_cut_off_says_so():
    whole = mail(b"Subject: Strike ends\nContent-Type: multipart/mixed; boundary=real\n", ALTERNATIVE)
    assert "truncated" not in read(whole).warnings
    cut = read(whole.replace(b"--real--\n", b""))
    assert cut.text == STORY
    assert "truncated" in cut.warnings


def test_base64_with_rubbish_in_it_is_read_with_a_warning():
    packed = base64.encodebytes(STORY.encode())
    head = b"Subject: Strike ends\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n"
    assert "mime_broken" not in read(mail(head, packed)).warnings
    assert "mime_broken" in read(mail(head, packed[:-9] + b"!?\n")).warnings


def test_a_mail_of_attachments_alone():
    head = b"Subject: The list\nContent-Type: multipart/mixed; boundary=q\n"
    body = b"".join(
        b"--q\nContent-Type: text/plain\nContent-Disposition: attachment; filename=%s\n\nAn inventory.\n" % name
        for name in (b"cranes.txt", b"ships.txt")
    )
    found = parse(mail(head, body + b"--q--\n"))
    assert [member.path for member in found.members] == ["cranes.txt", "ships.txt"]
    assert found.article is not None
    assert (found.article.title, found.article.text) == ("The list", "")


# --- winmail.dat --------------------------------------------------------------------------------


def attribute(level: int, id: int, value: bytes) -> bytes:
    return struct.pack("<BII", level, id, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)


def padded(value: bytes) -> bytes:
    return value + bytes(-len(value) % 4)


def properties(*found: tuple[int, int, bytes]) -> bytes:
    """Return MAPI properties, each with one value of variable length, after a number and a named property."""
    number = struct.pack("<HHI", 3, 0x0E20, 7)
    named = struct.pack("<HH16sII", 0x1F, 0x8001, b"", 1, 6) + padded("Key".encode("utf-16-le"))
    named += struct.pack("<II", 1, 4) + "no".encode("utf-16-le")
    rest = [struct.pack("<HHII", kind, id, 1, len(value)) + padded(value) for kind, id, value in found]
    return struct.pack("<I", 2 + len(rest)) + number + named + b"".join(rest)


def tnef(*attributes: bytes) -> bytes:
    return struct.pack("<IH", 0x223E9F78, 1) + b"".join(attributes)


def attached(title: bytes, data: bytes, *more: tuple[int, int, bytes]) -> bytes:
    start = attribute(2, 0x00069002, bytes(14)) + attribute(2, 0x00018010, title + b"\0")
    start += attribute(2, 0x0006800F, data) if data else b""
    return start + (attribute(2, 0x00069005, properties(*more)) if more else b"")


def utf16(text: str) -> bytes:
    return (text + "\0").encode("utf-16-le")


WINMAIL = tnef(
    attribute(1, 0x00069007, struct.pack("<II", 1252, 0)),
    attribute(1, 0x00018004, "Grève finie\0".encode("cp1252")),
    attribute(1, 0x00069003, properties((0x1F, 0x1000, utf16(STORY)))),
    attached(b"CRANES~1.CSV", b"crane,tons\nold,7\n", (0x1F, 0x3707, utf16("cranes of the quay.csv"))),
    attached(b"notes.txt", b"Ladders first."),
)


def with_winmail(packed: bytes, text: str = "", kind: str = "application/ms-tnef") -> bytes:
    body = (
        f"--q\nContent-Type: text/plain\n\n{text}\n--q\nContent-Type: {kind}; name=winmail.dat\n"
        f"Content-Transfer-Encoding: base64\n\n{base64.encodebytes(packed).decode()}\n--q--\n"
    )
    return mail(b"Subject: Strike\nContent-Type: multipart/mixed; boundary=q\n", body.encode())


@pytest.mark.parametrize("kind", ["application/ms-tnef", "application/octet-stream"])
def test_what_outlook_packed_comes_out(kind):
    found = parse(with_winmail(WINMAIL, kind=kind))
    assert [(member.path, member.data) for member in found.members] == [
        ("cranes of the quay.csv", b"crane,tons\nold,7\n"),
        ("notes.txt", b"Ladders first."),
    ]
    assert found.article is not None
    assert (found.article.title, found.article.text) == ("Strike", STORY)


def test_the_mails_own_text_goes_before_what_is_packed():
    assert read(with_winmail(WINMAIL, "The list is attached.")).text == "The list is attached."


def test_winmail_by_itself():
    found = parse(WINMAIL)
    assert found.article is not None
    assert (found.article.title, found.article.text) == ("Grève finie", STORY)
    assert len(found.members) == 2


def test_a_message_in_winmail_is_a_mail():
    inner = tnef(attribute(1, 0x00018004, b"Ships\0"), attribute(1, 0x0002800C, STORY.encode()))
    packed = tnef(attached(b"Ships", b"", (0x0D, 0x3701, bytes(16) + inner)))
    member = parse(with_winmail(packed, "See below.")).members[0]
    assert (member.path, member.media_type) == ("Ships.eml", "message/rfc822")
    article = read(member.data)
    assert (article.title, article.text) == ("Ships", STORY)


def test_winmail_that_is_cut_off_or_none():
    cut = parse(with_winmail(WINMAIL[:-20], "The list is attached."))
    assert [member.path for member in cut.members] == ["cranes of the quay.csv"]
    assert cut.article is not None and "truncated" in cut.article.warnings
    none = parse(with_winmail(b"no such thing", "The list is attached."))
    assert none.members == []
    assert none.article is not None and "member_corrupt:winmail.dat" in none.article.warnings
    with pytest.raises(ParseError) as caught:
        parse(WINMAIL[:6])
    assert caught.value.code == "empty"


# --- folders ------------------------------------------------------------------------------------


def folder(*mails: bytes, ends: bytes = b"\n") -> bytes:
    line = b"From ann@port.example Sat Mar 10 13:11:00 2012\n"
    return b"\n".join(line + each.rstrip(b"\n") + b"\n" for each in mails).replace(b"\n", ends)


@pytest.mark.parametrize("ends", [b"\n", b"\r\n"])
def test_each_mail_of_a_folder_is_a_document(ends):
    mails = [mail(b"Subject: Note %d\n" % n, b"Crane %d was greased." % n) for n in (1, 2, 3)]
    found = parse(folder(*mails, ends=ends))
    assert found.article is None
    assert [member.path for member in found.members] == ["message-1.eml", "message-2.eml", "message-3.eml"]
    read_again = [read(member.data) for member in found.members]
    assert [article.title for article in read_again] == ["Note 1", "Note 2", "Note 3"]
    assert [article.text for article in read_again] == [f"Crane {n} was greased." for n in (1, 2, 3)]


def test_a_line_that_begins_with_from_starts_no_mail():
    told = b"It rained.\n\nFrom there it was 12:30 to the quay.\n\n>From Ann it came."
    found = parse(folder(mail(b"Subject: One\n", told), mail(b"Subject: Two\n", b"Fin.")))
    assert len(found.members) == 2
    text = read(found.members[0].data).text
    assert "From there it was 12:30 to the quay." in text
    assert "\n\nFrom Ann it came." in text


def test_a_single_mail_with_its_envelope_is_that_mail():
    assert read(folder(mail(b"Subject: One\n", STORY.encode()))).title == "One"
