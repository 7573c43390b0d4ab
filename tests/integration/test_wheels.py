"""Wheels and source distributions: they are built, complete, and work in an environment without the rest of the
project."""

from __future__ import annotations

import email
import os
import re
import shutil
import subprocess
import sys
import tarfile
import uuid
import zipfile
from pathlib import Path

import pytest

from copydesk_client import __version__
from tests.conftest import ROOT
from tests.integration.conftest import Deployment

LARGEST_CLIENT_BYTES = 30_000_000
USE = """
import asyncio, sys
from copydesk_client import AsyncCopydesk, Copydesk, Record

url, key, collection = sys.argv[1:]
with Copydesk(url, key) as desk:
    id = desk.add("Ferry order\\n\\nOSLO (North Wire) - The yard won an order of $2 million.", collection=collection)["id"]
    desk.wait([id])
    record = desk.record(id)
    assert isinstance(record, Record) and record.status == "done", record
    assert [found.id for found in desk.records(collection=collection)] == [id]
    print(record.title, record.money[0].amount, record.money[0].currency)

async def main():
    async with AsyncCopydesk(url, key) as desk:
        print((await desk.record(id)).title, [found.id async for found in desk.records(collection=collection)] == [id])

asyncio.run(main())
"""


@pytest.fixture(scope="module")
def uv() -> str:
    found = shutil.which("uv", path=f"{Path(sys.prefix).parent / '.tools/bin'}:{os.environ['PATH']}")
    if found is None:
        pytest.skip("uv is not there; `make install` puts it into .tools")
    return found


@pytest.fixture(scope="module")
def built(uv: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with wheels, each built from the source distribution beside it."""
    folder = tmp_path_factory.mktemp("dist")
    for project in ("clients/python", "."):
        command = [uv, "build", "--quiet", "--python", sys.executable, "--out-dir", folder, ROOT / project]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
        if done.returncode and re.search(r"[Ff]ailed to fetch|client error|dns error", done.stderr):
            pytest.skip("no package index answers here")
        assert done.returncode == 0, done.stderr
    return folder


def outside(**more: str) -> dict[str, str]:
    """Return the environment without anything that leads to this folder's code."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | more


def test_the_client_needs_little_and_works_from_its_wheel(
    uv: str, built: Path, tmp_path: Path, deployment: Deployment
) -> None:
    python = tmp_path / "venv/bin/python"
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, tmp_path / "venv"], check=True)
    wheel = built / f"copydesk_client-{__version__}-py3-none-any.whl"
    subprocess.run([uv, "pip", "install", "--quiet", "--python", python, wheel], check=True, timeout=120, env=outside())
    size = sum(file.lstat().st_size for file in (tmp_path / "venv").rglob("*") if not file.is_symlink())
    assert size < LARGEST_CLIENT_BYTES
    collection = f"wheel-{uuid.uuid4().hex[:8]}"
    done = subprocess.run(
        [python, "-c", USE, str(deployment.http.base_url), deployment.key, collection],
        cwd=tmp_path, env=outside(), capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.stdout == "Ferry order 2000000 USD\nFerry order True\n", done.stderr


def test_the_application_works_from_its_wheel(uv: str, built: Path, tmp_path: Path) -> None:
    """It runs with the packages that `make install` installed, but not from this folder."""
    wheels = [built / f"{name}-{__version__}-py3-none-any.whl" for name in ("copydesk", "copydesk_client")]
    subprocess.run(
        [
            uv,
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--python",
            sys.executable,
            "--target",
            tmp_path / "here",
            *wheels,
        ],
        check=True,
    )
    (tmp_path / "note.txt").write_text("Bridge closed\n\nOSLO - The bridge is closed, Anna Berg said.\n")

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", "import services.cli; services.cli.main()", *arguments], cwd=tmp_path,
            env=outside(PYTHONPATH=str(tmp_path / "here")), capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert run("--version") == f"copydesk {__version__}\n"
    assert '"title": "Bridge closed"' in run("parse", "note.txt")
    assert '"Anna Berg"' in run("enrich", "note.txt")


def test_the_wheel_has_all_that_is_no_code_and_nothing_else_of_the_project(built: Path) -> None:
    names = set(zipfile.ZipFile(built / f"copydesk-{__version__}-py3-none-any.whl").namelist())
    tracked = subprocess.run(
        ["git", "ls-files", "services", "workers"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert set(tracked.stdout.split()) <= names
    assert {name.split("/")[0] for name in names} == {"services", "workers", f"copydesk-{__version__}.dist-info"}
    assert {"services/py.typed", "workers/py.typed"} <= names


@pytest.mark.parametrize("name", ["copydesk", "copydesk_client"])
def test_wheels_say_who_they_are(built: Path, name: str) -> None:
    with zipfile.ZipFile(built / f"{name}-{__version__}-py3-none-any.whl") as wheel:
        said = email.message_from_bytes(wheel.read(f"{name}-{__version__}.dist-info/METADATA"))
        assert f"{name}-{__version__}.dist-info/licenses/LICENSE" in wheel.namelist()
    assert (said["Version"], said["License-Expression"]) == (__version__, "Apache-2.0")
    needed = [line for line in said.get_all("Requires-Dist") if "extra ==" not in line]
    if name == "copydesk_client":
        assert sorted(re.match(r"[\w-]+", line)[0] for line in needed) == ["httpx", "pydantic"]
    else:
        assert "copydesk-client" in needed
        assert set(said.get_all("Provides-Extra")) == {
            "assistants", "embedded", "oidc", "parquet", "sftp", "tracing", "worker",
        }  # fmt: skip


def test_the_source_distribution_has_licence_notice_and_client(built: Path) -> None:
    with tarfile.open(built / f"copydesk-{__version__}.tar.gz") as packed:
        names = {name.partition("/")[2] for name in packed.getnames()}
    assert {"LICENSE", "NOTICE", "README.md", "pyproject.toml", "clients/python/pyproject.toml"} <= names
    assert not {name for name in names if name.startswith(("tests", "docs"))}


def test_it_installs_as_a_tool(uv: str, tmp_path: Path) -> None:
    """As README.md says, but without the extras, which are large."""
    command = "uv tool install --overrides deploy/overrides.txt '.[embedded,worker]'"
    assert command in (ROOT / "README.md").read_text("utf-8")
    places = outside(UV_TOOL_DIR=str(tmp_path / "tools"), UV_TOOL_BIN_DIR=str(tmp_path / "bin"))
    install = [uv, "tool", "install", "--quiet", "--python", sys.executable,
               "--overrides", "deploy/overrides.txt", "."]  # fmt: skip
    done = subprocess.run(install, cwd=ROOT, env=places, capture_output=True, text=True, check=False, timeout=300)
    if done.returncode and re.search(r"[Ff]ailed to fetch|client error|dns error", done.stderr):
        pytest.skip("no package index answers here")
    assert done.returncode == 0, done.stderr
    said = subprocess.run(
        [tmp_path / "bin/copydesk", "--version"], env=places, capture_output=True, text=True, check=True
    )
    assert said.stdout == f"copydesk {__version__}\n"
