"""Learn the weights by which the blocks of a page are judged, and write them to ``workers/parse/web/weights.npz``.

``python -m tests.real.weights`` reads the development pages of WCXB; of those taken for articles, the weights also see
what the rules chose. A block counts as content if more than half of its runs of four words are in the text that the
benchmark expects. The trees are learned from half of the pages; the results are printed for the other half, by type of
page.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from tests.real.frame import root
from tests.real.sets.web import Gold, f1_of_words, gold_of, is_learned
from workers.parse.encoding import charset_in, decode
from workers.parse.web.page import open_page, read_body
from workers.parse.web.title import find_title
from workers.parse.web.weigh import LEVELS, WEIGHTS, likeliest, weigh

_RUN = 4  # words
_MOST = 60  # maximum words of a block that count, so that a long one does not outweigh its page
_TREES, _LEAVES = 100, 24
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Lesson:
    """A page that is judged by the weights: the numbers of its blocks, which are content, their texts and words."""

    name: str
    gold: Gold
    rows: Any
    content: Any
    sizes: Any
    texts: tuple[str, ...]


def lesson(path: Path) -> Lesson | None:
    """Read a page as the parser does, and mark its blocks; return None if it has none."""
    name = path.name.removesuffix(".html.gz")
    gold = gold_of(path.parent.parent / "ground-truth" / f"{name}.json")
    data = gzip.decompress(path.read_bytes())
    opened = open_page(decode(data, charset_in(data, "text/html"))[0])
    if opened is None or not opened.blocks:
        return None
    told = _WORD.findall(gold.text.lower())
    runs = {size: set(_runs(told, size)) for size in range(1, _RUN + 1)}
    owns = [_WORD.findall(block.text.lower()) for block in opened.blocks]
    content = np.array([_is_in(own, runs) for own in owns])
    sizes = np.array([len(own) for own in owns])
    body = read_body(opened, find_title(opened.page)) if opened.kind.name == "article" else None
    rows = opened.traits(body).astype(np.float32)
    return Lesson(name, gold, rows, content, sizes, tuple(block.text for block in opened.blocks))


def _runs(told: Sequence[str], size: int) -> list[tuple[str, ...]]:
    return [tuple(told[at : at + size]) for at in range(len(told) - size + 1)]


def _is_in(own: list[str], runs: dict[int, set[tuple[str, ...]]]) -> bool:
    parts = _runs(own, min(_RUN, len(own))) if own else []
    return 2 * sum(part in runs[len(part)] for part in parts) > len(parts)


def learn(lessons: list[Lesson]) -> dict[str, Any]:
    """Return the trees as ``weigh`` reads them. Each page weighs the same, each block by its words."""
    weights = [np.minimum(each.sizes, _MOST) + 1 for each in lessons]
    model = HistGradientBoostingClassifier(
        max_iter=_TREES, max_leaf_nodes=_LEAVES, max_depth=LEVELS, learning_rate=0.1, min_samples_leaf=60,
        l2_regularization=1.0, early_stopping=False, random_state=0,
    )  # fmt: skip
    model.fit(
        np.vstack([each.rows for each in lessons]),
        np.concatenate([each.content for each in lessons]),
        sample_weight=np.concatenate([100 * each / each.sum() for each in weights]),
    )
    return _stored(model)


def _stored(model: Any) -> dict[str, Any]:
    parts: dict[str, list[Any]] = {name: [] for name in ("columns", "thresholds", "values", "yes", "no")}
    roots, count = [], 0
    for (tree,) in model._predictors:
        nodes, own = tree.nodes, np.arange(count, count + len(tree.nodes))
        leaf = nodes["is_leaf"].astype(bool)
        parts["columns"].append(np.where(leaf, 0, nodes["feature_idx"]).astype(np.int16))
        parts["thresholds"].append(np.where(leaf, 0, nodes["num_threshold"]).astype(np.float32))
        parts["values"].append(np.where(leaf, nodes["value"], 0).astype(np.float32))
        parts["yes"].append(np.where(leaf, own, count + nodes["left"].astype(int)).astype(np.int32))
        parts["no"].append(np.where(leaf, own, count + nodes["right"].astype(int)).astype(np.int32))
        roots.append(count)
        count += len(nodes)
    forest = {name: np.concatenate(part) for name, part in parts.items()}
    return forest | {"roots": np.array(roots, np.int32), "base": np.float32(np.ravel(model._baseline_prediction)[0])}


def f1_of(each: Lesson) -> float:
    """Return the F1 of the weights on disk for a page."""
    chosen, _ = likeliest(weigh(each.rows), each.sizes)
    return f1_of_words("\n".join(dict.fromkeys(each.texts[at] for at in chosen)), each.gold.text)


def main() -> None:
    """Read the pages, learn from half of them, write the weights, and print the results on the others."""
    paths = sorted((root() / "web" / "wcxb-dev" / "html").glob("*.html.gz"))
    with ProcessPoolExecutor(2) as pool:
        lessons = [each for each in pool.map(lesson, paths, chunksize=8) if each is not None]

    forest = learn([each for each in lessons if is_learned(each.name)])
    np.savez_compressed(WEIGHTS, **forest)
    others: dict[str, list[float]] = {}
    for each in lessons:
        if not is_learned(each.name):
            others.setdefault(each.gold.kind, []).append(f1_of(each))
    for kind, scores in sorted(others.items()):
        print(f"{kind}: {fmean(scores):.3f} ({len(scores)} pages)")
    print(f"all: {fmean(score for scores in others.values() for score in scores):.3f}")


if __name__ == "__main__":
    main()
