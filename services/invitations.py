"""Mail invitations to choose a password."""

from __future__ import annotations

import smtplib
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

import structlog

from services.mailing import deliver
from services.settings import Settings

log = structlog.get_logger()


def send(settings: Settings, email: str, name: str, link: str, expires: datetime) -> bool:
    """Send the link to the person. Returns whether the mail server took it; false if none is set, or if no setting says
    under which address people reach Copydesk."""
    if settings.smtp_url is None or settings.public_url is None:
        return False
    message = EmailMessage()
    message["Subject"] = "Your invitation to Copydesk"
    message["From"] = settings.mail_from
    message["To"] = email
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = make_msgid(domain=settings.mail_from.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(
        f"{name},\n\nyou can now choose your password for Copydesk:\n\n{link}\n\n"
        f"The link works once, until {expires:%d %B %Y, %H:%M} UTC. If you expected no invitation, ignore this mail.\n"
    )
    try:
        deliver(message, settings)
    except (smtplib.SMTPException, OSError) as error:
        log.warning("invitation_not_mailed", error=f"{type(error).__name__}: {error}"[:500])
        return False
    return True
