"""The list of who did not react, as an officer of the office sees it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Officer, Organisation
from certificates.models import Certificate, Order
from renewal.models import Invitation
from renewal.selectors.officer import Due, due, not_invited_lately, orders_due
from tests import factories
from tests.renewal.rows import organisation, units

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def listed(officer: Officer, *, named: str = "", least: float = -30, most: float = 30) -> list[Due]:
    now = timezone.now()
    return due(list(orders_due(officer, now, organisation=named, least=least * DAY, most=most * DAY)), now)


def ids(found: list[Due]) -> list[int]:
    return [one.unit.order.pk for one in found]


def made(left: float, kind: str = "secure-email", of: Organisation | None = None) -> Order:
    return units(1, timezone.now() + left * DAY, kind=kind, of=of)[0]


def test_the_list_begins_with_what_ends_first_and_holds_one_office() -> None:
    later, sooner, ended = made(20), made(3.5, "personal"), made(-29)
    made(31), made(-31)
    units(1, timezone.now() + DAY, at=factories.office("other"))
    found = listed(factories.officer())
    assert ids(found) == [ended.pk, sooner.pk, later.pk]
    assert [(one.ended, one.days, one.may_be_invited) for one in found] == [
        (True, 29, False),
        (False, 4, True),
        (False, 20, True),
    ]
    assert ids(listed(factories.officer(), least=0, most=7)) == [sooner.pk]
    assert ids(listed(factories.officer(), least=-30, most=0)) == [ended.pk]


def test_what_was_renewed_revoked_or_held_is_not_on_it() -> None:
    renewed, revoked, held, left = made(5), made(5), made(5), made(5)
    Order.objects.filter(pk=made(300).pk).update(renews=renewed)
    for order, state in ((revoked, "revoked"), (held, "held")):
        Certificate.objects.filter(item__order=order).update(state=state)
    assert ids(listed(factories.officer())) == [left.pk]


def test_an_organisation_is_found_by_number_and_by_a_part_of_its_name() -> None:
    harbour, bank = organisation("MO-1", "Harbour Trading"), organisation("MO-12", "Harbour Bank")
    first, second = made(5, "organisation", harbour), made(6, "organisation", bank)
    made(7)
    officer = factories.officer()
    assert ids(listed(officer, named="mo-1")) == [first.pk]
    assert ids(listed(officer, named="harbour")) == [first.pk, second.pk]
    assert ids(listed(officer, named="bank")) == [second.pk]
    assert listed(officer, named="100%_") == []
    assert listed(officer, named="bank")[0].organisation == bank


def test_notices_that_were_sent_and_the_last_invitation_stand_in_the_line() -> None:
    officer, now = factories.officer(), timezone.now()
    order = made(5, "personal")
    for one in Certificate.objects.filter(item__order=order):
        one.notices.create(threshold=30, crossed_at=now - 20 * DAY, told=True)
        one.notices.create(threshold=14, crossed_at=now, told=False)
        one.notices.create(threshold=7, crossed_at=now, told=True)
        for days in (9, 2):
            Invitation.objects.create(certificate=one, invited_by=officer, invited_at=now - days * DAY)
    (line,) = listed(officer)
    assert line.notices == ((30, now - 20 * DAY), (7, now))
    assert line.invited_at == now - 2 * DAY
    assert not line.may_be_invited
    assert not not_invited_lately(Order.objects.filter(pk=order.pk), now).exists()
    assert not_invited_lately(Order.objects.filter(pk=order.pk), now + DAY).exists()
