"""``/v1/webhooks``: notify other programs when documents are done or failed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from bson import ObjectId
from bson.errors import InvalidId
from fastapi import APIRouter, Path, Query, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pymongo.asynchronous.database import AsyncDatabase

from services.api.auth import REFUSALS, Admin, Caller
from services.api.common import MISSING, Config, Database, plain
from services.api.problems import Problem
from services.outbound import Refused, of_webhooks, resolve
from services.store import shown
from services.store.audit import Action
from services.store.webhooks import DELIVERIES, EVENTS, WEBHOOKS, secrets_database
from services.webhooks import new_secret

Doc = dict[str, Any]
EventName = Literal["document.done", "document.failed", "document.canceled", "document.withdrawn", "search.matched"]

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"], responses=REFUSALS)


class WebhookIn(BaseModel):
    """Where to send, and for which events. The webhook covers the collections that the key may read now."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"url": "https://desk.example/hook"}]})

    url: Annotated[str, StringConstraints(max_length=2000)]
    events: Annotated[list[EventName], Field(min_length=1)] = [*EVENTS]  # type: ignore[list-item]
    description: Annotated[str, StringConstraints(max_length=200)] = ""


class Webhook(BaseModel):
    """A webhook. ``disabled_at`` is set if it answered 410 Gone, or if the key that created it was revoked or expired;
    nothing is sent any more."""

    id: str
    url: str
    events: list[EventName]
    description: str
    collections: list[str]
    created_at: datetime
    disabled_at: datetime | None


class NewWebhook(Webhook):
    """A new webhook. ``secret`` is shown only once; the receiver checks signatures with it."""

    secret: str


class WebhookList(BaseModel):
    webhooks: list[Webhook]


class Try(BaseModel):
    """An attempt. ``status`` is the HTTP status, or null if there was no answer; ``error`` is null if the message was
    delivered."""

    at: datetime
    status: int | None
    ms: int | None = None
    error: str | None


class Delivery(BaseModel):
    """A message. Its ``id`` is the same in every attempt. While it is ``pending``, ``next_at`` is the time of the next
    attempt."""

    id: str
    document: str
    type: EventName
    status: Literal["pending", "delivered", "failed"]
    created_at: datetime
    next_at: datetime
    tries: list[Try]


class Deliveries(BaseModel):
    deliveries: list[Delivery]


@router.post("", status_code=201)
async def create_webhook(admin: Admin, asked: WebhookIn, db: Database, settings: Config) -> NewWebhook:
    """Create a webhook; it is called for documents that are finished from now on."""
    try:
        await run_in_threadpool(resolve, asked.url, of_webhooks(settings))
    except Refused as error:
        raise Problem(422, "webhook-url", "The address cannot be used for a webhook", str(error)) from None
    now = datetime.now(UTC)
    entry = {
        "_id": ObjectId(),
        **asked.model_dump(),
        "collections": list(admin.collections),
        "embargoed": shown.EMBARGOED in admin.scopes,
        "key": admin.key,
        "created_at": now,
        "disabled_at": None,
        "after": now,
    }
    secret = new_secret()
    await admin.audit(db, settings, Action.WEBHOOK_CREATE, str(entry["_id"]), url=asked.url)
    await _secrets(db).insert_one({"_id": entry["_id"], "secret": secret})
    await db[WEBHOOKS].insert_one(entry)
    return NewWebhook(secret=secret, **_shown(entry))


@router.get("")
async def list_webhooks(admin: Admin, db: Database) -> WebhookList:
    """Return the webhooks for collections that the key may read."""
    found = await db[WEBHOOKS].find().sort("_id", 1).to_list()
    return WebhookList(webhooks=[Webhook(**_shown(one)) for one in found if _reaches(admin, one)])


@router.get("/{id}/deliveries", responses=MISSING)
async def list_deliveries(
    admin: Admin,
    id: Annotated[str, Path(max_length=100, description="the webhook's id")],
    db: Database,
    status: Annotated[
        Literal["pending", "delivered", "failed"] | None, Query(description="only deliveries in this state")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="how many deliveries to return, latest first")] = 50,
) -> Deliveries:
    """Return messages that were sent or will be sent, newest first. They are kept for 30 days."""
    webhook = await _webhook(db, admin, id)
    query = {"webhook": webhook["_id"], **({"status": status} if status else {})}
    found = await db[DELIVERIES].find(query).sort("created_at", -1).limit(limit).to_list()
    return Deliveries(
        deliveries=[
            Delivery(
                id=one["_id"],
                document=str(one["document"]),
                type=one["body"]["type"],
                **{name: one[name] for name in ("status", "created_at", "next_at", "tries")},
            )
            for one in found
        ]
    )


@router.delete("/{id}", status_code=204, responses=MISSING)
async def delete_webhook(
    admin: Admin,
    id: Annotated[str, Path(max_length=100, description="the webhook's id")],
    db: Database,
    settings: Config,
) -> Response:
    """Remove a webhook. Messages that have not been sent are discarded."""
    webhook = await _webhook(db, admin, id)
    await admin.audit(db, settings, Action.WEBHOOK_DELETE, id, url=webhook["url"])
    await db[WEBHOOKS].delete_one({"_id": webhook["_id"]})
    await _secrets(db).delete_one({"_id": webhook["_id"]})
    return Response(status_code=204)


def _secrets(db: AsyncDatabase[Doc]) -> Any:
    return db.client[secrets_database(db.name)][WEBHOOKS]


def _reaches(caller: Caller, webhook: Doc) -> bool:
    return caller.everywhere or set(webhook["collections"]) <= set(caller.collections)


async def _webhook(db: AsyncDatabase[Doc], caller: Caller, id: str) -> Doc:
    """Return the webhook. Raises Problem 404."""
    try:
        found = await db[WEBHOOKS].find_one({"_id": ObjectId(id)})
    except InvalidId:
        found = None
    if found is None or not _reaches(caller, found):
        raise Problem(404, "not-found", "No such webhook", f"there is no webhook {id!r}; look at GET /v1/webhooks")
    return found


def _shown(entry: Doc) -> Doc:
    return {name: value for name, value in plain(entry).items() if name in Webhook.model_fields}
