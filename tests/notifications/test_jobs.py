"""Mails are handed over once, under a lasting Message-ID, and none is lost. The mail server is a real one."""

import socket
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes

import pytest
from aiosmtpd.controller import Controller
from django.utils import timezone
from pytest_django import Settings

from notifications import jobs
from notifications.models import Message
from notifications.rules import MAX_ATTEMPTS
from notifications.services import Letter, promise

pytestmark = pytest.mark.django_db


class Server:
    """Collects what it is given, and answers as the test tells it."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []
        self.answer = "250 OK"

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:  # noqa: N802 - aiosmtpd's name
        if self.answer.startswith("250"):
            self.mails.append(envelope.original_content)  # type: ignore[attr-defined]  # aiosmtpd has no types
        return self.answer


@pytest.fixture
def server(settings: Settings) -> Iterator[Server]:
    handler = Server()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = port
    yield handler
    controller.stop()


@pytest.fixture
def message() -> Message:
    promise(
        letter=Letter(
            event="mailbox-link",
            key="k",
            address="ana@example.com",
            language="en",
            secrets={"link": "https://ca.example/tok"},
        )
    )
    return Message.objects.get()


def test_a_mail_is_sent_with_text_and_html_and_its_secret_is_wiped(server: Server, message: Message) -> None:
    jobs.deliver(message.pk)
    message.refresh_from_db()
    assert (message.state, message.secrets, message.attempts) == ("sent", "", 1)
    mail = message_from_bytes(server.mails[0])
    assert mail["Message-ID"] == message.message_id
    assert mail["To"] == "ana@example.com"
    kinds = [part.get_content_type() for part in mail.walk()]
    assert kinds == ["multipart/alternative", "text/plain", "text/html"]
    assert b"https://ca.example/tok" in mail.get_payload()[0].get_payload(decode=True)  # type: ignore[union-attr,index]


def test_a_mail_speaks_its_readers_language(message: Message) -> None:
    english = jobs.compose(message)
    message.language = "pt"
    portuguese = jobs.compose(message)
    assert english.subject != portuguese.subject
    assert english.body != portuguese.body


def test_a_message_that_comes_twice_is_sent_once(server: Server, message: Message) -> None:
    jobs.deliver(message.pk)
    jobs.deliver(message.pk)
    assert len(server.mails) == 1


def test_a_server_that_is_busy_is_asked_again_later_with_the_same_message_id(server: Server, message: Message) -> None:
    server.answer = "451 try later"
    jobs.deliver(message.pk)
    message.refresh_from_db()
    assert (message.state, message.last_error) == ("queued", "451")
    assert message.next_try_at > timezone.now()
    jobs.deliver(message.pk)  # too early: nothing happens
    assert Message.objects.get().attempts == 1
    server.answer = "250 OK"
    Message.objects.update(next_try_at=timezone.now() - timedelta(seconds=30))
    assert jobs.due_messages() == [message.pk]
    jobs.deliver(message.pk)
    assert message_from_bytes(server.mails[0])["Message-ID"] == message.message_id


def test_a_lasting_refusal_is_kept_for_the_desk(server: Server, message: Message) -> None:
    server.answer = "550 no such user"
    jobs.deliver(message.pk)
    message.refresh_from_db()
    assert (message.state, message.last_error) == ("failed", "550")
    assert jobs.due_messages() == []


def test_no_server_at_all_loses_nothing(settings: Settings, message: Message) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 9, 2
    jobs.deliver(message.pk)
    message.refresh_from_db()
    assert (message.state, message.last_error) == ("queued", "ConnectionRefusedError")


def test_what_a_killed_worker_left_half_way_is_taken_up(message: Message) -> None:
    Message.objects.update(state="sending", next_try_at=timezone.now() - timedelta(minutes=5))
    jobs.due_messages()
    message.refresh_from_db()
    assert (message.state, message.last_error) == ("queued", "the worker stopped")


def test_a_message_that_always_stops_the_worker_ends_as_failed(message: Message) -> None:
    Message.objects.update(state="sending", attempts=MAX_ATTEMPTS, next_try_at=timezone.now() - timedelta(minutes=5))
    jobs.due_messages()
    message.refresh_from_db()
    assert message.state == "failed"


def test_an_unknown_id_is_nothing(server: Server) -> None:
    jobs.deliver(424242)
    assert server.mails == []
