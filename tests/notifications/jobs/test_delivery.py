"""Mails are handed over once, under a lasting Message-ID, and none is lost. The mail server is a real one."""

import smtplib
import threading
from datetime import timedelta

import pytest
from django.core.mail.backends.smtp import EmailBackend
from django.db import OperationalError, connection
from django.template import TemplateDoesNotExist
from django.utils import timezone
from pytest_django import Settings

from audit.models import Event
from notifications import jobs
from notifications.jobs import delivery
from notifications.models import Message
from notifications.rules import BATCH, MAX_ATTEMPTS, left_behind
from tests import environment
from tests.conftest import Clock
from tests.mail_server import BUSY, DROP, DROP_AFTER_DATA, REFUSE, MailServer
from tests.notifications.conftest import promised

pytestmark = pytest.mark.django_db


def due() -> list[int]:
    """What the sweep would queue now."""
    return [pk for batch in jobs.due_messages() for pk in batch]


def is_due_now() -> None:
    """Let the time for the next try of every message come."""
    Message.objects.update(next_try_at=timezone.now() - timedelta(seconds=30))


def test_a_mail_is_sent_with_text_and_html_and_its_secret_is_wiped(server: MailServer, message: Message) -> None:
    jobs.deliver(message.pk)
    message.refresh_from_db()
    assert (message.state, message.secrets, message.attempts) == ("sent", "", 1)
    mail = server.arrivals[0].mail
    assert mail["Message-ID"] == message.message_id
    assert mail["To"] == "ana@example.com"
    kinds = [part.get_content_type() for part in mail.walk()]
    assert kinds == ["multipart/alternative", "text/plain", "text/html"]
    assert b"https://ca.example/tok" in mail.get_payload()[0].get_payload(decode=True)  # type: ignore[union-attr,index]


def test_bounces_go_to_their_own_address(server: MailServer, message: Message, settings: Settings) -> None:
    settings.BOUNCE_ADDRESS = "bounces@sigillum.example"
    jobs.deliver(message.pk)
    assert server.arrivals[0].sender == "bounces@sigillum.example"


def test_a_message_that_comes_twice_is_sent_once(server: MailServer, message: Message) -> None:
    jobs.deliver(message.pk, message.pk)
    jobs.deliver(message.pk)
    assert len(server.arrivals) == 1


def test_what_another_worker_took_meanwhile_is_not_sent(
    server: MailServer, message: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    stale = delivery._waiting([message.pk])
    jobs.deliver(message.pk)
    monkeypatch.setattr(delivery, "_waiting", lambda _: stale)
    jobs.deliver(message.pk)
    assert len(server.arrivals) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not environment.POSTGRESQL, reason="only one writes at a time there")
def test_twenty_workers_send_a_message_once(server: MailServer) -> None:
    pk = promised().pk

    def work() -> None:
        jobs.deliver(pk)
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(20)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(server.arrivals) == 1


def test_a_batch_goes_over_one_connection_and_each_is_decided_on_its_own(server: MailServer) -> None:
    messages = [promised(f"k{number}") for number in range(5)]
    server.script.extend(["250 OK", "250 OK", REFUSE, "250 OK", BUSY])
    jobs.deliver(*(message.pk for message in messages))
    states = list(Message.objects.order_by("pk").values_list("state", flat=True))
    assert states == ["sent", "sent", "failed", "sent", "queued"]
    assert server.connections == 2  # a new one after the refusal
    assert len({arrival.message_id for arrival in server.arrivals}) == 3


def test_a_server_that_is_busy_is_asked_again_later_with_the_same_message_id(
    server: MailServer, message: Message
) -> None:
    server.always = BUSY
    jobs.deliver(message.pk)
    message.refresh_from_db()
    assert (message.state, message.last_error, message.failed_at) == ("queued", BUSY, None)
    assert message.next_try_at > timezone.now()
    jobs.deliver(message.pk)  # too early: nothing happens
    assert Message.objects.get().attempts == 1
    server.always = "250 OK"
    is_due_now()
    assert due() == [message.pk]
    jobs.deliver(message.pk)
    assert server.arrivals[0].message_id == message.message_id


