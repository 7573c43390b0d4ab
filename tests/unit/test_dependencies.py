"""What `pip` would install: the lock files as an auditor reads them. `make audit` asks for known vulnerabilities."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent.parent
LOCKS = ("requirements.lock", "requirements-dev.lock")
OURS = {"copydesk", "services", "workers", "tests", "seeds"}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


@cache
def entries(lock: str) -> dict[str, tuple[Requirement, int]]:
    """The requirements of a lock file by name, each with how many hashes it has."""
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
    named = [*project["dependencies"], *project["optional-dependencies"]["tracing"]]
    if lock == "requirements-dev.lock":
        named += PROJECT["dependency-groups"]["dev"]
    return [Requirement(one) for one in named]


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_pinned_and_hashed(lock: str) -> None:
    assert len(entries(lock)) > 50
    for name, (requirement, hashes) in entries(lock).items():
        assert re.fullmatch(r"==[^*,]+", str(requirement.specifier)), name
        assert hashes, name


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_comes_from_the_one_index_by_name(lock: str) -> None:
    """No second index that could answer in place of the first, no address, no name that is one of ours."""
    assert not [line for line in (ROOT / lock).read_text().splitlines() if line.startswith("-")]
    for requirement, _ in entries(lock).values():
        assert requirement.url is None
    assert not OURS & entries(lock).keys()
    for file in ("Dockerfile", "Makefile", "pyproject.toml"):
        assert not re.search(
            r"index-url|find-links|trusted-host|\[\[?tool\.uv\.(index|sources)", (ROOT / file).read_text()
        )


@pytest.mark.parametrize("lock", LOCKS)
def test_what_pyproject_asks_for_is_what_is_locked(lock: str) -> None:
    locked = entries(lock)
    for requirement in direct(lock):
        pinned = locked[canonicalize_name(requirement.name)][0]
        version = str(pinned.specifier).removeprefix("==")
        assert requirement.specifier.contains(version, prereleases=True), f"{requirement}: {version}; run `make lock`"


def test_tests_run_with_the_versions_of_the_image() -> None:
    image, dev = (entries(lock) for lock in LOCKS)
    assert {name: str(dev[name][0]) for name in image} == {name: str(one) for name, (one, _) in image.items()}


def test_make_lock_would_change_nothing(tmp_path: Path) -> None:
    """Also that every pinned version is still offered: one that was withdrawn is resolved to another."""
    if not (ROOT / ".tools/bin/uv").exists():
        pytest.skip("uv is not in .tools; `make install` puts it there")
    for file in ("Makefile", "README.md", "pyproject.toml", *LOCKS):
        shutil.copy(ROOT / file, tmp_path)
    (tmp_path / ".tools").symlink_to(ROOT / ".tools")
    done = subprocess.run(["make", "lock"], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300)
    if done.returncode and re.search(r"[Ff]ailed to fetch|client error|dns error", done.stderr):
        pytest.skip("no package index answers here")
    assert done.returncode == 0, done.stderr
    for lock in LOCKS:
        assert (tmp_path / lock).read_text() == (ROOT / lock).read_text(), f"{lock}: run `make lock`"


def test_the_image_is_built_of_hashed_wheels_alone() -> None:
    installs = [
        line for line in (ROOT / "Dockerfile").read_text().splitlines() if "requirements.lock" in line and "pip" in line
    ]
    assert len(installs) == 1
    assert {"--require-hashes", "--only-binary"} <= set(installs[0].split())
