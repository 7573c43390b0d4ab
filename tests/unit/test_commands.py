"""`copydesk parse` and `copydesk enrich`, which need no server."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
COPYDESK = str(Path(sys.executable).parent / "copydesk")


def run(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([COPYDESK, *arguments], input=stdin, capture_output=True, check=False, cwd=ROOT, timeout=120)


def test_it_says_which_version_it_is() -> None:
    assert run("--version").stdout.decode() == f"copydesk {version('copydesk')}\n"


def test_parse_prints_the_article() -> None:
    article = json.loads(run("parse", "seeds/harbour-deal.txt").stdout)["article"]
    assert article["code"] == "7145"
    assert "entities" not in article


def test_enrich_prints_what_it_is_about() -> None:
    found = json.loads(run("enrich", "seeds/harbour-deal.txt").stdout)
    assert found["code"] == "7145"
    assert {"Ingrid Solheim"} <= {entity["name"] for entity in found["entities"]}
    assert {money["amount"] for money in found["money"]} == {"2400000000"}
    assert found["processing"]["models"]


def test_standard_input_and_mistakes() -> None:
    assert json.loads(run("parse", "-", stdin=b"Bridge closed\n\nThe bridge is closed.").stdout)["article"]["title"]
    for arguments, stdin in ((("parse", "no-such-file"), b""), (("enrich", "-"), b"")):
        done = run(*arguments, stdin=stdin)
        assert done.returncode == 1
        assert done.stderr.startswith(b"copydesk: ")
        assert done.stderr.count(b"\n") == 1
