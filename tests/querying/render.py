"""Write a query in MongoDB's Extended JSON as people type it, for mongosh and PyMongo, and read it back from
mongosh."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any, ClassVar

from bson import json_util

Query = dict[str, Any]
WIDTH = 110


@dataclass(frozen=True)
class Question:
    """A question. ``on`` is a collection or view. It has either ``pipeline``, or ``filter`` with ``project``, ``sort``,
    ``limit``."""

    asks: str
    pipeline: list[Query] | None = None
    filter: Query | None = None
    project: Query | None = None
    sort: Query | None = None
    limit: int = 0
    on: str = "documents"
    note: str = ""
    calls: list[tuple[str, Any]] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        if self.pipeline is not None:
            self.calls.append(("aggregate", self.pipeline))
            return
        self.calls.append(("find", [self.filter or {}, *([self.project] if self.project else [])]))
        if self.sort:
            self.calls.append(("sort", self.sort))
        if self.limit:
            self.calls.append(("limit", self.limit))


def mongosh(question: Question) -> str:
    return _code(question, _Mongosh())


def pymongo(question: Question) -> str:
    """Return an expression whose names are ``db``, ``datetime``, ``UTC`` and ``Decimal128``."""
    return _code(question, _PyMongo())


def _code(question: Question, language: _Language) -> str:
    parts = [f"db.{question.on}"]
    for name, argument in question.calls:
        arguments = argument if name == "find" else [argument]
        shown = ", ".join(language.write(one, 0) for one in arguments)
        parts.append(f".{name}({shown})")
    return "".join(parts)


class _Language:
    """JSON as both languages write it; constants and special values differ."""

    constants: ClassVar[dict[Any, str]]

    def special(self, node: Query) -> str | None:
        raise NotImplementedError

    def write(self, node: Any, indent: int) -> str:
        flat = self._flat(node)
        if len(flat) + indent <= WIDTH or not isinstance(node, dict | list) or self._is_special(node):
            return flat
        space = " " * (indent + 2)
        if isinstance(node, list):
            inner = [self.write(one, indent + 2) for one in node]
            return "[\n" + ",\n".join(space + one for one in inner) + "\n" + " " * indent + "]"
        inner = [f"{json.dumps(name)}: {self.write(value, indent + 2 + len(name))}" for name, value in node.items()]
        return "{\n" + ",\n".join(space + one for one in inner) + "\n" + " " * indent + "}"

    def _is_special(self, node: Any) -> bool:
        return isinstance(node, dict) and self.special(node) is not None

    def _flat(self, node: Any) -> str:
        if isinstance(node, dict):
            special = self.special(node)
            if special is not None:
                return special
            return "{" + ", ".join(f"{json.dumps(name)}: {self._flat(value)}" for name, value in node.items()) + "}"
        if isinstance(node, list):
            return "[" + ", ".join(self._flat(one) for one in node) + "]"
        if node is None or isinstance(node, bool):
            return self.constants[node]
        return json.dumps(node, ensure_ascii=False)


class _Mongosh(_Language):
    constants: ClassVar = {None: "null", True: "true", False: "false"}

    def special(self, node: Query) -> str | None:
        if set(node) == {"$date"} and isinstance(node["$date"], str):
            return f'ISODate("{node["$date"]}")'
        if set(node) == {"$numberDecimal"}:
            return f'NumberDecimal("{node["$numberDecimal"]}")'
        return None


class _PyMongo(_Language):
    constants: ClassVar = {None: "None", True: "True", False: "False"}

    def special(self, node: Query) -> str | None:
        if set(node) == {"$date"} and isinstance(node["$date"], str):
            year, month, day = (int(part) for part in node["$date"][:10].split("-"))
            return f"datetime({year}, {month}, {day}, tzinfo=UTC)"
        if set(node) == {"$numberDecimal"}:
            return f'Decimal128("{node["$numberDecimal"]}")'
        return None


def read_mongosh(code: str) -> tuple[str, list[tuple[str, Any]]]:
    """Return the collection and the calls in mongosh code as `mongosh` writes it. Raises ValueError if it is not such
    code."""
    text = re.sub(r'ISODate\(("[^"]*")\)', r'{"$date": \1}', code.strip())
    text = re.sub(r'NumberDecimal\(("[^"]*")\)', r'{"$numberDecimal": \1}', text)
    head = re.match(r"db\.(\w+)", text)
    if head is None:
        raise ValueError(f"no collection in {code[:60]!r}")
    calls, at, decoder = [], head.end(), json.JSONDecoder()
    while at < len(text):
        call = re.match(r"\.(\w+)\(", text[at:])
        if call is None:
            raise ValueError(f"no call at {text[at : at + 60]!r}")
        at += call.end()
        arguments = []
        while text[at] != ")":
            argument, at = decoder.raw_decode(text, at)
            arguments.append(argument)
            at += len(text[at:]) - len(text[at:].lstrip(", \n"))
        at += 1
        calls.append((call[1], arguments if call[1] == "find" else arguments[0]))
    return head[1], calls


def answer(rows: list[Query]) -> str:
    """Return rows as the page shows them: one line each, with plain numbers and instants."""
    return "\n".join(json.dumps(_plain(row), ensure_ascii=False) for row in rows)


def _plain(node: Any) -> Any:
    if isinstance(node, dict):
        return {name: _plain(value) for name, value in node.items()}
    if isinstance(node, list):
        return [_plain(one) for one in node]
    if hasattr(node, "isoformat"):
        return node.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(node, float):
        return round(node, 4)
    return node if node is None or isinstance(node, str | int | bool) else str(node)


def run(question: Question, db: Any) -> list[Query]:
    """Return the rows that the specification itself gives."""
    found = db[question.on]
    for name, argument in question.calls:
        given = json_util.loads(json.dumps(argument))
        found = getattr(found, name)(*(given if name == "find" else [list(given.items()) if name == "sort" else given]))
    return list(found)
