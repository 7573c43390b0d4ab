"""Combine API and console; ``copydesk api`` serves the result."""

from __future__ import annotations

from fastapi import FastAPI

from services import api, console


def create_app() -> FastAPI:
    """Return the API with the console's pages."""
    app = api.create_app()
    console.install(app)
    return app
