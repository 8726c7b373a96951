"""Reports of mail servers: the ones of Postfix and Exim, forged ones, and rubbish."""

import io
import random
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from notifications.management.commands import bounce
from notifications.models import Message
from tests.notifications.conftest import promised

pytestmark = pytest.mark.django_db

POSTFIX = """\
Return-Path: <>
From: MAILER-DAEMON@mx.example (Mail Delivery System)
To: bounces@sigillum.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="B.1/mx.example"

--B.1/mx.example
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--B.1/mx.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
X-Postfix-Queue-ID: 1
Arrival-Date: Mon, 16 Nov 2026 10:00:00 +0800 (CST)

Final-Recipient: rfc822; ana@example.com
Original-Recipient: rfc822;ana@example.com
Action: {action}
Status: {status}
Remote-MTA: dns; mail.example.com
Diagnostic-Code: smtp; 550 5.1.1 <ana@example.com>: Recipient address
    rejected: User unknown

--B.1/mx.example
Content-Description: Undelivered Message
Content-Type: {kind}

{copied}
--B.1/mx.example--
"""


def report(message_id: str, action: str = "failed", status: str = "5.1.1", *, headers_only: bool = False) -> bytes:
    copied = f"From: x@y.example\nMessage-ID: {message_id}\nSubject: s\n\n" + ("" if headers_only else "text\n")
    kind = "text/rfc822-headers" if headers_only else "message/rfc822"
    return POSTFIX.format(action=action, status=status, kind=kind, copied=copied).encode()


def run(raw: bytes, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(bounce.Command, "stdin", io.BytesIO(raw))
    out, err = io.StringIO(), io.StringIO()
    call_command("bounce", stdout=out, stderr=err)
    return out.getvalue() + err.getvalue()


@pytest.fixture
def sent() -> Message:
    """A mail that the mail server took."""
    message = promised()
    Message.objects.update(state="sent", secrets="")
    message.refresh_from_db()
    return message


@pytest.mark.parametrize("headers_only", [False, True])
def test_a_mail_that_came_back_has_failed(sent: Message, monkeypatch: pytest.MonkeyPatch, headers_only: bool) -> None:
    assert "failed" in run(report(sent.message_id, headers_only=headers_only), monkeypatch)
    sent.refresh_from_db()
    assert sent.state == "failed"
    assert sent.failed_at is not None
    assert sent.last_error.startswith("5.1.1 550 5.1.1 <ana@example.com>: Recipient address rejected")
    assert "ignored" not in run(report(sent.message_id), monkeypatch)  # told twice: nothing more happens


def test_a_delay_is_noted_and_no_failure(sent: Message, monkeypatch: pytest.MonkeyPatch) -> None:
    run(report(sent.message_id, "delayed", "4.4.1"), monkeypatch)
    sent.refresh_from_db()
    assert (sent.state, sent.last_error[:5]) == ("sent", "4.4.1")


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded", "nonsense"])
def test_good_news_changes_nothing(sent: Message, monkeypatch: pytest.MonkeyPatch, action: str) -> None:
    run(report(sent.message_id, action, "2.0.0"), monkeypatch)
    sent.refresh_from_db()
    assert (sent.state, sent.last_error) == ("sent", "")


def test_who_does_not_know_the_message_id_changes_nothing(sent: Message, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "about no mail of ours" in run(report("<guessed@portal.sigillum.example>"), monkeypatch)
    sent.refresh_from_db()
    assert sent.state == "sent"


def test_a_report_that_is_quicker_than_our_commit_is_asked_for_again(
    sent: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    Message.objects.update(state="sending")
    with pytest.raises(CommandError) as refused:
        run(report(sent.message_id), monkeypatch)
    assert refused.value.returncode == 75


def _nested(depth: int) -> bytes:
    heads = "".join(f'Content-Type: multipart/mixed; boundary="{n}"\n\n--{n}\n' for n in range(depth))
    return heads.encode() + b"Content-Type: text/plain\n\nx\n"


RUBBISH: dict[str, bytes] = {
    "nothing": b"",
    "an ordinary mail": b"Subject: hello\n\nout of office\n",
    "octets": bytes(range(256)) * 100,
    "a report about nothing": report("").replace(b"Message-ID: \n", b""),
    "no status": report("<x@y>").replace(b"message/delivery-status", b"text/plain"),
    "a status that is text": b"Content-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\n!!!!\n",
    "nested": _nested(2000),
    "messages in messages": b"Content-Type: message/rfc822\n\n" * 3000,
    "unknown charset": b'Content-Type: text/rfc822-headers; charset="no-such"\nContent-Transfer-Encoding: x\n\n\xff\n',
    "a Message-ID that no database takes": report("<a\0b@c\xff>"),
    "too large": report("<x@y>") + b"x" * 1024 * 1024,
}


@pytest.mark.parametrize("raw", RUBBISH.values(), ids=RUBBISH)
def test_rubbish_is_swallowed(sent: Message, monkeypatch: pytest.MonkeyPatch, raw: bytes) -> None:
    assert "ignored" in run(raw, monkeypatch)
    sent.refresh_from_db()
    assert sent.state == "sent"


def test_no_change_of_a_report_ends_the_command(sent: Message, monkeypatch: pytest.MonkeyPatch) -> None:
    dice = random.Random(7)
    good = report(sent.message_id, "delayed", "4.4.1")
    for _ in range(500):
        raw: Any = bytearray(good)
        for _ in range(dice.randint(1, 8)):
            at = dice.randrange(len(raw))
            raw[at : at + dice.randint(0, 3)] = dice.randbytes(dice.randint(0, 3))
        run(bytes(raw), monkeypatch)
    sent.refresh_from_db()
    assert sent.state == "sent"
