"""What goes out: headers that cannot be broken, bytes that nobody has to encode again."""

from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from email.utils import parsedate_to_datetime

import pytest
from pytest_django import Settings

from notifications import jobs
from notifications.models import Message
from tests.notifications.conftest import promised

pytestmark = pytest.mark.django_db


def content_of(message: Message) -> bytes:
    return bytes(jobs.compose(message).message())


def test_a_mail_speaks_its_readers_language(message: Message) -> None:
    english = jobs.compose(message)
    message.language = "pt"
    portuguese = jobs.compose(message)
    assert english.subject != portuguese.subject
    assert english.body != portuguese.body


@pytest.mark.parametrize("language", ["en", "pt", "zh-hant"])
def test_every_line_is_short_ascii_and_ends_with_crlf(message: Message, language: str) -> None:
    message.language = language
    message.context = {"name": "陳大文 João " + "x" * 3000}
    content = content_of(message)
    assert content.isascii()
    lines = content.split(b"\r\n")
    assert not any(b"\r" in line or b"\n" in line for line in lines)
    assert max(map(len, lines)) <= 78
    parsed = message_from_bytes(content, policy=default)
    assert parsed.get_body(("plain",)).get_content().replace("\r\n", "\n") == jobs.compose(message).body  # type: ignore[union-attr]
    assert parsed["Subject"] == jobs.compose(message).subject


def test_the_headers_are_the_promises_own(message: Message, settings: Settings) -> None:
    settings.MAIL_SENDER_NAME = 'Registo, "Central" 註冊'
    message.next_try_at += timedelta(hours=1)
    parsed = message_from_bytes(content_of(message), policy=default)
    assert parsed["Message-ID"] == message.message_id
    assert abs((parsedate_to_datetime(parsed["Date"]) - message.created_at).total_seconds()) < 1
    assert parsed["Auto-Submitted"] == "auto-generated"
    sender = parsed["From"].addresses[0]
    assert (sender.display_name, sender.addr_spec) == (settings.MAIL_SENDER_NAME, settings.MAIL_SENDER)
    assert [header for header in parsed.keys() if header in ("Bcc", "Sender", "Reply-To")] == []  # noqa: SIM118


def test_no_word_of_the_context_makes_a_header() -> None:
    message = promised(event="certificate-issued")
    message.context = {"profile_title": "x\r\nBcc: c@d.example\r\n\r\nbody\0\x1b[31m"}
    parsed = message_from_bytes(content_of(message), policy=default)
    assert "Bcc" not in parsed
    assert parsed["Subject"] == "Your certificate is ready: x Bcc: c@d.example body [31m"


def test_a_line_that_begins_with_from_is_left_alone_by_mail_folders() -> None:
    message = promised(event="order-refused")
    message.context = {"reason": "first\nFrom here on\n.\n..dots"}
    content = content_of(message)
    assert b"\r\nFrom here" not in content
    text = message_from_bytes(content, policy=default).get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "\r\nFrom here on\r\n.\r\n..dots\r\n" in text


def test_the_longest_address_is_not_folded() -> None:
    address = "l" * 64 + "@" + ".".join(["d" * 62] * 3)
    message = promised(address=address)
    assert f"\r\nTo: {address}\r\n".encode() in content_of(message)


def test_a_calendar_file_lies_beside_the_text_of_an_event_that_has_one() -> None:
    message = promised(event="password-changed")
    entry = {"uid": "u@ca.example", "summary": "陳大文: renew", "start": "2026-12-20T04:00:00Z", "alarm_days": [7]}
    message.context = {"calendar": entry}
    parsed = message_from_bytes(content_of(message), policy=default)
    assert parsed.get_content_type() == "multipart/mixed"
    (file,) = parsed.iter_attachments()
    assert (file.get_content_type(), file.get_param("method")) == ("text/calendar", "PUBLISH")
    assert file.get_filename() == "renewal.ics"
    assert "SUMMARY:陳大文: renew\r\n" in file.get_content()
    assert content_of(message).isascii()
