"""The command line against a running API, and the embedded stack."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from pathlib import Path

from tests.conftest import ROOT
from tests.integration.conftest import Deployment

COPYDESK = str(Path(sys.executable).parent / "copydesk")


def run(*arguments: str, stdin: str = "", api: str = "", timeout: float = 240) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "COLUMNS": "200", **({"COPYDESK_API_URL": api} if api else {})}
    return subprocess.run(
        [COPYDESK, *arguments], input=stdin, capture_output=True, text=True, timeout=timeout, env=environment, cwd=ROOT,
        check=False,
    )  # fmt: skip


def test_ingest_sends_a_folder_once(deployment: Deployment, tmp_path: Path) -> None:
    for n in range(5):
        (tmp_path / "sub").mkdir(exist_ok=True)
        (tmp_path / "sub" / f"{n}.txt").write_text(
            f"Bridge {n} Opens\n\nRIGA (Baltic Wire) - It opened. {uuid.uuid4()}."
        )
    api = str(deployment.http.base_url)
    first = run("ingest", str(tmp_path), "--collection", "cli", api=api)
    assert first.returncode == 0, first.stdout + first.stderr
    assert "accepted" in first.stdout
    assert deployment.db.documents.count_documents({"source.collection": "cli", "status": "done"}) == 5
    again = run("ingest", str(tmp_path), "--collection", "cli", api=api)
    assert again.returncode == 0
    assert "already there" in again.stdout
    assert deployment.db.documents.count_documents({"source.collection": "cli"}) == 5


def test_ingest_takes_ndjson_and_reports_what_was_refused(deployment: Deployment) -> None:
    lines = [json.dumps({"text": f"Note {uuid.uuid4()}"}), "", json.dumps({"txt": "typo"})]
    done = run("ingest", "-", stdin="\n".join(lines), api=str(deployment.http.base_url))
    assert done.returncode == 1
    assert "line 3: The request is not valid: txt" in done.stdout


def test_mistakes_are_told_in_one_line() -> None:
    for arguments in (("ingest", "no-such-file"), ("show", "0" * 24, "--api", "http://127.0.0.1:1")):
        done = run(*arguments)
        assert done.returncode == 1
        assert done.stderr.startswith("copydesk: ")
        assert done.stderr.count("\n") == 1


def test_status_names_the_parts(deployment: Deployment) -> None:
    done = run("status", api=str(deployment.http.base_url))
    assert done.returncode == 0
    assert "mongo: ok" in done.stdout
    assert "redis: ok" in done.stdout


def test_the_demo_ends_well_and_keeps_its_data(tmp_path: Path) -> None:
    arguments = ("demo", "seeds", "--once", "--port", "0", "--data", str(tmp_path / "data"), "--workers", "1")
    first = run(*arguments)
    assert first.returncode == 0, first.stdout + first.stderr
    assert "Ingrid Solheim" in first.stdout
    again = run(*arguments)
    assert again.returncode == 0
    assert "already there" in again.stdout
