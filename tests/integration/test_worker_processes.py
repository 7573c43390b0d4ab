"""A worker process is replaced after a number of messages, and waiting documents are not affected."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

from tests.conftest import make_settings
from tests.integration.conftest import Deployment, eventually
from tests.integration.test_priority import TEXT
from workers.heartbeat import Heartbeat

DOCUMENTS, TASKS = 7, 2


def test_worker_processes_are_replaced_and_every_document_is_done_at_its_first_attempt(idle: Deployment) -> None:
    idle.kill("scheduler")  # its tasks count, too: a process that is replaced every other one would do little else
    line = f"aged-{uuid.uuid4().hex}"
    ids = [idle.post(TEXT.format(n=n, line=line), collection=line)["id"] for n in range(DOCUMENTS)]
    settings = {"COPYDESK_WORKER_MAX_TASKS_PER_CHILD": str(TASKS), "COPYDESK_BATCH_DOCUMENTS": "1"}
    idle.start_worker("aged", settings, concurrency=1)
    try:
        worker = idle.processes["aged"].pid
        seen: set[str] = set()

        def done() -> bool:
            seen.update(Path(f"/proc/{worker}/task/{worker}/children").read_text().split())
            return idle.db.documents.count_documents({"source.collection": line, "status": "done"}) == DOCUMENTS

        eventually(done, "all documents done")
        records = [idle.final(id) for id in ids]
        assert {record["processing"]["attempts"] for record in records} == {1}
        assert len(seen) > 2, "no process was replaced"
    finally:
        idle.kill("aged")
        idle.start_scheduler()


def test_a_process_that_is_being_started_keeps_no_other_from_its_heartbeat(deployment: Deployment) -> None:
    heart = Heartbeat(lambda: [None, os.getpid()], make_settings(deployment.environment))
    try:
        eventually(lambda: deployment.db.workers.find_one({"processes": os.getpid()}), "a heartbeat", seconds=20)
    finally:
        heart.stop()
