"""Combine the API, the console and the tools for assistants; ``copydesk api`` serves the result."""

from __future__ import annotations

from fastapi import FastAPI

from services import api, console
from services.assistants import http


def create_app() -> FastAPI:
    """Return the API with the console's pages and `/mcp`."""
    app = api.create_app()
    console.install(app)
    http.install(app)
    return app
