"""``/v1/documents/{id}/corrections``: editors' corrections of a document, and its tags, comments and stars."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Literal

from fastapi import APIRouter, Body, Path, Response
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from services import corrections, identity
from services.api.auth import REFUSALS, Corrector, Reader
from services.api.common import MISSING, Config, Database, Doc, Id, audited, not_found, plain
from services.api.problems import RESPONSE, Problem
from services.records import Correction, EntityType, Target
from services.store import lists, register
from services.store.audit import Action
from services.store.setup import DOCUMENTS

router = APIRouter(prefix="/v1/documents", tags=["documents"], responses=REFUSALS)

MOST = 1000
"""How many corrections one document may have."""
MOST_TRIES = 30
_READ = dict.fromkeys(
    ("text", "source.collection", "source.tags", "raw.sha256", "status", "processing.finished_at", "corrections",
     "uncorrected", "revision", lists.REVISION, *corrections.FIELDS), 1
)  # fmt: skip

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Amount = Annotated[Decimal, Field(ge=0, lt=Decimal("1e30"), max_digits=34)]


def _known_date(value: str) -> str:
    corrections.period(value)
    return value


def _on_earth(value: list[float]) -> list[float]:
    if not (-180 <= value[0] <= 180 and -90 <= value[1] <= 90):
        raise ValueError("give longitude (within ±180) first, then latitude (within ±90)")
    return value


class Now(BaseModel):
    """The new values of a correction."""

    model_config = ConfigDict(extra="forbid")


class NewType(Now):
    type: EntityType


class NewName(Now):
    name: Name


class WhoIsMeant(Now):
    id: Annotated[
        str | None,
        Field(
            pattern=identity.PATTERN,
            description="`entities.id` of the person or organization that is meant; null if it is none",
        ),
    ]


class Into(Now):
    into: Annotated[Name, Field(description="name of the entity that it is merged into")]


class Part(BaseModel):
    """The offsets of a mention."""

    model_config = ConfigDict(extra="forbid")
    start: Annotated[int, Field(ge=0, lt=2**31)]
    end: Annotated[int, Field(ge=0, lt=2**31)]


class Parted(Now):
    name: Annotated[Name, Field(description="name of the entity that the mentions belong to; it may be new")]
    mentions: Annotated[list[Part], Field(min_length=1, max_length=1000)]
    type: EntityType | None = None


class NewSpeaker(Now):
    speaker: Annotated[Name | None, Field(description="null if the speaker has no name")]


class NewPoint(Now):
    type: Literal["Point"]
    coordinates: Annotated[
        list[float], Field(min_length=2, max_length=2, description="longitude and latitude"), AfterValidator(_on_earth)
    ]


class Several(Now):
    @model_validator(mode="after")
    def _something(self) -> Several:
        if not self.model_fields_set:
            raise ValueError(f"give at least one of {', '.join(type(self).model_fields)}")
        return self


class NewPlace(Several):
    name: Name = ""
    country: Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")] | None = None
    geonames_id: Annotated[int, Field(ge=1, lt=2**31)] | None = None
    location: NewPoint | None = None


class NewSum(Several):
    amount: Amount = Decimal(0)
    amount_max: Amount | None = None
    currency: Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")] | None = None


class NewDate(Now):
    value: Annotated[
        str,
        StringConstraints(pattern=r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"),
        AfterValidator(_known_date),
        Field(description="a day, a month or a year: `2012-03-04`, `2012-03`, `2012`"),
    ]


class NewTag(Now):
    tag: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class NewComment(Now):
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=5000)]


class Posted(BaseModel):
    """A correction to make."""

    model_config = ConfigDict(extra="forbid")


class At(Posted):
    target: Target


class Retype(At):
    kind: Literal["retype"]
    now: NewType


class Hide(At):
    kind: Literal["hide"]
    now: Now = Now()


class Join(At):
    kind: Literal["join"]
    now: Into


class Split(At):
    kind: Literal["split"]
    now: Parted


class Rename(At):
    kind: Literal["rename"]
    now: NewName


class Pin(At):
    kind: Literal["pin"]
    now: WhoIsMeant


class Speaker(At):
    kind: Literal["speaker"]
    now: NewSpeaker


class Place(At):
    kind: Literal["place"]
    now: NewPlace


class Sum(At):
    kind: Literal["sum"]
    now: NewSum


class Date(At):
    kind: Literal["date"]
    now: NewDate


class Tag(Posted):
    kind: Literal["tag"]
    now: NewTag


class Comment(Posted):
    kind: Literal["comment"]
    now: NewComment


class Star(Posted):
    kind: Literal["star"]
    now: Now = Now()


Given = Annotated[
    Retype | Hide | Join | Split | Rename | Pin | Speaker | Place | Sum | Date | Tag | Comment | Star,
    Body(
        discriminator="kind",
        examples=[
            {"kind": "retype", "target": {"field": "entities", "name": "Oslo Bourse"}, "now": {"type": "ORG"}},
            {"kind": "tag", "now": {"tag": "checked"}},
        ],
    ),
]
_CORRECTS: dict[str, tuple[str, ...]] = {
    "retype": ("entities",), "join": ("entities",), "split": ("entities",), "rename": ("entities",), "pin": ("entities",), "place": ("places",), "sum": ("money",),
    "date": ("dates",), "speaker": ("quotes", "statements"), "hide": corrections.FIELDS,
}  # fmt: skip
"""The fields that a kind of correction may concern."""


CorrectionId = Annotated[str, Path(description="the correction's id", examples=["9f1c2ab04d5e6f70"])]


class Corrections(BaseModel):
    """The corrections of a document, in the order in which they are applied."""

    corrections: list[Correction]


@router.get("/{id}/corrections", response_model=Corrections, responses=MISSING)
async def get_corrections(reader: Reader, id: Id, db: Database) -> JSONResponse:
    """Return the corrections of a document, with tags, comments and stars."""
    found = await db[DOCUMENTS].find_one({"_id": id, **reader.sees}, {"corrections": 1})
    if found is None:
        raise not_found(id)
    return JSONResponse({"corrections": plain(found.get("corrections") or [])})


@router.post(
    "/{id}/corrections",
    status_code=201,
    response_model=Correction,
    responses={
        **MISSING,
        200: {"model": Correction, "description": "The document already has this correction."},
        409: {**RESPONSE, "description": "The document has too many corrections, or changes too often."},
    },
)
async def post_correction(corrector: Corrector, id: Id, given: Given, db: Database, settings: Config) -> JSONResponse:
    """Correct an annotation, or tag, star or comment on a document.

    The record has the corrected values at once, and again after every later reading. The key needs the scopes `read`
    and `correct`.
    """
    return await correct(corrector, id, given, db, settings)


async def correct(corrector: Corrector, id: Id, given: Posted, db: Database, settings: Config) -> JSONResponse:
    """Store a correction and apply it. Raises Problem 404, 409 and 422."""
    asked = given.model_dump(exclude_unset=True)
    kind, target = asked["kind"], asked.get("target")
    if target and target["field"] not in _CORRECTS[kind]:
        raise Problem(422, "target", "The correction cannot be made",
                      f"{kind} is for {' or '.join(_CORRECTS[kind])}, not for {target['field']}")  # fmt: skip
    await audited(db, settings, corrector, Action.CORRECT, id, kind=kind, field=target and target["field"])
    if target:
        target = {name: target[name] for name in ("field", "start", "end", "name") if target.get(name) is not None}
    now = datetime.now(UTC)
    now = now.replace(microsecond=now.microsecond // 1000 * 1000)  # as MongoDB stores it
    made = {
        "id": secrets.token_hex(8), "kind": kind, "target": target, "was": {}, "now": asked.get("now", {}),
        "by": {"name": corrector.name, "key": corrector.key}, "at": now, "applied": False,
    }  # fmt: skip

    def added(record: Doc, before: list[Doc]) -> list[Doc]:
        if target and target.get("name") is None:
            target["text"] = (record.get("text") or "")[target["start"] : target["end"]] or None
        for part in made["now"].get("mentions", ()):
            part["text"] = (record.get("text") or "")[part["start"] : part["end"]]
        same = next((one for one in before if _same(one, made)), None)
        if same:
            return before
        if len(before) >= MOST:
            raise Problem(409, "full", "The document has too many corrections", f"{MOST} is the maximum; undo some")
        return [*before, made]

    after = await _change(corrector, id, db, added)
    stored = next(one for one in after if _same(one, made))
    new = stored["id"] == made["id"]
    headers = {"Location": f"/v1/documents/{id}/corrections/{stored['id']}"}
    return JSONResponse(plain(stored), 201 if new else 200, headers=headers)


@router.delete(
    "/{id}/corrections/{correction_id}",
    status_code=204,
    responses={
        404: {**RESPONSE, "description": "No such document or correction."},
        409: {**RESPONSE, "description": "The document changes too often."},
    },
)
async def delete_correction(
    corrector: Corrector, id: Id, correction_id: CorrectionId, db: Database, settings: Config
) -> Response:
    """Undo a correction: the record gets its earlier values, with the other corrections applied."""
    await audited(db, settings, corrector, Action.UNCORRECT, id, correction=correction_id[:100])

    def removed(_: Doc, before: list[Doc]) -> list[Doc]:
        left = [one for one in before if one["id"] != correction_id]
        if len(left) == len(before):
            raise Problem(404, "not-found", "No such correction",
                          f"the document has no correction {correction_id[:100]!r}; GET …/corrections lists them")  # fmt: skip
        return left

    await _change(corrector, id, db, removed)
    return Response(status_code=204)


def _same(one: Doc, other: Doc) -> bool:
    """Return whether two corrections say the same, so that a request that is sent again changes nothing."""
    by = one["kind"] != "comment" or one["by"]["key"] == other["by"]["key"]
    return by and all(one[name] == other[name] for name in ("kind", "target", "now"))


async def _change(
    corrector: Corrector, id: Id, db: Database, change: Callable[[Doc, list[Doc]], list[Doc]]
) -> list[Doc]:
    """Change the corrections and the fields that they concern in one write, which succeeds only if neither a worker nor
    another editor has written in between; otherwise do it again. Returns the corrections."""
    for _ in range(MOST_TRIES):
        record = await db[DOCUMENTS].find_one({"_id": id, **corrector.sees}, _READ)
        if record is None:
            raise not_found(id)
        before: list[Doc] = record.get("corrections") or []
        wanted = change(record, before)
        if wanted is before:
            return before
        fields = corrections.stored(record, wanted)
        after: list[Doc] = fields["corrections"]
        if len(after) > len(before) and record["status"] == "done" and not after[-1]["applied"]:
            raise Problem(422, "target", "The correction cannot be made", _no_target(record, after[-1]))
        unchanged = {
            "_id": id,
            "source.collection": record["source"]["collection"],
            "raw.sha256": record["raw"]["sha256"],
            "revision": record.get("revision"),
            "processing.finished_at": record["processing"].get("finished_at"),
        }
        update = {"$set": {**fields, "revision": (record.get("revision") or 0) + 1}}
        named = register.ids_in(record) ^ register.ids_in({"entities": fields.get("entities")})
        if "entities" in fields and (marks := register.stale(named)):
            await db[register.STALE].bulk_write(marks, ordered=False)
            if begun := register.begin(fields["entities"], named):
                await db[register.ENTITIES].bulk_write(begun, ordered=False)
        if compared := "entities" in fields and bool(record["processing"].get("lists_revision")):
            update["$set"][lists.REVISION] = None
        if (await db[DOCUMENTS].update_one(unchanged, update)).matched_count:
            if compared:
                await lists.unsettle(db)
            return after
    raise Problem(409, "busy", "The document changes too often", "nothing was corrected; send it again")


def _no_target(record: Doc, correction: Doc) -> str:
    target = correction["target"]
    if correction["kind"] == "split" and corrections.find(corrections.as_read(record), target):
        return "give some of the entity's mentions, not all of them, and the name of another entity"
    named = repr(target["name"]) if target.get("name") else f"{target['start']} to {target['end']}"
    if correction["kind"] == "join" and corrections.find(corrections.as_read(record), target):
        return f"the document has no other entity {correction['now']['into']!r}"
    return f"the document has nothing in {target['field']} at {named}; GET /v1/documents/{{id}} shows what it has"