@pytest.mark.parametrize("answer", [REFUSE, "554 5.7.1 not wanted"])
def test_a_lasting_refusal_is_kept_for_the_desk(server: MailServer, message: Message, answer: str) -> None:
    server.always = answer
    jobs.deliver(message.pk)
    message.refresh_from_db()
    assert (message.state, message.last_error) == ("failed", answer)
    assert message.failed_at is not None
    assert message.secrets  # the desk may send it again
    assert due() == []


def test_a_recipient_that_is_refused_for_now_is_asked_again(
    server: MailServer, message: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def greylisted(*_: object) -> str:
        return "450 4.2.0 greylisted"

    monkeypatch.setattr(MailServer, "handle_RCPT", greylisted)
    jobs.deliver(message.pk)
    message.refresh_from_db()
    assert (message.state, message.last_error) == ("queued", "450 4.2.0 greylisted")


@pytest.mark.parametrize(
    "error",
    [smtplib.SMTPAuthenticationError(535, b"who?"), smtplib.SMTPSenderRefused(550, b"not you", "a@b.example")],
)
def test_what_is_wrong_with_us_is_no_failure_of_the_mail(error: Exception) -> None:
    assert not delivery._is_permanent(error)


def test_a_drop_before_the_answer_is_tried_again_under_the_same_message_id(
    server: MailServer, message: Message
) -> None:
    server.script.extend([DROP, DROP_AFTER_DATA])
    for _ in range(3):
        is_due_now()
        jobs.deliver(message.pk)
    assert Message.objects.get().state == "sent"
    assert [(one.message_id, one.heard) for one in server.arrivals] == [
        (message.message_id, False),
        (message.message_id, True),
    ]
    # Also its date and its words are the same, so that a program which knows the first can drop the second.
    first, second = (arrival.mail for arrival in server.arrivals)
    assert (first["Date"], first["Subject"]) == (second["Date"], second["Subject"])


def test_no_server_at_all_is_a_failed_try_for_the_whole_batch(
    settings: Settings, message: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[object] = []
    connect = EmailBackend.open

    def opening(backend: EmailBackend) -> bool | None:
        opened.append(backend)
        return connect(backend)

    monkeypatch.setattr(EmailBackend, "open", opening)
    other = promised("other")
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 9, 2
    jobs.deliver(message.pk, other.pk)
    for one in Message.objects.all():
        assert (one.state, one.last_error, one.attempts) == ("queued", "ConnectionRefusedError", 1)
        assert one.next_try_at > timezone.now()
    assert len(opened) == 1, "a server that does not answer is waited for once, not for each mail"


def test_tries_end_after_a_day(server: MailServer, message: Message, clock: Clock) -> None:
    server.always = BUSY
    began = timezone.now()
    for _ in range(MAX_ATTEMPTS):
        clock.move_to(max(timezone.now(), Message.objects.get().next_try_at) + timedelta(seconds=1))
        jobs.deliver(message.pk)
    message.refresh_from_db()
    assert (message.state, message.attempts) == ("failed", MAX_ATTEMPTS)
    assert timedelta(hours=20) < timezone.now() - began < timedelta(hours=28)


def test_what_a_killed_worker_left_half_way_is_taken_up(message: Message) -> None:
    Message.objects.update(state="sending", attempts=1, next_try_at=timezone.now() - timedelta(minutes=5, seconds=1))
    jobs.due_messages()
    message.refresh_from_db()
    assert (message.state, message.last_error) == ("queued", "the worker stopped")


def test_a_worker_that_waits_for_answers_keeps_its_message(message: Message) -> None:
    Message.objects.update(state="sending", attempts=1, next_try_at=timezone.now() - timedelta(minutes=4))
    jobs.due_messages()
    message.refresh_from_db()
    assert message.state == "sending"


def test_a_worker_that_died_between_data_and_its_commit_sends_again_under_the_same_message_id(
    server: MailServer, message: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(_message: Message) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(delivery, "_sent", die)
        with pytest.raises(SystemExit):
            jobs.deliver(message.pk)
    assert Message.objects.get().state == "sending"
    Message.objects.update(next_try_at=timezone.now() - timedelta(minutes=6))
    jobs.due_messages()
    is_due_now()
    jobs.deliver(message.pk)
    assert [arrival.message_id for arrival in server.arrivals] == [message.message_id] * 2
    assert Message.objects.get().state == "sent"


def test_an_answer_that_was_heard_is_kept_once_the_database_is_back(
    server: MailServer, message: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    keep = delivery._keep_sent

    def away_at_first(one: Message) -> None:
        if len(slept) < 3:
            raise OperationalError
        keep(one)

    monkeypatch.setattr(delivery, "_keep_sent", away_at_first)
    monkeypatch.setattr("notifications.jobs.delivery.time.sleep", slept.append)
    monkeypatch.setattr(
        "notifications.jobs.delivery.connection.close", lambda: None
    )  # the test's own transaction goes on
    jobs.deliver(message.pk)
    assert Message.objects.get().state == "sent"
    assert len(slept) == 3
    assert sum(delivery._DATABASE_PAUSES) < left_behind(30).total_seconds() / 2


def test_a_message_that_always_stops_the_worker_ends_as_failed(message: Message) -> None:
    Message.objects.update(state="sending", attempts=MAX_ATTEMPTS, next_try_at=timezone.now() - timedelta(minutes=6))
    jobs.due_messages()
    message.refresh_from_db()
    assert message.state == "failed"
    assert message.failed_at is not None


def test_a_mail_that_cannot_be_written_holds_up_no_other(
    server: MailServer, message: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = promised("good")
    Message.objects.filter(pk=message.pk).update(event="no-such-event")
    jobs.deliver(message.pk, good.pk)
    message.refresh_from_db()
    assert (message.state, message.last_error) == ("queued", "cannot be written")
    assert [arrival.message_id for arrival in server.arrivals] == [good.message_id]
    with pytest.raises(TemplateDoesNotExist):
        jobs.compose(message)


@pytest.mark.parametrize(
    "address",
    ["a@b.example\r\nBcc: c@d.example", "a@b.example\nX: y", "a\x1b@b.example", "a b@c.example", "陳@b.example"],
)
def test_an_address_with_control_characters_that_came_past_the_service_goes_nowhere(
    server: MailServer, message: Message, address: str
) -> None:
    Message.objects.update(address=address)
    jobs.deliver(message.pk)
    assert server.tries == 0
    assert Message.objects.get().last_error == "cannot be written"


def test_the_sweep_gives_the_oldest_first_in_batches() -> None:
    for number in range(BATCH + 1):
        promised(f"k{number}", event="password-changed")
    is_due_now()
    last = Message.objects.latest("pk")
    Message.objects.filter(pk=last.pk).update(next_try_at=timezone.now() - timedelta(hours=1))
    batches = jobs.due_messages()
    assert [len(batch) for batch in batches] == [BATCH, 1]
    assert batches[0][0] == last.pk


def test_secrets_of_a_failed_mail_are_forgotten_after_a_day(server: MailServer, message: Message, clock: Clock) -> None:
    server.always = REFUSE
    jobs.deliver(message.pk)
    clock.shift(hours=23)
    jobs.wipe_secrets()
    assert Message.objects.get().secrets
    clock.shift(hours=2)
    jobs.wipe_secrets()
    assert not Message.objects.get().secrets


def test_what_happened_stands_in_the_record_without_the_address(server: MailServer, message: Message) -> None:
    server.always = REFUSE
    jobs.deliver(message.pk)
    events = Event.objects.filter(subject=message.audit_id)
    assert list(events.order_by("pk").values_list("name", flat=True)) == ["message.taken", "message.failed"]
    assert not any("ana@" in str(event.details) for event in events)


def test_the_log_does_not_name_the_address(
    server: MailServer, message: Message, caplog: pytest.LogCaptureFixture
) -> None:
    server.always = "550 5.1.1 <ana@example.com> unknown"
    jobs.deliver(message.pk)
    assert "not delivered: 550" in caplog.text
    assert "ana@" not in caplog.text


def test_what_the_server_says_at_length_is_cut(server: MailServer, message: Message) -> None:
    server.always = REFUSE + " because" * 40
    jobs.deliver(message.pk)
    assert len(Message.objects.get().last_error) == 200


def test_an_address_that_smtp_cannot_carry_is_given_up_at_once() -> None:
    assert delivery._is_permanent(ValueError("not a mailbox"))


def test_the_sweep_leaves_alone_what_was_queued_just_now(message: Message, clock: Clock) -> None:
    assert due() == []
    clock.shift(seconds=10)
    assert due() == [message.pk]


def test_an_unknown_id_is_nothing(server: MailServer) -> None:
    jobs.deliver(424242)
    assert server.arrivals == []
