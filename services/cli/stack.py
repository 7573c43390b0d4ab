"""``copydesk up`` and ``copydesk demo``: the whole stack on this machine, without Docker."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console

from copydesk_client import Copydesk, CopydeskError
from services import embedded
from services.cli.client import LOCAL
from services.cli.client import connect as connect_api
from services.cli.errors import die
from services.cli.ingest import find_items, print_summary
from services.cli.ingest import ingest as send
from services.cli.show import print_record

out = Console()
err = Console(stderr=True)

DataFolder = Annotated[Path, typer.Option("--data", help="Folder that holds everything; it survives restarts.")]
Port = Annotated[int, typer.Option(help="Port of the API; 0 finds a free one.")]
Workers = Annotated[int, typer.Option(help="Worker processes; 0 means one for each core.")]


def _interrupted(*_: Any) -> NoReturn:
    raise KeyboardInterrupt


def _start(data: Path, port: int, workers: int) -> embedded.Stack:
    for number in (signal.SIGINT, signal.SIGTERM):  # a shell's background job is started with SIGINT ignored
        signal.signal(number, _interrupted)
    stack = embedded.Stack(
        data.resolve(), api_port=port, concurrency=workers, tell=lambda what: out.print(f"  {what} …", highlight=False)
    )
    out.print(f"Starting Copydesk in {data}:", highlight=False)
    try:
        stack.start()
    except embedded.NotStarted as error:
        stack.stop()
        die(error)
    except BaseException:
        stack.stop()
        raise
    out.print(
        f"Up, on {stack.server}. The worker now loads its language models, which takes half a minute;", highlight=False
    )
    out.print("documents are accepted in the meantime, and read once the models are loaded.")
    if not stack.auth:
        out.print("The API needs no key and answers only this machine (COPYDESK_AUTH=true changes that).")
    elif stack.first_key:
        out.print("The API requires keys. This is the first one; it is shown only once, so save it:")
        out.print(f"\n  {stack.first_key}\n", highlight=False, soft_wrap=True)
        out.print(f"Log in with it at {stack.api_url}/login, or send it as: Authorization: Bearer KEY", highlight=False)
    else:
        out.print("The API requires keys; with a key that you have, `copydesk keys create` creates another.")
    if stack.auth:
        _tell_of_people(stack)
    return stack


def _tell_of_people(stack: embedded.Stack) -> None:
    """Print the invitation of the first person, or how to invite them."""
    if stack.invitation:
        out.print("The first person chooses a password here; the link works once:")
        out.print(f"\n  {stack.api_url}{stack.invitation}\n", highlight=False, soft_wrap=True, markup=False)
    elif stack.first_key:
        out.print(
            "To log in by e-mail address, invite yourself: COPYDESK_API_KEY=KEY copydesk users add YOU@EXAMPLE "
            f"--role admin{'' if stack.api_url == LOCAL else f' --api {stack.api_url}'}",
            highlight=False,
            soft_wrap=True,
            markup=False,
        )


def _where(stack: embedded.Stack) -> None:
    out.print(
        f"\nconsole    {stack.api_url}/\n"
        f"API        {stack.api_url}/docs\n"
        f"documents  {stack.api_url}/v1/documents\n"
        f"POST one   curl --data-binary @FILE -H 'Content-Type: text/plain' {stack.api_url}/v1/documents\n"
        f"MongoDB    mongosh '{stack.mongo_url}'\n"
        + (f"passwords  {stack.folder}/passwords.json\n" if stack.passwords else "")
        + f"logs       {stack.folder}/logs\n",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )


def _run_until_interrupted(stack: embedded.Stack) -> None:
    out.print("Running until Ctrl-C.")
    for line in stack.watch():
        err.print(line, style="yellow")


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


ARRIVAL = """Lighthouse Keeper Retires

TALLINN, April 7 (Baltic Wire) - Kadri Tamm, the last keeper of the Vormsi lighthouse, retired on Tuesday after 41 years. "The lamp
does not need me any more," she said. The harbour office will spend 300,000 euros on new lamps.
"""
WATCHED = "Watched folder"
SAVED = "Lighthouses"
ARRIVAL_SECONDS = 120.0


def _watch_a_folder(api: Copydesk, folder: Path) -> None:
    """Watch a folder, put a file into it and show the document made from it."""
    folder.mkdir(parents=True, exist_ok=True)
    if not any(one["name"] == WATCHED for one in api.sources()):
        api.create_source(
            {"name": WATCHED, "kind": "folder", "address": folder.name, "every_seconds": 2, "collection": "watched"}
        )
    saved = next((one for one in api.saved_searches() if one["name"] == SAVED), None)
    search = saved or api.save_search({"name": SAVED, "query": {"q": "lighthouse", "collection": ["watched"]}})
    out.rule("a watched folder")
    out.print(f"Copydesk watches {folder}; a file is put there …", highlight=False, markup=False, soft_wrap=True)
    # done/ keeps the file of an earlier demo, too; with the same bytes, Copydesk returns the same document
    (folder / "keeper.part").write_text(ARRIVAL, "utf-8")
    (folder / "keeper.part").rename(folder / "keeper.txt")
    end = time.monotonic() + ARRIVAL_SECONDS
    while (folder / "keeper.txt").exists():
        if time.monotonic() > end:
            die(
                f"no worker took the file within {ARRIVAL_SECONDS:g} s; `copydesk status` shows which workers are running"
            )
        time.sleep(0.2)
    out.print("… and has arrived: it is in done/, and this was found in it.", highlight=False)
    found = [document["id"] for document in api.page(collection="watched", limit=1)["documents"]]
    api.wait(found)
    for id in found:
        print_record(api.get(id), out)
    _show_the_alert(api, search["id"], end)


def _show_the_alert(api: Copydesk, search: str, end: float) -> None:
    """Wait for the alert of the saved search, and show it."""
    while not (told := api.matches(search, limit=1)["matches"]):
        if time.monotonic() > end:
            out.print(
                "The document was there before the search was saved, so the search does not report it.", highlight=False
            )
            return
        time.sleep(0.5)
    out.rule("an alert")
    out.print(f"The saved search “{SAVED}” reported: {told[0]['title']}", highlight=False, markup=False, soft_wrap=True)


def demo(
    seeds: Annotated[Path, typer.Argument(help="Documents to load.")] = Path("seeds"),
    data: DataFolder = Path(".copydesk/demo"),
    port: Port = 8000,
    workers: Workers = 0,
    once: Annotated[bool, typer.Option("--once", help="Stop after the upload.")] = False,
    sources: Annotated[bool, typer.Option("--sources", help="Watch a folder, too, and show what arrives.")] = False,
) -> None:
    """Run the stack, load the sample documents, and show what was found in one of them.

    Example: copydesk demo --once
    """
    watched = data.resolve() / "watched"
    if sources:
        os.environ["COPYDESK_SOURCE_FOLDER"] = str(watched)  # for the API and the worker, which are started next
    stack = _start(data, port, workers)
    try:
        api = connect_api(stack.api_url, stack.first_key)
        outcome = send(api, find_items([str(seeds)]), {}, concurrency=4, follow=True, console=out)
        print_summary(outcome, out)
        if outcome.ids:
            longest = max(api.page(id=outcome.ids[:200], limit=200)["documents"], key=lambda found: found["word_count"])
            out.rule("one of them")
            print_record(api.get(longest["id"]), out)
        if sources:
            _watch_a_folder(api, watched / "incoming")
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
