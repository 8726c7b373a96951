"""Writing a mail down to its last byte.

Nothing behind this module may encode again: a signature holds over exactly these bytes.
"""

import json
import re
import secrets
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime, formataddr
from typing import Any

from django.conf import settings
from django.core import mail

from notifications.errors import AddressNotAllowed
from notifications.jobs.calendar import FILE_NAME, calendar_file
from notifications.jobs.signing import MailSigner
from notifications.models import Message
from notifications.rules import SECRETS, is_plain_address
from notifications.selectors import Words, words
from vault.values import unseal

_SEVEN_BIT = SMTP.clone(cte_type="7bit")


class _Exact(EmailMessage):
    """A finished mail, for mail backends, which ask for bytes."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self._content = content

    def as_bytes(self, *_arguments: Any, **_named: Any) -> bytes:
        """The bytes as they were written, whatever ends of lines the backend would like."""
        return self._content


class Mail(mail.EmailMessage):
    """A mail that is written already; subject and body are kept beside it for whoever reads them in a test."""

    def __init__(self, content: bytes, *, subject: str, body: str, to: str) -> None:
        """`content`: the whole mail with CRLF. It goes out under the address that takes bounces (RFC 5321 4.4)."""
        super().__init__(subject, body, from_email=settings.BOUNCE_ADDRESS, to=[to])
        self._content = content

    def message(self, *, policy: "Policy[Any] | None" = None) -> EmailMessage:
        """What a mail backend sends."""
        return _Exact(self._content)


def compose(message: Message, signer: MailSigner | None = None) -> Mail:
    """The mail itself: text and HTML in the recipient's language, under the row's lasting Message-ID and Date.

    With `signer` it is signed (RFC 8551 3.5.3). Raises `AddressNotAllowed` for a row that somebody wrote past the
    service, and `vault.values.Unreadable`.
    """
    if not is_plain_address(message.address):
        raise AddressNotAllowed(message.event)
    hidden = json.loads(unseal(message.secrets, SECRETS)) if message.secrets else {}
    context = {**message.context, **hidden}
    said = words(message.event, context, message.language)
    body = _entity(said, _calendar(message))
    content = _head(message, said.subject) + (signer.sign(body) if signer else body)
    return Mail(content, subject=said.subject, body=said.text, to=message.address)


def _head(message: Message, subject: str) -> bytes:
    """The headers outside of the body. Date and Message-ID are the promise's, however often it is tried."""
    lines = {
        "From": formataddr((settings.MAIL_SENDER_NAME, settings.MAIL_SENDER)),
        "To": message.address,
        "Subject": Header(subject, header_name="Subject").encode(linesep="\r\n"),
        "Date": format_datetime(message.created_at),
        "Message-ID": message.message_id,
        "Auto-Submitted": "auto-generated",  # RFC 3834 5: nobody's holiday notice answers it
        "MIME-Version": "1.0",
    }
    return "".join(f"{name}: {value}\r\n" for name, value in lines.items()).encode("ascii")


def _calendar(message: Message) -> str:
    """The calendar file, where the event has one."""
    entry = message.context.get("calendar")
    return calendar_file(entry, made_at=message.created_at).decode() if entry else ""


def _entity(said: Words, calendar: str) -> bytes:
    """The MIME entity with CRLF and nothing but short lines of ASCII, as RFC 8551 3.1.3 wants what is signed."""
    entity = EmailMessage(policy=_SEVEN_BIT)
    entity.set_content(said.text, cte=_encoding(said.text))
    entity.add_alternative(said.html, subtype="html", cte=_encoding(said.html))
    if calendar:
        method = {"method": "PUBLISH"}
        entity.add_attachment(calendar, subtype="calendar", params=method, cte="base64", filename=FILE_NAME)
    del entity["MIME-Version"]
    _name_boundaries(entity)
    return _guard_from(bytes(entity))


def _encoding(text: str) -> str:
    """Quoted-printable while it stays readable, base64 for Chinese."""
    return "quoted-printable" if len(text.encode()) < len(text) * 1.5 else "base64"


def _name_boundaries(entity: EmailMessage) -> None:
    """Boundaries that no text holds: `=_` never stands in quoted-printable (RFC 2045 6.7) or base64."""
    for part in entity.walk():
        if part.is_multipart():
            part.set_boundary(f"=_{secrets.token_hex(16)}")


def _guard_from(content: bytes) -> bytes:
    """RFC 8551 3.1.3: mail programs on the way turn "From " at the beginning of a line into ">From "."""
    return re.sub(rb"(?m)^From ", b"=46rom ", content)
