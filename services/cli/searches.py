"""``copydesk searches``: saved searches, which report new documents, on a running API."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.table import Table

from copydesk_client import Copydesk
from services.cli.client import LOCAL, ApiUrl
from services.cli.export import search_of
from services.cli.lists import Query, Where
from services.cli.named import asked, the_one
from services.cli.printed import printable

app = typer.Typer(
    help="Save searches that report new documents; list, test, mute and remove them.",
    no_args_is_help=True,
)
out = Console()
Doc = dict[str, Any]
Which = Annotated[str, typer.Argument(metavar="SEARCH", help="Name or id of the saved search.")]


def _find(desk: Copydesk, which: str) -> Doc:
    return the_one(desk.saved_searches(), which, ("saved search", "saved searches"), "copydesk searches list")


@app.command()
def add(
    q: Query = None,
    where: Where = None,
    name: Annotated[str | None, typer.Option(help="Name of the saved search; by default its words.")] = None,
    mail: Annotated[list[str] | None, typer.Option(help="Mail address to notify; may be repeated.")] = None,
    every: Annotated[
        Literal["at_once", "hourly", "daily"],
        typer.Option(help="When mails are sent; each lists everything found since the last one."),
    ] = "at_once",
    webhook: Annotated[str | None, typer.Option(help="Id of a webhook with the event search.matched.")] = None,
    muted: Annotated[bool, typer.Option("--muted", help="Report nothing until it is unmuted.")] = False,
    api: ApiUrl = LOCAL,
) -> None:
    """Save a search and print its id. It reports each matching document that is finished from now on.

    Example: copydesk searches add 'harbour place:Oslo' --name "Oslo harbour"
    """
    plan: Doc = {
        "name": name or (q or "All documents")[:100],
        "query": {**({"q": q} if q else {}), **search_of(where or [])},
        "webhook": webhook,
        "mail": {"to": mail, "every": every} if mail else None,
        "muted": muted,
    }
    print(asked(api, lambda desk: desk.save_search(plan))["id"])


@app.command("list")
def list_(api: ApiUrl = LOCAL) -> None:
    """List the searches that this key saved, oldest first.

    Example: copydesk searches list
    """
    table = Table("id", "name", "query", "reported", "last", "goes to", "state")
    for one in asked(api, lambda desk: desk.saved_searches()):
        query = " ".join(f"{name}={value}" for name, value in one["query"].items())
        last = one["matched_at"][:16].replace("T", " ") if one["matched_at"] else ""
        cells = (one["name"], query, str(one["matched"]), last, _where(one), _state(one))
        table.add_row(one["id"], *map(printable, cells))
    out.print(table)


def _where(one: Doc) -> str:
    mail = [f"{', '.join(one['mail']['to'])} ({one['mail']['every']})"] if one["mail"] else []
    return "; ".join([*mail, *([f"webhook {one['webhook']}"] if one["webhook"] else []), "feed"])


def _state(one: Doc) -> str:
    said = "muted" if one["muted"] else "on"
    wrong = one["error"] or one["mail_error"]
    return f"{said}: {wrong}" if wrong else said


@app.command()
def test(which: Which, api: ApiUrl = LOCAL) -> None:
    """Show what a saved search would report: the newest documents that it finds now. Nothing is sent.

    Example: copydesk searches test "Oslo harbour"
    """
    found = asked(api, lambda desk: desk.test_saved_search(_find(desk, which)["id"]))
    _print(found["matches"])
    more = ", and there are older ones" if found["more"] else ""
    out.print(f"{len(found['matches'])} documents{more}.", highlight=False)


@app.command()
def matches(which: Which, api: ApiUrl = LOCAL) -> None:
    """List the latest documents that a saved search reported.

    Example: copydesk searches matches "Oslo harbour"
    """
    _print(asked(api, lambda desk: desk.matches(_find(desk, which)["id"]))["matches"])


def _print(found: list[Doc]) -> None:
    for one in found:
        told = [(one["at"] or "")[:16].replace("T", " "), one["document"], one["title"] or "", one["publisher"] or ""]
        out.print(printable("  ".join(filter(None, told))), highlight=False, soft_wrap=True)


@app.command()
def mute(which: Which, api: ApiUrl = LOCAL) -> None:
    """Silence a saved search until it is unmuted.

    Example: copydesk searches mute "Oslo harbour"
    """
    found = asked(api, lambda desk: desk.change_saved_search(_find(desk, which)["id"], {"muted": True}))
    out.print(f"{printable(found['name'])} is muted", highlight=False)


@app.command()
def unmute(which: Which, api: ApiUrl = LOCAL) -> None:
    """Let a saved search report documents again: those that are finished from now on.

    Example: copydesk searches unmute "Oslo harbour"
    """
    found = asked(api, lambda desk: desk.change_saved_search(_find(desk, which)["id"], {"muted": False}))
    out.print(f"{printable(found['name'])} is on", highlight=False)


@app.command()
def remove(which: Which, api: ApiUrl = LOCAL) -> None:
    """Remove a saved search and its list of matches.

    Example: copydesk searches remove "Oslo harbour"
    """

    def removed(desk: Copydesk) -> str:
        found = _find(desk, which)
        desk.delete_saved_search(found["id"])
        return str(found["name"])

    out.print(f"{printable(asked(api, removed))} is removed", highlight=False)
