"""A new slip by two officers; a wish that tells nobody anything."""

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from accounts.errors import SignInRefused, TooMany
from accounts.models import Account
from accounts.services import sign_in
from accounts.states import AccountState, Role
from audit.models import Event
from cases.errors import SamePerson
from cases.states import CaseState
from enrollment.errors import AccountClosed, AccountUnknown, AlreadyWaiting, SlipWaiting
from enrollment.models import ResetRequest, ResetWish, Slip
from enrollment.services import decide_reset, request_reset, wish_reset
from enrollment.states import SlipState
from notifications.models import Message
from tests import factories
from tests.enrollment import making

pytestmark = pytest.mark.django_db


@pytest.fixture
def account() -> Account:
    """The account of a subscriber who knew a password once."""
    return factories.subscriber().account


def entered(account: Account) -> ResetRequest:
    return request_reset(officer=factories.officer(), account=account, identity_check="ID card seen")


def test_an_approval_shuts_the_door_and_has_a_slip_printed(account: Account) -> None:
    browser = factories.signed_in(Client(), account.subscriber)
    assert browser.get("/enrollment/").status_code == 200
    request = entered(account)

    decide_reset(case=request.case, decision=making.decision())

    account.refresh_from_db()
    assert (account.state, account.strikes) == (AccountState.NEW, 0)
    with pytest.raises(SignInRefused):
        sign_in(username=account.username, password=factories.PASSWORD, address="192.0.2.1")
    assert "Apply with a passcode slip" in browser.get("/enrollment/").content.decode()
    assert Slip.objects.get(account=account, state=SlipState.DUE).case == request.case
    assert Message.objects.get(event="reset-approved").context["name"] == "Mei Chan"


@pytest.mark.parametrize("state", [AccountState.LOCKED, AccountState.SLIP])
def test_a_locked_or_unused_account_is_reset_alike(account: Account, state: AccountState) -> None:
    Account.objects.filter(pk=account.pk).update(state=state, strikes=3)
    account.refresh_from_db()
    decide_reset(case=entered(account).case, decision=making.decision())
    account.refresh_from_db()
    assert (account.state, account.strikes) == (AccountState.NEW, 0)


def test_a_rejection_changes_nothing(account: Account) -> None:
    request = entered(account)
    decide_reset(case=request.case, decision=making.decision(approve=False, reason="not the holder"))
    account.refresh_from_db()
    assert account.state == AccountState.ACTIVE
    assert not Slip.objects.exists()
    letter = Message.objects.get()
    assert (letter.event, letter.context["reason"]) == ("reset-rejected", "not the holder")


def test_two_persons_here_too(account: Account) -> None:
    request = entered(account)
    with pytest.raises(SamePerson):
        decide_reset(case=request.case, decision=making.decision(request.case.entered_by))
    with pytest.raises(PermissionDenied):
        request_reset(officer=factories.officer(roles=[Role.APPROVING]), account=account, identity_check="seen")


def test_one_reset_at_a_time(account: Account) -> None:
    first = entered(account)
    with pytest.raises(AlreadyWaiting) as refusal:
        entered(account)
    assert refusal.value.reference == first.case.reference


def test_whom_no_reset_helps() -> None:
    waiting = making.approved().account
    with pytest.raises(SlipWaiting):
        entered(waiting)
    closed = factories.subscriber().account
    Account.objects.filter(pk=closed.pk).update(state=AccountState.CLOSED)
    with pytest.raises(AccountClosed):
        entered(closed)
    with pytest.raises(AccountUnknown):
        entered(factories.officer().account)
    with pytest.raises(AccountUnknown):
        entered(factories.subscriber(at=factories.office("taipa")).account)


def test_an_account_closed_meanwhile_is_not_opened_again(account: Account) -> None:
    request = entered(account)
    Account.objects.filter(pk=account.pk).update(state=AccountState.CLOSED)
    with pytest.raises(AccountClosed):
        decide_reset(case=request.case, decision=making.decision())
    request.case.refresh_from_db()
    assert request.case.state == CaseState.OPEN


def test_a_wish_waits_once_until_it_is_followed_up(account: Account) -> None:
    for _ in range(2):
        wish_reset(account_number=account.username.lower(), address="192.0.2.1")
    wish = ResetWish.objects.get()
    assert (wish.account, wish.case) == (account, None)
    request = entered(account)
    wish.refresh_from_db()
    assert wish.case == request.case


def test_a_wish_for_an_unknown_account_leaves_an_event_alike(account: Account) -> None:
    wish_reset(account_number="2222-2222-2222", address="192.0.2.1")
    wish_reset(account_number=factories.officer("chan").account.username, address="192.0.2.1")
    assert not ResetWish.objects.exists()
    assert Event.objects.filter(name="reset.wished", subject="account:unknown").count() == 2


def test_wishes_are_throttled_alike_for_known_and_unknown(account: Account) -> None:
    for number in (account.username, "222222222222"):
        for last in range(3):
            wish_reset(account_number=number, address=f"192.0.2.{last}")
        with pytest.raises(TooMany):
            wish_reset(account_number=number, address="192.0.2.9")


def test_wishes_are_throttled_by_address() -> None:
    for number in range(10):
        wish_reset(account_number=f"22222222222{number}", address="192.0.2.1")
    with pytest.raises(TooMany):
        wish_reset(account_number="333333333333", address="192.0.2.1")
