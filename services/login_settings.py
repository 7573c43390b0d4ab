"""Settings of people's logins; `services.settings.Settings` has them among its own."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings


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
    login_tries: int = Field(
        10,
        ge=1,
        description="Tries to log in to one account from one address in a quarter of an hour; docs/users.md has the other limits.",
    )
