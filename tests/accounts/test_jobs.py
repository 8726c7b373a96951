"""Shutting doors, and forgetting."""

from datetime import timedelta
from typing import Any

import pytest
from captcha.models import CaptchaStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts import jobs, services, tasks
from accounts.models import Account, MailboxProof, Throttle
from accounts.services import new_picture, throttle
from accounts.states import AccountState
from audit.models import Event
from notifications.models import Message
from tests import factories

pytestmark = pytest.mark.django_db


def test_what_has_expired_is_forgotten_and_the_rest_stays(clock: Any) -> None:
    person = factories.subscriber(state=AccountState.NEW)
    throttle(scope="x", who="a", limit=1, seconds=60)
    new_picture()
    Session.objects.create(session_key="old", session_data="", expire_date=timezone.now() + timedelta(hours=12))
    unproven = services.send_mailbox_link(subscriber=person, email="a@example.org")
    proven = services.send_mailbox_link(subscriber=person, email="b@example.org")
    MailboxProof.objects.filter(pk=proven.pk).update(proven_at=timezone.now())
    tasks.forget_expired()
    assert (Throttle.objects.count(), CaptchaStore.objects.count(), Session.objects.count()) == (2, 1, 1)
    clock.shift(days=2)
    jobs.forget_expired()
    assert (Throttle.objects.count(), CaptchaStore.objects.count(), Session.objects.count()) == (0, 0, 0)
    assert MailboxProof.objects.filter(pk=unproven.pk).exists()  # its page still says "expired", not "unknown"
    clock.shift(days=7)
    jobs.forget_expired()
    assert list(MailboxProof.objects.all()) == [proven]


def test_an_account_left_with_three_strikes_is_locked_by_the_sweep() -> None:
    person = factories.subscriber()
    Account.objects.filter(pk=person.account.pk).update(strikes=3)
    jobs.forget_expired()
    person.account.refresh_from_db()
    assert person.account.state == AccountState.LOCKED
    assert Message.objects.filter(event="account-locked").count() == 1


def test_fewer_strikes_and_shut_doors_are_left_alone() -> None:
    person = factories.subscriber()
    Account.objects.filter(pk=person.account.pk).update(strikes=2)
    jobs.lock(person.account.pk)
    Account.objects.filter(pk=person.account.pk).update(strikes=3, state=AccountState.NEW)
    jobs.lock(person.account.pk)
    assert not Event.objects.filter(name="account.locked").exists()


def test_a_holder_who_cannot_be_told_is_locked_all_the_same() -> None:
    person = factories.subscriber(email="a b@example.org")
    Account.objects.filter(pk=person.account.pk).update(strikes=3)
    jobs.lock(person.account.pk)
    person.account.refresh_from_db()
    assert person.account.state == AccountState.LOCKED
    assert not Message.objects.exists()
