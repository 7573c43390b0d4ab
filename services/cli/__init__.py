"""Run Copydesk, send documents, see how they fare. Every command has an example: copydesk COMMAND --help."""

from __future__ import annotations

import json
import math
import signal
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
import uvicorn
from pydantic import ValidationError
from pymongo.errors import PyMongoError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from services import embedded
from services.cli import doctor, export, failed, keys, operations, settings_page, watch
from services.cli.client import LOCAL, ApiUrl
from services.cli.client import connect as connect_api
from services.cli.errors import die
from services.cli.ingest import find_items, print_summary
from services.cli.ingest import ingest as send
from services.cli.show import print_record
from services.client import CopydeskError
from services.settings import settings
from services.store import setup
from services.store.client import connect

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=True, pretty_exceptions_enable=False)
app.add_typer(keys.app, name="keys")
app.command()(doctor.doctor)
app.command()(settings_page.settings)
app.command()(watch.watch)
app.command()(failed.failed)
app.command()(failed.retry)
for _command in (export.export, operations.backup, operations.restore, operations.migrate, operations.erase):
    app.command()(_command)
out = Console()
err = Console(stderr=True)

DataFolder = Annotated[Path, typer.Option("--data", help="Folder that holds everything; it survives restarts.")]
Port = Annotated[int, typer.Option(help="Port of the API; 0 finds a free one.")]
Workers = Annotated[int, typer.Option(help="Worker processes; 0 is one for each core.")]


def _interrupted(*_: Any) -> NoReturn:
    raise KeyboardInterrupt


def _start(data: Path, port: int, workers: int) -> embedded.Stack:
    signal.signal(signal.SIGTERM, _interrupted)
    stack = embedded.Stack(data.resolve(), api_port=port, concurrency=workers)
    out.print(f"Starting Copydesk in {data} …", highlight=False)
    try:
        stack.start()
    except embedded.NotStarted as error:
        stack.stop()
        die(error)
    except BaseException:
        stack.stop()
        raise
    out.print(
        f"Valkey (for Redis) and {stack.server} (for MongoDB) are up, on loopback, without passwords.", highlight=False
    )
    if not stack.auth:
        out.print("The API asks for no key and answers this machine only (COPYDESK_AUTH=true changes that).")
    return stack


def _where(stack: embedded.Stack) -> None:
    out.print(
        f"\nconsole    {stack.api_url}/\n"
        f"API        {stack.api_url}/docs\n"
        f"documents  {stack.api_url}/v1/documents\n"
        f"POST one   curl --data-binary @FILE -H 'Content-Type: text/plain' {stack.api_url}/v1/documents\n"
        f"MongoDB    mongosh '{stack.mongo_url}'\n"
        f"logs       {stack.folder}/logs\n",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )


def _run_until_interrupted(stack: embedded.Stack) -> None:
    out.print("Running until Ctrl-C.")
    for line in stack.watch():
        err.print(line, style="yellow")


@app.command()
def up(data: DataFolder = Path(".copydesk"), port: Port = 8000, workers: Workers = 0) -> None:
    """Run the whole stack here, without Docker, until Ctrl-C.

    Example: copydesk up --data ~/news --port 8000
    """
    stack = _start(data, port, workers)
    try:
        _where(stack)
        _run_until_interrupted(stack)
    except KeyboardInterrupt:
        out.print("Stopping …")
    finally:
        stack.stop()


@app.command()
def demo(
    seeds: Annotated[Path, typer.Argument(help="Documents to load.")] = Path("seeds"),
    data: DataFolder = Path(".copydesk/demo"),
    port: Port = 8000,
    workers: Workers = 0,
    once: Annotated[bool, typer.Option("--once", help="Stop after the upload.")] = False,
) -> None:
    """Run the stack, load the sample documents, show what was found in one of them.

    Example: copydesk demo --once
    """
    stack = _start(data, port, workers)
    try:
        api = connect_api(stack.api_url)
        outcome = send(api, find_items([str(seeds)]), {}, concurrency=4, follow=True, console=out)
        print_summary(outcome, out)
        if outcome.ids:
            longest = max(api.page(id=outcome.ids[:200], limit=200)["documents"], key=lambda found: found["word_count"])
            out.rule("one of them")
            print_record(api.get(longest["id"]), out)
        if once:
            raise typer.Exit(0 if outcome.ok and outcome.counts["done"] == len(outcome.ids) > 0 else 1)
        _where(stack)
        _run_until_interrupted(stack)
    except KeyboardInterrupt:
        out.print("Stopping …")
    except (CopydeskError, FileNotFoundError) as error:
        die(error)
    finally:
        stack.stop()


