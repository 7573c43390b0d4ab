"""The scorers of the real sets, tried on documents of our own: a wrong scorer is worse than none."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from lxml import etree

from services.records import Article, DateMention, Entity, Event, Place, Point, Span
from tests.real.reading import Text, article_of, read
from tests.real.sets import crashes, dates, events, gist, money, names, places, speech, stories
from tests.real.spans import offsets, pairs


def _span(text: str, words: str) -> Span:
    start = text.index(words)
    return Span(text=words, start=start, end=start + len(words))


def test_offsets_lead_back_into_the_source():
    source, text = "One\n  two --  three\nfour", "One two three\n\nfour"

    at = offsets(source, text)

    assert [source[at[i]] for i, char in enumerate(text) if not char.isspace()] == list("Onetwothreefour")
    assert offsets("one", "other one")[:5] == [None] * 5


def test_a_span_is_paired_once_and_with_the_one_that_it_shares_most_with():
    marked = [dates.Timex(0, 10, "DATE", ""), dates.Timex(12, 20, "DATE", "")]
    found = [dates.Found(5, 14, ""), dates.Found(0, 10, "")]

    made = pairs(marked, found)

    assert made == [(marked[0], found[1]), (marked[1], found[0])]


def test_timeml_is_read_with_nested_marks(tmp_path):
    path = tmp_path / "one.tml"
    path.write_text(
        '<TimeML><DCT><TIMEX3 value="2024-05-02">20240502</TIMEX3></DCT><TEXT>\nThe <EVENT>vote</EVENT> is '
        '<TIMEX3 type="DATE" value="2024-05-03">to<EVENT>mor</EVENT>row</TIMEX3>.\n</TEXT></TimeML>'
    )

    marked = dates.load(path)

    assert marked.published_at == datetime(2024, 5, 2, tzinfo=UTC)
    assert [(marked.text[t.start : t.end], t.value) for t in marked.timexes] == [("tomorrow", "2024-05-03")]


def test_dates_are_counted_strictly_relaxed_and_by_value():
    text = "They met early on Monday and again on 4 May."
    monday, fourth = _span(text, "early on Monday"), _span(text, "4 May")
    marked = dates.Marked(
        "one",
        text,
        datetime(2024, 5, 7, tzinfo=UTC),
        [
            dates.Timex(monday.start, monday.end, "TIME", "2024-05-06TMO"),
            dates.Timex(fourth.start, fourth.end, "DATE", "2024-05-04"),
        ],
    )
    short = _span(text, "Monday")
    article = Article(
        text=text,
        dates=[
            DateMention(**short.model_dump(), value="2024-05-06", grain="day"),
            DateMention(**fourth.model_dump(), value="2024-05-04", grain="day"),
        ],
    )

    count, kinds, misses = dates.count([(marked, dates.found_in(text, article))])

    assert count.figures() == {"dates.relaxed": 1.0, "dates.strict": 0.5, "dates.value": 0.5}
    assert kinds["TIME", "value"] == 0
    assert len(misses) == 1


def test_toponyms_are_found_where_their_offsets_are_a_little_off():
    text = "The ferry left Brindley for Port Ansel."
    toponym = "<toponym><start>30</start><end>40</end><phrase>Port Ansel</phrase></toponym>"
    location = "<location><name>Brindley</name><start>16</start><end>24</end><lat>1.5</lat><lon>2</lon></location>"

    off, from_one = (places._toponym(text, etree.fromstring(xml)) for xml in (toponym, location))

    assert (text[off.start : off.end], off.point) == ("Port Ansel", None)
    assert (text[from_one.start : from_one.end], from_one.point) == ("Brindley", (1.5, 2.0))


def test_a_place_is_near_within_161_kilometres():
    text = "Rain fell on Oxford and on Paris."
    oxford, paris = _span(text, "Oxford"), _span(text, "Paris")
    marked = places.Marked(
        "one",
        None,
        text,
        None,
        [
            places.Toponym(oxford.start, oxford.end, (51.75, -1.26)),
            places.Toponym(paris.start, paris.end, (33.66, -95.56)),
        ],
    )
    article = Article(
        text=text,
        entities=[Entity(name=s.text, type="GPE", mentions=[s], count=1) for s in (oxford, paris)],
        places=[
            Place(name="Oxford", location=Point(coordinates=[-0.13, 51.51]), mentions=[oxford]),
            Place(name="Paris", location=Point(coordinates=[2.35, 48.86]), mentions=[paris]),
        ],
    )

    found = places.found_in(article)
    count, _ = places.count([(marked, found, found)])

    assert count.figures("own") == {"places.own.span": 1.0, "places.own.near": 0.5, "places.own.end_to_end": 0.5}


def test_tokens_are_written_out_as_a_story():
    def line(words: str, **labels: str) -> list[names.Token]:
        return [(word, labels.get(word.strip("'"), "O")) for word in words.split()]

    story = names.write(
        "one",
        [
            line("MARSH WINS AT HOME .", MARSH="B-PER"),
            line("ARDEN 1996-08-30", ARDEN="B-LOC"),
            line('" It is n\'t over , " said Marsh . "', Marsh="B-PER"),
            line('We go on ( until May ) . "'),
            line("Scores :"),
            line("1. Ann Marsh 70", Ann="B-PER", Marsh="I-PER"),
            line("2. Li Wen 71", Li="B-PER", Wen="I-PER"),
        ],
    )

    assert story.text == (
        "MARSH WINS AT HOME.\n\nARDEN 1996-08-30\n\n"
        '"It isn\'t over," said Marsh. "We go on (until May)."\n\nScores:\n\n1. Ann Marsh 70\n2. Li Wen 71'
    )
    assert [story.text[n.start : n.end] for n in story.names] == ["MARSH", "ARDEN", "Marsh", "Ann Marsh", "Li Wen"]
    assert [looks for *_, looks in story.lines] == ["capitals", "capitals", "prose", "prose", "rows", "rows", "rows"]


def test_a_speaker_is_right_by_the_surname_and_nobody_where_nobody_is_named():
    named = speech.Quoted(0, 10, accept=("Sir Paul Redfern Jr.",))
    unnamed = speech.Quoted(0, 10, accept=("spokeswoman",), unnamed=True)

    def of(*speaker: str) -> speech.Quoted:
        return speech.Quoted(0, 10, accept=speaker)

    assert speech.right_speaker(named, of("Redfern"))
    assert not speech.right_speaker(named, of("Paul"))
    assert not speech.right_speaker(named, of())
    assert speech.right_speaker(unnamed, of())
    assert speech.right_speaker(unnamed, of("a spokeswoman of the port"))
    assert not speech.right_speaker(unnamed, of("Redfern"))


def test_what_is_no_speech_is_wrong_and_what_is_skipped_does_not_count():
    marked = speech.Marked(
        "one",
        "x" * 100,
        (speech.Quoted(0, 20, accept=("Ann",)), speech.Quoted(30, 40, "scare"), speech.Quoted(50, 60, "skip")),
    )
    found = [speech.Quoted(1, 20, accept=("Ann",)), speech.Quoted(30, 40), speech.Quoted(50, 60)]

    count, _ = speech.count([(marked, found)])

    assert (count.marked, count.found, count.quotes, count.both) == (1, 2, 1, 1)


def test_an_event_needs_its_type_and_both_actors():
    text = "Norland's troops shelled Estmark."
    mark = events.Mark(frozenset({"ASSAULT"}), ("norland", "troops"), ("estmark",), required=True)
    optional = events.Mark(frozenset({"ACCUSE"}), ("-",), ("norland",), required=False)
    marked = events.Marked("one", text, datetime(2024, 5, 2, tzinfo=UTC), (mark, optional))
    sentence = Span(text=text, start=0, end=len(text)).model_dump()
    right = Event(**sentence, actor="Norland's troops", action="ASSAULT", target="Estmark")
    by_the_way = Event(**sentence, action="ACCUSE", target="Norland")
    wrong = Event(**sentence, actor="Estmark", action="ASSAULT", target="Norland")

    count, _ = events.count([(marked, Article(text=text, events=[wrong, by_the_way, right]))])

    assert count.figures() == {"events.precision": 0.5, "events.recall": 1.0}


def test_a_sum_without_a_currency_is_neither_right_nor_wrong():
    mark = money.Sum(0, 9, Decimal("5"), None, "FRF")

    def read_as(amount: str, currency: str | None) -> str:
        return money.verdict(mark, money.Sum(0, 9, Decimal(amount), None, currency))

    assert read_as("5.0", "FRF") == "right"
    assert read_as("5", None) == "open"
    assert read_as("5", "CHF") == "wrong"
    assert read_as("4", None) == "wrong"
    assert money.verdict(mark, None) == "missed"


def test_story_pairs_are_counted_where_they_are_marked():
    marks = {(1, 2): True, (1, 3): True, (1, 4): False}

    figures, _ = stories.count(marks, {(1, 2), (1, 4), (3, 4)})

    assert figures == {"stories.precision": 0.5, "stories.recall": 0.5}


def test_a_document_that_raises_is_told_from_one_that_is_refused(monkeypatch):
    def fail(article: Article, **_: object) -> None:
        raise RuntimeError("no")

    assert read(Text("refused", data=b"\x00\x01\x02\x03" * 50)).refused
    monkeypatch.setattr("tests.real.reading.enrich", fail)

    raised = read(Text("raised", article_of("One line.")))

    assert raised.error is not None
    assert not raised.refused


def test_a_document_is_slow_by_its_length():
    def took(name: str, characters: int, seconds: float) -> crashes.Read:
        return crashes.Read(name, None, characters, seconds)

    usual = [took(str(n), 1000, 0.1) for n in range(9)]

    assert crashes.slow([*usual, took("long", 20_000, 2.0), took("slow", 2000, 2.2)]) == [took("slow", 2000, 2.2)]


@pytest.mark.parametrize(
    ("found", "mark", "right"),
    [
        ("Holm", "Ana Holm", True),
        ("ana holm", "Ana Holm", True),
        ("Ana", "Ana Holm", False),
        ("mill", "mill wheel", False),
    ],
)
def test_a_keyphrase_is_right_with_more_or_fewer_words_before_its_last(found: str, mark: str, right: bool) -> None:
    assert gist.same_phrase(found, mark) is right
