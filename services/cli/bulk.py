"""Load many documents straight into MongoDB and the queue (a backfill): see docs/backfill.md."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from pymongo.errors import PyMongoError
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from services import logs
from services.bulk import estimate as estimates
from services.bulk import load as loading
from services.bulk.estimate import Assumed
from services.bulk.manifest import FileIn, Part, WrongLine, describe, dump
from services.bulk.reading import Reader
from services.cli.errors import die
from services.settings import settings
from services.store import raw
from services.store.client import connect

MONGO_SECONDS = 120.0  # one operation is a batch of documents
REPORT_SECONDS = 5.0
REJECTED = 3
out = Console()
err = Console(stderr=True)
app = typer.Typer(help=__doc__, no_args_is_help=True)


@app.command()
def load(
    manifest: Annotated[Path, typer.Argument(help="NDJSON, one line for each document; `copydesk bulk manifest` writes it.")],
    part: Annotated[str, typer.Option(help="Load one part: 2/8 for the second of eight processes.")] = "1/1",
    collection: Annotated[str, typer.Option(help="Collection for lines that do not name one.")] = "default",
    tag: Annotated[list[str] | None, typer.Option(help="Tag for lines that have none; may be repeated.")] = None,
    publisher: Annotated[str | None, typer.Option(help="Publisher for lines that do not name one.")] = None,
    rejects: Annotated[Path | None, typer.Option(help="File for lines that cannot be loaded; by default beside the manifest.")] = None,
    lines: Annotated[int, typer.Option("--batch", min=1, max=10_000, help="How many lines to store at a time.")] = 500,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read everything that the lines name, but load nothing.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Start at the first line, even if an earlier run got further.")] = False,
) -> None:  # fmt: skip
    """Load documents, continuing where the last run ended. Exit status 3: all lines were read, and some were rejected.

    Example: copydesk bulk load 1998.ndjson --part 2/8 --collection archive
    """
    config = settings()
    logs.configure(config)
    signal.signal(signal.SIGTERM, _interrupted)
    try:
        share = Part.parse(part)
        suffix = f".{share.number}-of-{share.of}" if share.of > 1 else ""
        kept = rejects or manifest.with_name(f"{manifest.name}{suffix}.{'dry-run' if dry_run else 'rejects'}.ndjson")
        if not os.access(kept if kept.exists() else kept.absolute().parent, os.W_OK):
            die(f"{kept} cannot be written; name another file with --rejects")
        defaults = {"collection": collection, "tags": tag or [], **({"publisher": publisher} if publisher else {})}
        job = loading.Job(manifest, kept, share, defaults, lines)
        began = time.monotonic()
        with _reporting() as report:
            if dry_run:
                progress = loading.check(job, config, report)
            else:
                db = connect(config.model_copy(update={"mongo_timeout_seconds": MONGO_SECONDS}))
                progress = loading.load(db, job, config, report, again=again)
    except PyMongoError as error:
        die(f"MongoDB: {error}; run the same command again to continue")
    except raw.Unavailable as error:
        die(f"raw bytes: {error}; run the same command again to continue")
    except (ValueError, OSError, loading.Displaced) as error:
        die(error)
    except KeyboardInterrupt:
        err.print("copydesk: stopped; run the same command again to continue", highlight=False)
        raise typer.Exit(130) from None
    _print_end(progress, job, time.monotonic() - began, dry_run=dry_run)
    if progress.rejected:
        raise typer.Exit(REJECTED)


def _interrupted(*_: Any) -> NoReturn:
    raise KeyboardInterrupt


@contextmanager
def _reporting() -> Iterator[loading.Report]:
    """Show a progress bar on a terminal; elsewhere print a line of JSON every few seconds, and when the load begins to
    wait."""
    began = time.monotonic()
    first: tuple[int, int] | None = None
    last, waits = began, False

    def speed(progress: loading.Progress) -> tuple[float, float | None]:
        """Return the documents per second in this run, and the seconds that the rest will take."""
        nonlocal first
        first = first or (progress.lines, progress.position)
        seconds = time.monotonic() - began
        done = progress.position - first[1]
        rest = seconds * (progress.end - progress.position) / done if done > 0 else None
        return (progress.lines - first[0]) / seconds if seconds else 0.0, rest

    if out.is_terminal:
        columns = (BarColumn(), TaskProgressColumn(), TimeElapsedColumn(), TimeRemainingColumn(), TextColumn("{task.description}"))  # fmt: skip
        with Progress(*columns, console=err) as bar:
            task = bar.add_task("")

            def show(progress: loading.Progress) -> None:
                rate, _ = speed(progress)
                rejected = f", {progress.rejected:,} rejected" if progress.rejected else ""
                what = progress.waits or f"{progress.lines:,} documents, {rate:,.0f}/s{rejected}"
                bar.update(task, total=1.0, completed=progress.share, description=what)

            yield show
        return

    def tell(progress: loading.Progress) -> None:
        nonlocal last, waits
        rate, rest = speed(progress)
        begins_to_wait = progress.waits is not None and not waits
        waits = progress.waits is not None
        if begins_to_wait or time.monotonic() - last >= REPORT_SECONDS:
            last = time.monotonic()
            eta = None if rest is None else round(rest)
            more = {"documents_per_second": round(rate, 1), "eta_seconds": eta, "waits": progress.waits}
            print(json.dumps({**_counts(progress), **more}), flush=True)

    yield tell


def _counts(progress: loading.Progress) -> dict[str, Any]:
    names = ("stored", "already_there", "rejected", "bytes")
    return {**{name: getattr(progress, name) for name in names}, "share": round(progress.share, 4)}


def _print_end(progress: loading.Progress, job: loading.Job, seconds: float, *, dry_run: bool) -> None:
    counts = _counts(progress)
    if dry_run:
        counts = {"valid": progress.stored, "rejected": progress.rejected, "bytes": progress.bytes}
    counts |= {
        "seconds": round(seconds, 1),
        "finished": True,
        **({"rejects": str(job.rejects)} if progress.rejected else {}),
    }
    if not out.is_terminal:
        print(json.dumps(counts), flush=True)
        return
    for name, count in counts.items():
        if name not in ("share", "finished"):
            out.print(
                f"{name.replace('_', ' '):<14} {count if isinstance(count, str) else f'{count:,}'}", highlight=False
            )


@app.command()
def manifest(
    paths: Annotated[list[str], typer.Argument(help="Folders, files or quoted patterns; ZIP, tar and NDJSON files are opened.")],
    relative_to: Annotated[Path | None, typer.Option(help="Write paths relative to this folder, where the manifest will be.")] = None,
    sha256: Annotated[bool, typer.Option("--sha256", help="Read everything and write its SHA-256, which the load checks.")] = False,
) -> None:  # fmt: skip
    """Write a manifest with one line for each document found. Paths are absolute unless --relative-to is given.

    Example: copydesk bulk manifest /archive/1998 '/archive/1999/**/*.xml' /archive/2000.zip > articles.ndjson
    """
    base = (relative_to or Path()).resolve()
    reader = Reader(base, settings().max_body_bytes)
    skipped = 0
    written = os.fstat(sys.stdout.fileno())
    try:
        for line in describe(paths):
            path = Path(line["path"]).absolute()
            if path.exists() and os.path.samestat(path.stat(), written):
                continue  # the manifest itself, in the folder that it lists
            line["path"] = os.path.relpath(path, base) if relative_to else str(path)
            try:
                if sha256:
                    line["sha256"] = hashlib.sha256(reader.read(FileIn.model_validate(line))).hexdigest()
                sys.stdout.write(dump(line) + "\n")
            except (WrongLine, UnicodeEncodeError) as error:
                why = error if isinstance(error, WrongLine) else "its name is not Unicode; rename it"
                err.print(f"copydesk: left out: {line['path']!a}: {why}", markup=False, soft_wrap=True, highlight=False)
                skipped += 1
        sys.stdout.flush()
    except (OSError, ValueError) as error:
        die(error)
    if skipped:
        raise typer.Exit(REJECTED)


@app.command()
def status() -> None:
    """Show finished and running loads and their progress: a table on a terminal, one JSON object per line in a pipe.

    Example: copydesk bulk status
    """
    try:
        found = loading.loads(connect(settings()))
    except PyMongoError as error:
        die(f"MongoDB: {error}")
    table = Table("manifest", "part", "done", "stored", "already there", "rejected", "last report")
    for one in found:
        share = loading.Progress(one["start"], one["position"], one["end"]).share
        if not out.is_terminal:
            plain = {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in one.items()}
            print(json.dumps({**plain, "share": round(share, 4)}))
        table.add_row(
            one["manifest"], one["part"], "all" if one["finished_at"] else f"{share:.1%}", f"{one['stored']:,}",
            f"{one['already_there']:,}", f"{one['rejected']:,}", f"{one['updated_at'].astimezone(UTC):%Y-%m-%d %H:%M:%S}Z",
        )  # fmt: skip
    if out.is_terminal:
        out.print(table)


ASSUMED = Assumed()


@app.command()
def estimate(
    documents: Annotated[float, typer.Option(help="How many: 100e6 is 100 million.")] = ASSUMED.documents,
    words: Annotated[float, typer.Option(help="Mean length of a document in words.")] = ASSUMED.words,
    workers_per_machine: Annotated[int, typer.Option(help="Worker processes on a machine, one for each core.")] = ASSUMED.workers_per_machine,
    efficiency: Annotated[float, typer.Option(help="Speed of each process relative to a process that runs alone.")] = ASSUMED.efficiency,
    price_per_hour: Annotated[float, typer.Option(help="Price of a worker machine.")] = ASSUMED.price_per_hour,
    operations_per_second: Annotated[float, typer.Option(help="Operations per second that one shard of MongoDB can do.")] = ASSUMED.operations_per_second,
    mongo_price_per_hour: Annotated[float, typer.Option(help="Price of a shard with all its members.")] = ASSUMED.mongo_price_per_hour,
    replicas: Annotated[int, typer.Option(help="Data-bearing members of a shard.")] = ASSUMED.replicas,
    compression: Annotated[float, typer.Option(help="Ratio of bytes on disk to bytes of BSON.")] = ASSUMED.compression,
    price_per_gb_month: Annotated[float, typer.Option(help="Of disks.")] = ASSUMED.price_per_gb_month,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the tables in the format of docs/backfill.md.")] = False,
) -> None:  # fmt: skip
    """Calculate machines, hours and cost from measured figures and these assumptions: tables on a terminal, JSON in a
    pipe.

    Example: copydesk bulk estimate --documents 100e6 --words 600 --workers-per-machine 16 --price-per-hour 0.80
    """
    found = estimates.measured()
    waiting = settings().max_queued_documents * settings().bulk_share
    try:
        given = Assumed(
            documents=documents,
            words=words,
            workers_per_machine=workers_per_machine,
            efficiency=efficiency,
            price_per_hour=price_per_hour,
            operations_per_second=operations_per_second,
            mongo_price_per_hour=mongo_price_per_hour,
            replicas=replicas,
            compression=compression,
            price_per_gb_month=price_per_gb_month,
            queued_documents=round(waiting),
        )
        result = estimates.estimate(found, given)
    except ValueError as error:
        die(error)
    if markdown:
        print(estimates.markdown(found, given))
    elif not out.is_terminal:
        plans = [dict(zip(estimates.PLAN, row, strict=True)) for row in result.plans]
        sizes = {what: figure for what, figure, _ in result.sizes}
        print(json.dumps({"plans": plans, "sizes": sizes, "measured": found.model_dump(mode="json")}))
    else:
        for head, rows in ((estimates.PLAN, result.plans), (estimates.SIZE, result.sizes)):
            table = Table(*head)
            for row in rows:
                table.add_row(*row)
            out.print(table)
