"""Reading registrations, entitlements and slips."""

from typing import Any

import pytest
from django.utils import timezone

from accounts.states import IdentityKind
from certificates.models import Order
from certificates.states import OrderState
from enrollment import selectors
from enrollment.models import Entitlement, Slip
from enrollment.services import open_application, print_slip, wish_reset
from enrollment.states import OfferState, Step
from tests import factories
from tests.enrollment import making

pytestmark = pytest.mark.django_db


def test_everything_of_a_subscriber_is_found_through_them() -> None:
    mine, other = making.entitlement(), making.entitlement()
    assert list(selectors.entitlements_of(mine.subscriber)) == [mine]
    assert selectors.entitlement_of(mine.subscriber, mine.public_id) == mine
    with pytest.raises(Entitlement.DoesNotExist):
        selectors.entitlement_of(mine.subscriber, other.public_id)


def test_an_offer_follows_its_order() -> None:
    entitlement = making.entitlement()
    holder = entitlement.subscriber

    def state() -> OfferState:
        return selectors.offers(holder)[0].state

    assert state() == OfferState.OPEN
    order = open_application(subscriber=holder, entitlement=entitlement)
    assert state() == OfferState.BEGUN
    for stored, shown in (
        (OrderState.PLACED, OfferState.RUNNING),
        (OrderState.SIGNING, OfferState.RUNNING),
        (OrderState.ISSUED, OfferState.USED),
    ):
        Order.objects.filter(pk=order.pk).update(state=stored)
        assert state() == shown
    Order.objects.filter(pk=order.pk).update(state=OrderState.REFUSED, refusal_code="key-weak")
    assert state() == OfferState.OPEN
    assert "weak" in selectors.offers(holder)[0].refused
    second = open_application(subscriber=holder, entitlement=entitlement)
    assert selectors.offers(holder)[0].order == second
    Entitlement.objects.update(expires_at=timezone.now())
    assert state() == OfferState.EXPIRED


def test_people_are_called_by_what_is_known() -> None:
    both = factories.subscriber()
    mailbox = factories.subscriber(
        kind=IdentityKind.MAILBOX, given_name="", family_name="", name_chinese="", email="a@example.org"
    )
    assert selectors.holder_name(both.account) == "陳美 Mei Chan"
    assert selectors.holder_name(mailbox.account) == "a@example.org"


def test_pages_show_id_numbers_masked() -> None:
    registration = making.registration(id_number="1234567(8)")
    assert selectors.id_number_of(registration) == "1••••••(8)"
    identity = selectors.identity_of(factories.subscriber(id_number="7654321(0)"))
    assert selectors.id_number_of(identity) == "7••••••(0)"
    assert selectors.id_number_of(selectors.identity_of(factories.subscriber(id_number=""))) == ""


def test_the_desk_sees_slips_and_wishes_of_its_own_office() -> None:
    officer, stranger = factories.officer(), factories.officer(at=factories.office("taipa"))
    slip = Slip.objects.get(account=making.approved().account)
    wish_reset(account_number=slip.account.username, address="192.0.2.1")
    assert list(selectors.due_slips(officer)) == [slip]
    assert [wish.account for wish in selectors.wishes(officer)] == [slip.account]
    assert not selectors.due_slips(stranger).exists()
    assert not selectors.wishes(stranger).exists()
    print_slip(slip=slip, officer=officer)
    assert not selectors.due_slips(officer).exists()


def test_lists_cost_no_query_for_each_row(django_assert_max_num_queries: Any) -> None:
    officer = factories.officer()
    for _ in range(3):
        making.approved()
    with django_assert_max_num_queries(2):
        names = [
            selectors.name_of(selectors.identity_of(slip.account.subscriber)) for slip in selectors.due_slips(officer)
        ]
    assert len(names) == 3


def test_steps_leave_out_what_the_profile_does_not_ask() -> None:
    entitlement = making.entitlement()
    order = open_application(subscriber=entitlement.subscriber, entitlement=entitlement)
    lines = selectors.steps(order, Step.AGREEMENT)
    assert [(line.done, line.current) for line in lines] == [
        (True, False),
        (True, False),
        (False, True),
        (False, False),
        (False, False),
    ]
