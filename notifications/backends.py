"""A mail server for the demo: every mail becomes one file, shown on the demo's mailbox page."""

import secrets
from collections.abc import Sequence

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import EmailMessage
from django.utils import timezone


class MailFolder(BaseEmailBackend):
    """Writes each mail to a file of its own under MAIL_DIR."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write the mails; gives back how many."""
        folder = settings.MAIL_DIR
        assert folder is not None  # noqa: S101 - the settings choose this backend only where the folder is named
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for mail in email_messages:
            name = f"{timezone.now():%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}.eml"
            (folder / name).write_bytes(mail.message().as_bytes())
        return len(email_messages)
