"""State moves by compare-and-swap, with its event, or not at all."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from audit.errors import ForbiddenMove, WrongState
from audit.models import Event
from audit.transitions import advance, advance_all
from notifications.models import Message
from notifications.states import MessageState

pytestmark = pytest.mark.django_db


@pytest.fixture
def message() -> Message:
    now = timezone.now()
    return Message.objects.create(
        key="k", event="e", address="a@example.com", language="en", message_id="<1@x>", created_at=now, next_try_at=now
    )


def take(message: Message) -> None:
    advance(
        message,
        before=MessageState.QUEUED,
        after=MessageState.SENDING,
        actor="system",
        event="message.taken",
        changes={"attempts": 1},
    )


def test_a_move_changes_row_memory_and_record(message: Message) -> None:
    take(message)
    stored = Message.objects.get()
    assert (stored.state, stored.attempts, message.state, message.attempts) == ("sending", 1, "sending", 1)
    event = Event.objects.get()
    assert (event.name, event.actor, event.subject) == ("message.taken", "system", f"message:{message.pk}")
    assert event.details == {"before": "queued", "after": "sending"}


def test_the_second_of_two_is_refused_and_leaves_no_event(message: Message) -> None:
    other = Message.objects.get()
    take(message)
    with pytest.raises(WrongState):
        take(other)
    assert Event.objects.count() == 1
    assert other.state == "queued"


@pytest.mark.parametrize("many", [False, True])
def test_where_the_event_cannot_be_written_nothing_moves(
    many: bool, message: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**_: Any) -> None:
        raise OSError("full")

    monkeypatch.setattr("audit.transitions.record", full)
    monkeypatch.setattr("audit.transitions.record_all", full)
    with pytest.raises(OSError, match="full"):
        take_all([message]) if many else take(message)
    assert (message.state, Message.objects.get().state) == ("queued", "queued")


def test_a_step_outside_the_table_is_a_mistake(message: Message) -> None:
    with pytest.raises(ForbiddenMove):
        advance(message, before=MessageState.SENT, after=MessageState.QUEUED, actor="system", event="x")
    assert not Event.objects.exists()


def several(count: int) -> list[Message]:
    now = timezone.now()
    return [
        Message.objects.create(
            key=f"k{number}",
            event="e",
            address="a@example.com",
            language="en",
            message_id=f"<{number}@many>",
            created_at=now,
            next_try_at=now,
        )
        for number in range(count)
    ]


def take_all(messages: list[Message]) -> list[Message]:
    return advance_all(
        messages,
        before=MessageState.QUEUED,
        after=MessageState.SENDING,
        actor="system",
        event="message.taken",
        changes={"attempts": 1},
    )


def test_many_rows_move_in_few_statements(django_assert_max_num_queries: Any) -> None:
    messages = several(20)
    with django_assert_max_num_queries(5):  # savepoint, lock, update, events, release
        moved = take_all(messages)
    assert moved == messages
    assert {(message.state, message.attempts) for message in Message.objects.all()} == {("sending", 1)}
    assert {(message.state, message.attempts) for message in messages} == {("sending", 1)}
    events = Event.objects.filter(name="message.taken")
    assert [event.subject for event in events] == [message.audit_id for message in messages]
    assert events[0].details == {"before": "queued", "after": "sending"}


def test_rows_that_are_not_there_any_more_stay_and_leave_no_event() -> None:
    messages = several(3)
    take(Message.objects.get(pk=messages[1].pk))
    assert take_all(messages) == [messages[0], messages[2]]
    assert messages[1].state == "queued"
    assert Event.objects.filter(subject=messages[1].audit_id).count() == 1
    assert take_all(messages) == []
    assert take_all([]) == []


def test_a_step_outside_the_table_is_a_mistake_for_many_too() -> None:
    with pytest.raises(ForbiddenMove):
        advance_all(several(1), before=MessageState.SENT, after=MessageState.QUEUED, actor="system", event="x")


@pytest.mark.django_db(transaction=True)
def test_two_that_take_the_same_rows_share_them(transactional_db: None) -> None:
    messages = several(40)
    ways = [list(messages), list(reversed(messages))]
    with ThreadPoolExecutor(2) as pool:
        taken = list(pool.map(_take_in_thread, ways))
    keys = sorted(message.pk for part in taken for message in part)
    assert keys == sorted(set(keys))
    assert Event.objects.filter(name="message.taken").count() == len(keys)
    assert Message.objects.filter(state="sending").count() == len(keys)


def _take_in_thread(messages: list[Message]) -> list[Message]:
    try:
        return take_all(messages)
    finally:
        connection.close()
