"""The ``$jsonSchema`` validator of ``documents``, generated from the pydantic models."""

from __future__ import annotations

from typing import Any

from services.records import Record

Schema = dict[str, Any]

_BSON = {
    "string": "string",
    "integer": ["int", "long"],
    "number": ["double", "int", "long"],
    "boolean": "bool",
    "null": "null",
    "object": "object",
    "array": "array",
}
_KEPT = ("enum", "minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum", "pattern")


def record_schema() -> Schema:
    """Return MongoDB's JSON Schema of a record. Unknown fields are allowed, because old and new workers may share a
    database."""
    source = Record.model_json_schema(mode="validation")
    schema = _translate(source, source.get("$defs", {}))
    schema["required"] = ["schema_version", "status", "raw", "source", "processing"]
    return schema


def _translate(node: Schema, definitions: Schema) -> Schema:
    if "$ref" in node:
        return _translate(definitions[node["$ref"].rsplit("/", 1)[1]], definitions)
    if "allOf" in node and len(node["allOf"]) == 1:
        return _translate(node["allOf"][0], definitions)
    if "anyOf" in node:
        return _any_of(node["anyOf"], definitions)
    if "const" in node:
        return {"enum": [node["const"]]}
    schema: Schema = {key: node[key] for key in _KEPT if key in node}
    if node.get("format") == "date-time":
        return {"bsonType": "date"}
    if "type" in node:
        schema["bsonType"] = _BSON[node["type"]]
    if "properties" in node:
        schema["properties"] = {name: _translate(child, definitions) for name, child in node["properties"].items()}
        if node.get("required"):
            schema["required"] = node["required"]
    if isinstance(node.get("items"), dict):
        schema["items"] = _translate(node["items"], definitions)
    return schema


def _any_of(branches: list[Schema], definitions: Schema) -> Schema:
    # pydantic describes a Decimal as number or numeric string; MongoDB stores it as Decimal128
    nullable = any(branch.get("type") == "null" for branch in branches)
    kinds = {branch.get("type") for branch in branches} - {"null"}
    if kinds == {"number", "string"}:
        return {"bsonType": ["decimal", "null"] if nullable else "decimal"}
    translated = [_translate(branch, definitions) for branch in branches]
    simple = [branch for branch in translated if set(branch) == {"bsonType"}]
    if len(simple) == len(translated):
        types: list[str] = []
        for branch in simple:
            types += branch["bsonType"] if isinstance(branch["bsonType"], list) else [branch["bsonType"]]
        return {"bsonType": types}
    return {"anyOf": translated}
