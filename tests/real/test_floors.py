"""Floors are raised automatically and lowered only with a reason, and a figure below one fails."""

from __future__ import annotations

import pytest

from tests.real import floors, report
from tests.real.scored import Scored


def scored(**figures: float) -> Scored:
    return Scored({name.replace("_", "."): value for name, value in figures.items()}, size=10, digest="ab")


def kept(**figures: float) -> floors.Floors:
    found: floors.Floors = {}
    floors.lift("web", scored(**figures), found, sample=False)
    return found


def test_a_figure_below_its_floor_fails() -> None:
    assert floors.complaints("web", scored(web_title=0.8), kept(web_title=0.8), sample=False) == []
    assert floors.complaints("web", scored(web_title=0.799), kept(web_title=0.8), sample=False) == [
        "web.title is 0.799, under its floor 0.8."
    ]


def test_a_count_of_faults_has_a_ceiling() -> None:
    assert floors.complaints("web", scored(web_empty=2), kept(web_empty=3), sample=False) == []
    assert floors.complaints("web", scored(web_empty=4), kept(web_empty=3), sample=False) == [
        "web.empty is 4, over its ceiling 3."
    ]


def test_other_documents_than_those_of_the_floors_fail() -> None:
    other = Scored({"web.title": 0.9}, size=11, digest="cd")
    (line,) = floors.complaints("web", other, kept(web_title=0.8), sample=False)
    assert "10 documents" in line
    assert "11" in line
    assert floors.complaints("web", other, {}, sample=False) == ["web: it has no floors yet; set them with --raise."]


def test_a_figure_that_is_no_longer_measured_fails() -> None:
    assert floors.complaints("web", scored(), kept(web_title=0.8), sample=False) == [
        "web.title was not measured; its floor is 0.8."
    ]


def test_raising_never_lowers() -> None:
    found = kept(web_title=0.8, web_empty=3)
    floors.lift("web", scored(web_title=0.7, web_empty=4), found, sample=False)
    assert found["web"]["floors"] == {"web.title": 0.8, "web.empty": 3}
    floors.lift("web", scored(web_title=0.9, web_empty=2), found, sample=False)
    assert found["web"]["floors"] == {"web.title": 0.9, "web.empty": 2}


def test_a_floor_is_lowered_with_a_reason_that_stays_in_the_file(tmp_path) -> None:
    found = kept(web_title=0.8)
    with pytest.raises(ValueError, match="Say why"):
        floors.lower("web.title", " ", "web", scored(web_title=0.7), found, sample=False)
    with pytest.raises(ValueError, match="nothing to lower"):
        floors.lower("web.title", "no need", "web", scored(web_title=0.9), found, sample=False)
    floors.lower("web.title", "a suffix is “kept”\nnow", "web", scored(web_title=0.7), found, sample=False)
    floors.lift("web", scored(web_title=0.6), found, sample=True)
    floors.write(found, tmp_path / "floors.toml")
    again = floors.read(tmp_path / "floors.toml")
    assert again == found
    assert again["web"]["floors"] == {"web.title": 0.7}
    assert again["sample"]["web"]["floors"] == {"web.title": 0.6}
    assert again["lowered"][0]["reason"] == "a suffix is “kept”\nnow"


def test_baselines_have_no_floor_and_the_speed_has_slack_and_none_in_the_sample() -> None:
    found = Scored({"web.speed": 0.5, "baseline.trafilatura.web.title": 0.9}, size=1, digest="ab")
    assert floors.held(found, sample=False) == {"web.speed": 0.4}
    assert floors.held(found, sample=True) == {}


def test_table_puts_the_baselines_beside_the_figures() -> None:
    found = Scored({"web.title": 0.5, "web.empty": 3, "baseline.trafilatura.web.title": 0.25}, size=1, digest="ab")
    assert report.table(found, {"web.title": 0.4}).split("\n")[2:] == [
        f"| `web.title` | 0.500 | 0.250 | 0.400 | {report.MEANINGS['web.title']} |",
        f"| `web.empty` | 3 |  |  | {report.MEANINGS['web.empty']} |",
    ]
