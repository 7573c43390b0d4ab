from __future__ import annotations

from services.records import Article
from workers.enrich import enrich

HARBOUR = (
    "The harbour bridge will stay closed until spring, the Port Authority said. Engineers found cracks in the harbour "
    "bridge last week.\n\nThe Port Authority will hire a second ferry. Commuters said the ferry was late again, and the "
    "harbour bridge closure had doubled their journey."
)


def keywords(text: str, **more: str) -> list[tuple[str, float]]:
    found = enrich(Article(text=text, **{"language": "en"} | more)).article.keywords
    return [(one.text, one.score) for one in found]


def test_the_phrases_an_editor_would_choose() -> None:
    found = {text for text, _ in keywords(HARBOUR)}
    assert {"harbour bridge", "Port Authority"} <= found
    assert any("ferry" in text for text in found)


def test_no_phrase_shares_a_word_with_another_and_the_best_is_first() -> None:
    found = keywords(HARBOUR, title="Harbour bridge to stay shut")
    words = [word for text, _ in found for word in text.casefold().split()]
    assert len(words) == len(set(words))
    assert found[0] == ("harbour bridge", 1.0)
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)


def test_hyphened_names_stay_whole_and_weekdays_are_no_keywords() -> None:
    found = {
        text for text, _ in keywords("The road to Guinea-Bissau closed on Monday. Trucks left Guinea-Bissau on Friday.")
    }
    assert "Guinea-Bissau" in found and not found & {"Monday", "Friday"}


def test_a_language_without_a_model() -> None:
    text = "Il ponte del porto è chiuso. Il ponte del porto resta chiuso, ha detto il sindaco."
    assert any("porto" in one or "ponte" in one for one, _ in keywords(text, language="it"))


def test_a_text_without_words() -> None:
    assert keywords("— …") == []


def test_names_stay_whole_without_their_titles_and_vague_nouns_are_none() -> None:
    text = (
        "Rwandan President Juvenal Habyarimana met a seven-member panel. The number of people at the meeting was a matter of "
        "debate. President Habyarimana named the seven-member panel last year, the third time in a way."
    )
    found = {one for one, _ in keywords(text)}
    assert "Juvenal Habyarimana" in found
    assert not found & {"number", "people", "matter", "way", "time", "member panel", "Rwandan President", "third time"}


def test_german_phrases_end_with_a_noun_and_hold_no_verb() -> None:
    text = (
        "Die Regierung in Berlin will die Steuern senken. Die Opposition kritisiert die neuen Pläne scharf. "
        "Die Regierung sagte am Dienstag, die neuen Pläne kosten wenig."
    )
    found = {text for text, _ in keywords(text, language="de")}
    assert {"Regierung", "Steuern", "neuen Pläne"} <= found
    assert not {word for phrase in found for word in phrase.split()} & {"senken", "kritisiert", "sagte", "Dienstag"}
