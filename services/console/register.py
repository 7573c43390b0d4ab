"""The register of people and organizations: a list with open questions, and a page for each entry where an editor
joins, keeps apart, splits and renames."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import TypeAdapter

from services.api import entities, network, register, splits
from services.api.auth import Corrector, Reader
from services.api.common import Config, Database
from services.api.problems import Problem
from services.api.register import Id
from services.console.drawing import HEIGHT, WIDTH, spokes
from services.console.page import Page, page, seen
from services.console.session import OwnPage
from services.store.register import ENTITIES

Doc = dict[str, Any]
SHOWN = 100
_SPLIT: TypeAdapter[splits.Split] = TypeAdapter(splits.Split)

router = APIRouter(route_class=Page, include_in_schema=False)


@router.get("/register")
async def listed(request: Request, reader: Reader, db: Database, q: str = "") -> Response:
    """Show the questions of the register and its entries: those with most documents, or those whose name starts with
    ``q``. The key must see all collections."""
    register.of_all(reader)
    asked = {"name": {"$regex": f"^{re.escape(q[:100])}"}} if q else {}
    query = {"documents": {"$gt": 0}, "unsure": {"$ne": True}, **asked}
    shown = dict.fromkeys(("name", "given_name", "type", "documents", "roles", "first_seen", "last_seen"), 1)
    rows = await db[ENTITIES].find(query, shown).sort([("documents", -1), ("_id", 1)]).limit(SHOWN).to_list()
    questions = await register.suggested(reader, db)
    return page(request, "register.html", reader, rows=rows, questions=questions, q=q)


@router.get("/register/{id}")
async def told(request: Request, reader: Reader, id: Id, db: Database) -> Response:
    """Show an entry: names, roles, countries, documents, what was said by it and of it, and its network."""
    profile = await entities.by_id(request, reader, db, id, "month", {"documents": 20, "company": 12})
    found = await network.found(request, reader, id, db, network.Asked(limit=12))
    names = {one["id"]: one["name"] for one in found["nodes"]}
    entry: Doc = {}
    questions: list[Doc] = []
    joined: list[Doc] = []
    if reader.everywhere:
        entry = await db[ENTITIES].find_one({"_id": profile["id"]}) or {}
        questions = await register.suggested(reader, db, profile["id"])
        joined = await db[ENTITIES].find({"into": profile["id"]}, {"name": 1}).to_list()
    return page(
        request,
        "entry.html",
        reader,
        one=profile,
        entry=entry,
        network=found,
        names=names,
        of=[edge for edge in found["edges"] if edge["relation"] == "said_of" and edge["target"] == found["id"]],
        drawing=spokes(found["id"], found["nodes"], found["edges"]),
        size=(WIDTH, HEIGHT),
        questions=questions,
        joined=joined,
        editor=reader.everywhere and "correct" in reader.scopes,
    )


@router.post("/register/{id}", dependencies=[OwnPage])
async def decide(
    request: Request,
    corrector: Corrector,
    id: Id,
    db: Database,
    settings: Config,
    what: Annotated[str, Form(max_length=20)],
    other: Annotated[str, Form(max_length=40)] = "",
    name: Annotated[str, Form(max_length=300)] = "",
) -> Response:
    """Do what a form says: join, apart, rename, split; then show the entry."""
    to = id
    if what == "join":
        await register.join_entities(corrector, id, register.Join(into=other), db, settings)
        to = other
    elif what == "part":
        await register.part_entities(corrector, other, db, settings)
        to = other
    elif what == "apart":
        await register.keep_entities_apart(corrector, id, register.Apart(other=other), db, settings)
    elif what == "rename":
        await register.rename_entity(corrector, id, register.Name(name=name or None), db, settings)
    elif what == "split":
        documents = (await request.form()).getlist("document")
        await splits.split_entity(corrector, id, _SPLIT.validate_python({"documents": documents}), db, settings)
    else:
        raise Problem(422, "what", "No such action", "use the buttons of the page")
    return seen(RedirectResponse(f"/register/{to}", 303))
