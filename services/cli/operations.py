"""``copydesk backup``, ``restore`` and ``migrate``, which work on MongoDB itself, and ``erase``, which asks a running
API."""

from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer
from pymongo.database import Database
from pymongo.errors import PyMongoError
from rich.console import Console
from rich.table import Table

from copydesk_client import CopydeskError
from services.cli.client import LOCAL, ApiUrl
from services.cli.client import connect as connect_api
from services.cli.errors import die
from services.cli.filters import filter_of
from services.records import SCHEMA_VERSION
from services.settings import settings
from services.store import backup as archive
from services.store import migrations, setup
from services.store import restore as restoring
from services.store.client import connect
from services.store.raw import Unavailable

LONGEST_OPERATION_SECONDS = 3600.0
out = Console()
err = Console(stderr=True)


def database() -> Database[dict[str, Any]]:
    """Return the database, for operations that may take long."""
    return connect(settings().model_copy(update={"mongo_timeout_seconds": LONGEST_OPERATION_SECONDS}))


def _print_counts(counts: dict[str, Counter[str]], console: Console) -> None:
    table = Table("collection", *counts)
    for name in archive.COLLECTIONS:
        table.add_row(name, *(str(counter[name]) for counter in counts.values()))
    console.print(table)


def backup(file: Annotated[str, typer.Argument(help="Where to write it; - is standard output.")]) -> None:
    """Write all documents with their bytes, stories, API keys and the audit log into an archive, while Copydesk keeps
    running.

    Example: copydesk backup /backup/copydesk.tar.gz
    """
    try:
        if file == "-":
            counts = archive.backup(database(), sys.stdout.buffer)
        else:
            path = Path(file)
            if path.exists():
                die(f"{path} exists already; name another file or remove it")
            part = path.with_name(path.name + ".part")
            with part.open("wb") as written:
                counts = archive.backup(database(), written)
                written.flush()
                os.fsync(written.fileno())
            part.rename(path)
    except PyMongoError as error:
        die(f"MongoDB: {error}")
    except (OSError, Unavailable) as error:
        die(error)
    _print_counts({"written": counts}, err)


def restore(
    file: Annotated[Path, typer.Argument(help="An archive of `copydesk backup`.")],
    into_nonempty: Annotated[
        bool,
        typer.Option("--into-nonempty", help="Add to a database that has documents; existing records are not changed."),
    ] = False,
) -> None:
    """Restore an archive. Nothing is written unless the whole archive is intact; documents that were waiting are queued
    again.

    Example: copydesk restore /backup/copydesk.tar.gz
    """
    db = database()
    try:
        manifest = restoring.verify(file)
        setup.set_up(db, settings())
        added, known = restoring.restore(db, file, manifest, settings(), into_nonempty=into_nonempty)
    except PyMongoError as error:
        die(f"MongoDB: {error}")
    except (ValueError, OSError, Unavailable) as error:
        die(error)
    _print_counts({"restored": added, "there already": known}, out)


def migrate(
    to: Annotated[int, typer.Option("--to", help="The schema version to migrate to, newer or older.")] = SCHEMA_VERSION,
) -> None:
    """Migrate the records to a schema version; run it again when no worker of the earlier version is left.

    Example: copydesk migrate --to 1
    """
    db = database()
    try:
        changed = migrations.migrate(db, to)
    except PyMongoError as error:
        die(f"MongoDB: {error}")
    except migrations.WrongVersion as error:
        die(error)
    out.print(f"{settings().mongo_database} has schema version {to}; {changed} records changed", highlight=False)


def erase(
    ids: Annotated[list[str] | None, typer.Argument(help="Ids of documents.")] = None,
    where: Annotated[str | None, typer.Option(help="A filter as MongoDB's JSON.")] = None,
    members: Annotated[bool, typer.Option("--members", help="Also erase the documents found inside them.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
    api: ApiUrl = LOCAL,
) -> None:
    """Erase documents permanently: records, bytes, and references to them.

    Example: copydesk erase --where '{"source.publisher": "Coast Wire"}' --members
    """
    if bool(ids) == bool(where):
        die("say which documents: ids, or --where")
    client = connect_api(api)
    query = filter_of(where) if where else {}
    try:
        count = len(ids) if ids else client.count_erasure(query)
        if not yes and count and not typer.confirm(f"Erase {count} documents permanently?", err=True):
            raise typer.Exit(1)
        for id in ids or []:
            client.erase(id, members=members)
        erased = count if ids else client.erase_where(query, members=members)
    except CopydeskError as error:
        die(error)
    out.print(f"{erased} erased", highlight=False)
