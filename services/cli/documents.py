"""Commands for documents of a running API: send them, follow them, show one, reprocess them."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any, get_args
from urllib.parse import urlencode

import typer
from rich.console import Console
from rich.table import Table

from copydesk_client import CopydeskError, Written
from services.cli.client import LOCAL, ApiUrl
from services.cli.client import connect as connect_api
from services.cli.errors import die
from services.cli.filters import filter_of
from services.cli.ingest import Interrupted, find_items, print_summary
from services.cli.ingest import ingest as send
from services.cli.printed import printable
from services.cli.show import print_record
from services.cli.stats import print_stats

out = Console()


def ingest(
    paths: Annotated[list[str], typer.Argument(help="Files, folders, or - for NDJSON on standard input.")],
    api: ApiUrl = LOCAL,
    collection: Annotated[str, typer.Option(help="Collection for the documents.")] = "default",
    tag: Annotated[list[str] | None, typer.Option(help="A tag; may be repeated.")] = None,
    publisher: Annotated[str | None, typer.Option(help="Their publisher.")] = None,
    concurrency: Annotated[int, typer.Option(min=1, max=64, help="Uploads at the same time.")] = 8,
    wait: Annotated[bool, typer.Option(help="Wait until all are processed.")] = True,
    bulk: Annotated[
        bool, typer.Option("--bulk", help="Send them as bulk: they are processed when no interactive document waits.")
    ] = False,
) -> None:
    """Send documents to a running API. Documents that it already has are not sent again, so the command is safe to
    repeat.

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
    except Interrupted as stopped:
        out.print(
            f"Stopped after {len(stopped.outcome.ids)} documents were sent. Copydesk continues to process them; run the same "
            "command to send the rest. Nothing is stored twice.",
            soft_wrap=True,
        )
        raise typer.Exit(130) from None
    except (CopydeskError, FileNotFoundError) as error:
        die(error)
    print_summary(outcome, out)
    out.print(f"In the console: {api.rstrip('/')}/search?{urlencode({'collection': collection})}", soft_wrap=True)
    if not outcome.ok:
        raise typer.Exit(1)


def status(api: ApiUrl = LOCAL) -> None:
    """Show which parts answer, what each worker is working on, and the newest documents: tables on a terminal, JSON in
    a pipe.

    Example: copydesk status --api http://127.0.0.1:8000
    """
    client = connect_api(api)
    try:
        ready, stats, newest = client.ready(), client.stats(), client.page(limit=10)["documents"]
    except CopydeskError as error:
        die(error)
    if out.is_terminal:
        for name, state in ready["parts"].items():
            out.print(f"{name}: {state}", style="green" if state == "ok" else "red", markup=False)
        if ready.get("paused"):
            out.print(f"paused: {', '.join(ready['paused'])}; `copydesk resume` ends the pause", style="yellow")
        print_stats(stats, out)
        table = Table("id", "status", "title")
        for document in newest:
            table.add_row(document["id"], document["status"], printable((document.get("title") or "")[:80]))
        out.print(table)
    else:
        print(json.dumps({**ready, "stats": stats, "documents": newest}, ensure_ascii=False))
    if ready["status"] != "ok":
        raise typer.Exit(1)


def show(
    id: Annotated[str, typer.Argument(help="A document's id.")],
    api: ApiUrl = LOCAL,
    format: Annotated[
        str | None, typer.Option(help=f"The document in a news format: {', '.join(get_args(Written))}.")
    ] = None,
) -> None:
    """Print what was found in a document: readable on a terminal, the whole record as JSON in a pipe.

    Example: copydesk show 665f1f77bcf86cd799439011 | jq .quotes
    """
    if format is not None and format not in get_args(Written):
        die(f"unknown format {format!r}; --format takes one of {', '.join(get_args(Written))}")
    try:
        if format is not None:
            body = connect_api(api).formatted(id, format)  # type: ignore[arg-type]
            whole = body.endswith(b"\n") or not sys.stdout.isatty()  # a file gets exactly the bytes of the API's answer
            sys.stdout.buffer.write(body if whole else body + b"\n")
            return
        record = connect_api(api).get(id)
    except CopydeskError as error:
        die(error)
    if out.is_terminal:
        print_record(record, out)
    else:
        print(json.dumps(record, ensure_ascii=False))


def reprocess(
    ids: Annotated[list[str] | None, typer.Argument(help="Ids of documents.")] = None,
    where: Annotated[str | None, typer.Option(help="A filter as MongoDB's JSON, `{}` for every document.")] = None,
    stale: Annotated[
        bool, typer.Option("--stale", help="Only documents with a stage whose version has changed.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Run all stages, not only those whose version has changed.")
    ] = False,
    api: ApiUrl = LOCAL,
) -> None:
    """Rerun the stages whose version has changed on documents.

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
            queued = client.reprocess_where(where=filter_of(where) if where else {}, stale=stale, force=force)
            out.print(f"{queued} queued", highlight=False)
    except CopydeskError as error:
        die(error)
