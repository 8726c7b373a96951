"""A mail server and a message for the tests of the outbox."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from notifications.models import Message
from notifications.services import Letter, promise
from tests.mail_server import MailServer, mail_server


@pytest.fixture
def server(settings: Settings) -> Iterator[MailServer]:
    """A real mail server that the outbox hands its mails to."""
    with mail_server() as running:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", running.port, 5
        yield running


@pytest.fixture
def message() -> Message:
    """A mailbox link that was promised."""
    return promised()


def promised(key: str = "k", address: str = "ana@example.com", language: str = "en", event: str = "") -> Message:
    """A message of the outbox; a mailbox link unless told otherwise."""
    secrets = {} if event else {"link": "https://ca.example/tok"}
    letter = Letter(event=event or "mailbox-link", key=key, address=address, language=language, secrets=secrets)
    promise(letter=letter)
    return Message.objects.get(key=key, address=address)
