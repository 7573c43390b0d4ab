"""Run Copydesk, send documents, follow their progress. Every command has an example: copydesk COMMAND --help."""

from __future__ import annotations


def main() -> None:
    """Run the console script. An error ends it with exit status 1 and one line on standard error."""
    from services.cli.group import run  # imported here, so that a module of this folder does not load every command

    run()
