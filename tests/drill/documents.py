"""Make the documents of the load from the words and sentences of `seeds/`, the same for the same seed."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

SEEDS = Path(__file__).parents[2] / "seeds"
LARGE_EVERY = 25
LARGE_BYTES = 1_200_000
ALIKE_EVERY = 10

Manner = Literal["plain", "cut in the body", "cut before the answer", "sent twice"]
MANNERS: tuple[Manner, ...] = ("plain", "cut in the body", "cut before the answer", "sent twice")


@dataclass(frozen=True, slots=True)
class Document:
    """``manner`` is how its sender behaves; ``key`` its Idempotency-Key, None for one who gives none."""

    key: str | None
    data: bytes
    media_type: str
    manner: Manner

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def documents(rng: random.Random, count: int) -> Iterator[Document]:
    """Yield the documents. One in 25 is a web page of 1.2 MB, most of it not text. Three quarters of these pages, and
    three in ten of the others, are sent over a bad connection or twice. A quarter have no Idempotency-Key. One in ten
    resembles others."""
    sentences = _sentences()
    words = sorted({word for sentence in sentences for word in sentence.rstrip(".").split()})
    for number in range(count):
        title = f"Report {number} of {count}"
        mixed = [f"The {' '.join(rng.sample(words, 12))}." for _ in range(6)]
        told = sentences if number % ALIKE_EVERY == 0 else mixed
        body = "\n\n".join(" ".join(rng.sample(told, 2)) for _ in range(rng.randint(1, 3)))
        manner = rng.choices(MANNERS, (70, 10, 10, 10))[0]
        key = rng.randbytes(12).hex() if rng.random() < 0.75 else None
        if number % LARGE_EVERY == LARGE_EVERY // 2:
            filler = rng.randbytes(LARGE_BYTES // 2).hex()
            paragraphs = "".join(f"<p>{paragraph}</p>" for paragraph in body.split("\n\n"))
            page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1>{paragraphs}<!-- {filler} --></body></html>"
            yield Document(key, page.encode(), "text/html", rng.choice(MANNERS))
        else:
            yield Document(key, f"{title}\n\n{body}\n".encode(), "text/plain", manner)


def _sentences() -> list[str]:
    text = "\n".join(path.read_text() for path in sorted(SEEDS.glob("*.txt")))
    return sorted({found.strip() for found in re.findall(r"[A-Z][^.\n]{40,300}\.(?=\s)", text)})
