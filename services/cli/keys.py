"""``copydesk keys``: create, list and revoke API keys on a running API, with an admin's key in COPYDESK_API_KEY."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from copydesk_client import CopydeskError
from services.cli.client import LOCAL, ApiUrl
from services.cli.client import connect as connect_api

app = typer.Typer(
    help="Create, list and revoke API keys; needs an admin's key in COPYDESK_API_KEY.", no_args_is_help=True
)
out = Console()
err = Console(stderr=True)


def asked[T](question: Callable[[], T]) -> T:
    """Return the answer to a question to the API; if it refuses, end the program and say why."""
    try:
        return question()
    except CopydeskError as error:
        err.print(f"copydesk: {error}", markup=False, soft_wrap=True, highlight=False)
        raise typer.Exit(1) from None


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="The key's owner or purpose.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(
            help="read, write, admin, metrics, embargoed, withdrawn or correct; may be repeated. Default: read and write."
        ),
    ] = None,
    collection: Annotated[
        list[str] | None,
        typer.Option(
            help="A collection that the key may use; * matches any characters; may be repeated. Default: all."
        ),
    ] = None,
    days: Annotated[float | None, typer.Option(min=0, help="Days until the key expires. Default: never.")] = None,
    rate: Annotated[int, typer.Option(min=0, help="Requests per minute; 0 means no limit.")] = 6000,
    api: ApiUrl = LOCAL,
) -> None:
    """Create a key and print it. Only its hash is stored, so it cannot be shown again.

    Example: copydesk keys create "wire desk" --scope write --collection 'wire-*' --days 365
    """
    grant: dict[str, Any] = {"name": name, "rate_per_minute": rate}
    if scope:
        grant["scopes"] = scope
    if collection:
        grant["collections"] = collection
    if days is not None:
        grant["expires_at"] = (datetime.now(UTC) + timedelta(days=days)).isoformat()
    print(asked(lambda: connect_api(api).create_key(grant))["key"])


@app.command("list")
def list_(api: ApiUrl = LOCAL) -> None:
    """List every key ever created, oldest first, without secrets.

    Example: copydesk keys list
    """
    table = Table("id", "name", "scopes", "collections", "per minute", "state")
    now = datetime.now(UTC)
    for key in asked(lambda: connect_api(api).keys()):
        state = "valid"
        if key["revoked_at"]:
            state = f"revoked {key['revoked_at'][:10]}"
        elif key["expires_at"]:
            state = (
                f"{'expired' if datetime.fromisoformat(key['expires_at']) <= now else 'until'} {key['expires_at'][:10]}"
            )
        rate = str(key["rate_per_minute"] or "no limit")
        table.add_row(key["id"], key["name"], ", ".join(key["scopes"]), ", ".join(key["collections"]), rate, state)
    out.print(table, markup=False)


@app.command()
def revoke(
    id: Annotated[str, typer.Argument(help="The id, the part of a key after cd_.")], api: ApiUrl = LOCAL
) -> None:
    """Revoke a key permanently; within seconds nobody can use it.

    Example: copydesk keys revoke 1f0c9a2b3d4e
    """
    asked(lambda: connect_api(api).revoke_key(id))
    out.print(f"{id} revoked", highlight=False, markup=False)
