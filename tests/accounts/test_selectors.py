"""Reading accounts and identities."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts import selectors
from accounts.models import MailboxProof
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


def test_a_change_of_address_is_open_until_it_is_done_or_ends(clock: Any) -> None:
    person = factories.subscriber(state=AccountState.NEW)
    now = timezone.now()
    dates = {"subscriber": person, "sent_at": now, "expires_at": now + timedelta(days=1)}
    MailboxProof.objects.create(**dates, email="plain@example.org", token_hash="1")
    assert selectors.email_change_open(person) is None
    change = MailboxProof.objects.create(**dates, email="new@example.org", token_hash="2", changes_email=True)
    assert selectors.email_change_open(person) == change
    assert selectors.email_change_open(factories.subscriber(state=AccountState.NEW)) is None
    clock.shift(days=1, seconds=1)
    assert selectors.email_change_open(person) is None
    clock.shift(days=-1)
    MailboxProof.objects.filter(pk=change.pk).update(proven_at=now)
    assert selectors.email_change_open(person) is None


def test_facts_take_the_present_address_until_they_were_registered_anew() -> None:
    person = factories.subscriber(state=AccountState.NEW)
    first = person.identities.get()
    assert selectors.with_present_address(first) == first
    moved = [factories.identity(person, evidence=f"mailbox-proof:{number}") for number in (1, 2)]
    assert selectors.with_present_address(first) == moved[-1]
    factories.subscriber(state=AccountState.NEW)
    anew = factories.identity(person, evidence="case:NEW")
    last = factories.identity(person, evidence="mailbox-proof:3")
    assert selectors.with_present_address(first) == moved[-1]
    assert selectors.with_present_address(anew) == last
