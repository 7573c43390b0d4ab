"""Measure the service end to end, as `copydesk up` runs it: throughput, latency and resources."""

from __future__ import annotations

import asyncio
import math
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from bson import ObjectId
from pymongo.database import Database
from redis import Redis

from services.embedded import Stack, free_port
from services.queue import OF_DOCUMENTS, make_app
from services.settings import Settings
from services.store.client import connect
from tests.bench import processes
from tests.bench.frame import QUEUE

SENDERS = 8
TEXT = {"Content-Type": "text/plain"}
EVENTUALLY_SECONDS = 3600
SELDOM = 30
MODEL = "model"


@dataclass
class Run:
    """``seconds`` from the first POST to the last document; CPU seconds by part; stage seconds from the records."""

    documents: int
    words: int
    seconds: float
    cpu: dict[str, float]
    stages: Counter[str] = field(default_factory=Counter)
    memory_mib: list[list[float]] = field(default_factory=list)
    redis_reads: float = 0.0

    @property
    def rules_share(self) -> float:
        """The share of all stages except the model in the time of all stages, inside the workers."""
        return 1 - self.stages[MODEL] / self.stages.total()


class Service:
    """A running stack. ``first_result_seconds`` is from its start to the first document that was done."""

    def __init__(self, folder: Path, workers: int) -> None:
        self.stack = Stack(folder, api_port=0, concurrency=workers)
        began = time.monotonic()
        self.stack.start()
        self.worker = list(self.stack.children["worker"].args)
        config = Settings(mongo_url=self.stack.environment["COPYDESK_MONGO_URL"])
        self.settings = config
        self.db: Database[dict[str, Any]] = connect(config)
        self.redis = Redis.from_url(self.stack.environment["COPYDESK_REDIS_URL"])
        self.looks = 0
        self.send("Warm up\n\nLONDON (Reuters) - The editor said on Monday that it works.\n")
        self.wait(1)
        self.first_result_seconds = time.monotonic() - began

    @property
    def server(self) -> str:
        return f"{self.stack.server} for MongoDB, Valkey for Redis, here without Docker"

    def send(self, text: str, media_type: str = "text/plain", http: httpx.Client | None = None) -> str:
        """POST the text. Returns the document's id."""
        answer = (http or httpx).post(
            f"{self.stack.api_url}/v1/documents",
            content=text.encode(),
            headers={"Content-Type": media_type},
            timeout=120,
        )
        answer.raise_for_status()
        return str(answer.json()["id"])

    def stored(self) -> int:
        """Return how many documents there are, finished or not."""
        return self.db.documents.estimated_document_count()

    def wait(self, count: int) -> None:
        """Wait until this many documents are finished. Looks at the queue first, because SecantusDB reads every
        document that it counts."""
        left = self.stored() - count
        others = {"status": {"$in": ["queued", "processing"]}}
        _until(lambda: self._waiting() <= left, 0.5)
        _until(lambda: self.db.documents.count_documents(others) <= left, 0.5)

    def _waiting(self) -> int:
        """Return the number of messages in the queues, with one request."""
        self.looks += 1
        pipe = self.redis.pipeline(transaction=False)
        for name in OF_DOCUMENTS:
            pipe.llen(name)
        return sum(pipe.execute())

    def warm(self, texts: Sequence[str]) -> None:
        """Send enough documents for each worker process to build what it builds with its first ones."""
        before = self.stored()
        for text in texts:
            self.send(text)
        self.wait(before + len(texts))

    def throughput(self, texts: Sequence[str]) -> Run:
        """Send all texts as fast as they are accepted, and wait until the last is done."""
        before = self.stored()
        cpu = self._cpu()
        reads = self._reads()
        began = time.perf_counter()
        memory = []
        with ThreadPoolExecutor(SENDERS) as pool, httpx.Client() as http:
            ids = list(pool.map(lambda text: self.send(text, http), texts))
            for quarter in range(1, 5):
                self.wait(before + len(texts) * quarter // 4)
                memory.append(processes.memory_mib(self.stack.children["worker"].pid))
        seconds = time.perf_counter() - began
        used = {name: now - cpu[name] for name, now in self._cpu().items()}
        reads = self._reads() - reads
        run = Run(len(ids), 0, seconds, used, memory_mib=memory, redis_reads=reads / len(ids))
        shown = {"word_count": 1, "processing.timings_ms": 1}
        for record in self.db.documents.find({"status": "done"}, shown).sort("_id", -1).limit(len(ids)):
            run.words += record["word_count"]
            for stage, milliseconds in record["processing"]["timings_ms"].items():
                run.stages[stage] += milliseconds / 1000
        return run

    def drain(self, texts: Sequence[str], workers: int) -> float:
        """Return how many documents per second this many worker processes finish from a queue, without the first ones
        of each."""
        self.end("worker")
        ids = [ObjectId(self.send(text)) for text in texts]
        environment = {**self.stack.environment, "COPYDESK_WORKER_CONCURRENCY": str(workers)}
        self.stack.spawn("worker", self.worker, environment)
        self.wait(self.stored())
        mine = self.db.documents.find({"_id": {"$in": ids}}, {"processing.finished_at": 1})
        times = sorted(found["processing"]["finished_at"] for found in mine)
        first = self.settings.batch_documents * workers
        return (len(ids) - first) / (times[-1] - times[first - 1]).total_seconds()

    def _reads(self) -> int:
        """Return how many reads Redis served, without our own."""
        return int(self.redis.info("stats")["total_reads_processed"]) - self.looks

    def _cpu(self) -> dict[str, float]:
        return {name: processes.cpu_seconds(child.pid) for name, child in self.stack.children.items()}

    def at_rate(
        self, texts: Sequence[str], rate: float, seconds: float, bare: str
    ) -> tuple[list[float], list[float], list[float]]:
        """Send ``rate`` documents per second in an open loop. Returns the seconds of each POST, from POST to done of
        each document, and of each POST to the endpoint at ``bare``, which gets as many at the same time."""
        before = self.stored()

        async def both() -> list[list[float]]:
            urls = (f"{self.stack.api_url}/v1/documents", bare)
            return await asyncio.gather(*(open_loop(url, texts, rate, seconds, seed) for seed, url in enumerate(urls)))

        posts, beside = asyncio.run(both())
        self.wait(before + len(posts))
        done = [
            (record["processing"]["finished_at"] - record["source"]["received_at"]).total_seconds()
            for record in self.db.documents.find({"status": "done"}).sort("_id", -1).limit(len(posts))
        ]
        return posts, done, beside

    @contextmanager
    def bare_endpoint(self) -> Iterator[str]:
        """Yield the URL of a FastAPI endpoint that does one insert, on the same server."""
        port = free_port()
        command = [
            sys.executable,
            "-m",
            "uvicorn",
            "tests.bench.frame:api",
            "--port",
            str(port),
            "--log-level",
            "warning",
        ]
        self.stack.spawn("bare", command, self.stack.environment)
        self.stack.wait("bare", lambda: _answers(f"http://127.0.0.1:{port}/docs"))
        try:
            yield f"http://127.0.0.1:{port}/"
        finally:
            self.end("bare")

    def empty_tasks(self, count: int, workers: int) -> float:
        """Return the seconds for this many tasks that do nothing."""
        command = [sys.executable, "-m", "celery", "-A", "tests.bench.frame", "worker", "-Q", QUEUE,
                   "-c", str(workers), "-n", "bench@%h", "--without-gossip", "--without-mingle"]  # fmt: skip
        self.stack.spawn("empty", command, self.stack.environment)
        app = make_app(self.settings.model_copy(update={"redis_url": self.stack.environment["COPYDESK_REDIS_URL"]}))
        redis = Redis.from_url(self.stack.environment["COPYDESK_REDIS_URL"])
        _publish(app, 10)
        _until(lambda: redis.llen(QUEUE) == 0)
        began = time.perf_counter()
        _publish(app, count)
        _until(lambda: redis.llen(QUEUE) == 0 and redis.hlen("unacked") == 0)
        seconds = time.perf_counter() - began
        redis.close()
        self.end("empty")
        return seconds

    def end(self, name: str) -> None:
        child = self.stack.children.pop(name)
        child.terminate()
        child.wait(timeout=60)

    def close(self) -> None:
        self.db.client.close()
        self.redis.close()
        self.stack.stop()


def _publish(app: Any, count: int) -> None:
    with app.producer_pool.acquire() as producer:
        for number in range(count):
            app.send_task("bench.nothing", args=[str(number)], queue=QUEUE, producer=producer)


def _until(check: Callable[[], bool], pause: float = 0.02) -> None:
    """Wait until the check is true. The longer a check takes, the longer the pauses, so that checking is a small part
    of what is measured."""
    end = time.monotonic() + EVENTUALLY_SECONDS
    while (began := time.monotonic()) < end:
        if check():
            return
        time.sleep(max(pause, SELDOM * (time.monotonic() - began)))
    raise TimeoutError(f"still waiting after {EVENTUALLY_SECONDS} s")


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).is_success
    except httpx.HTTPError:
        return False


async def open_loop(url: str, texts: Sequence[str], rate: float, seconds: float, seed: int = 0) -> list[float]:
    """POST at Poisson times, without waiting for answers. Returns the seconds of each."""
    rng = random.Random(seed)
    took: list[float] = []

    async def one(text: str, number: int) -> None:
        began = time.perf_counter()
        # a line that no other has: the same bytes twice would be one document
        body = f"{text}\nSent as number {number} at {rate:.3f} a second.\n".encode()
        answer = await http.post(url, content=body, headers=TEXT)
        answer.raise_for_status()
        took.append(time.perf_counter() - began)

    async with httpx.AsyncClient(timeout=120, limits=httpx.Limits(max_connections=200)) as http:
        sent = []
        began = time.perf_counter()
        while (due := rng.expovariate(rate)) is not None and time.perf_counter() - began < seconds:
            await asyncio.sleep(due)
            sent.append(asyncio.create_task(one(texts[len(sent) % len(texts)], len(sent))))
        await asyncio.gather(*sent)
    return took


def percentile(values: Sequence[float], share: float) -> float:
    """Return the nearest-rank percentile."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
