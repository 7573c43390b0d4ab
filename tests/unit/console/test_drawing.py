"""The drawing of a network."""

from __future__ import annotations

from services.console.drawing import HEIGHT, MOST, WIDTH, spokes


def test_the_most_connected_are_drawn_within_the_picture() -> None:
    nodes = [{"id": str(at), "name": "N" * 40, "type": "PERSON"} for at in range(20)]
    edges = [{"source": "0", "target": str(at), "relation": "in_story", "count": at} for at in range(1, 20)]
    edges.append({"source": "19", "target": "0", "relation": "said_of", "count": 1})
    found = spokes("0", nodes, edges)
    assert len(found) == MOST
    assert found[0].lines == {"in_story": 6.0, "said_of": 1.3}
    for one in found:
        assert 0 < one.x < WIDTH
        assert 0 < one.text_y < HEIGHT
        assert len(one.name) < 30


def test_nobody_is_drawn_without_relations() -> None:
    assert spokes("0", [{"id": "0", "name": "Ana Ruiz", "type": "PERSON"}], []) == []
