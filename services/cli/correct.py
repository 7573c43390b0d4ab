"""``copydesk correct``: editors' corrections of a document on a running API, with a key of the scope `correct`."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.console import Console

from copydesk_client import Copydesk
from services.cli.client import LOCAL, ApiUrl
from services.cli.errors import die
from services.cli.named import asked
from services.cli.printed import printable

app = typer.Typer(
    help="Correct what was read in a document; tag, star and comment on it; undo corrections.", no_args_is_help=True
)
out = Console()
Doc = dict[str, Any]
Id = Annotated[str, typer.Argument(metavar="DOCUMENT", help="The document's id.")]
Entity = Annotated[str, typer.Argument(help="Name of an entity of the document.")]
Text = Annotated[str, typer.Argument(help="The words in the text, or how they begin.")]
Field = Annotated[
    str, typer.Option("--in", help="entities, places, quotes, statements, money, dates, quantities, cites or events.")
]


def _make(api: str, id: str, kind: str, now: Doc, target: Doc | None = None) -> None:
    body = {"kind": kind, "now": now, **({"target": target} if target else {})}
    print(asked(api, lambda desk: desk.correct(id, body))["id"])


def _at(api: str, id: str, field: str, text: str) -> Doc:
    """Return the annotation that begins with these words; end the command if the document has none, or several."""
    if field in ("entities", "places"):
        return {"field": field, "name": text}
    items = [one for one in asked(api, lambda desk: desk.get(id)).get(field) or [] if one["text"].startswith(text)]
    exact = [one for one in items if one["text"] == text] or items
    if len(exact) != 1:
        found = "; ".join(f"{one['text'][:60]!r} at {one['start']}" for one in exact)
        die(f"{len(exact)} annotations in {field} begin with {text!r}{f': {found}' if found else ''}")
    return {"field": field, "start": exact[0]["start"], "end": exact[0]["end"]}


@app.command()
def retype(id: Id, name: Entity, type: Annotated[str, typer.Argument(help="PERSON, ORG, GPE, …")],
           api: ApiUrl = LOCAL) -> None:  # fmt: skip
    """Give an entity another type.

    Example: copydesk correct retype 6a0f2c… "Oslo Bourse" ORG
    """
    _make(api, id, "retype", {"type": type.upper()}, {"field": "entities", "name": name})


@app.command()
def rename(
    id: Id, name: Entity, new: Annotated[str, typer.Argument(help="Its new name.")], api: ApiUrl = LOCAL
) -> None:
    """Give an entity another name, also where it is a speaker or in an event.

    Example: copydesk correct rename 6a0f2c… "Isla Munro" "Isla Monroe"
    """
    _make(api, id, "rename", {"name": new}, {"field": "entities", "name": name})


@app.command()
def join(
    id: Id, name: Entity, into: Annotated[str, typer.Argument(help="Name of the other entity.")], api: ApiUrl = LOCAL
) -> None:
    """Merge an entity with another entity of the document.

    Example: copydesk correct join 6a0f2c… Munro "Isla Munro"
    """
    _make(api, id, "join", {"into": into}, {"field": "entities", "name": name})


@app.command()
def split(
    id: Id,
    name: Entity,
    other: Annotated[str, typer.Argument(help="Name of the entity that the mentions belong to; it may be new.")],
    mention: Annotated[list[str], typer.Option(help="A mention of the other entity, as in the text; may be repeated.")],
    type: Annotated[str | None, typer.Option(help="Type of the other entity; by default the same.")] = None,
    api: ApiUrl = LOCAL,
) -> None:
    """Move some mentions of an entity to another entity.

    Example: copydesk correct split 6a0f2c… "Isla Munro" "Erik Munro" --mention "E. Munro"
    """
    record = asked(api, lambda desk: desk.get(id))
    spans = [span for one in record.get("entities") or [] if one["name"] == name for span in one["mentions"]]
    chosen = [{"start": span["start"], "end": span["end"]} for span in spans if span["text"] in mention]
    if not chosen:
        forms = ", ".join(sorted({repr(span["text"]) for span in spans})) or "no mentions"
        die(f"{name!r} has {forms} in this document; give one of them with --mention")
    now = {"name": other, "mentions": chosen, **({"type": type.upper()} if type else {})}
    _make(api, id, "split", now, {"field": "entities", "name": name})


@app.command()
def hide(id: Id, text: Text, field: Field = "entities", api: ApiUrl = LOCAL) -> None:
    """Remove an annotation.

    Example: copydesk correct hide 6a0f2c… "Reuters" --in cites
    """
    _make(api, id, "hide", {}, _at(api, id, field, text))


@app.command()
def speaker(
    id: Id,
    text: Text,
    name: Annotated[str | None, typer.Argument(help="Who spoke; leave it out if nobody is named.")] = None,
    field: Field = "quotes",
    api: ApiUrl = LOCAL,
) -> None:
    """Say who spoke.

    Example: copydesk correct speaker 6a0f2c… "We opened them" "Isla Monroe"
    """
    _make(api, id, "speaker", {"speaker": name}, _at(api, id, field, text))


@app.command()
def place(
    id: Id,
    name: Annotated[str, typer.Argument(help="Name of a place of the document.")],
    country: Annotated[str | None, typer.Option(help="ISO 3166-1 alpha-2: NO.")] = None,
    rename: Annotated[str | None, typer.Option("--name", help="Its new name.")] = None,
    at: Annotated[tuple[float, float] | None, typer.Option(metavar="LATITUDE LONGITUDE", help="Where it is.")] = None,
    api: ApiUrl = LOCAL,
) -> None:
    """Set the country, the name or the position of a place.

    Example: copydesk correct place 6a0f2c… Oslo --country US --at 48.2 -96.5
    """
    location = {"type": "Point", "coordinates": [at[1], at[0]]} if at else None
    now = {"country": country and country.upper(), "name": rename, "location": location}
    _make(api, id, "place", {name: value for name, value in now.items() if value}, {"field": "places", "name": name})


@app.command("sum")
def sum_(
    id: Id,
    text: Text,
    amount: Annotated[str | None, typer.Option(help="The amount, in full: 45000000.")] = None,
    currency: Annotated[str | None, typer.Option(help="ISO 4217: NOK.")] = None,
    api: ApiUrl = LOCAL,
) -> None:
    """Set the amount or the currency of a sum.

    Example: copydesk correct sum 6a0f2c… "$40 million" --currency CAD
    """
    now = {"amount": amount, "currency": currency and currency.upper()}
    target = _at(api, id, "money", text)
    _make(api, id, "sum", {name: value for name, value in now.items() if value}, target)


@app.command()
def date(
    id: Id, text: Text, value: Annotated[str, typer.Argument(help="2024-03-01, 2024-03 or 2024.")], api: ApiUrl = LOCAL
) -> None:
    """Set the day, month or year of a date.

    Example: copydesk correct date 6a0f2c… "in March" 2025-03
    """
    _make(api, id, "date", {"value": value}, _at(api, id, "dates", text))


@app.command()
def tag(id: Id, tag: Annotated[str, typer.Argument(help="The tag.")], api: ApiUrl = LOCAL) -> None:
    """Tag a document.

    Example: copydesk correct tag 6a0f2c… checked
    """
    _make(api, id, "tag", {"tag": tag})


@app.command()
def comment(id: Id, text: Annotated[str, typer.Argument(help="The comment.")], api: ApiUrl = LOCAL) -> None:
    """Comment on a document.

    Example: copydesk correct comment 6a0f2c… "Called the harbour: it is Monroe."
    """
    _make(api, id, "comment", {"text": text})


@app.command()
def star(id: Id, api: ApiUrl = LOCAL) -> None:
    """Star a document.

    Example: copydesk correct star 6a0f2c…
    """
    _make(api, id, "star", {})


@app.command("list")
def list_(id: Id, api: ApiUrl = LOCAL) -> None:
    """List the corrections of a document.

    Example: copydesk correct list 6a0f2c…
    """
    for one in asked(api, lambda desk: desk.corrections(id)):
        target = one["target"] or {}
        of = target.get("name") or target.get("text") or ""
        now = ", ".join(str(value) for value in one["now"].values() if isinstance(value, str | int | float))
        state = "" if one["applied"] else "(the document no longer has it)"
        line = "  ".join(filter(None, [one["id"], one["at"][:16].replace("T", " "), one["by"]["name"], one["kind"], of,
                                       f"→ {now}" if now else "", state]))  # fmt: skip
        out.print(printable(line), highlight=False, markup=False, soft_wrap=True)


@app.command()
def undo(
    id: Id,
    correction: Annotated[str, typer.Argument(help="The correction's id; `copydesk correct list` shows it.")],
    api: ApiUrl = LOCAL,
) -> None:
    """Undo a correction: the document has its previous value again.

    Example: copydesk correct undo 6a0f2c… 9f1c2ab04d5e6f70
    """

    def undone(desk: Copydesk) -> None:
        desk.undo_correction(id, correction)

    asked(api, undone)
    out.print("undone", highlight=False)
