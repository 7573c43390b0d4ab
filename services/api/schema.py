"""``GET /v1/schema``: the record, as the API returns it, as JSON Schema."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse

from services.api.auth import REFUSALS, Reader
from services.api.common import MISSING
from services.api.problems import Problem
from services.records import SCHEMA_VERSION, Record

router = APIRouter(prefix="/v1/schema", tags=["schema"], responses=REFUSALS)


def record_schema() -> dict[str, Any]:
    """Return the JSON Schema 2020-12 of the answer of `GET /v1/documents/{id}`; docs/schema has one file for each
    version. Fields may be added within a version, so ignore those that you do not know.
    """
    schema = Record.model_json_schema(mode="serialization")
    for node in (schema, *schema["$defs"].values()):
        node.pop("additionalProperties", None)
    schema["properties"] = {
        "id": {"type": "string", "description": "ObjectId, `_id` in MongoDB"},
        **schema["properties"],
    }
    schema["required"] = ["id", *schema.get("required", [])]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:copydesk:record:{SCHEMA_VERSION}",
        **schema,
    }


@router.get("", response_model=dict[str, Any])
async def current_schema(reader: Reader) -> JSONResponse:
    """Return the schema of the current version; `schema_version` of a record says which version it has."""
    return JSONResponse(record_schema())


@router.get("/{version}", response_model=dict[str, Any], responses=MISSING)
async def schema_of(
    reader: Reader, version: Annotated[int, Path(ge=1, description="`schema_version` of a record")]
) -> JSONResponse:
    """Return the schema of one version."""
    if version != SCHEMA_VERSION:
        raise Problem(404, "not-found", "No such version",
                      f"the current version is {SCHEMA_VERSION}; docs/schema has earlier ones")  # fmt: skip
    return await current_schema(reader)
