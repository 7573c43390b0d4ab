"""Run Dovecot on loopback with a mailbox, as an unprivileged process with its own configuration and certificate."""

from __future__ import annotations

import contextlib
import imaplib
import os
import pwd
import shutil
import signal
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

import pytest

from services.embedded import free_port

USER, PASSWORD = "desk", 'p@ss ü"word\\'
CONFIG = """
base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/log
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <{certificate}
ssl_key = <{key}
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
mail_location = maildir:{root}/mail/%u
first_valid_uid = 0
auth_mechanisms = plain
passdb {{
  driver = passwd-file
  args = {root}/users
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={root}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
service auth-worker {{
  user = {user}
}}
"""


class PostOffice:
    """The server. ``url`` is the address of its mailboxes; ``plain_url`` begins without encryption."""

    def __init__(self, root: Path, certificate: Path, key: Path) -> None:
        self.root = root
        self.port, plain = free_port(), free_port()
        self.url, self.plain_url = f"imaps://localhost:{self.port}", f"imap://localhost:{plain}"
        user = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
        group = subprocess.run(["id", "-gn", user.pw_name], capture_output=True, text=True, check=True).stdout.strip()
        for name in ("run", "state", "mail"):
            (root / name).mkdir()
        (root / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n")
        own = [Path(shutil.copy(one, root)) for one in (certificate, key)]
        config = CONFIG.format(
            root=root, certificate=own[0], key=own[1], user=user.pw_name, group=group, port=self.port, plain=plain
        )
        (root / "dovecot.conf").write_text(config)
        unprivileged = {}
        if os.getuid() == 0:
            for path in (root, *root.rglob("*")):
                os.chown(path, user.pw_uid, user.pw_gid)
            unprivileged = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        self._context = ssl.create_default_context(cafile=str(certificate))
        self._process = subprocess.Popen(
            [str(shutil.which("dovecot")), "-F", "-c", str(root / "dovecot.conf")],
            start_new_session=True,
            **unprivileged,
        )
        self._await()

    def _await(self) -> None:
        end = time.monotonic() + 30
        while time.monotonic() < end:
            with contextlib.suppress(OSError, imaplib.IMAP4.error), self.opened():
                return
            time.sleep(0.1)
        log = self.root / "log"
        pytest.fail(f"dovecot does not answer: {log.read_text() if log.exists() else ''}")

    @contextmanager
    def opened(self) -> Iterator[imaplib.IMAP4_SSL]:
        with imaplib.IMAP4_SSL("localhost", self.port, ssl_context=self._context, timeout=20) as imap:
            imap.authenticate("PLAIN", lambda _: f"\0{USER}\0{PASSWORD}".encode())
            yield imap

    def create(self, name: str) -> None:
        with self.opened() as imap:
            assert imap.create(f'"{name}"')[0] == "OK"

    def put(self, name: str, *messages: bytes) -> None:
        with self.opened() as imap:
            for message in messages:
                assert imap.append(f'"{name}"', "", "", message)[0] == "OK"

    def flags(self, name: str) -> list[str]:
        """Return the flags of each message of a mailbox, except ``\\Recent``."""
        with self.opened() as imap:
            imap.select(f'"{name}"', readonly=True)
            said = imap.fetch("1:*", "(FLAGS)")[1] if imap.search(None, "ALL")[1] != [b""] else []
        found = [imaplib.ParseFlags(one) for one in said if isinstance(one, bytes)]
        return [b" ".join(flag for flag in one if flag != rb"\Recent").decode() for one in found]

    def stop(self) -> None:
        os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait(timeout=20)


@contextmanager
def post_office(certificate: Path, key: Path) -> Iterator[PostOffice]:
    """Run dovecot; without it, the test is skipped."""
    if shutil.which("dovecot") is None:
        pytest.skip("dovecot is not installed: apt-get install dovecot-imapd")
    with tempfile.TemporaryDirectory(prefix="post-", dir="/tmp", ignore_cleanup_errors=True) as root:
        found = PostOffice(Path(root), certificate, key)
        try:
            yield found
        finally:
            found.stop()


def mail(sender: str, subject: str, text: str, attached: dict[str, bytes] | None = None) -> bytes:
    """Return a message, with its attachments by name."""
    said = EmailMessage()
    said["From"], said["To"], said["Subject"] = sender, "Desk <desk@news.example>", subject
    said["Date"] = "Mon, 02 Mar 2026 08:00:00 +0000"
    said["Message-ID"] = f"<{abs(hash((sender, subject, text)))}@agency.example>"
    said.set_content(text)
    for name, data in (attached or {}).items():
        said.add_attachment(data, maintype="text", subtype="plain", filename=name)
    return said.as_bytes()
