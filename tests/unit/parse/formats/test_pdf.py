"""PDF: pages become text in reading order, without what is repeated on every page."""

from __future__ import annotations

import io

import pytest

from tests.unit.parse import samples
from workers.parse import Limits, ParseError, parse
from workers.parse.formats.rtl import in_reading_order, is_unsure


def read(data: bytes):
    article = parse(data).article
    assert article is not None
    return article


def code(data: bytes, **more) -> str:
    with pytest.raises(ParseError) as caught:
        parse(data, **more)
    return caught.value.code


def test_pdf_columns_are_read_one_after_the_other_without_running_heads():
    numbered = [
        f"Paragraph {n} says that the {n} cranes of the quay were greased and went to work again." for n in range(60)
    ]
    article = read(samples.pdf(columns=3, paragraphs=numbered))
    starts = [article.text.index(f"Paragraph {n} says") for n in range(60)]
    assert starts == sorted(starts)
    assert "VALE COURIER" not in article.text
    assert article.text.count("\n\n") == 59


def test_pdf_paragraph_runs_on_over_a_column_and_a_page():
    long = " ".join(f"Crane {n} was greased and went to work," for n in range(700)) + " and that was all."
    article = read(samples.pdf(columns=2, paragraphs=[long]))
    assert article.text == long


def test_pdf_hyphens_at_line_ends_go_and_compounds_keep_theirs():
    from workers.parse.article.layout import Line, Page, read_pages

    def line(text: str, row: int) -> Line:
        return Line(text, 50, 700 - 12 * row, 250, 710 - 12 * row, 10)

    rows = [
        "An anti-aircraft gun of the old kind stood on the con-",
        "tainer quay beside a second anti-",
        "aircraft gun of the Anglo-",
        "French works and the end.",
    ]
    text = read_pages([Page([line(row, n) for n, row in enumerate(rows)], 842)])[0].text
    assert "the container quay" in text
    assert "second anti-aircraft gun" in text
    assert "Anglo-French works" in text


def test_pdf_columns_of_a_right_to_left_script_begin_on_the_right():
    from workers.parse.article.layout import Line, Page, read_pages

    def column(left: float, word: str) -> list[Line]:
        rows = [f"{word} در بندر پس از نه روز کار خود را از سر گرفت"] * 7
        return [Line(row, left, 700 - 12 * n, left + 200, 710 - 12 * n, 10) for n, row in enumerate(rows)]

    page = Page(column(50, "چپ") + column(290, "راست"), 842)
    text = " ".join(paragraph.text for paragraph in read_pages([page]))
    assert text.rindex("راست") < text.index("چپ")


def test_pdf_locked_scanned_long_and_broken():
    assert code(samples.pdf(encrypt="secret")) == "encrypted"
    assert code(samples.scanned_pdf()) == "needs_ocr"
    assert code(b"%PDF-1.7\nnothing of use") == "corrupt"
    assert code(samples.pdf(pages=3), limits=Limits(pages=2)) == "too_many_pages"
    assert code(samples.pdf(pages=3), limits=Limits(formats={"pdf": {"pages": 2}})) == "too_many_pages"


def typed(*pages: list[tuple[float, float, str]], size: float = 11) -> bytes:
    """Return A4 pages with lines at x and y."""
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    for page in pages:
        canvas.setFont("Helvetica", size)
        for x, y, text in page:
            canvas.drawString(x, y, text)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def test_pdf_lines_that_end_in_hyphens_are_one_paragraph_and_compounds_keep_theirs():
    rows = [
        "The harbour master argued for three hours, and the oper-",
        "ator of the cranes warned that he would close. The well-",
        "known captain of the tug first flew the flag of the island, and",
        "the council voted for a long-",
        "term plan and some long-",
        "ing for twenty-",
        "three new cranes in the self-",
        "same harbour of the town at the end.",
    ]
    article = read(typed([(50, 700 - 14 * n, row) for n, row in enumerate(rows)]))
    body = article.text.split("\n\n")[-1]
    for words in (
        "the operator of",
        "The well-known captain",
        "long-term plan",
        "longing for twenty-three",
        "self-same",
    ):
        assert words in body


@pytest.mark.parametrize("written", ["{n}", "- {n} -", "[{n}]", "Page {n} of 4", "p. {n}", "{n}/4", "Page | {n}"])
def test_pdf_page_numbers_right_below_the_text_are_left_out(written):
    def page(number: int) -> list[tuple[float, float, str]]:
        rows = [
            (50.0, 130 - 14.0 * n, f"Crane {number}{n} of the quay was greased and went to work,") for n in range(5)
        ]
        return [*rows, (50, 60, written.format(n=number))]

    text = read(typed(*(page(n) for n in range(1, 5)))).text
    assert text.count("was greased and went to work,") == 20
    words = text.replace("\n\n", " ").split()
    assert words.count("Crane") == 20
    assert len(words) == 20 * 11


def test_pdf_a_number_that_counts_no_pages_stays():
    rows = [(50.0, 130 - 14.0 * n, "The cranes of the quay were counted, and there were") for n in range(5)]
    text = read(typed([*rows, (50, 60, "40")], [*rows, (50, 60, "52")])).text
    assert "there were 40" in text
    assert text.endswith("there were 52")


