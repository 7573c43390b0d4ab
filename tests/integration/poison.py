"""A stage that replaces the last one and does what a text tells it to do."""

from __future__ import annotations

import os
import re
import signal
import time
from pathlib import Path

from workers.enrich.base import Reading
from workers.enrich.whole import terms


def stage(reading: Reading) -> list[str]:
    text = reading.article.text
    if "segfault" in text:
        os.kill(os.getpid(), signal.SIGSEGV)
    if "vanish" in text:
        os.kill(os.getpid(), signal.SIGKILL)  # as the kernel does when memory runs out
    if "gorge" in text:
        held = []
        while True:
            held.append(bytearray(64 * 1024 * 1024))
    while "spin" in text:
        pass
    while "dawdle" in text:
        time.sleep(0.01)
    while "cling" in text:
        try:
            time.sleep(60)
        except Exception:
            continue
    if wanted := re.search(r"hold (\S+)", text):
        while Path(wanted[1]).exists():
            time.sleep(0.05)
    if "stumble" in text:
        raise ZeroDivisionError("a secret of the document")
    return list(terms.STAGE.run(reading))
