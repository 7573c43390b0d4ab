"""Run Copydesk, send documents, see how far they are. Every command has an example: copydesk COMMAND --help."""

from __future__ import annotations


def main() -> None:
    """Run the console script: exit status 1 and one line on standard error where something is wrong."""
    from services.cli.group import run  # here, because a module of this folder must not load every command

    run()
