"""``copydesk failed`` and ``copydesk retry``: list documents that failed and why, and queue them again."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from copydesk_client import CopydeskError
from services.cli.client import LOCAL, ApiUrl
from services.cli.client import connect as connect_api
from services.cli.errors import die
from services.cli.printed import printable

out = Console()


BY = {"code": "error_code", "stage": "error_stage", "collection": "collection", "key": "key"}
"""The fields that failed documents are grouped by, and the API parameter for each."""
MOST_VALUES = 500
ID_LETTERS = 24  # of an ObjectId

Code = Annotated[str | None, typer.Option(help="Only documents that failed with this code.")]
FailedAt = Annotated[str | None, typer.Option("--stage", help="Only documents that failed at this stage.")]
Collection = Annotated[str | None, typer.Option(help="Only documents of this collection.")]
Key = Annotated[str | None, typer.Option(help="Only documents sent with the API key that has this id.")]


def failed(
    code: Code = None,
    stage: FailedAt = None,
    collection: Collection = None,
    key: Key = None,
    count: Annotated[bool, typer.Option("--count", help="Count them by code, stage, collection and key.")] = False,
    stages: Annotated[
        bool, typer.Option("--stages", help="List stages that failed on documents that are done.")
    ] = False,
    api: ApiUrl = LOCAL,
) -> None:
    """List the documents that failed, by reason: a table on a terminal, one JSON object per line in a pipe.

    Example: copydesk failed --code poison --collection wires
    """
    if stages:
        _print_stages(api)
        return
    given = {"code": code, "stage": stage, "collection": collection, "key": key}
    query = {"status": "failed", **{BY[name]: value for name, value in given.items() if value}}
    client = connect_api(api)
    try:
        if count:
            facets = client.count(**query, facets=",".join(BY.values()), facet_size=MOST_VALUES)["facets"]
            _print_counts({name: {one["value"]: one["count"] for one in facets[facet]} for name, facet in BY.items()})
            return
        found = list(client.search(**query))
    except CopydeskError as error:
        die(error)
    found.sort(key=lambda document: str(document["error"]["code"]))
    rows = [_row(document) for document in found]
    if not out.is_terminal:
        for row in rows:
            print(json.dumps(row, ensure_ascii=False))
        return
    if not rows:
        out.print("No document failed." if not any(given.values()) else "No failed document matches.")
        return
    out.print(_table(rows))
    out.print("To try again: copydesk retry ID, or copydesk retry --code CODE")


def _print_stages(api: str) -> None:
    """Print one row for each stage, exception and place in the code, with the number of documents that lack the stage's
    field, and one of them."""
    found: dict[tuple[str, str, str], list[str]] = {}
    try:
        for document in connect_api(api).search(failed_stage="any"):
            for failure in document["processing"]["failures"]:
                key = (failure["stage"], failure["exception"], failure["place"])
                found.setdefault(key, []).append(document["id"])
    except CopydeskError as error:
        die(error)
    rows = sorted(found.items(), key=lambda entry: (-len(entry[1]), entry[0]))
    if not out.is_terminal:
        for (stage, exception, place), ids in rows:
            print(
                json.dumps(
                    {"stage": stage, "exception": exception, "place": place, "documents": len(ids), "id": ids[0]}
                )
            )
        return
    if not rows:
        out.print("No stage failed.")
        return
    table = Table("stage", "exception", "place", "documents", "one of them")
    for (stage, exception, place), ids in rows:
        table.add_row(*map(printable, (stage, exception, place, str(len(ids)), ids[0])))
    out.print(table)
    out.print("After the stage is fixed and its version raised, run: copydesk reprocess --stale")


def _table(rows: list[dict[str, Any]]) -> Table:
    """Return the rows without columns that are empty in every row; ids are not shortened, so that they can be
    copied."""
    table = Table()
    names = [name for name in rows[0] if any(row[name] is not None for row in rows)]
    for name in names:
        table.add_column(name, no_wrap=name == "id", min_width=ID_LETTERS if name == "id" else None, overflow="fold")
    for row in rows:
        table.add_row(*(printable(str(row[name] if row[name] is not None else "")) for name in names))
    return table


def _row(document: dict[str, Any]) -> dict[str, Any]:
    error, source = document["error"], document["source"]
    name = source.get("title") or document["raw"].get("filename") or source.get("url")
    return {
        "code": error["code"],
        "stage": error["stage"],
        "exception": error.get("exception"),
        "attempts": error["attempts"],
        "collection": source["collection"],
        "key": source.get("key"),
        "id": document["id"],
        "document": name,
        "message": error["message"],
    }


def _print_counts(counts: dict[str, dict[str, int]]) -> None:
    if not out.is_terminal:
        print(json.dumps(counts, ensure_ascii=False))
        return
    if not any(counts.values()):
        out.print("No document failed.")
    for name, values in counts.items():
        table = Table(name, "documents")
        for value, number in values.items():
            table.add_row(printable(value), f"{number:,}")
        if values:
            out.print(table)


def retry(
    ids: Annotated[list[str] | None, typer.Argument(help="Ids of failed or canceled documents.")] = None,
    code: Code = None,
    stage: FailedAt = None,
    collection: Collection = None,
    key: Key = None,
    api: ApiUrl = LOCAL,
) -> None:
    """Queue failed or canceled documents again, with all attempts available; other documents are left unchanged.

    Example: copydesk retry --code poison --collection wires
    """
    given = {"error.code": code, "error.stage": stage, "source.collection": collection, "source.key": key}
    narrowed = {path: value for path, value in given.items() if value}
    if bool(ids) == bool(narrowed):
        die("say which documents: ids, or --code, --stage, --collection, --key")
    where: dict[str, Any] = {"status": {"$in": ["failed", "canceled"]} if ids else "failed", **narrowed}
    if ids:
        where["_id"] = {"$in": [{"$oid": id} for id in dict.fromkeys(ids)]}
    try:
        queued = connect_api(api).reprocess_where(where=where)
    except CopydeskError as error:
        die(error)
    out.print(f"{queued} queued", highlight=False)
    if ids and queued < len(set(ids)):
        die(
            f"{len(set(ids)) - queued} of them are neither failed nor canceled; `copydesk failed` lists failed documents"
        )
