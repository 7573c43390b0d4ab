"""``copydesk pause`` and ``copydesk resume``: maintenance without losing or refusing a document."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer
from rich.console import Console

from copydesk_client import CopydeskError
from services.cli.client import LOCAL, ApiUrl
from services.cli.client import connect as connect_api
from services.cli.errors import die
from services.records import Priority

out = Console()
Queue = Annotated[Priority | None, typer.Option("--queue", help="Only this queue; by default both.")]


def pause(queue: Queue = None, api: ApiUrl = LOCAL) -> None:
    """Pause processing: workers finish the documents they hold and take no more; documents are still accepted and wait.

    Example: copydesk pause --queue bulk
    """
    try:
        _print(connect_api(api).pause(queue))
    except CopydeskError as error:
        die(error)


def resume(queue: Queue = None, api: ApiUrl = LOCAL) -> None:
    """Resume processing after a pause, oldest documents first.

    Example: copydesk resume
    """
    try:
        _print(connect_api(api).resume(queue))
    except CopydeskError as error:
        die(error)


def _print(queues: dict[str, Any]) -> None:
    if not out.is_terminal:
        print(json.dumps(queues))
        return
    for name, paused in queues.items():
        state = f"paused by {paused['name']} since {paused['at'][:16].replace('T', ' ')} UTC" if paused else "running"
        out.print(f"{name}: {state}", markup=False, highlight=False)
