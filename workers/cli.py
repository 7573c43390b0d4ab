"""Commands that read documents without any server."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from workers.parse import ParseError
from workers.parse import parse as parse_bytes


def parse(
    file: Annotated[str, typer.Argument(help="A file, or - for standard input.")],
    media_type: Annotated[str | None, typer.Option(help="What the sender says the file is.")] = None,
) -> None:
    """Print what one document says, as JSON."""
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        parsed = parse_bytes(data, media_type, None if file == "-" else Path(file).name)
    except ParseError as error:
        typer.echo(f"{file}: {error.code}: {error.message}", err=True)
        raise typer.Exit(1) from error
    except OSError as error:
        typer.echo(f"{file}: {error.strerror}", err=True)
        raise typer.Exit(1) from error
    article = parsed.article.model_dump(mode="json", exclude_defaults=True) if parsed.article else None
    members = [member.path for member in parsed.members]
    typer.echo(
        json.dumps(
            {"media_type": parsed.media_type, "article": article, "members": members}, ensure_ascii=False, indent=2
        )
    )


app = typer.Typer(add_completion=False)
app.command()(parse)


@app.callback()
def _commands() -> None:
    """Read documents without any server."""


if __name__ == "__main__":
    app()
