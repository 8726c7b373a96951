"""Units: what is renewed together, and whether it can be."""

from datetime import timedelta

import pytest
from django.utils import timezone

from certificates.models import Certificate
from renewal.selectors.ending import Unit, not_renewed, units_of
from tests import factories
from tests.renewal.rows import units

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def unit(kind: str = "personal", left: float = 10) -> Unit:
    return units_of(units(1, timezone.now() + left * DAY, kind=kind))[0]


def again(one: Unit) -> list[Unit]:
    return units_of([one.order])


def test_a_pair_is_one_unit_that_ends_with_its_first_certificate() -> None:
    pair = unit()
    assert [one.template for one in pair.certificates] == ["personal-signing", "personal-encryption"]
    assert pair.not_after == pair.certificates[0].not_after < pair.certificates[1].not_after
    assert pair.not_before == pair.not_after - 365 * DAY
    assert pair.numbers == f"{pair.certificates[0].number}, {pair.certificates[1].number}"
    assert (pair.whole, pair.held, pair.renewable) == (True, False, True)


@pytest.mark.parametrize(
    ("state", "whole", "held", "left"),
    [("revoked", False, False, 1), ("held", True, True, 2), ("valid", True, False, 2)],
)
def test_one_that_is_not_valid_keeps_its_pair_from_being_renewed(
    state: str, whole: bool, held: bool, left: int
) -> None:
    pair = unit()
    Certificate.objects.filter(pk=pair.certificates[1].pk).update(state=state)
    (found,) = again(pair)
    assert (found.whole, found.held, len(found.certificates)) == (whole, held, left)
    assert found.renewable == found.open(timezone.now()) == (state == "valid")


def test_what_was_wholly_revoked_is_no_unit() -> None:
    pair = unit()
    Certificate.objects.update(state="revoked")
    assert again(pair) == []


@pytest.mark.parametrize(("left", "is_open"), [(31, False), (29.9, True), (0.1, True), (-0.1, False)])
def test_renewal_is_open_in_its_window(left: float, is_open: bool) -> None:
    assert unit(left=left).open(timezone.now()) == is_open


def test_a_token_s_certificates_are_not_renewed_here() -> None:
    assert not unit("personal-token").renewable


def test_the_newest_identity_is_the_holder_s() -> None:
    found = unit()
    assert found.order.subscriber is not None
    newest = factories.identity(found.order.subscriber, email="later@example.org")
    assert again(found)[0].identity == newest


def test_the_span_holds_its_end_and_not_its_beginning() -> None:
    now = timezone.now()
    units(1, now + DAY, kind="secure-email")
    assert not_renewed(after=now, until=now + DAY).count() == 1
    assert not_renewed(after=now + DAY, until=now + 2 * DAY).count() == 0
    assert not_renewed(after=now, until=now + DAY, least_window=31).count() == 0
