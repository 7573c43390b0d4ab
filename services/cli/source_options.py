"""The options of ``copydesk sources add``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

_ADDRESS = "A feed, a folder under COPYDESK_SOURCE_FOLDER, imaps://host/INBOX, ftps://…, sftp://…, s3://bucket/prefix."
Address = Annotated[str, typer.Argument(help=_ADDRESS)]
Kind = Annotated[
    str | None,
    typer.Option(
        help="Kind of source; by default it follows from the address. Give ndjson for an endpoint with NDJSON."
    ),
]
Name = Annotated[str | None, typer.Option(help="Name of the source; by default its address.")]
User = Annotated[str | None, typer.Option(help="User name at the server; id of the key for a bucket.")]
HostKey = Annotated[str | None, typer.Option(help="Fingerprint of an SFTP server's host key: SHA256:…")]
Endpoint = Annotated[str | None, typer.Option(help="Address of a store other than AWS: https://s3.store.example")]
Region = Annotated[str | None, typer.Option(help="Region of a bucket.")]
CursorField = Annotated[
    str | None, typer.Option(help="Field of the last line of NDJSON whose value replaces {cursor} in the address.")
]
PasswordFile = Annotated[
    Path | None, typer.Option(help="A file with the password or key; - for standard input.", allow_dash=True)
]
Senders = Annotated[
    list[str] | None,
    typer.Option(help="Take only mail from an address that matches: *@agency.example; may be repeated."),
]
Subjects = Annotated[
    list[str] | None, typer.Option(help="Take only mail whose subject matches: *embargo*; may be repeated.")
]
Then = Annotated[
    str, typer.Option(help="What to do on the server with items that were stored: keep, mark (as read), move, delete.")
]
MoveTo = Annotated[str | None, typer.Option(help="Folder that `--then move` moves items to.")]
Every = Annotated[float, typer.Option(min=1, help="Seconds from one fetch to the next.")]
Collection = Annotated[str, typer.Option(help="Collection of its documents.")]
Tags = Annotated[list[str] | None, typer.Option(help="A tag of its documents; may be repeated.")]
Publisher = Annotated[str | None, typer.Option(help="Publisher of its documents.")]
Dialect = Annotated[str | None, typer.Option(help="Read its documents as those of this agency, such as reuters.")]
Pages = Annotated[bool, typer.Option("--pages", help="Fetch the pages that a feed's entries link to.")]
Limit = Annotated[int, typer.Option(min=1, help="Maximum number of documents in one run.")]
Idle = Annotated[
    float | None, typer.Option(min=60, help="Seconds without a document after which the source counts as idle.")
]
Paused = Annotated[bool, typer.Option("--paused", help="Do not fetch the source until it is resumed.")]
