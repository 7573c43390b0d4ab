"""The table of places: writing, mapping and look-ups."""

from __future__ import annotations

from pathlib import Path

import pytest

from workers.gazetteer.build import Place, write
from workers.gazetteer.table import Table, table


def test_what_is_written_is_found_by_each_of_its_names(tmp_path: Path) -> None:
    shire = Place("Brekshire", "first", "GB", 52.5, -1.25, 9_000, 7)
    town = Place("Bréktown", "city", "GB", 52.51234, -1.2, 8_000, 8, within=shire)
    shire.call("Brekshire", "own")
    town.call("Bréktown", "own")
    town.call("Brekstad", "other")
    write([shire, town], file := tmp_path / "places.bin")
    made = Table(file)
    [found] = made.named("Brekstad")
    assert found.how == "other"
    assert (found.row.name, found.row.latitude, found.row.longitude) == ("Bréktown", 52.51234, -1.2)
    assert found.row.within == shire.number
    assert made.row(shire.number).kind == "first"
    assert [each.how for each in made.named("Bréktown")] == ["own"]
    assert made.named("bréktown") == made.named("") == made.named("B" * 300) == []


def test_another_file_is_refused(tmp_path: Path) -> None:
    (file := tmp_path / "places.bin").write_bytes(b"GIF89a" + bytes(100))
    with pytest.raises(ValueError, match="make gazetteer"):
        Table(file)


@pytest.mark.parametrize(
    ("name", "kind", "country", "latitude", "longitude"),
    [
        ("Vidor", "city", "US", 30.1, -94.0),
        ("Rapides Parish", "second", "US", 31.2, -92.4),
        ("Texas", "first", "US", 31.3, -98.5),
        ("Lombardy", "first", "IT", 45.6, 9.8),
        ("Tromso", "city", "NO", 69.6, 19.0),
        ("Москва", "capital", "RU", 55.8, 37.6),
        ("Berdzor", "city", "AZ", 39.6, 46.5),
    ],
)
def test_the_package_has(name: str, kind: str, country: str, latitude: float, longitude: float) -> None:
    rows = [found.row for found in table().named(name)]
    assert any(
        (row.kind, row.country) == (kind, country)
        and abs(row.latitude - latitude) < 0.2
        and abs(row.longitude - longitude) < 0.2
        for row in rows
    )


def test_a_town_lies_in_its_county_and_state() -> None:
    [town] = [found.row for found in table().named("Vidor") if found.row.country == "US"]
    county = table().row(town.within or 0)
    assert county.name == "Orange County"
    assert table().row(county.within or 0).name == "Texas"
