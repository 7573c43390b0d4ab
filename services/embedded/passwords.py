"""The passwords of the servers of `copydesk up`, which are created and kept in the data folder."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

FILE = "passwords.json"


@dataclass(frozen=True)
class Passwords:
    """The passwords: one for Valkey, and one for each user of the database: ``root``, ``copydesk`` (API and workers),
    ``reader``."""

    redis: str
    root: str
    copydesk: str
    reader: str


def make() -> Passwords:
    return Passwords(*(secrets.token_hex(24) for _ in range(4)))


def read(folder: Path) -> Passwords | None:
    """Return the passwords in ``folder``, or None. Raises ValueError if the file was not written by `keep`."""
    try:
        return Passwords(**json.loads((folder / FILE).read_text("utf-8")))
    except FileNotFoundError:
        return None
    except TypeError as error:
        raise ValueError(f"{folder / FILE}: {error}") from None


def keep(folder: Path, passwords: Passwords) -> None:
    """Write the passwords into ``folder``, readable only by the owner."""
    write_private(folder / FILE, json.dumps(asdict(passwords), indent=1) + "\n")


def write_private(file: Path, text: str) -> None:
    """Write a file that only its owner may read, from its first byte on."""
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
