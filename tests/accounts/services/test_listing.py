"""The consent to be found."""

import pytest

from accounts.models import Subscriber
from accounts.services import list_publicly
from accounts.states import AccountState
from audit.models import Event
from tests import factories

pytestmark = pytest.mark.django_db


def test_nobody_is_listed_until_they_agree_and_each_change_is_an_event() -> None:
    person, other = (factories.subscriber(state=AccountState.NEW) for _ in range(2))
    assert not person.listed
    for listed in (True, True, False, False, True):
        list_publicly(subscriber=person, listed=listed)
        assert person.listed is Subscriber.objects.get(pk=person.pk).listed is listed
    assert not Subscriber.objects.get(pk=other.pk).listed
    events = Event.objects.filter(name__startswith="directory.").order_by("pk")
    assert [event.name for event in events] == ["directory.agreed", "directory.refused", "directory.agreed"]
    assert {(event.actor, event.subject) for event in events} == {(person.audit_id, person.audit_id)}
