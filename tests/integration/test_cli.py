"""The command line against a running API, and the embedded stack."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import uuid
import zipfile
from pathlib import Path

import httpx
import pytest
import redis
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from tests.conftest import ROOT
from tests.integration.conftest import COPYDESK, Deployment, eventually


def run(
    *arguments: str, stdin: str = "", api: Deployment | None = None, key: str = "", timeout: float = 240
) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "COLUMNS": "200"}
    if api:
        environment |= {"COPYDESK_API_URL": str(api.http.base_url), "COPYDESK_API_KEY": key or api.key}
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
    first = run("ingest", str(tmp_path), "--collection", "cli", api=deployment)
    assert first.returncode == 0, first.stdout + first.stderr
    assert "accepted" in first.stdout
    assert deployment.db.documents.count_documents({"source.collection": "cli", "status": "done"}) == 5
    again = run("ingest", str(tmp_path), "--collection", "cli", api=deployment)
    assert again.returncode == 0
    assert "already there" in again.stdout
    assert deployment.db.documents.count_documents({"source.collection": "cli"}) == 5


def test_ingest_counts_what_archives_hold_and_links_to_the_console(deployment: Deployment, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "night.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for n in range(3):
            archive.writestr(f"in/{n}.txt", f"Crane {n} Sold\n\nRIGA (Baltic Wire) - It was sold. {uuid.uuid4()}.")
        archive.writestr("in/torn.pdf", b"%PDF-1.4 torn " * 9)
    done = run("ingest", str(tmp_path / "night.zip"), "--collection", "archives", api=deployment)
    rows = {
        cells[1].strip(): cells[2].strip() for line in done.stdout.splitlines() if len(cells := line.split("│")) > 2
    }
    assert rows == {"accepted": "1", "inside archives": "4", "done": "4", "failed": "1"}
    assert "night.zip: in/torn.pdf: " in done.stdout
    assert f"{deployment.http.base_url}/search?collection=archives".replace("//search", "/search") in done.stdout


def test_a_missing_server_or_a_wrong_key_is_told_once(deployment: Deployment, tmp_path: Path) -> None:
    for n in range(30):
        (tmp_path / f"{n}.txt").write_text(f"Note {n}")
    for done in (run("ingest", str(tmp_path), "--api", "http://127.0.0.1:1"),
                 run("ingest", str(tmp_path), api=deployment, key=f"cd_{'0' * 12}_{'0' * 64}")):  # fmt: skip
        assert done.returncode == 1
        assert done.stderr.startswith("copydesk: ")
        assert done.stderr.count("\n") == 1
        assert ".txt" not in done.stdout


def test_an_interrupted_ingest_says_what_goes_on(deployment: Deployment, tmp_path: Path) -> None:
    for n in range(400):
        (tmp_path / f"{n}.txt").write_text(f"Note {n} {uuid.uuid4()}")
    environment = {**os.environ, "COPYDESK_API_URL": str(deployment.http.base_url), "COPYDESK_API_KEY": deployment.key}
    sending = subprocess.Popen(
        ["env", "--default-signal=INT", COPYDESK, "ingest", str(tmp_path), "--collection", "stopped"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip
    eventually(lambda: deployment.db.documents.find_one({"source.collection": "stopped"}), "a document was sent")
    sending.send_signal(signal.SIGINT)
    said, wrong = sending.communicate(timeout=60)
    assert (sending.returncode, wrong) == (130, "")
    assert "Copydesk continues to process them; run the same command to send the rest" in " ".join(said.split())


def test_a_closed_pipe_is_no_mistake(deployment: Deployment) -> None:
    for n in range(3):
        deployment.post(f"Note {n} {uuid.uuid4()}\n\n" + "Words about a crane. " * 3000)
    environment = {**os.environ, "COPYDESK_API_URL": str(deployment.http.base_url), "COPYDESK_API_KEY": deployment.key}
    done = subprocess.run(
        ["bash", "-c", f"'{COPYDESK}' export | head -c 5"], capture_output=True, text=True, timeout=60, env=environment, check=False
    )  # fmt: skip
    assert (len(done.stdout), done.stderr) == (5, "")


def test_ingest_takes_ndjson_and_reports_what_was_refused(deployment: Deployment) -> None:
    lines = [json.dumps({"text": f"Note {uuid.uuid4()}"}), "", json.dumps({"txt": "typo"})]
    done = run("ingest", "-", stdin="\n".join(lines), api=deployment)
    assert done.returncode == 1
    assert "line 3: The request is not valid: txt" in done.stdout


def test_failed_documents_are_listed_by_reason_and_taken_up_again(deployment: Deployment) -> None:
    ids = [deployment.post(b"%PDF-1.7 " + uuid.uuid4().bytes)["id"] for _ in range(2)]
    reason = deployment.final(ids[0])["error"]["code"]
    assert deployment.final(ids[1])["error"]["code"] == reason
    rows = [json.loads(line) for line in run("failed", "--code", reason, api=deployment).stdout.splitlines()]
    assert set(ids) <= {row["id"] for row in rows}
    assert {row["code"] for row in rows} == {reason}
    assert json.loads(run("failed", "--count", api=deployment).stdout)["code"][reason] == len(rows)

    good = deployment.post(f"Fine\n\nWords {uuid.uuid4()}.")["id"]
    finished = {id: deployment.final(id)["processing"]["finished_at"] for id in [*ids, good]}
    partly = run("retry", ids[0], good, api=deployment)
    assert (partly.returncode, partly.stdout) == (1, "1 queued\n"), partly.stderr
    all_ = run("retry", "--code", reason, api=deployment)
    assert all_.returncode == 0, all_.stderr
    for id in ids:
        eventually(lambda: deployment.final(id)["processing"]["finished_at"] > finished[id], f"{id} tried again")  # noqa: B023
        assert deployment.final(id)["error"]["code"] == reason
    assert deployment.final(good)["processing"]["finished_at"] == finished[good]


def test_mistakes_are_told_in_one_line() -> None:
    for arguments in (("ingest", "no-such-file"), ("show", "0" * 24, "--api", "http://127.0.0.1:1")):
        done = run(*arguments)
        assert done.returncode == 1
        assert done.stderr.startswith("copydesk: ")
        assert done.stderr.count("\n") == 1


def test_status_names_the_parts(deployment: Deployment) -> None:
    done = run("status", api=deployment)
    assert done.returncode == 0
    assert json.loads(done.stdout)["parts"] == {"mongo": "ok", "redis": "ok"}


def test_show_gives_the_record_to_a_pipe(deployment: Deployment) -> None:
    id = deployment.post(f"A tram returns\n\nLODZ, Poland - It returned on Monday. {uuid.uuid4()}")["id"]
    deployment.final(id)
    record = json.loads(run("show", id, api=deployment).stdout)
    assert record["id"] == id
    assert record["dateline"]["places"] == ["Lodz"]


def test_a_key_is_made_used_listed_and_revoked(deployment: Deployment) -> None:
    made = run(
        "keys", "create", "night desk", "--scope", "read", "--collection", "wire-*", "--days", "30", api=deployment
    )
    assert made.returncode == 0, made.stderr
    key = made.stdout.strip()
    id = key.split("_")[1]
    listed = run("keys", "list", api=deployment).stdout
    assert any({id, "night", "wire-*"} <= set(line.split()) for line in listed.splitlines())
    assert key not in listed
    assert run("status", api=deployment, key=key).returncode == 0
    assert run("keys", "revoke", id, api=deployment).returncode == 0
    for arguments in (("status",), ("keys", "list")):
        refused = run(*arguments, api=deployment, key=key)
        assert refused.returncode == 1
        assert refused.stderr.startswith("copydesk: The API key is not valid")
        assert refused.stderr.count("\n") == 1


def _servers_ask_for_passwords(said: str, data: Path, pid: int) -> None:
    """Check that the servers require passwords, that no process shows one on its command line, and that only the owner
    can read the file with them."""
    assert (data / "passwords.json").stat().st_mode & 0o777 == 0o600
    passwords = json.loads((data / "passwords.json").read_text())
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    commands = "".join(Path(f"/proc/{child}/cmdline").read_text() for child in children)
    assert "secantusd-py" in commands and not [one for one in passwords.values() if one in commands]
    address = re.search(r"mongosh '(mongodb://reader@\S+)'", said)
    port = re.search(r" 127\.0\.0\.1:(\d+)", commands)  # Valkey's title
    assert address is not None and port is not None, said
    with (
        MongoClient(address[1], password=passwords["reader"]) as known,
        MongoClient(address[1].replace("reader@", "")) as other,
    ):
        assert known.copydesk.documents.count_documents({}) == 0
        for refused in (known.copydesk.documents.drop, other.copydesk.documents.find_one):
            with pytest.raises(OperationFailure):
                refused()
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(port=int(port[1])).ping()
    assert redis.Redis(port=int(port[1]), password=passwords["redis"]).ping()


def test_with_keys_the_first_start_gives_one_and_the_second_none(tmp_path: Path) -> None:
    """The first start shows a key once; it opens the API and the console."""
    # nothing is read: the language that is quickest to load
    keyed = {**os.environ, "COPYDESK_AUTH": "true", "COPYDESK_ENRICH_LANGUAGES": "ru"}
    arguments = [COPYDESK, "up", "--port", "0", "--data", str(tmp_path / "data"), "--workers", "1"]
    said = []
    for _ in range(2):
        with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, env=keyed, cwd=ROOT) as running:
            assert running.stdout is not None
            lines = []
            for line in running.stdout:
                lines.append(line)
                if line.startswith("Running until"):
                    break
            try:
                found = "".join(lines)
                url = re.search(r"http://127\.0\.0\.1:\d+", found)
                assert url is not None, found
                if not said:
                    key = re.search(r"^  (cd_\S+)$", found, re.MULTILINE)
                    assert key is not None, found
                    headers = {"Authorization": f"Bearer {key[1]}"}
                    assert httpx.get(f"{url[0]}/v1/documents").status_code == 401
                    assert httpx.get(f"{url[0]}/v1/documents", headers=headers).status_code == 200
                    login = httpx.post(f"{url[0]}/login", data={"key": key[1]}, headers={"Origin": url[0]})
                    assert login.status_code == 303 and "set-cookie" in login.headers
                    _servers_ask_for_passwords(found, tmp_path / "data", running.pid)
                said.append(found)
            finally:  # otherwise a failure above would wait for it for ever
                running.send_signal(signal.SIGINT)
                running.wait(timeout=60)
    assert "cd_" not in said[1] and "keys create" in said[1]
