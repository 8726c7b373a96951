"""A promised mail is one row, whoever promises it how often."""

import pytest
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from notifications import tasks
from notifications.errors import AddressNotAllowed
from notifications.models import Message
from notifications.rules import BATCH
from notifications.services import Letter, note_bounce, promise, promise_all, resend

pytestmark = pytest.mark.django_db


def letter(**changes: object) -> Letter:
    fields = {"event": "mailbox-link", "key": "k1", "address": "ana@example.com", "language": "pt"} | changes
    return Letter(**fields)  # type: ignore[arg-type]  # the test's own words


def test_the_same_happening_is_told_once_to_an_address() -> None:
    promise(letter=letter())
    promise(letter=letter())
    promise(letter=letter(address="rui@example.com"))
    promise(letter=letter(key="k2"))
    assert Message.objects.count() == 3


def test_secrets_lie_sealed() -> None:
    promise(letter=letter(secrets={"link": "https://ca.example/abc"}))
    message = Message.objects.get()
    assert message.secrets
    assert "abc" not in message.secrets


def test_an_address_with_a_line_end_is_refused() -> None:
    with pytest.raises(AddressNotAllowed):
        promise(letter=letter(address="a@b.example\r\nBcc: everyone@example.com"))


def test_only_the_id_is_queued_and_only_after_the_commit(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    queued: list[object] = []
    monkeypatch.setattr(tasks.deliver, "delay", lambda *args: queued.append(args))
    with django_capture_on_commit_callbacks(execute=True):
        promise(letter=letter(secrets={"link": "x"}))
        assert queued == []
    assert queued == [(Message.objects.get().pk,)]


def test_many_messages_are_queued_in_short_tasks_until_the_broker_fails(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    queued: list[int] = []

    def delay(*ids: int) -> None:
        queued.append(len(ids))
        if len(queued) == 3:
            raise OSError

    monkeypatch.setattr(tasks.deliver, "delay", delay)
    letters = [letter(key=f"k{number}") for number in range(BATCH * 3 + 7)]
    with django_capture_on_commit_callbacks(execute=True):
        promise_all(letters=letters)
    assert queued == [BATCH] * 3  # the fourth would wait for the same broker


def test_what_is_sent_again_begins_anew_and_is_queued_after_the_commit(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    promise(letter=letter(event="password-changed"))
    Message.objects.update(state="failed", attempts=9, failed_at=timezone.now())
    message = Message.objects.get()
    queued: list[int] = []
    monkeypatch.setattr(tasks.deliver, "delay", lambda *ids: queued.extend(ids))
    with django_capture_on_commit_callbacks(execute=True):
        resend(message=message, actor="officer:wong")
        assert queued == []
    assert queued == [message.pk]
    message.refresh_from_db()
    assert (message.state, message.attempts, message.failed_at) == ("queued", 0, None)


def test_what_a_server_further_on_says_is_kept_in_one_line_and_cut() -> None:
    promise(letter=letter())
    Message.objects.update(state="sent")
    message = Message.objects.get()
    assert note_bounce(message_id=message.message_id, action="delayed", answer="450\r\n 4.2.0\x1b " + "later " * 50)
    message.refresh_from_db()
    assert message.last_error.startswith("450 4.2.0 later later")
    assert len(message.last_error) == 200
