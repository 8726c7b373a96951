"""The demo's mailbox: the mails that the outbox would have handed to a mail server."""

import email
import email.policy
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

from django.conf import settings


@dataclass(frozen=True)
class Mail:
    """One mail as its reader sees it."""

    name: str
    to: str
    subject: str
    sent_at: datetime | None
    text: str


def mails(limit: int = 100) -> list[Mail]:
    """The newest mails first; file names begin with the time of writing."""
    folder = Path(settings.MAIL_DIR or "")
    if not settings.MAIL_DIR or not folder.is_dir():
        return []
    return [_read(file) for file in sorted(folder.glob("*.eml"), reverse=True)[:limit]]


def find(name: str) -> Mail | None:
    """The mail of this name; None where there is none. The name is looked up, never joined to a path."""
    return next((mail for mail in mails() if mail.name == name), None)


def _read(file: Path) -> Mail:
    message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    part = message.get_body(("plain",)) if isinstance(message, EmailMessage) else None
    date = message["Date"]
    return Mail(
        name=file.stem,
        to=str(message["To"]),
        subject=str(message["Subject"]),
        sent_at=_with_zone(parsedate_to_datetime(str(date))) if date else None,
        text=part.get_content() if part is not None else "",
    )


def _with_zone(sent: datetime) -> datetime:
    """RFC 5322 section 3.3: -0000 is UTC of a machine that does not say where it stands; Python leaves it without."""
    return sent if sent.tzinfo else sent.replace(tzinfo=UTC)
