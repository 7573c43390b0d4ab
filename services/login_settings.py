"""Settings of people's logins; `services.settings.Settings` has them among its own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic_settings import BaseSettings


class RoleOfGroup(BaseModel):
    """A role that members of a group have in some collections."""

    model_config = ConfigDict(extra="forbid")

    role: Literal["reader", "editor", "admin"]
    collections: Annotated[
        list[Annotated[str, Field(pattern=r"^[A-Za-z0-9*][A-Za-z0-9._*-]{0,99}$")]], Field(min_length=1)
    ] = ["*"]


class LoginSettings(BaseSettings):
    """Who is invited first, and how long logins and invitations last."""

    first_admin: str | None = Field(
        None,
        pattern=r"^\S+@\S+$",
        description="E-mail address of the first person: `copydesk init` and `copydesk up` print their invitation while nobody else is known.",
    )
    session_idle_hours: float = Field(12.0, gt=0, description="A login ends after this time without a request.")
    session_hours: float = Field(168.0, gt=0, description="A login ends after this time in any case.")
    invitation_hours: float = Field(72.0, gt=0, description="How long an invitation is valid.")
    admin_second_factor: bool = Field(
        False,
        description="Whether people with the role `admin` must set up a second factor before they may do anything.",
    )
    login_tries: int = Field(
        10,
        ge=1,
        description="Tries to log in to one account from one address in a quarter of an hour; docs/users.md has the other limits.",
    )
    oidc_issuer: str | None = Field(
        None,
        pattern=r"^https?://",
        description="OpenID Connect provider that people may log in with, exactly as it calls itself: `https://login.example`; docs/users.md.",
    )
    oidc_client_id: str | None = Field(None, description="Copydesk's client id at the provider.")
    oidc_client_secret_file: Path | None = Field(
        None, description="A file with the client's secret; without it the client is a public one, with PKCE alone."
    )
    oidc_name: str = Field("single sign-on", description="What the login page calls the provider.")
    oidc_scope: str = Field("openid profile email", description="Scopes that the provider is asked for.")
    oidc_claim: str = Field("groups", description="The claim with a person's groups.")
    oidc_roles: dict[str, list[RoleOfGroup]] = Field(
        {},
        description='The roles of each group, as JSON: `{"newsroom": [{"role": "reader"}], "sport": [{"role": "editor", "collections": ["sport-*"]}]}`; the group `*` is everybody.',
    )
