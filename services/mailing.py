"""Send one mail by SMTP."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from services.settings import Settings

TIMEOUT_SECONDS = 10.0


def deliver(message: EmailMessage, settings: Settings) -> None:
    """Send the message to the server, encrypted if the server can do so. Raises smtplib.SMTPException, OSError."""
    parts = urlsplit(settings.smtp_url or "")
    host = parts.hostname or "localhost"
    secure = parts.scheme == "smtps"
    port = parts.port or (465 if secure else 25)
    trusted = ssl.create_default_context()
    with (
        smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=trusted)
        if secure
        else smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
    ) as server:
        server.ehlo()
        if not secure and server.has_extn("starttls"):
            server.starttls(context=trusted)
            server.ehlo()
        if parts.username:
            password = settings.smtp_password.get_secret_value() if settings.smtp_password else ""
            server.login(unquote(parts.username), password)
        server.send_message(message)
