"""Take a delivery report (RFC 3464) that a mail server sent to BOUNCE_ADDRESS, from standard input.

For a pipe in the mail server's aliases: `bounces: "|/srv/portal/manage.py bounce"`.
"""

import sys
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError

from audit.errors import WrongState
from notifications.rules import in_one_line
from notifications.services import note_bounce

_MOST = 1024 * 1024  # octets
_TRY_LATER = 75  # EX_TEMPFAIL of sysexits.h: the mail server keeps the report and hands it over again


class Command(BaseCommand):
    """Bring what was sent back before the desk."""

    help = "Reads a delivery report (RFC 3464) from standard input and marks the mail that it is about."
    stdin: BinaryIO = sys.stdin.buffer

    def handle(self, *_arguments: Any, **_options: Any) -> None:
        """Note the report. What is none, or is about no mail of ours, is said and swallowed: nobody could mend it."""
        raw = self.stdin.read(_MOST + 1)
        if len(raw) > _MOST:
            self.stderr.write("larger than any delivery report: ignored")
            return
        try:
            report = message_from_bytes(raw)
            message_id, recipients = _original(report), list(_recipients(report))
        except RecursionError:
            self.stderr.write("nested deeper than any delivery report: ignored")
            return
        if not message_id or not recipients:
            self.stderr.write("no delivery report: ignored")
            return
        for action, answer in recipients:
            try:
                ours = note_bounce(message_id=message_id, action=action, answer=answer)
            except WrongState as error:
                raise CommandError("this mail is just being sent", returncode=_TRY_LATER) from error
            self.stdout.write(f"{action}: {answer}" if ours else "about no mail of ours: ignored")


def _original(report: Message) -> str:
    """The Message-ID of the mail that the report is about, from the copy of that mail or of its headers."""
    for part in report.walk():
        if part.get_content_type() == "text/rfc822-headers":
            copied = message_from_bytes(part.get_payload(decode=True) or b"")  # type: ignore[arg-type]  # text: octets
            return _field(copied, "Message-ID")
        if part.get_content_type() == "message/rfc822" and part.is_multipart():
            return _field(part.get_payload(0), "Message-ID")  # type: ignore[arg-type]  # of message/rfc822: one mail
    return ""


def _recipients(report: Message) -> Iterator[tuple[str, str]]:
    """What became of the mail for each recipient: the action (RFC 3464 2.3.3), and status with diagnostic."""
    for part in report.walk():
        if part.get_content_type() != "message/delivery-status" or not part.is_multipart():
            continue
        for group in part.get_payload():
            if isinstance(group, Message) and (action := _field(group, "Action").lower()):
                diagnostic = _field(group, "Diagnostic-Code").partition(";")[2].strip()
                yield action, f"{_field(group, 'Status')} {diagnostic}".strip()


def _field(part: Message, name: str) -> str:
    """A header as text that a database takes, whatever bytes it holds."""
    return in_one_line(str(part.get(name, "")))
