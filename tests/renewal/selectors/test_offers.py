"""What a holder sees of each order: whether it can be renewed, from when, and why not."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.http import Http404

from certificates.models import Authority, Order
from certificates.services import hold, lift, revoke
from renewal.selectors.offers import (
    draft_of,
    id_number_of,
    offer_of,
    offers,
    order_to_renew,
    signer_among,
    to_be_renewed,
)
from renewal.states import UnitState
from tests import factories
from tests.certificates.making import ceremony, placed, renewal_of
from tests.conftest import Clock
from tests.renewal import making
from tests.renewal.making import near_the_end

pytestmark = pytest.mark.django_db


@pytest.fixture
def ca(db: None) -> Authority:
    return ceremony()


def test_each_moment_has_its_state(ca: Authority, clock: Clock) -> None:
    made = making.holder("personal")
    offer = offer_of(made.order)
    assert offer.state == UnitState.EARLY
    assert (offer.first, offer.last) == (made.ends - timedelta(days=30), made.ends)
    assert [one["number"] for one in offer.certificates] == [one.number for one in made.certificates]
    for moment, state in (
        (offer.first, UnitState.OPEN),
        (offer.last, UnitState.OPEN),
        (offer.last + timedelta(seconds=1), UnitState.ENDED),
    ):
        clock.move_to(moment)
        assert offer_of(made.order).state == state


def test_what_a_pair_lacks_the_whole_lacks(ca: Authority, clock: Clock) -> None:
    made = near_the_end(clock, "personal")
    second = made.certificates[1:]
    hold(certificates=second, actor="test")
    assert offer_of(made.order).state == UnitState.HELD
    lift(certificates=second, actor="test")
    assert offer_of(made.order).state == UnitState.OPEN
    revoke(certificates=second, reason="", actor="test")
    assert offer_of(made.order).state == UnitState.REVOKED


@pytest.mark.parametrize(
    ("state", "seen"),
    [
        ("draft", UnitState.OPEN),
        ("placed", UnitState.RUNNING),
        ("signing", UnitState.RUNNING),
        ("issued", UnitState.RENEWED),
        ("refused", UnitState.OPEN),
    ],
)
def test_a_renewal_on_its_way_is_seen(ca: Authority, clock: Clock, state: str, seen: UnitState) -> None:
    made = near_the_end(clock)
    draft = renewal_of(made.order)
    Order.objects.filter(pk=draft.pk).update(state=state)
    (offer,) = offers(made.subscriber)
    assert (offer.state, offer_of(made.order).state) == (seen, seen)
    assert offer.renewal == (draft if seen in (UnitState.RUNNING, UnitState.RENEWED) else None)


def test_what_can_be_done_now_comes_first(ca: Authority, clock: Clock, django_assert_max_num_queries: Any) -> None:
    made = near_the_end(clock)
    later, pair = making.holder(subscriber=made.subscriber), making.holder("personal", subscriber=made.subscriber)
    revoke(certificates=later.certificates, reason="", actor="test")
    making.holder()
    with django_assert_max_num_queries(4):
        found = offers(made.subscriber)
    assert [one.order for one in found] == [made.order, pair.order, later.order]
    assert [len(one.certificates) for one in found] == [1, 2, 1]


def test_the_signing_certificate_signs(ca: Authority) -> None:
    pair, single = making.holder("personal"), making.holder()
    assert signer_among(pair.certificates) == pair.certificates[0]
    assert signer_among(single.certificates) == single.certificates[0]
    assert signer_among(pair.certificates[1:]) is None
    assert to_be_renewed(pair.order) == pair.certificates


def test_everything_is_fetched_through_its_owner(ca: Authority, clock: Clock) -> None:
    made = near_the_end(clock)
    draft, waiting, stranger = renewal_of(made.order), placed(made.subscriber), factories.subscriber()
    assert order_to_renew(made.subscriber, made.order.public_id) == made.order
    assert draft_of(made.subscriber, draft.public_id) == draft
    for find in (
        lambda: order_to_renew(stranger, made.order.public_id),
        lambda: order_to_renew(made.subscriber, waiting.public_id),
        lambda: order_to_renew(made.subscriber, uuid4()),
        lambda: draft_of(stranger, draft.public_id),
        lambda: draft_of(made.subscriber, made.order.public_id),
    ):
        with pytest.raises(Http404):
            find()


def test_id_numbers_are_masked(ca: Authority) -> None:
    made = making.holder(id_number="1234567(8)")
    assert id_number_of(made.subscriber.identities.get()) == "1••••••(8)"
    assert id_number_of(making.holder(id_number="").subscriber.identities.get()) == ""
