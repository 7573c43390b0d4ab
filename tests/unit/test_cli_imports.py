"""Commands load what they need and no more: who asks for help does not wait for the models."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module

import pytest

from services.cli.group import COMMANDS, load

HEAVY = (
    "spacy",
    "numpy",
    "thinc",
    "fastapi",
    "uvicorn",
    "pymongo",
    "celery",
    "redis",
    "lxml",
    "trafilatura",
    "workers",
)
RUN = f"""
import json, sys
from services.cli import main
sys.argv = ["copydesk", *json.loads(sys.argv[1])]
try:
    main()
except SystemExit:
    pass
print("loaded:", json.dumps([name for name in {HEAVY!r} if name in sys.modules]))
"""


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["ingest", "--help"],
        ["ingest", "seeds/harbour-deal.txt", "--api", "http://127.0.0.1:9"],
        ["status", "--api", "http://127.0.0.1:9"],
        ["settings"],
        ["failed", "--api", "http://127.0.0.1:9"],
    ],
)
def test_a_command_loads_nothing_heavy(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", RUN, json.dumps(arguments)], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines()[-1] == "loaded: []", done.stdout


def test_help_names_every_command_with_the_line_it_gives_of_itself() -> None:
    for name, (where, line) in COMMANDS.items():
        assert (load(name).help or "").startswith(line.rstrip(".")), f"{name}: {where}"


def test_a_part_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(f"No module named {name!r}", name="secantus")

    monkeypatch.setattr("services.cli.group.import_module", missing)
    with pytest.raises(SystemExit, match=r"copydesk up: secantus is not installed; pip install 'copydesk\[embedded\]'"):
        load("up")
    assert import_module("json")
