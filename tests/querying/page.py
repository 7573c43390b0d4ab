"""Make docs/querying.md from the questions and the answers of its documents."""

from __future__ import annotations

from typing import Any

from tests.querying.questions import CHAPTERS
from tests.querying.render import Question, answer, mongosh, pymongo, run

HEAD = """# Querying MongoDB by hand

The collection `documents` has one record for each document. [services/records](../services/records) describes every field,
[docs/schema](schema) has the JSON Schema of each version, and `GET /v1/schema` returns the current one. `copydesk init` creates four views for
common questions. All four leave out documents that are [withdrawn or under embargo](wire.md):

| view | a row for each | fields |
| --- | --- | --- |
| `shown_documents` | document | all of the record |
| `quotes_by_speaker` | quote with a speaker | `speaker`, `text`, `cue`, `start`, `end` |
| `money_by_country` | sum and country that its document names a place in | `country`, `currency`, `amount`, `amount_max`, `text` |
| `events_daily` | day of publication and type of event | `day`, `action`, `count`, `documents`, `actors` |

`quotes_by_speaker` and `money_by_country` also have `document` (the record's `_id`), `title`, `published_at`, `publisher` and `collection`.

Below are {count} questions, each with code for mongosh and PyMongo and the answer from the documents in `seeds/` and `tests/querying/wire/`. You can paste the
pipelines into MongoDB Compass. `make querying` generates the page from one specification of each question. A test runs the PyMongo code against
these documents on SecantusDB, and checks that the mongosh code parses to the same query; it does not run the mongosh code.

```sh
mongosh 'mongodb://reader@127.0.0.1:27017/copydesk?directConnection=true&authSource=copydesk'
```

```python
from datetime import UTC, datetime

from bson import Decimal128
from pymongo import MongoClient

db = MongoClient("mongodb://127.0.0.1:27017/?directConnection=true").copydesk
```

On a sharded cluster a query goes to all shards unless its first filter names `source.collection` ([scaling-mongodb.md](scaling-mongodb.md)).

An expression such as `"$places.country"`, which collects a field from every element of an array, returns nothing on SecantusDB; `$unwind` and `$map` work
on every server.
"""

TAIL = """## Without MongoDB: the lists of the API

The API lists the same things for a key that sees only some collections ([search](search.md#lists)). The command line prints a table, or JSON in a pipe:

```sh
copydesk quotes ferry --where speaker=Solheim
copydesk sums 'currency:USD amount:>1bn' --csv
copydesk events ferry --where event_status=happened
copydesk stories --where versions_min=2
copydesk entities ferry --where type=PERSON
```

## Following changes

On a replica set MongoDB reports changes as they happen. This code prints each document when it is done. To continue from the same position after a
restart, store the token.

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

`docker-compose.yml` and `copydesk up` run single servers without a replica set, where `watch` is refused; use
[events and webhooks](following.md) instead.
"""


def block(question: Question, rows: list[dict[str, Any]]) -> str:
    note = f"{question.note}\n\n" if question.note else ""
    found = answer(rows)
    given = f"```json\n{found}\n```\n" if found else "Nothing.\n"
    return f"### {question.asks}\n\n{note}```js\n{mongosh(question)}\n```\n\n```python\n{pymongo(question)}\n```\n\n{given}"


def page(db: Any) -> str:
    """Return the page, with answers from ``db``."""
    parts = [HEAD.replace("{count}", str(sum(map(len, CHAPTERS.values()))))]
    for name, questions in CHAPTERS.items():
        parts.append(f"## {name}\n")
        parts += [block(question, run(question, db)) for question in questions]
    return "\n".join([*parts, TAIL])
