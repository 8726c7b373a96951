"""Passcodes and passwords."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password
from django.utils import timezone

from accounts import services
from accounts.errors import OldPasswordWrong, PasswordIsPasscode, PasswordNotAllowed, SignInRefused
from accounts.models import Account, Subscriber
from accounts.services.doors import password_fits
from accounts.states import AccountState
from audit.errors import WrongState
from audit.models import Event
from audit.services import SYSTEM
from notifications.models import Message
from tests import factories

pytestmark = pytest.mark.django_db

NEW = "another-Battery-staple-9"


@pytest.fixture
def person() -> Subscriber:
    return factories.subscriber()


def opens(account: Account, password: str) -> bool:
    try:
        services.sign_in(username=account.username, password=password, address="192.0.2.1")
    except SignInRefused:
        return False
    return True


def test_a_changed_password_opens_and_the_old_one_does_not(person: Subscriber) -> None:
    before = person.account.get_session_auth_hash()
    services.change_password(account=person.account, old=factories.PASSWORD, new=NEW)
    assert person.account.get_session_auth_hash() != before  # other sessions end
    assert opens(person.account, NEW)
    assert not opens(person.account, factories.PASSWORD)
    assert Event.objects.filter(name="account.password-changed", subject=person.account.audit_id).exists()
    assert Message.objects.get(event="password-changed").address == person.identities.get().email


def test_a_wrong_present_password_is_a_strike_and_the_third_locks(person: Subscriber) -> None:
    for _ in range(3):
        with pytest.raises(OldPasswordWrong):
            services.change_password(account=person.account, old="wrong-wrong-wrong", new=NEW)
    person.account.refresh_from_db()
    assert person.account.state == AccountState.LOCKED
    with pytest.raises(OldPasswordWrong):
        services.change_password(account=person.account, old=factories.PASSWORD, new=NEW)
    assert check_password(factories.PASSWORD, Account.objects.get(pk=person.account.pk).password)


def test_strikes_of_the_door_and_of_the_change_count_together(person: Subscriber) -> None:
    assert not opens(person.account, "wrong-wrong-wrong")
    with pytest.raises(OldPasswordWrong):
        services.change_password(account=person.account, old="wrong-wrong-wrong", new=NEW)
    assert not opens(person.account, "wrong-wrong-wrong")
    person.account.refresh_from_db()
    assert person.account.state == AccountState.LOCKED


@pytest.mark.parametrize(
    ("new", "reason"),
    [
        ("short", "12 to 128"),
        ("x" * 129, "12 to 128"),
        ("password1234", "common"),
        ("siqueira-1-siqueira", "like your name"),
    ],
)
def test_a_bad_new_password_is_refused_with_its_reason(new: str, reason: str) -> None:
    person = factories.subscriber(family_name="Siqueira")
    with pytest.raises(PasswordNotAllowed, match=reason):
        services.change_password(account=person.account, old=factories.PASSWORD, new=new)
    person.account.refresh_from_db()
    assert person.account.strikes == 0


def test_a_password_like_the_account_number_is_refused(person: Subscriber) -> None:
    with pytest.raises(PasswordNotAllowed, match="like your name"):
        services.change_password(
            account=person.account, old=factories.PASSWORD, new=f"{person.account.username.lower()}!"
        )


def test_a_slip_is_changed_by_its_first_password_only() -> None:
    person = factories.subscriber(state=AccountState.NEW)
    passcode = services.print_passcode(account=person.account, actor=SYSTEM)
    with pytest.raises(WrongState):
        services.change_password(account=person.account, old=passcode, new=NEW)


def test_printing_makes_a_passcode_for_thirty_days_and_ends_sessions() -> None:
    account = factories.subscriber(state=AccountState.NEW).account
    before = account.epoch
    passcode = services.print_passcode(account=account, actor="officer:ana")
    stored = Account.objects.get(pk=account.pk)
    assert [len(part) for part in passcode.split("-")] == [4, 4, 4]
    assert passcode.replace("-", "") not in stored.password
    assert (stored.state, stored.strikes, stored.epoch) == (AccountState.SLIP, 0, before + 1)
    assert stored.passcode_expires_at is not None
    assert abs(stored.passcode_expires_at - timezone.now() - timedelta(days=30)) < timedelta(minutes=1)
    event = Event.objects.get(name="account.passcode-printed")
    assert event.actor == "officer:ana"
    assert passcode not in str(event.details)


def test_a_slip_printed_again_replaces_the_first() -> None:
    account = factories.subscriber(state=AccountState.NEW).account
    first = services.print_passcode(account=account, actor=SYSTEM)
    Account.objects.filter(pk=account.pk).update(strikes=2)  # somebody tried the first one
    second = services.print_passcode(account=account, actor=SYSTEM)
    assert not opens(account, first)
    assert opens(account, second)


@pytest.mark.parametrize("state", [AccountState.ACTIVE, AccountState.LOCKED, AccountState.CLOSED])
def test_no_slip_is_printed_for_an_account_in_use_locked_or_closed(person: Subscriber, state: str) -> None:
    Account.objects.filter(pk=person.account.pk).update(state=state)
    with pytest.raises(WrongState):
        services.print_passcode(account=person.account, actor=SYSTEM)


def test_the_first_password_uses_the_slip_up() -> None:
    account = factories.subscriber(state=AccountState.NEW).account
    passcode = services.print_passcode(account=account, actor=SYSTEM)
    services.set_first_password(account=account, new=NEW)
    stored = Account.objects.get(pk=account.pk)
    assert (stored.state, stored.passcode_expires_at) == (AccountState.ACTIVE, None)
    assert not opens(account, passcode)
    assert opens(account, NEW)
    with pytest.raises(WrongState):
        services.set_first_password(account=account, new=factories.PASSWORD)


def test_the_passcode_cannot_be_kept() -> None:
    account = factories.subscriber(state=AccountState.NEW).account
    passcode = services.print_passcode(account=account, actor=SYSTEM)
    for kept in (passcode, passcode.lower(), passcode.replace("-", "")):
        with pytest.raises(PasswordIsPasscode):
            services.set_first_password(account=account, new=kept)
    with pytest.raises(PasswordNotAllowed, match="common"):
        services.set_first_password(account=account, new="password1234")


@pytest.mark.parametrize("state", [AccountState.SLIP, AccountState.ACTIVE])
def test_a_closed_door_opens_to_nothing_old(state: AccountState) -> None:
    account = factories.subscriber(state=AccountState.NEW).account
    key = services.print_passcode(account=account, actor=SYSTEM)
    if state == AccountState.ACTIVE:
        services.set_first_password(account=account, new=NEW)
        key = NEW
    before = account.get_session_auth_hash()
    services.close_door(account=account, actor="officer:ana")
    assert account.state == AccountState.NEW
    assert not Account.objects.get(pk=account.pk).has_usable_password()
    assert account.get_session_auth_hash() != before
    assert not opens(account, key)


def test_a_locked_account_comes_back_by_a_new_slip(person: Subscriber) -> None:
    for _ in range(3):
        opens(person.account, "wrong-wrong-wrong")
    services.close_door(account=person.account, actor=SYSTEM)
    passcode = services.print_passcode(account=person.account, actor=SYSTEM)
    assert opens(person.account, passcode)


def test_a_door_that_waits_for_its_slip_stays_and_a_closed_account_is_refused() -> None:
    account = factories.subscriber(state=AccountState.NEW).account
    services.close_door(account=account, actor=SYSTEM)
    assert not Event.objects.filter(name="account.door-closed").exists()
    Account.objects.filter(pk=account.pk).update(state=AccountState.CLOSED)
    with pytest.raises(WrongState):
        services.close_door(account=account, actor=SYSTEM)


def test_a_password_changed_while_the_account_is_reset_is_refused(person: Subscriber, monkeypatch: Any) -> None:
    def reset_meanwhile(account: Account | None, password: str) -> bool:
        fits = password_fits(account, password)
        services.close_door(account=person.account, actor=SYSTEM)
        return fits

    monkeypatch.setattr("accounts.services.passwords.password_fits", reset_meanwhile)
    with pytest.raises(WrongState):
        services.change_password(account=person.account, old=factories.PASSWORD, new=NEW)
    assert not opens(person.account, NEW)


def test_a_void_slip_s_session_cannot_use_up_the_new_slip() -> None:
    person = factories.subscriber(state=AccountState.NEW)
    services.print_passcode(account=person.account, actor="officer:chan")
    in_flight = Account.objects.get(pk=person.account.pk)
    services.print_passcode(account=person.account, actor="officer:chan")
    with pytest.raises(WrongState):
        services.set_first_password(account=in_flight, new=NEW)
    assert Account.objects.get(pk=person.account.pk).state == AccountState.SLIP


def test_a_password_asked_for_once_more_counts_strikes_with_the_door(person: Subscriber) -> None:
    services.prove_password(account=person.account, password=factories.PASSWORD)
    assert not opens(person.account, "wrong-wrong-wrong")
    services.prove_password(account=person.account, password=factories.PASSWORD)  # takes the strike back
    for _ in range(3):
        with pytest.raises(OldPasswordWrong):
            services.prove_password(account=person.account, password="wrong-wrong-wrong")
    person.account.refresh_from_db()
    assert person.account.state == AccountState.LOCKED
    with pytest.raises(OldPasswordWrong):
        services.prove_password(account=person.account, password=factories.PASSWORD)


@pytest.mark.parametrize("state", [AccountState.NEW, AccountState.SLIP, AccountState.ACTIVE])
def test_nothing_opens_a_closed_account(state: AccountState) -> None:
    person = factories.subscriber(state=state)
    before = person.account.epoch
    services.list_publicly(subscriber=person, listed=True)
    services.close_account(account=person.account, actor=person.audit_id)
    assert not Subscriber.objects.get(pk=person.pk).listed
    stored = Account.objects.get(pk=person.account.pk)
    assert (stored.state, stored.epoch) == (AccountState.CLOSED, before + 1)
    assert not opens(stored, factories.PASSWORD)
    for act in (services.print_passcode, services.close_door, services.close_account):
        with pytest.raises(WrongState):
            act(account=stored, actor=SYSTEM)
    assert Message.objects.get(event="account-closed").address == person.identities.get().email
    assert Event.objects.get(name="account.closed").actor == person.audit_id