def test_pdf_running_heads_that_differ_on_left_and_right_pages_are_left_out():
    def page(number: int) -> list[tuple[float, float, str]]:
        head = [] if number == 1 else [(50.0, 800.0, "The Vale Courier" if number % 2 else "A report on cranes")]
        return head + [
            (50, 700 - 14 * n, f"Crane {number}{n} of the quay was greased and went to work,") for n in range(5)
        ]

    text = read(typed(*(page(n) for n in range(1, 8)))).text
    assert "Courier" not in text
    assert "A report" not in text


# --- right to left ------------------------------------------------------------------------------


def placed(line: str) -> tuple[list[str], list[float]]:
    """Return the characters of a line as they are drawn from left to right, each ten points wide."""
    return list(line), [10.0 * n for n in range(len(line))]


def from_the_right(line: str) -> tuple[list[str], list[float]]:
    return list(line), [1000 - 10.0 * n for n in range(len(line))]


@pytest.mark.parametrize("word", ["الميناء", "שלום", "بندر"])
def test_a_word_drawn_from_left_to_right_is_turned_round(word):
    assert "".join(in_reading_order(*placed(word[::-1]))[0]) == word
    assert "".join(in_reading_order(*from_the_right(word))[0]) == word


def test_numbers_and_latin_words_in_a_right_to_left_line_stay():
    line = "الميناء 400 cranes"
    assert "".join(in_reading_order(*from_the_right(line))[0]) == line


def test_forms_and_ligatures_become_letters_in_their_order():
    assert "".join(in_reading_order(*placed("\ufee1\ufefc\ufeb3"))[0]) == "سلام"
    letters, middles = list("ملاس"), [0.0, 10.0, 10.0, 20.0]  # lam and alef in one place
    assert "".join(in_reading_order(letters, middles)[0]) == "سلام"


def test_lines_whose_words_run_from_left_to_right_are_in_doubt():
    _, pairs, wrong = in_reading_order(*placed("ءانيملا رحبلا ةنيدم"))
    assert (pairs, wrong) == (2, 2)
    assert is_unsure(pairs, wrong)
    _, pairs, wrong = in_reading_order(*from_the_right("الميناء البحر مدينة"))
    assert not is_unsure(pairs, wrong)
    assert not is_unsure(*in_reading_order(*placed("The cranes"))[1:])


def drawn(line: str) -> bytes:
    """Return a page with a line whose letters are drawn one by one from left to right, as browsers print them."""
    codes = {letter: 0x41 + n for n, letter in enumerate(sorted(set(line)))}
    chars = "\n".join(f"<{code:02x}> <{ord(letter):04x}>" for letter, code in codes.items())
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def\n"
        "1 begincodespacerange <00> <ff> endcodespacerange\n"
        f"{len(codes)} beginbfchar\n{chars}\nendbfchar endcmap end end"
    )
    shown = "\n".join(
        f"/Span << /ActualText <feff{ord(letter):04x}> >> BDC <{codes[letter]:02x}> Tj EMC" for letter in reversed(line)
    )
    content = f"BT /F 12 Tf 1 0 0 1 100 700 Tm {shown} ET"
    widths = " ".join(["600"] * len(codes))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>",
        f"<< /Length {len(content)} >> stream\n{content}\nendstream",
        f"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /FirstChar 65 /LastChar {64 + len(codes)} /Widths [{widths}]"
        " /ToUnicode 6 0 R >>",
        f"<< /Length {len(cmap)} >> stream\n{cmap}\nendstream",
    ]
    body = "%PDF-1.4\n" + "".join(f"{n} 0 obj {each} endobj\n" for n, each in enumerate(objects, 1))
    return (body + "trailer << /Root 1 0 R /Size 7 >>\n%%EOF\n").encode()


def test_pdf_right_to_left_text_is_read_in_the_order_of_its_letters():
    line = "عاد عمال الميناء إلى العمل يوم السبت"
    article = read(drawn(line))
    assert line in f"{article.title or ''} {article.text}"
    assert "rtl_unsure" not in article.warnings


def first_words(data: bytes, number: int) -> set[str]:
    """Return runs of three words of a page, as PDFium gives its text."""
    import pypdfium2

    words = pypdfium2.PdfDocument(data)[number - 1].get_textpage().get_text_range().split()
    return {" ".join(words[at : at + 3]) for at in range(len(words))}


@pytest.mark.parametrize("columns", [1, 2])
def test_the_record_says_where_each_page_begins(columns):
    numbered = [
        f"Paragraph {n} says that the cranes of the quay were greased and went to work on day {n}." for n in range(200)
    ]
    data = samples.pdf(columns=columns, paragraphs=numbered)
    article = read(data)
    assert [page.number for page in article.pages] == list(range(1, len(article.pages) + 1))
    assert len(article.pages) > 2
    assert article.pages[0].start == 0
    for page in article.pages:
        assert " ".join(article.text[page.start :].split()[:3]) in first_words(data, page.number)
        if page.start:
            before = " ".join(article.text[: page.start].split()[-3:])
            assert before in first_words(data, page.number - 1)
            assert before not in first_words(data, page.number)


def test_a_page_may_begin_inside_a_paragraph():
    long = " ".join(f"Crane {n} was greased and went to work," for n in range(700)) + " and that was all."
    data = samples.pdf(columns=2, paragraphs=[long])
    article = read(data)
    assert len(article.blocks) == 1 and len(article.pages) > 2
    for page in article.pages[1:]:
        assert article.text[page.start - 1] == " "
        assert " ".join(article.text[page.start :].split()[:3]) in first_words(data, page.number)


def test_documents_without_pages_have_none():
    assert read(samples.docx()).pages == []
    assert [page.number for page in read(samples.SAMPLES["pptx"]()).pages] == [2]
