"""``/v1/keys``: create, list and revoke API keys."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ValidationError

from services.api.auth import REFUSALS, Operator
from services.api.common import Config, Database
from services.api.problems import RESPONSE, Problem, invalid
from services.store import keys
from services.store.audit import Action
from services.store.keys import KEYS, ApiKey, Grant

router = APIRouter(prefix="/v1/keys", tags=["keys"], responses=REFUSALS)


class NewKey(ApiKey):
    """A new key. ``key`` is shown only once."""

    key: str


class KeyList(BaseModel):
    keys: list[ApiKey]


@router.post(
    "",
    status_code=201,
    openapi_extra={"requestBody": {"content": {"application/json": {"schema": Grant.model_json_schema()}}}},
)
async def create_key(request: Request, operator: Operator, db: Database, settings: Config) -> NewKey:
    """Create a key. Only this answer shows it."""
    try:
        grant = Grant.model_validate_json(
            await request.body(), strict=True
        )  # here, so that nothing is read for callers without the right
    except ValidationError as error:
        raise invalid(error.errors(include_context=False, include_url=False)) from None
    key = keys.generate()
    entry = keys.entry(key, grant)
    details = {"key_name": grant.name, "scopes": grant.scopes, "collections": grant.collections}
    await operator.audit(db, settings, Action.KEY_CREATE, entry["_id"], **details)
    await db[KEYS].insert_one(entry)
    return NewKey(key=key, **keys.shown(entry).model_dump())


@router.get("")
async def list_keys(operator: Operator, db: Database) -> KeyList:
    """Return every key ever created, oldest first, including revoked ones."""
    return KeyList(keys=[keys.shown(entry) async for entry in db[KEYS].find().sort("created_at", 1)])


@router.delete("/{id}", status_code=204, responses={404: {**RESPONSE, "description": "No such key."}})
async def revoke_key(
    id: Annotated[str, Path(max_length=100, description="the key's id, the middle part of the key")],
    operator: Operator,
    request: Request,
    db: Database,
    settings: Config,
) -> Response:
    """Revoke a key permanently. Other API processes notice within COPYDESK_AUTH_CACHE_SECONDS."""
    entry = await db[KEYS].find_one({"_id": id})
    if entry is None:
        raise Problem(404, "not-found", "No such key", f"there is no key {id!r}; look at GET /v1/keys")
    await operator.audit(db, settings, Action.KEY_REVOKE, id, key_name=entry["name"])
    await db[KEYS].update_one({"_id": id, "revoked_at": None}, {"$set": {"revoked_at": datetime.now(UTC)}})
    request.app.state.keys.forget(id)
    return Response(status_code=204)
