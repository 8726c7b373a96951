"""State moves by compare-and-swap, with its event, or not at all."""

import pytest
from django.utils import timezone

from audit.errors import ForbiddenMove, WrongState
from audit.models import Event
from audit.transitions import advance
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


def test_a_step_outside_the_table_is_a_mistake(message: Message) -> None:
    with pytest.raises(ForbiddenMove):
        advance(message, before=MessageState.SENT, after=MessageState.QUEUED, actor="system", event="x")
    assert not Event.objects.exists()
