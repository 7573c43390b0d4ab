"""Correct a document from its page with plain forms: annotations, tags, comments and the star."""

from __future__ import annotations

from typing import Annotated, Any, get_args

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import TypeAdapter

from services.api import corrections
from services.api.auth import Corrector
from services.api.common import Config, Database, Id
from services.console.page import Page, seen
from services.console.session import OwnPage
from services.records import EntityType

TYPES: tuple[str, ...] = get_args(EntityType)
_GIVEN: TypeAdapter[Any] = TypeAdapter(corrections.Given)
_NOW = {
    "retype": ("type",), "rename": ("name",), "speaker": ("speaker",), "place": ("name", "country"),
    "sum": ("amount", "currency"), "date": ("value",), "tag": ("tag",), "comment": ("text",),
}  # fmt: skip
"""The fields of the form that a kind of correction uses."""

router = APIRouter(route_class=Page, include_in_schema=False)


@router.post("/documents/{id}/corrections", dependencies=[OwnPage])
async def correct(request: Request, corrector: Corrector, id: Id, db: Database, settings: Config) -> Response:
    """Make the correction of a form, then show the document again."""
    form = {name: value.strip() for name, value in (await request.form()).items() if isinstance(value, str)}
    kind = form.get("kind", "")
    body: dict[str, Any] = {"kind": kind, "now": {name: form[name] for name in _NOW.get(kind, ()) if form.get(name)}}
    if kind == "speaker":
        body["now"] = {"speaker": form.get("speaker") or None}
    for name in ("country", "currency"):
        if name in body["now"]:
            body["now"][name] = body["now"][name].upper()
    if kind == "split":
        entered = [str(one).partition("-") for one in (await request.form()).getlist("mention")]
        parts = [{"start": start, "end": end} for start, _, end in entered]
        body["now"] = {"name": form.get("split_name", ""), "mentions": parts}
    if "field" in form:
        target = ("of",) if "of" in form else ("start", "end")
        body["target"] = {
            "field": form["field"],
            **{"name" if name == "of" else name: form.get(name) for name in target},
        }
    await corrections.correct(corrector, id, _GIVEN.validate_python(body), db, settings)
    return seen(RedirectResponse(f"/documents/{id}#editors", 303))


@router.post("/documents/{id}/corrections/{correction_id}/undo", dependencies=[OwnPage])
async def undo(
    corrector: Corrector, id: Id, correction_id: Annotated[str, Path(max_length=100)], db: Database, settings: Config
) -> Response:
    """Undo a correction, then show the document again."""
    await corrections.delete_correction(corrector, id, correction_id, db, settings)
    return seen(RedirectResponse(f"/documents/{id}#editors", 303))
