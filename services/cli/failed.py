"""``copydesk failed`` and ``copydesk retry``: what could not be read and why, and another try at it."""

from __future__ import annotations

import json
from collections import Counter
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from services.cli.client import LOCAL, ApiUrl
from services.cli.client import connect as connect_api
from services.cli.errors import die
from services.cli.printed import printable
from services.client import CopydeskError

out = Console()


def failed(
    code: Annotated[str | None, typer.Option(help="Only those that failed with this code.")] = None,
    count: Annotated[bool, typer.Option("--count", help="How many failed with each code.")] = False,
    stages: Annotated[bool, typer.Option("--stages", help="Stages that failed on documents that are done.")] = False,
    api: ApiUrl = LOCAL,
) -> None:
    """List the documents that failed, by reason: a table on a terminal, a JSON object a line in a pipe.

    Example: copydesk failed --code poison
    """
    if stages:
        _print_stages(api)
        return
    query = {"status": "failed", **({"error_code": code} if code else {})}
    try:
        found = list(connect_api(api).search(**query))
    except CopydeskError as error:
        die(error)
    found.sort(key=lambda document: str(document["error"]["code"]))
    if count:
        _print_counts(Counter(str(document["error"]["code"]) for document in found))
        return
    rows = [_row(document) for document in found]
    if not out.is_terminal:
        for row in rows:
            print(json.dumps(row, ensure_ascii=False))
        return
    table = Table("code", "stage", "exception", "attempts", "id", "document", "message")
    for row in rows:
        table.add_row(*(printable(str(cell if cell is not None else "")) for cell in row.values()))
    out.print(table)


def _print_stages(api: str) -> None:
    """A row for each stage, exception and place: how many documents lack the stage's field for it, and one of them."""
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
    out.print("Once the stage is mended and its version raised: copydesk reprocess --stale")


def _row(document: dict[str, Any]) -> dict[str, Any]:
    error, source = document["error"], document["source"]
    name = source.get("title") or document["raw"].get("filename") or source.get("url")
    return {
        "code": error["code"],
        "stage": error["stage"],
        "exception": error.get("exception"),
        "attempts": error["attempts"],
        "id": document["id"],
        "document": name,
        "message": error["message"],
    }


def _print_counts(counts: Counter[str]) -> None:
    if not out.is_terminal:
        print(json.dumps(dict(counts.most_common())))
        return
    table = Table("code", "documents")
    for code, number in counts.most_common():
        table.add_row(code, str(number))
    out.print(table)


def retry(
    ids: Annotated[list[str] | None, typer.Argument(help="Ids of failed or canceled documents.")] = None,
    code: Annotated[str | None, typer.Option(help="All that failed with this code.")] = None,
    api: ApiUrl = LOCAL,
) -> None:
    """Take failed or canceled documents up again, with all their attempts before them; others are left as they are.

    Example: copydesk retry --code poison
    """
    if bool(ids) == bool(code):
        die("say which documents: ids, or --code")
    where: dict[str, Any] = {"status": {"$in": ["failed", "canceled"]} if ids else "failed"}
    if code:
        where["error.code"] = code
    else:
        where["_id"] = {"$in": [{"$oid": id} for id in dict.fromkeys(ids or [])]}
    try:
        queued = connect_api(api).reprocess_where(where=where)
    except CopydeskError as error:
        die(error)
    out.print(f"{queued} queued", highlight=False)
    if ids and queued < len(set(ids)):
        die(
            f"{len(set(ids)) - queued} of these are neither failed nor canceled; `copydesk failed` lists those that failed"
        )
