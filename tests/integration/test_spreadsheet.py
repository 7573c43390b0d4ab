"""Exports in LibreOffice, where it is installed: `make deep`."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import uuid
from pathlib import Path

import pytest

from tests.deep import DEEP
from tests.integration.conftest import Deployment

OFFICE = shutil.which("soffice")
AS_CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1"  # commas, double quotes, UTF-8
TEXT = """=Ropeway Opens {mark}

BERGEN (AP) - "The ropeway costs $3 million, which is a lot," said Ingrid Solheim, the mayor of Bergen, on Monday.

"We waited; it was worth it," said Tor Nygaard, the engineer.
"""


def rows(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


@pytest.mark.skipif(OFFICE is None or not DEEP, reason="LibreOffice is not installed, or this is not `make deep`")
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_libreoffice_reads_the_rows_that_were_exported(deployment: Deployment, tmp_path: Path, kind: str) -> None:
    mark = f"ropeway-{uuid.uuid4().hex[:8]}"
    deployment.final(deployment.post(TEXT.format(mark=mark), collection=mark)["id"])
    asked = {"rows": "quotes", "collection": mark}
    exported = {
        name: deployment.http.get("/v1/export", params={**asked, "format": name}).content for name in ("csv", "xlsx")
    }
    (tmp_path / f"in.{kind}").write_bytes(exported[kind])
    reading = ["--infilter=CSV:44,34,76,1"] if kind == "csv" else []
    command = [str(OFFICE), "--headless", f"-env:UserInstallation=file://{tmp_path}/profile", *reading,
               "--convert-to", AS_CSV, "--outdir", str(tmp_path / "out"), str(tmp_path / f"in.{kind}")]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    assert rows((tmp_path / "out/in.csv").read_bytes()) == rows(exported["csv"])
    assert len(rows(exported["csv"])) == 3
