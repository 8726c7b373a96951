"""Inviting holders to renew: each of the own office, once in three days, however many officers press at once."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Account, Identity
from accounts.states import AccountState
from audit.models import Event
from certificates.models import Certificate, Order
from notifications.models import Message
from renewal.models import Invitation
from renewal.services.invitations import AT_ONCE, Invited, invite
from tests import factories
from tests.conftest import Clock
from tests.renewal.rows import units
from tests.threads import at_once

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def made(count: int = 1, left: float = 10, **how: Any) -> list[Order]:
    return units(count, timezone.now() + left * DAY, **how)


def asked(orders: list[Order]) -> list[int]:
    return [one.pk for one in orders]


def test_a_holder_gets_a_letter_and_the_officer_stands_in_the_record() -> None:
    officer, (order,) = factories.officer(), made(kind="personal")
    assert invite(officer=officer, orders=asked([order])) == Invited(invited=1, left_out=0)
    letter = Message.objects.get()
    assert letter.event == "renewal-invitation"
    assert letter.context["url"].endswith(f"/renewal/#order-{order.public_id}")
    assert letter.context["calendar"]["alarm_days"] == [7, 1]
    assert Invitation.objects.filter(invited_by=officer, certificate__item__order=order).count() == 2
    event = Event.objects.get(name="renewal.invited")
    assert (event.actor, event.subject) == (officer.audit_id, order.audit_id)


def test_nobody_is_invited_again_within_three_days(clock: Clock) -> None:
    officer, orders = factories.officer(), made()
    for hours, invited in ((0, 1), (1, 0), (70, 0), (2, 1)):
        clock.shift(hours=hours)
        assert invite(officer=officer, orders=asked(orders)).invited == invited
    assert Message.objects.count() == 2


def test_strangers_and_what_cannot_be_renewed_are_left_out() -> None:
    other = made(at=factories.office("other"))
    ended, early, revoked, held, closed, renewed, token = (
        *made(left=-1), *made(left=31), *made(), *made(), *made(), *made(), *made(kind="personal-token"),
    )  # fmt: skip
    Certificate.objects.filter(item__order=revoked).update(state="revoked")
    Certificate.objects.filter(item__order=held).update(state="held")
    Account.objects.filter(subscriber=closed.subscriber).update(state=AccountState.CLOSED)
    Order.objects.filter(pk=made()[0].pk).update(renews=renewed)
    (bad,) = made()
    Identity.objects.filter(subscriber=bad.subscriber).update(email="a@example.org\nBcc: b@example.org")
    every = [*other, ended, early, revoked, held, closed, renewed, token, bad]
    assert invite(officer=factories.officer(), orders=asked(every)) == Invited(invited=0, left_out=len(every))
    assert not Message.objects.exists()
    assert not Invitation.objects.exists()


def test_many_are_invited_in_few_statements(django_assert_max_num_queries: Any) -> None:
    officer, orders = factories.officer(), made(60)
    with django_assert_max_num_queries(14):
        assert invite(officer=officer, orders=asked(orders)).invited == 60
    assert AT_ONCE >= 1000


@pytest.mark.django_db(transaction=True)
def test_officers_who_invite_at_once_send_one_letter() -> None:
    orders = asked(made(8))
    officers = [factories.officer() for _ in range(4)]
    done = at_once(*[lambda one=one: invite(officer=one, orders=orders) for one in officers])
    assert sorted(one.invited for one in done) == [0, 0, 0, 8]
    assert Message.objects.count() == Invitation.objects.count() == 8
