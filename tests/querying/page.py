"""Makes docs/querying.md of the questions and of what its documents answer."""

from __future__ import annotations

from typing import Any

from tests.querying.questions import CHAPTERS
from tests.querying.render import Question, answer, mongosh, pymongo, run

HEAD = """# Querying MongoDB by hand

One record per document, in the collection `documents`; [services/records](../services/records) describes every field, and
[docs/schema](schema) has its JSON Schema, a file for each version; `GET /v1/schema` gives today's. `copydesk init` makes four views for
what is asked most, all without what was [withdrawn or is under embargo](wire.md):

| view | a row for each | fields |
| --- | --- | --- |
| `shown_documents` | document | all of the record |
| `quotes_by_speaker` | quote with a speaker | `speaker`, `text`, `cue`, `start`, `end` |
| `money_by_country` | sum, in each country its document has a place of | `country`, `currency`, `amount`, `amount_max`, `text` |
| `events_daily` | day of publication and type of event | `day`, `action`, `count`, `documents`, `actors` |

The two in the middle also have `document` (the record's `_id`), `title`, `published_at`, `publisher` and `collection`.

Below are {count} questions, each for mongosh and for PyMongo, with the answer from the documents in `seeds/` and `tests/querying/wire/`. MongoDB Compass takes the
pipelines as they are. The page is made by `make querying` from one specification of each question; a test runs its PyMongo code against
these documents and reads its mongosh code back. The tests ran on SecantusDB; code for mongosh was parsed, not run.

```sh
mongosh 'mongodb://reader@127.0.0.1:27017/copydesk?directConnection=true&authSource=copydesk'
```

```python
from datetime import UTC, datetime

from bson import Decimal128
from pymongo import MongoClient

db = MongoClient("mongodb://127.0.0.1:27017/?directConnection=true").copydesk
```

On a sharded cluster a question asks all shards, unless its first filter names `source.collection` ([scaling-mongodb.md](scaling-mongodb.md)).

An expression such as `"$places.country"`, which collects a field through an array, gives nothing on SecantusDB; `$unwind` or `$map` work
on every server.
"""

TAIL = """## Following changes

On a replica set MongoDB tells what changes as it changes. This prints each document that is done, and goes on where it was after a
restart; keep the token where the program finds it again.

```python
token = None
only_done = [{"$match": {"operationType": "update", "updateDescription.updatedFields.status": "done"}}]
with db.documents.watch(only_done, full_document="updateLookup", resume_after=token) as changes:
    for change in changes:
        print(change["fullDocument"]["title"])
        token = changes.resume_token
```

```js
const changes = db.documents.watch([{"$match": {"operationType": "update", "updateDescription.updatedFields.status": "done"}}],
                                   {fullDocument: "updateLookup"})
while (!changes.isClosed()) { const change = changes.tryNext(); if (change) print(change.fullDocument.title) }
```

`docker-compose.yml` and `copydesk up` run single servers without a replica set, where `watch` is refused; there
[events and webhooks](following.md) serve.
"""


def block(question: Question, rows: list[dict[str, Any]]) -> str:
    note = f"{question.note}\n\n" if question.note else ""
    found = answer(rows)
    given = f"```json\n{found}\n```\n" if found else "Nothing.\n"
    return f"### {question.asks}\n\n{note}```js\n{mongosh(question)}\n```\n\n```python\n{pymongo(question)}\n```\n\n{given}"


def page(db: Any) -> str:
    """The page, answered by ``db``."""
    parts = [HEAD.replace("{count}", str(sum(map(len, CHAPTERS.values()))))]
    for name, questions in CHAPTERS.items():
        parts.append(f"## {name}\n")
        parts += [block(question, run(question, db)) for question in questions]
    return "\n".join([*parts, TAIL])
