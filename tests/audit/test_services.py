"""What happened can be added to, and not changed."""

import pytest
from django.db import DatabaseError, transaction

from audit.models import Event
from audit.services import record, record_all

pytestmark = pytest.mark.django_db


def test_an_event_keeps_what_was_said() -> None:
    record(event="case.opened", actor="officer:chan", subject="case:X", details={"kind": "registration"})
    event = Event.objects.get()
    assert (event.name, event.actor, event.subject, event.details) == (
        "case.opened",
        "officer:chan",
        "case:X",
        {"kind": "registration"},
    )
    assert "case.opened case:X" in str(event)


def test_many_events_of_one_kind() -> None:
    record_all(event="order.taken", actor="system", subjects=["order:1", "order:2"])
    assert list(Event.objects.values_list("subject", flat=True)) == ["order:1", "order:2"]


def test_the_database_refuses_to_change_or_delete_an_event() -> None:
    record(event="e", actor="a", subject="s")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Event.objects.update(actor="somebody else")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Event.objects.all().delete()
    assert Event.objects.get().actor == "a"
