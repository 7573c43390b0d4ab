"""A TypeScript client made from the OpenAPI document: it compiles under `--strict` and works on a running API."""

from __future__ import annotations

import shutil
import subprocess
import uuid
from pathlib import Path

import pytest

from tests.integration.conftest import Deployment

FOLDER = Path(__file__).parent / "typescript"
COMPILE = ["--strict", "--skipLibCheck", "--module", "esnext", "--moduleResolution", "bundler", "--target", "es2022"]


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture(scope="module")
def project(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the compiler, a program that uses the API, and types generated from the OpenAPI document."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    folder = tmp_path_factory.mktemp("typescript")
    for name in ("package.json", "desk.ts"):
        shutil.copy(FOLDER / name, folder)
    options = ("--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts")
    installed = run(folder, "npm", "install", *options)
    if any(code in installed.stderr for code in ("ENOTFOUND", "EAI_AGAIN", "ETIMEDOUT", "ECONNREFUSED")):
        pytest.skip("no package registry answers here")
    assert installed.returncode == 0, installed.stderr
    (folder / "openapi.json").write_bytes(deployment.http.get("/openapi.json").content)
    made = run(folder, "npx", "openapi-typescript", "openapi.json", "-o", "api.d.ts")
    assert made.returncode == 0, made.stderr
    return folder


def test_a_program_that_uses_it_compiles_and_works(project: Path, deployment: Deployment) -> None:
    compiled = run(project, "npx", "tsc", "--outDir", "out", *COMPILE, "desk.ts")
    assert compiled.returncode == 0, compiled.stdout
    collection = f"typescript-{uuid.uuid4().hex[:8]}"
    done = run(project, "node", "out/desk.js", str(deployment.http.base_url), deployment.key, collection)
    assert done.stdout == "Ferry order 1\n", done.stderr


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("limit: 5", 'limit: "five"'),
        ('publisher: "North Wire"', "publisher: 7"),
        ('POST("/v1/documents"', 'POST("/v1/document"'),
    ],
)
def test_what_the_api_does_not_know_does_not_compile(project: Path, right: str, wrong: str) -> None:
    """Otherwise the types would be too loose to be useful."""
    text = (project / "desk.ts").read_text()
    assert right in text
    (project / "wrong.ts").write_text(text.replace(right, wrong))
    assert run(project, "npx", "tsc", "--noEmit", *COMPILE, "wrong.ts").returncode != 0
