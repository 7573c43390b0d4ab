"""Run ProFTPD on loopback, as an unprivileged process with its own configuration: FTP with and without TLS, and
SFTP."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.embedded import free_port

USER, PASSWORD = "agency", "p@ss wörd"
CONFIG = """
LoadModule mod_tls.c
LoadModule mod_sftp.c
ServerType standalone
DefaultServer on
Port {port}
User {user}
Group {group}
UseReverseDNS off
SocketBindTight on
DefaultAddress 127.0.0.1
WtmpLog off
PidFile {root}/pid
ScoreboardFile {root}/scoreboard
DelayTable {root}/delay
DelayEngine off
SystemLog {root}/log
AuthOrder mod_auth_file.c
AuthPAM off
AuthUserFile {root}/users
RequireValidShell off
DefaultChdir {root}/files
AllowOverwrite on
{limits}
<IfModule mod_tls.c>
  TLSEngine on
  TLSRequired off
  TLSLog {root}/tls-log
  TLSRSACertificateFile {certificate}
  TLSRSACertificateKeyFile {key}
  TLSECCertificateFile {certificate}
  TLSECCertificateKeyFile {key}
</IfModule>
<VirtualHost 127.0.0.1>
  Port {ssh_port}
  TLSEngine off
  SFTPEngine on
  SFTPLog {root}/sftp-log
  SFTPHostKey {root}/host_key
  SFTPAuthorizedUserKeys file:{root}/authorized_keys
  AuthUserFile {root}/users
  AuthOrder mod_auth_file.c
  RequireValidShell off
  DefaultChdir {root}/files
  AllowOverwrite on
</VirtualHost>
"""


class FileServer:
    """A file server. ``files`` is the user's folder after the log-in, ``fingerprint`` that of the host key, ``key`` a
    private key that can also log in."""

    def __init__(self, root: Path, certificate: Path, key: Path, limits: str = "") -> None:
        self.root, self.files = root, root / "files"
        self.files.mkdir()
        port, ssh_port = free_port(), free_port()
        self.ftp, self.ftps = f"ftp://localhost:{port}", f"ftps://localhost:{port}"
        self.sftp = f"sftp://localhost:{ssh_port}"
        user = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
        group = _said("id", "-gn", user.pw_name)
        for name in ("host_key", "user_key"):
            _said("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-m", "PEM", "-f", str(root / name))
        self.fingerprint = _said("ssh-keygen", "-l", "-f", str(root / "host_key.pub")).split()[1]
        self.key = (root / "user_key").read_text()
        (root / "authorized_keys").write_text(_said("ssh-keygen", "-e", "-f", str(root / "user_key.pub")) + "\n")
        hashed = _said("openssl", "passwd", "-6", PASSWORD)
        users = f"{USER}:{hashed}:{user.pw_uid}:{user.pw_gid}::{self.files}:/bin/false\n"
        (root / "users").write_text(users)
        own = [Path(shutil.copy(one, root)) for one in (certificate, key)]
        config = CONFIG.format(
            root=root, certificate=own[0], key=own[1], user=user.pw_name, group=group, port=port, ssh_port=ssh_port,
            limits=limits,
        )  # fmt: skip
        (root / "proftpd.conf").write_text(config)
        unprivileged = {}
        for path in (root, *root.rglob("*")):
            path.chmod(0o700 if path.is_dir() else 0o600)
            if os.getuid() == 0:
                os.chown(path, user.pw_uid, user.pw_gid)
                unprivileged = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        with (root / "output").open("wb") as out:
            self._process = subprocess.Popen(
                [str(shutil.which("proftpd")), "-n", "-c", str(root / "proftpd.conf")],
                stdout=out, stderr=out, start_new_session=True, **unprivileged,
            )  # fmt: skip
        self._owner = (user.pw_uid, user.pw_gid) if os.getuid() == 0 else None
        for one in (port, ssh_port):
            self._await(one)

    def _await(self, port: int) -> None:
        end = time.monotonic() + 30
        while time.monotonic() < end:
            try:
                with socket.create_connection(("127.0.0.1", port), 5):
                    return
            except OSError:
                time.sleep(0.1)
        logs = [path.read_text(errors="replace") for path in (self.root / "output", self.root / "log") if path.exists()]
        pytest.fail(f"proftpd does not answer: {logs}")

    def put(self, path: str, text: str) -> None:
        """Deliver a file, which the server's user may move and delete."""
        made = self.files / path
        made.parent.mkdir(parents=True, exist_ok=True)
        made.write_text(text)
        if self._owner:
            for one in (made, *made.parents):
                if one == self.files:
                    break
                os.chown(one, *self._owner)

    def names(self, folder: str = "") -> set[str]:
        """Return the files below a folder."""
        here = self.files / folder
        return {str(path.relative_to(here)) for path in here.rglob("*") if path.is_file()}

    def stop(self) -> None:
        os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait(timeout=20)


def _said(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@contextmanager
def file_server(certificate: Path, key: Path, limits: str = "") -> Iterator[FileServer]:
    """Run ProFTPD; without it, the test is skipped."""
    if shutil.which("proftpd") is None or shutil.which("ssh-keygen") is None:
        pytest.skip("ProFTPD is not installed: apt-get install proftpd-core proftpd-mod-crypto openssh-client")
    with tempfile.TemporaryDirectory(prefix="files-", dir="/tmp", ignore_cleanup_errors=True) as root:
        found = FileServer(Path(root), certificate, key, limits)
        try:
            yield found
        finally:
            found.stop()
