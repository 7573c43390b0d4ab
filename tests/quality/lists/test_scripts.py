"""People are recognised across Arabic, Cyrillic and Latin script, whichever side the list has."""

from __future__ import annotations

import pytest

from workers.lists.index import Entry, Index
from workers.lists.matching import THRESHOLD

SAME = [
    ("Mohammed bin Salman", "محمد بن سلمان"), ("Мухаммед бин Салман", "Mohammed bin Salman"),
    ("Bashar al-Assad", "بشار الأسد"), ("Башар Асад", "بشار الأسد"), ("Hassan Rouhani", "حسن روحانی"),
    ("Abdel Fattah el-Sisi", "عبد الفتاح السيسي"), ("Абдель Фаттах ас-Сиси", "عبد الفتاح السيسي"),
    ("Abdelfattah as-Sisi", "عبد الفتاح السيسي"), ("Abdul Rahman al-Rashed", "عبد الرحمن الراشد"),
    ("Abdurrahman ar-Rashed", "Abdur Rahman al-Rashed"), ("Abd al-Karim Qasim", "عبد الكريم قاسم"),
    ("Salah Abdel Salam", "صلاح عبد السلام"), ("Abdullah bin Zayed", "عبد الله بن زايد"),
    ("Vladimir Putin", "فلاديمير بوتين"), ("Владимир Путин", "فلاديمير بوتين"),
]  # fmt: skip
DIFFERENT = [
    ("Abdel Fattah Nasser", "Abdel Karim Nasser"), ("Abdul Rahim Khan", "عبد الرحمن خان"),
    ("Abdul Karim Khan", "عبد الكبير خان"), ("Khaled Meshaal", "خليل مشعل"), ("Saad Hariri", "سعيد الحريري"),
]  # fmt: skip


def score(listed: str, named: str) -> float:
    index = Index(1)
    index.add(Entry("L", "1", "person"), [listed])
    return max((one.likeness.score for one in index.find(named, "PERSON")), default=0.0)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_a_name_is_found_in_another_script(one: str, other: str) -> None:
    assert min(score(one, other), score(other, one)) >= THRESHOLD


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_other_names_are_not(one: str, other: str) -> None:
    assert max(score(one, other), score(other, one)) < THRESHOLD
