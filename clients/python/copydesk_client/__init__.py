"""A client of the API: ``Copydesk``, and ``AsyncCopydesk`` for asyncio.

    with Copydesk("https://desk.example", key) as desk:
        id = desk.add("Ministers meet\\n\\nLONDON (AP) - Ministers met.", publisher="AP")["id"]
        desk.wait([id])
        for document in desk.search(q="ministers", country="GB"):
            print(document["title"], document["score"])
        for quote in desk.record(id).quotes:
            print(quote.speaker, quote.text)

Every method raises CopydeskError. A request is repeated while the API does not answer (503, or no connection), and
while it limits requests (429); documents are stored once, however often they are sent. docs/search.md lists the
parameters of a search.
"""

from __future__ import annotations

from copydesk_client.blocking import Copydesk
from copydesk_client.concurrent import AsyncCopydesk
from copydesk_client.conversation import LOCAL, CopydeskError
from copydesk_client.record import Record
from copydesk_client.shapes import Accepted, Counts, Doc, Exported, Listed, Page, Taken, Written

__version__ = "0.2.0"

__all__ = [
    "LOCAL",
    "Accepted",
    "AsyncCopydesk",
    "Copydesk",
    "CopydeskError",
    "Counts",
    "Doc",
    "Exported",
    "Listed",
    "Page",
    "Record",
    "Taken",
    "Written",
]
