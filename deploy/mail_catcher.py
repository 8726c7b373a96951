"""A mail server that keeps every mail as a file: for trying the full set-up, never for real mail.

`python -m aiosmtpd -n -c deploy.mail_catcher.Folder FOLDER -l 127.0.0.1:PORT`
"""

import secrets
import time
from argparse import ArgumentParser
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session


class Folder:
    """Writes what it is sent into a folder, in the order of arrival, as the demo's mailbox page wants it."""

    def __init__(self, folder: Path) -> None:
        """Keep mails in `folder`."""
        self._folder = folder

    @classmethod
    def from_cli(cls, _parser: ArgumentParser, folder: str) -> "Folder":
        """What aiosmtpd's command line calls."""
        return cls(Path(folder))

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        """Keep one mail, whole or not at all."""
        content = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        name = f"{time.time_ns()}-{secrets.token_hex(4)}"
        draft = self._folder / f"{name}.new"
        draft.write_bytes(content)
        draft.rename(self._folder / f"{name}.eml")
        return "250 OK"
