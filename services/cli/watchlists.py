"""``copydesk lists``: watch lists of people, organizations, ships and places, on a running API."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from copydesk_client import Copydesk
from services.cli.client import LOCAL, ApiUrl
from services.cli.errors import die
from services.cli.named import asked, the_one
from services.cli.printed import printable

app = typer.Typer(
    help="Load, list and delete watch lists; ask which names are in the documents.",
    no_args_is_help=True,
)
out = Console()
Doc = dict[str, Any]
MOST_ASKED = 200
Which = Annotated[str, typer.Argument(metavar="LIST", help="Name or id of the list.")]


def _find(desk: Copydesk, which: str) -> Doc:
    return the_one(desk.lists(), which, ("list", "lists"), "copydesk lists list")


def _bytes(path: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        die(f"{path} cannot be read: {error.strerror}")


@app.command()
def load(
    file: Annotated[
        Path, typer.Argument(help="CSV, or FollowTheMoney entities as lines of JSON; - is standard input.")
    ],
    name: Annotated[
        str | None,
        typer.Option(
            help="Name of the list; by default the file's. An existing list of this name gets the new entries instead of its own."
        ),
    ] = None,
    collection: Annotated[
        list[str] | None,
        typer.Option(help="Collection whose documents are compared; may be repeated. Default: those of the key."),
    ] = None,
    api: ApiUrl = LOCAL,
) -> None:
    """Load a list and print its id. New documents are compared with it at once, stored ones in the background.

    Example: copydesk lists load people.csv --name People
    """
    data = _bytes(file)
    kind = "application/x-ndjson" if data.lstrip()[:1] == b"{" else "text/csv"
    made = asked(api, lambda desk: desk.load_list(name or file.stem, data, kind, collection or ()))
    print(made["id"])
    if made["skipped"]:
        print(
            f"{made['skipped']} rows were skipped: no name, or neither person, organization, ship nor place",
            file=sys.stderr,
        )


@app.command("list")
def list_(api: ApiUrl = LOCAL) -> None:
    """List the watch lists that concern the collections of this key, oldest first.

    Example: copydesk lists list
    """
    table = Table("id", "name", "entries", "names", "documents", "collections", "state")
    for one in asked(api, lambda desk: desk.lists()):
        numbers = [str(one[field]) for field in ("entries", "names", "documents")]
        state = "compared" if one["matched"] else "comparing stored documents"
        table.add_row(one["id"], printable(one["name"]), *numbers, ", ".join(one["collections"]), state)
    out.print(table)


@app.command()
def matches(
    which: Which,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=200, help="Maximum number of documents.")] = 50,
    api: ApiUrl = LOCAL,
) -> None:
    """List the documents that name an entry of a list, latest received first.

    Example: copydesk lists matches People
    """
    for one in asked(api, lambda desk: desk.list_matches(_find(desk, which)["id"], limit))["matches"]:
        out.print(printable(f"{one['document']}  {one['title'] or ''}"), highlight=False, soft_wrap=True)
        for hit in one["hits"]:
            said = f"  {hit['score']:.2f}  {hit['text']} = {hit['name']} ({hit['entry']}): {hit['reason']}"
            out.print(printable(said), highlight=False, soft_wrap=True)


@app.command()
def delete(which: Which, api: ApiUrl = LOCAL) -> None:
    """Delete a list and its matches.

    Example: copydesk lists delete People
    """

    def deleted(desk: Copydesk) -> str:
        found = _find(desk, which)
        desk.delete_list(found["id"])
        return str(found["name"])

    out.print(f"{printable(asked(api, deleted))} is deleted", highlight=False)


@app.command()
def ask(
    file: Annotated[Path, typer.Argument(help="A name on each line, at most 200; - is standard input.")],
    api: ApiUrl = LOCAL,
) -> None:
    """Show which of these names are in the newest documents. Nothing is stored.

    Example: copydesk lists ask names.txt
    """
    names = [line.strip() for line in _bytes(file).decode("utf-8-sig", "replace").splitlines() if line.strip()]
    if not 0 < len(names) <= MOST_ASKED:
        die(f"{file} has {len(names)} names; give 1 to {MOST_ASKED}, one on each line")
    found = asked(api, lambda desk: desk.ask_names(names))
    table = Table("name", "documents", "as", "score", "latest")
    for row in found["rows"]:
        [last] = row["latest"][:1] or [{"text": "", "score": None, "title": "", "document": ""}]
        score = "" if last["score"] is None else f"{last['score']:.2f}"
        title = printable(f"{last['document']} {last['title'] or ''}".strip())
        table.add_row(printable(row["name"]), str(row["documents"]), printable(last["text"]), score, title)
    out.print(table)
    more = ", the newest; there are more" if found["more"] else ""
    out.print(f"{found['documents']} documents were compared{more}.", highlight=False)
