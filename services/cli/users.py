"""``copydesk users``: invite, list, change, disable and delete people on a running API, with an admin's key."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from services.cli.client import LOCAL, ApiUrl
from services.cli.client import connect as connect_api
from services.cli.errors import die
from services.cli.keys import asked

app = typer.Typer(
    help="Invite people to the console; list, change, disable and delete them. Needs an admin's key in COPYDESK_API_KEY.",
    no_args_is_help=True,
)
out = Console()

Email = Annotated[str, typer.Argument(help="The person's e-mail address.")]
Role = Annotated[
    list[str],
    typer.Option(help="reader, editor or admin, in all collections; or ROLE=COLLECTION,…; may be repeated."),
]


@app.command()
def add(
    email: Email,
    role: Role = ["reader"],  # noqa: B006 - typer copies it
    name: Annotated[
        str | None, typer.Option(help="The person's name. Default: the part of the address before the @.")
    ] = None,
    api: ApiUrl = LOCAL,
) -> None:
    """Invite a person, and print the link with which they choose a password. It is mailed to them, too, if
    COPYDESK_SMTP_URL and COPYDESK_PUBLIC_URL are set.

    Example: copydesk users add ada@desk.example --name "Ada Moor" --role reader --role editor=sport-*,wire
    """
    roles = [_role(one) for one in role]
    made = asked(lambda: connect_api(api).invite_user(email, name or email.partition("@")[0], roles))
    _print_invitation(made["invitation"], email, api)


@app.command("list")
def list_(api: ApiUrl = LOCAL) -> None:
    """List everybody, oldest first.

    Example: copydesk users list
    """
    table = Table("id", "e-mail", "name", "roles", "second factor", "last login", "state")
    for one in asked(lambda: connect_api(api).users()):
        roles = "; ".join(f"{held['role']}: {', '.join(held['collections'])}" for held in one["roles"])
        login = (one["logged_in_at"] or "never")[:10]
        table.add_row(one["id"], one["email"], one["name"], roles, "yes" if one["second_factor"] else "no", login,
                      "active" if one["active"] else "disabled")  # fmt: skip
    out.print(table, markup=False)


@app.command()
def role(email: Email, role: Annotated[list[str], typer.Argument(help="The new roles, as in `add`; they replace all former ones.")], api: ApiUrl = LOCAL) -> None:  # fmt: skip
    """Change what a person may do. It takes effect with their next request.

    Example: copydesk users role ada@desk.example reader editor=sport-*
    """
    _change(api, email, roles=[_role(one) for one in role])
    out.print(f"{email}: {', '.join(role)}", highlight=False, markup=False)


@app.command()
def disable(email: Email, api: ApiUrl = LOCAL) -> None:
    """Disable a person and end their sessions and event streams.

    Example: copydesk users disable ada@desk.example
    """
    _change(api, email, active=False)
    out.print(f"{email} disabled", highlight=False, markup=False)


@app.command()
def enable(email: Email, api: ApiUrl = LOCAL) -> None:
    """Let a disabled person log in again.

    Example: copydesk users enable ada@desk.example
    """
    _change(api, email, active=True)
    out.print(f"{email} enabled", highlight=False, markup=False)


@app.command()
def password(email: Email, api: ApiUrl = LOCAL) -> None:
    """Print a new link with which a person chooses a password. Until they use it, their old password works.

    Example: copydesk users password ada@desk.example
    """
    id = _find(api, email)
    _print_invitation(asked(lambda: connect_api(api).new_invitation(id)), email, api)


@app.command()
def logout(email: Email, api: ApiUrl = LOCAL) -> None:
    """End all sessions of a person.

    Example: copydesk users logout ada@desk.example
    """
    id = _find(api, email)
    asked(lambda: connect_api(api).end_sessions(id))
    out.print(f"{email} is logged out everywhere", highlight=False, markup=False)


@app.command("remove-second-factor")
def remove_second_factor(email: Email, api: ApiUrl = LOCAL) -> None:
    """Remove the second factor of a person who has lost it, and end all their sessions.

    Example: copydesk users remove-second-factor ada@desk.example
    """
    id = _find(api, email)
    asked(lambda: connect_api(api).remove_second_factor(id))
    out.print(f"{email} logs in without a second factor, and can set up another one", highlight=False, markup=False)


@app.command()
def delete(email: Email, api: ApiUrl = LOCAL) -> None:
    """Delete a person. The audit log and corrections still name them.

    Example: copydesk users delete ada@desk.example
    """
    id = _find(api, email)
    asked(lambda: connect_api(api).delete_user(id))
    out.print(f"{email} deleted", highlight=False, markup=False)


def _role(given: str) -> dict[str, Any]:
    role, _, collections = given.partition("=")
    return {"role": role, "collections": [one.strip() for one in (collections or "*").split(",")]}


def _find(api: str, email: str) -> str:
    found = [one["id"] for one in asked(lambda: connect_api(api).users()) if one["email"] == email.strip().lower()]
    if not found:
        die(f"nobody has the address {email}; `copydesk users list` shows everybody")
    return str(found[0])


def _change(api: str, email: str, **changes: Any) -> None:
    id = _find(api, email)
    asked(lambda: connect_api(api).change_user(id, **changes))


def _print_invitation(made: dict[str, Any], email: str, api: str) -> None:
    link = made["link"]
    print(link if "://" in link else f"{api.rstrip('/')}{link}")
    sent = f"It was mailed to {email}, too." if made["mailed"] else f"Send it to {email}: it was not mailed."
    Console(stderr=True).print(f"The link works once, until {made['expires_at'][:16]} UTC. {sent}", highlight=False)
