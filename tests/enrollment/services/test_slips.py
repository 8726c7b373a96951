"""A slip is printed once."""

import pytest
from django.core.exceptions import PermissionDenied

from accounts.services import sign_in
from accounts.states import AccountState, Role
from audit.errors import WrongState
from audit.models import Event
from enrollment.models import Slip
from enrollment.services import print_slip
from enrollment.services.slips import make_slip_due
from enrollment.states import SlipState
from tests import factories
from tests.enrollment import making

pytestmark = pytest.mark.django_db


@pytest.fixture
def slip() -> Slip:
    """A slip that waits to be printed."""
    return Slip.objects.get(account=making.approved().account)


def test_a_printed_slip_opens_the_account(slip: Slip) -> None:
    officer = factories.officer("chan")

    printed = print_slip(slip=slip, officer=officer)

    assert printed.name == "陳美 Mei Chan"
    assert printed.account.replace("-", "") == slip.account.username
    account = sign_in(username=slip.account.username, password=printed.passcode, address="192.0.2.1")
    assert account.state == AccountState.SLIP
    slip.refresh_from_db()
    assert (slip.state, slip.printed_by) == (SlipState.PRINTED, "officer:chan")


def test_every_print_is_recorded_without_the_passcode(slip: Slip) -> None:
    printed = print_slip(slip=slip, officer=factories.officer("chan"))
    event = Event.objects.get(name="slip.printed")
    assert (event.actor, event.subject) == ("officer:chan", slip.audit_id)
    whole = "".join(f"{one.subject} {one.details}" for one in Event.objects.all())
    assert printed.passcode not in whole
    assert printed.passcode.replace("-", "") not in whole
    assert slip.account.username not in whole


def test_a_slip_is_printed_once(slip: Slip) -> None:
    stale = Slip.objects.get(pk=slip.pk)
    print_slip(slip=slip, officer=factories.officer())
    first = slip.account.password
    with pytest.raises(WrongState):
        print_slip(slip=stale, officer=factories.officer())
    slip.account.refresh_from_db()
    assert slip.account.password == first


def test_only_a_registration_officer_prints(slip: Slip) -> None:
    with pytest.raises(PermissionDenied):
        print_slip(slip=slip, officer=factories.officer(roles=[Role.APPROVING]))


def test_a_newer_slip_voids_the_older(slip: Slip) -> None:
    newer = make_slip_due(account=slip.account, case=slip.case, actor="officer:chan")
    slip.refresh_from_db()
    assert (slip.state, newer.state) == (SlipState.VOID, SlipState.DUE)
    with pytest.raises(WrongState):
        print_slip(slip=slip, officer=factories.officer())
