"""The image as it is shipped: whoever gets into it finds no root, no compiler and no installer."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator

import pytest

from tests.conftest import ROOT, need_docker

IMAGE = "copydesk-image-test"
TOOLS = ("gcc", "cc", "g++", "make", "ld", "git", "curl", "wget", "pip", "pip3", "uv", "apt-key")
Run = Callable[[str], str]


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    if not need_docker():
        pytest.skip("Docker does not answer here")
    arguments = ["--build-arg", f"PYTHON_IMAGE={os.environ['PYTHON_IMAGE']}"] if "PYTHON_IMAGE" in os.environ else []
    subprocess.run(["docker", "build", "--quiet", "--tag", IMAGE, *arguments, "."], cwd=ROOT, check=True, timeout=900)

    def shell(command: str) -> str:
        confined = ["--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--network", "none"]
        done = subprocess.run(
            ["docker", "run", "--rm", *confined, IMAGE, "sh", "-c", command], capture_output=True, text=True, check=False,
            timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    yield shell
    subprocess.run(["docker", "image", "rm", "--force", IMAGE], check=False, capture_output=True)


def test_it_runs_as_a_user_without_rights(run: Run) -> None:
    assert run("id -u; id -g").split() == ["10001", "10001"]
    assert run("find /opt/copydesk /app -writable -not -type l | head") == ""


def test_it_has_no_compiler_and_no_installer(run: Run) -> None:
    assert run(f"for tool in {' '.join(TOOLS)}; do command -v $tool; done; true") == ""
    assert (
        run(
            "for python in /opt/copydesk/bin/python $(command -v python3); do $python -c 'import pip' 2>/dev/null && echo pip; done; true"
        )
        == ""
    )


def test_it_has_everything_it_needs_to_read_a_document(run: Run) -> None:
    assert '"title": "Bridge closed"' in run(r"printf 'Bridge closed\n\nThe bridge is closed.' | copydesk parse -")
    assert run("python -c 'import opentelemetry.sdk, workers.tasks; print(1)'") == "1"
