"""``copydesk sources``: what Copydesk fetches by itself, on a running API."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from copydesk_client import Copydesk
from services.cli import source_options as given
from services.cli.client import LOCAL, ApiUrl
from services.cli.errors import die
from services.cli.named import asked, the_one
from services.cli.printed import printable
from services.sources.model import Drift

app = typer.Typer(
    help="Add, list, run, pause, test and remove sources; needs an admin's key in COPYDESK_API_KEY.",
    no_args_is_help=True,
)
out = Console()
Doc = dict[str, Any]
KINDS = {
    "http": "feed", "https": "feed", "imap": "mailbox", "imaps": "mailbox",
    "ftp": "ftp", "ftps": "ftp", "sftp": "sftp", "s3": "bucket",
}  # fmt: skip
"""The kind of source for each scheme of an address."""
RUN_SECONDS = 300.0
_PAUSE_SECONDS = 0.3
Which = Annotated[str, typer.Argument(metavar="SOURCE", help="Name or id of the source.")]


def _find(desk: Copydesk, which: str) -> Doc:
    return the_one(desk.sources(), which, ("source", "sources"), "copydesk sources list")


@app.command()
def add(
    address: given.Address,
    kind: given.Kind = None,
    name: given.Name = None,
    user: given.User = None,
    password_file: given.PasswordFile = None,
    host_key: given.HostKey = None,
    endpoint: given.Endpoint = None,
    region: given.Region = None,
    cursor_field: given.CursorField = None,
    sender: given.Senders = None,
    subject: given.Subjects = None,
    then: given.Then = "keep",
    move_to: given.MoveTo = None,
    every: given.Every = 900,
    collection: given.Collection = "default",
    tag: given.Tags = None,
    publisher: given.Publisher = None,
    dialect: given.Dialect = None,
    pages: given.Pages = False,
    limit: given.Limit = 200,
    idle: given.Idle = None,
    paused: given.Paused = False,
    api: ApiUrl = LOCAL,
) -> None:
    """Add a source and print its id. An address with http:// or https:// is a feed, with imaps:// or imap:// a mailbox,
    with s3:// a bucket, without a scheme a folder.

    Example: copydesk sources add https://news.example/rss --name "Harbour news" --collection harbour --every 600
    """
    plan: Doc = {
        "name": name or address[:100],
        "kind": kind or KINDS.get(address.partition("://")[0] if "://" in address else "", "folder"),
        "address": address,
        "take": "page" if pages else "entry",
        "user": user,
        "password": _password(password_file),
        "host_key": host_key,
        "endpoint": endpoint,
        "region": region,
        "cursor_field": cursor_field,
        "senders": sender or [],
        "subjects": subject or [],
        "then": then,
        "move_to": move_to,
        "every_seconds": every,
        "collection": collection,
        "tags": tag or [],
        "publisher": publisher,
        "dialect": dialect,
        "limit": limit,
        "idle_seconds": idle,
        "paused": paused,
    }
    print(asked(api, lambda desk: desk.create_source(plan))["id"])


def _password(file: Path | None) -> str | None:
    """Return the password, which is never an argument, since others can see arguments."""
    if file is None:
        return None
    try:
        said = sys.stdin.read() if str(file) == "-" else file.read_text()
    except OSError as error:
        die(f"{file} cannot be read: {error.strerror}")
    return said.rstrip("\r\n")


@app.command("list")
def list_(api: ApiUrl = LOCAL) -> None:
    """List the sources with their state, oldest first.

    Example: copydesk sources list
    """
    table = Table("id", "name", "kind", "collection", "documents", "last document", "next fetch", "state")
    for one in asked(api, lambda desk: desk.sources()):
        cells = (one["name"], one["kind"], one["collection"], str(one["counts"]["documents"]),
                 _instant(one["last_document_at"]), _instant(None if one["paused"] else one["next_at"]), _state(one))  # fmt: skip
        table.add_row(one["id"], *map(printable, cells))
    out.print(table)


def _instant(said: str | None) -> str:
    return said[:16].replace("T", " ") if said else ""


def _state(one: Doc) -> str:
    said = "paused" if one["paused"] else "running" if one["running"] else "idle" if one["idle"] else "waiting"
    told = [one["error"]["message"]] if one["error"] else []
    told += [Drift.model_validate(drift).said for drift in one["drift"]]
    return f"{said}: {'; '.join(told)}" if told else said


@app.command()
def run(which: Which, api: ApiUrl = LOCAL) -> None:
    """Fetch a source now, wait until the fetch has ended, and print the result.

    Example: copydesk sources run "Harbour news"
    """
    asked(api, lambda desk: _run(desk, which))


def _run(desk: Copydesk, which: str) -> None:
    source = _find(desk, which)
    runs = desk.run_source(source["id"])["counts"]["runs"]
    end = time.monotonic() + RUN_SECONDS
    while (source := desk.source(source["id"]))["counts"]["runs"] == runs:
        if time.monotonic() > end:
            die("no worker has fetched it within five minutes; `copydesk status` shows which workers are running")
        time.sleep(_PAUSE_SECONDS)
    last = source["last_run"]
    for problem in last["problems"]:
        out.print(f"  {printable(problem)}", highlight=False, soft_wrap=True)
    if last["error"]:
        die(last["error"])
    said = f"{last['documents']} new, {last['duplicates']} known, {last['refused']} refused"
    out.print(f"{printable(source['name'])}: {said}", highlight=False)


@app.command()
def test(which: Which, api: ApiUrl = LOCAL) -> None:
    """Show which documents the next fetch would store. Nothing is stored, moved or remembered.

    Example: copydesk sources test "Harbour news"
    """
    look = asked(api, lambda desk: desk.test_source(_find(desk, which)["id"]))
    for one in look["documents"]:
        said = [
            one["title"] or one["filename"] or "",
            one["url"] or "",
            f"{one['size_bytes']} bytes" if one["size_bytes"] else "",
        ]
        out.print(printable("  ".join(filter(None, said))), highlight=False, soft_wrap=True)
    for problem in look["problems"]:
        out.print(printable(problem), highlight=False, soft_wrap=True)
    if look["error"]:
        die(look["error"])
    out.print(
        f"{len(look['documents'])} documents would come{', and more after them' if look['more'] else ''}.",
        highlight=False,
    )


@app.command()
def pause(which: Which, api: ApiUrl = LOCAL) -> None:
    """Pause a source until it is resumed.

    Example: copydesk sources pause "Harbour news"
    """
    found = asked(api, lambda desk: desk.pause_source(_find(desk, which)["id"]))
    out.print(f"{printable(found['name'])} is paused", highlight=False)


@app.command()
def resume(which: Which, api: ApiUrl = LOCAL) -> None:
    """Resume a source: it is fetched at once and then on its schedule.

    Example: copydesk sources resume "Harbour news"
    """
    found = asked(api, lambda desk: desk.resume_source(_find(desk, which)["id"]))
    out.print(f"{printable(found['name'])} is resumed", highlight=False)


@app.command()
def remove(which: Which, api: ApiUrl = LOCAL) -> None:
    """Remove a source. Its documents are kept.

    Example: copydesk sources remove "Harbour news"
    """

    def removed(desk: Copydesk) -> str:
        found = _find(desk, which)
        desk.delete_source(found["id"])
        return str(found["name"])

    out.print(f"{printable(asked(api, removed))} is removed", highlight=False)