@app.command()
def ingest(
    paths: Annotated[list[str], typer.Argument(help="Files, folders, or - for NDJSON on standard input.")],
    api: ApiUrl = LOCAL,
    collection: Annotated[str, typer.Option(help="Collection to put them in.")] = "default",
    tag: Annotated[list[str] | None, typer.Option(help="A tag; may be repeated.")] = None,
    publisher: Annotated[str | None, typer.Option(help="Who published them.")] = None,
    concurrency: Annotated[int, typer.Option(min=1, max=64, help="Uploads at a time.")] = 8,
    wait: Annotated[bool, typer.Option(help="Wait until all are processed.")] = True,
    bulk: Annotated[bool, typer.Option("--bulk", help="Have them worked on when nothing else waits.")] = False,
) -> None:
    """Send documents to a running API. What it already has is not sent again, so it is safe to repeat.

    Example: copydesk ingest seeds/ --collection archive --tag 2012
    """
    params: dict[str, Any] = {"collection": collection}
    if tag:
        params["tags"] = tag
    if publisher:
        params["publisher"] = publisher
    if bulk:
        params["priority"] = "bulk"
    try:
        outcome = send(connect_api(api), find_items(paths), params, concurrency=concurrency, follow=wait, console=out)
    except (CopydeskError, FileNotFoundError) as error:
        die(error)
    print_summary(outcome, out)
    if not outcome.ok:
        raise typer.Exit(1)


@app.command()
def status(api: ApiUrl = LOCAL) -> None:
    """Which parts answer, and the newest documents: a table on a terminal, JSON in a pipe.

    Example: copydesk status --api http://127.0.0.1:8000
    """
    client = connect_api(api)
    try:
        ready, newest = client.ready(), client.page(limit=10)["documents"]
    except CopydeskError as error:
        die(error)
    if out.is_terminal:
        for name, state in ready["parts"].items():
            out.print(f"{name}: {state}", style="green" if state == "ok" else "red", markup=False)
        table = Table("id", "status", "title")
        for document in newest:
            table.add_row(document["id"], document["status"], escape((document.get("title") or "")[:80]))
        out.print(table)
    else:
        print(json.dumps({**ready, "documents": newest}, ensure_ascii=False))
    if ready["status"] != "ok":
        raise typer.Exit(1)


@app.command()
def show(id: Annotated[str, typer.Argument(help="A document's id.")], api: ApiUrl = LOCAL) -> None:
    """Print what was found in a document: readable on a terminal, the whole record as JSON in a pipe.

    Example: copydesk show 665f1f77bcf86cd799439011 | jq .quotes
    """
    try:
        record = connect_api(api).get(id)
    except CopydeskError as error:
        die(error)
    if out.is_terminal:
        print_record(record, out)
    else:
        print(json.dumps(record, ensure_ascii=False))


@app.command()
def reprocess(
    ids: Annotated[list[str] | None, typer.Argument(help="Ids of documents.")] = None,
    where: Annotated[str | None, typer.Option(help="A filter as MongoDB's JSON, `{}` for every document.")] = None,
    stale: Annotated[bool, typer.Option("--stale", help="Only documents that today's code makes otherwise.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Make everything anew, not only what changed.")] = False,
    api: ApiUrl = LOCAL,
) -> None:
    """Make documents anew, as far as the code that made them has changed.

    Example: copydesk reprocess --stale --where '{"source.collection": "archive"}'
    """
    if bool(ids) == bool(where is not None or stale):
        die("say which documents: ids, or --where and --stale")
    client = connect_api(api)
    try:
        for id in ids or []:
            client.reprocess(id, force=force)
            out.print(f"{id} queued", highlight=False)
        if not ids:
            queued = client.reprocess_where(
                where=operations.filter_of(where) if where else {}, stale=stale, force=force
            )
            out.print(f"{queued} queued", highlight=False)
    except CopydeskError as error:
        die(error)


@app.command()
def api() -> None:
    """Run the API alone, on COPYDESK_API_HOST and COPYDESK_API_PORT.

    Example: COPYDESK_API_PORT=8080 copydesk api
    """
    from services.api.protocol import Protocol  # here, because other commands need nothing of the API

    config = settings()
    uvicorn.run(
        "services.api:create_app",
        factory=True,
        host=config.api_host,
        port=config.api_port,
        http=Protocol,
        ws="none",
        limit_concurrency=config.max_connections,
        timeout_graceful_shutdown=math.ceil(config.api_shutdown_seconds),
        access_log=False,
        server_header=False,
        proxy_headers=bool(config.trusted_proxies),
        forwarded_allow_ips=config.trusted_proxies,
    )


@app.command()
def init() -> None:
    """Create collections, validator, indexes, users and the first API key in MongoDB; safe to repeat.

    Example: COPYDESK_MONGO_URL=mongodb://127.0.0.1:27017 copydesk init
    """
    config = settings()
    try:
        server = setup.set_up(connect(config), config)
    except PyMongoError as error:
        die(f"MongoDB: {error}")
    except ValueError as error:
        die(error)
    out.print(f"{config.mongo_database} is ready on {server}", highlight=False)


for _entry in entry_points(group="copydesk.commands"):
    app.command(_entry.name)(_entry.load())


def main() -> None:
    """The console script. Exit status 1 and one line on standard error where something is wrong."""
    try:
        app()
    except ValidationError as error:
        first = error.errors()[0]
        sys.exit(f"copydesk: the settings are wrong: {' '.join([*map(str, first['loc']), first['msg']])}")
