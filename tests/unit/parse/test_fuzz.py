"""Broken documents in all formats: each is read or fails with a documented code, and no parser crashes."""

from __future__ import annotations

import random
from collections import Counter

from tests.deep import of
from tests.unit.parse import samples
from workers.parse import Limits, ParseError, parse
from workers.parse.codes import CODES

DOCUMENTS = of(300, 2000)
SEED = 20120310
LIMITS = Limits(seconds=10)


def mutated(data: bytes, random: random.Random) -> bytes:
    """Return the bytes with one to three faults of the kinds that disks, networks and attackers cause."""
    data = bytearray(data)
    for _ in range(random.randint(1, 3)):
        if not data:
            break
        at = random.randrange(len(data))
        kind = random.randrange(7)
        if kind == 0:
            del data[at:]
        elif kind == 1:
            for _ in range(random.choice((1, 4, 32))):
                data[random.randrange(len(data))] = random.randrange(256)
        elif kind == 2:
            del data[at : at + random.randint(1, 200)]
        elif kind == 3:
            data[at:at] = data[at : at + random.randint(1, 500)] * random.choice((1, 2, 50))
        elif kind == 4:
            data[at:at] = random.randbytes(random.randint(1, 64))
        elif kind == 5:
            data[at : at + 4] = random.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"<<<<", b"{{{{"))
        else:
            other = samples.SAMPLES[random.choice(sorted(samples.SAMPLES))]()
            data[at:] = other[random.randrange(len(other)) :]
    return bytes(data)


def test_broken_documents_end_as_an_article_or_a_documented_code():
    chance = random.Random(SEED)
    names = sorted(samples.SAMPLES)
    originals = {name: samples.SAMPLES[name]() for name in names}
    ends: Counter[str] = Counter()
    broken: list[str] = []
    for number in range(DOCUMENTS):
        name = names[number % len(names)]
        data = mutated(originals[name], chance)
        try:
            found = parse(data, limits=LIMITS)
        except ParseError as error:
            assert error.code in CODES, (name, number, error.code)
            ends[error.code] += 1
            if error.code in ("crashed", "timeout", "out_of_memory"):
                broken.append(f"{number} {name}: {error.message}")
        else:
            ends["read"] += 1
            if found.article is not None:
                for block in found.article.blocks:
                    assert 0 <= block.start < block.end <= len(found.article.text)
    assert sum(ends.values()) == DOCUMENTS
    assert ends["read"] > DOCUMENTS / 3
    assert broken == []
