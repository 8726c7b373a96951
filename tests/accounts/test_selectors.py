"""Reading accounts and identities."""

import pytest

from accounts import selectors
from accounts.states import AccountState, Role
from tests import factories

pytestmark = pytest.mark.django_db


def test_the_newest_identity() -> None:
    person = factories.subscriber(state=AccountState.NEW)
    newest = factories.identity(person)
    assert selectors.newest_identity(person) == newest


def test_an_account_is_a_subscriber_s_or_an_officer_s() -> None:
    person, officer = factories.subscriber(), factories.officer(roles=[Role.AUDITOR])
    assert selectors.subscriber_of(person.account) == person
    assert selectors.officer_of(person.account) is None
    assert selectors.subscriber_of(officer.account) is None
    assert selectors.officer_of(officer.account) == officer
