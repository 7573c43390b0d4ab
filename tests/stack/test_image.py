"""The images as they are shipped: somebody who breaks into one finds no root, no compiler and no installer."""

from __future__ import annotations

import base64
import os
import subprocess
from collections.abc import Callable, Iterator

import pytest

from tests.conftest import ROOT, need_docker
from tests.unit.parse import office, pictures, samples

NAME = f"copydesk-image-test-{os.getpid()}"
TOOLS = ("gcc", "cc", "g++", "make", "ld", "git", "curl", "wget", "pip", "pip3", "uv", "apt-key")
LARGEST_API_BYTES = 350_000_000
Run = Callable[[str], str]


def build(target: str) -> str:
    """Build one of the two images; returns its name."""
    if not need_docker():
        pytest.skip("Docker does not answer here")
    arguments = ["--build-arg", f"PYTHON_IMAGE={os.environ['PYTHON_IMAGE']}"] if "PYTHON_IMAGE" in os.environ else []
    image = f"{NAME}-{target}"
    command = ["docker", "build", "--quiet", "--target", target, "--tag", image, *arguments, "."]
    subprocess.run(command, cwd=ROOT, check=True, timeout=900)
    return image


def shell_in(image: str) -> Run:
    def shell(command: str) -> str:
        confined = ["--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--network", "none"]
        done = subprocess.run(
            ["docker", "run", "--rm", *confined, image, "sh", "-c", command], capture_output=True, text=True, check=False,
            timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return shell


@pytest.fixture(scope="module")
def images() -> Iterator[dict[str, str]]:
    built = {target: build(target) for target in ("api", "worker")}
    yield built
    subprocess.run(["docker", "image", "rm", "--force", *built.values()], check=False, capture_output=True)


@pytest.fixture(params=["api", "worker"])
def run(request: pytest.FixtureRequest, images: dict[str, str]) -> Run:
    return shell_in(images[request.param])


@pytest.fixture
def run_api(images: dict[str, str]) -> Run:
    return shell_in(images["api"])


@pytest.fixture
def run_worker(images: dict[str, str]) -> Run:
    return shell_in(images["worker"])


def test_they_run_as_a_user_without_rights(run: Run) -> None:
    assert run("id -u; id -g").split() == ["10001", "10001"]
    assert run("find /opt/copydesk /app -writable -not -type l | head") == ""


def test_they_have_no_compiler_and_no_installer(run: Run) -> None:
    assert run(f"for tool in {' '.join(TOOLS)}; do command -v $tool; done; true") == ""
    pythons = "/opt/copydesk/bin/python $(command -v python3)"
    assert run(f"for python in {pythons}; do $python -c 'import pip' 2>/dev/null && echo pip; done; true") == ""


def test_that_of_the_workers_has_everything_it_needs_to_read_a_document(run_worker: Run) -> None:
    assert '"title": "Bridge closed"' in run_worker(
        r"printf 'Bridge closed\n\nThe bridge is closed.' | copydesk parse -"
    )
    assert run_worker("python -c 'import opentelemetry.sdk, workers.tasks; print(1)'") == "1"


@pytest.mark.parametrize(
    ("name", "title"),
    [("xlsx", office.SHEET_TITLE), ("xls", office.SHEET_TITLE), ("pptx", office.DECK), ("doc", samples.TITLE), ("photo", pictures.HEADLINE)],
)  # fmt: skip
def test_that_of_the_workers_reads_office_files_and_photos(run_worker: Run, name: str, title: str) -> None:
    data = base64.b64encode(samples.SAMPLES[name]()).decode()
    assert f'"title": "{title}"' in run_worker(f"printf {data} | base64 -d | copydesk parse -")


def test_that_of_the_api_is_small_and_has_everything_but_what_reads(run_api: Run, images: dict[str, str]) -> None:
    said = subprocess.run(
        ["docker", "image", "inspect", "--format", "{{.Size}}", images["api"]],
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(said.stdout) <= LARGEST_API_BYTES
    assert "copydesk[worker]" in run_api("copydesk parse - 2>&1 < /dev/null || true")
    assert run_api("copydesk --help | grep -c ingest") == "1"
    imports = "import obstore, opentelemetry.sdk, services.app"
    assert run_api(f"python -c '{imports}; print(services.app.create_app().title)'") == "Copydesk"
    # of Babel's data only English is there, and the console needs no other
    asked = "words.direction('fa'), words.direction('pa-PK'), words.language('ru'), words.country('NO')"
    assert run_api(f'python -c "from services.console import words; print(*({asked}))"') == "rtl rtl Russian Norway"


def test_nothing_of_the_embedded_servers_is_in_them(run: Run) -> None:
    """SecantusDB is GPL-2.0."""
    assert run("find /opt/copydesk -iname '*secantus*' -o -iname '*valkey*' | grep -v 'services/' || true") == ""
