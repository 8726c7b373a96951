"""Signing in: three strikes, the same work for everybody."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from statistics import mean
from threading import Lock
from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import services
from accounts.errors import CodeWrong, SignInRefused, TooMany
from accounts.models import Account, Subscriber, Throttle
from accounts.rules import account_number
from accounts.services.doors import clear_strikes, password_fits, take_strike
from accounts.states import AccountState
from audit.models import Event
from audit.services import SYSTEM
from notifications.models import Message
from tests import factories

pytestmark = pytest.mark.django_db

WRONG = "not-the-password-1"


class Hashes:
    """Counts the hash computations that are really done."""

    def __init__(self) -> None:
        self.made = 0
        self.checked = 0
        self._lock = Lock()

    def watch(self, patch: pytest.MonkeyPatch) -> "Hashes":
        """Count from now on."""
        encode, verify = Argon2PasswordHasher.encode, Argon2PasswordHasher.verify

        def counted_encode(hasher: Any, password: str, salt: str) -> str:
            with self._lock:
                self.made += 1
            return str(encode(hasher, password, salt))

        def counted_verify(hasher: Any, password: str, encoded: str) -> bool:
            with self._lock:
                self.checked += 1
            return bool(verify(hasher, password, encoded))

        patch.setattr(Argon2PasswordHasher, "encode", counted_encode)
        patch.setattr(Argon2PasswordHasher, "verify", counted_verify)
        return self


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Hashes]:
    """Begin to count."""
    return lambda: Hashes().watch(monkeypatch)


def enter(username: str, password: str, address: str = "192.0.2.1") -> Account:
    return services.sign_in(username=username, password=password, address=address)


def refused(username: str, password: str = WRONG, address: str = "192.0.2.1") -> None:
    with pytest.raises(SignInRefused):
        enter(username, password, address)


@pytest.fixture
def person() -> Subscriber:
    return factories.subscriber()


def test_the_right_password_opens(person: Subscriber) -> None:
    assert enter(person.account.username, factories.PASSWORD) == person.account
    assert Event.objects.filter(name="account.signed-in", subject=person.account.audit_id).exists()


def test_a_right_password_before_the_third_strike_resets_the_count(person: Subscriber) -> None:
    for _ in range(3):
        refused(person.account.username)
        refused(person.account.username)
        enter(person.account.username, factories.PASSWORD)
    person.account.refresh_from_db()
    assert (person.account.strikes, person.account.state) == (0, AccountState.ACTIVE)


def test_the_right_password_still_counts_at_the_third_try(person: Subscriber) -> None:
    refused(person.account.username)
    refused(person.account.username)
    assert enter(person.account.username, factories.PASSWORD)


def test_the_third_strike_locks_ends_sessions_and_tells_the_holder(person: Subscriber) -> None:
    before = person.account.epoch
    for _ in range(3):
        refused(person.account.username)
    person.account.refresh_from_db()
    assert person.account.state == AccountState.LOCKED
    assert person.account.epoch == before + 1
    refused(person.account.username, factories.PASSWORD)
    letter = Message.objects.get(event="account-locked")
    identity = person.identities.get()
    assert letter.address == identity.email
    assert person.account.username not in str(letter.context)
    assert Event.objects.filter(name="account.locked", subject=person.account.audit_id).count() == 1


def test_an_officer_is_locked_without_a_letter() -> None:
    officer = factories.officer()
    for _ in range(3):
        refused(officer.account.username)
    officer.account.refresh_from_db()
    assert officer.account.state == AccountState.LOCKED
    assert not Message.objects.exists()


def test_the_newest_address_is_told(person: Subscriber) -> None:
    newest = factories.identity(person, email="new@example.org")
    for _ in range(3):
        refused(person.account.username)
    assert Message.objects.get().address == newest.email


def test_passcode_of_a_slip_however_it_is_typed() -> None:
    person = factories.subscriber(state=AccountState.NEW)
    passcode = services.print_passcode(account=person.account, actor=SYSTEM)
    for typed in (passcode, passcode.lower(), passcode.replace("-", ""), f" {passcode.replace('-', ' ')} "):
        assert enter(person.account.username, typed).state == AccountState.SLIP


def test_an_expired_slip_opens_nothing(clock: Any) -> None:
    person = factories.subscriber(state=AccountState.NEW)
    passcode = services.print_passcode(account=person.account, actor=SYSTEM)
    clock.shift(days=29, hours=23)
    enter(person.account.username, passcode)
    clock.shift(hours=2)
    refused(person.account.username, passcode)


def shut(state: str) -> str:
    """The name of an account whose door is shut in this way."""
    if state == "unknown":
        return account_number()
    account = factories.subscriber().account
    changes: dict[str, Any] = {"state": state}
    if state == "expired":
        changes = {"state": AccountState.SLIP, "passcode_expires_at": timezone.now()}
    Account.objects.filter(pk=account.pk).update(**changes)
    return account.username


SHUT = ["unknown", "expired", AccountState.NEW, AccountState.LOCKED, AccountState.CLOSED]


@pytest.mark.parametrize("state", SHUT)
def test_every_shut_door_costs_one_hash_and_says_the_same(state: str, hashes: Callable[[], Hashes]) -> None:
    name = shut(state)
    counted = hashes()
    with pytest.raises(SignInRefused) as caught:
        enter(name, factories.PASSWORD)
    assert counted.made + counted.checked == 1
    assert str(caught.value) == str(SignInRefused())


def test_a_wrong_password_costs_one_hash_too(person: Subscriber, hashes: Callable[[], Hashes]) -> None:
    counted = hashes()
    refused(person.account.username)
    assert counted.made + counted.checked == 1


@pytest.mark.parametrize("state", ["unknown", AccountState.LOCKED])
def test_a_shut_door_takes_as_long_as_a_wrong_password(state: str) -> None:
    tries = 40
    names = [factories.subscriber(state=AccountState.SLIP).account.username for _ in range(tries // 2)]
    closed = shut(state)

    def seconds(name: str, number: int) -> float:
        began = time.perf_counter()
        refused(name, WRONG, f"198.51.100.{number}")
        return time.perf_counter() - began

    wrong, other = [], []
    for number in range(tries):  # by turns, so that a busy machine slows both
        wrong.append(seconds(names[number // 2], number))
        other.append(seconds(closed, number))
    # The means may differ by 5 ms in a long quiet run; skipping the hash would make it 20 and more.
    assert abs(mean(wrong) - mean(other)) < max(0.005, mean(wrong) / 3)


@pytest.mark.django_db(transaction=True)
def test_exactly_three_of_a_hundred_parallel_wrong_passwords_are_looked_at(hashes: Callable[[], Hashes]) -> None:
    person = factories.subscriber()
    counted = hashes()

    def attempt(number: int) -> str:
        try:
            enter(person.account.username, WRONG, f"203.0.113.{number}")
        except SignInRefused:
            return "refused"
        finally:
            connection.close()
        return "in"

    with ThreadPoolExecutor(100 if connection.vendor == "postgresql" else 20) as pool:
        outcomes = list(pool.map(attempt, range(100)))
    assert outcomes == ["refused"] * 100
    assert counted.checked == 3
    assert counted.made == 97  # the same work for those that were not looked at
    person.account.refresh_from_db()
    assert (person.account.state, person.account.strikes) == (AccountState.LOCKED, 3)
    assert Event.objects.filter(name="account.locked").count() == 1
    assert Message.objects.filter(event="account-locked").count() == 1


def test_a_password_that_was_looked_at_while_the_door_was_shut_opens_nothing(person: Subscriber) -> None:
    taken = take_strike(person.account.username)
    assert taken is not None
    services.close_door(account=person.account, actor=SYSTEM)
    assert not clear_strikes(taken)


def test_a_right_password_that_comes_while_the_account_is_reset_is_refused(
    person: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    def reset_meanwhile(account: Account | None, password: str) -> bool:
        services.close_door(account=person.account, actor=SYSTEM)
        return password_fits(account, password)

    monkeypatch.setattr("accounts.services.doors.password_fits", reset_meanwhile)
    refused(person.account.username, factories.PASSWORD)
    assert not Event.objects.filter(name="account.signed-in").exists()


@pytest.mark.parametrize("meanwhile", ["another slip is printed", "a password is set"])
def test_a_passcode_that_comes_while_it_is_replaced_is_refused(meanwhile: str, monkeypatch: pytest.MonkeyPatch) -> None:
    account = factories.subscriber(state=AccountState.NEW).account
    passcode = services.print_passcode(account=account, actor=SYSTEM)

    def replaced_meanwhile(taken: Account | None, password: str) -> bool:
        fits = password_fits(taken, password)
        if meanwhile == "a password is set":
            services.set_first_password(account=account, new=factories.PASSWORD)
        else:
            services.print_passcode(account=account, actor=SYSTEM)
        return fits

    monkeypatch.setattr("accounts.services.doors.password_fits", replaced_meanwhile)
    refused(account.username, passcode)


def test_known_and_unknown_accounts_share_one_throttle(person: Subscriber) -> None:
    for number in range(30):
        refused(account_number() if number % 2 else person.account.username)
    with pytest.raises(TooMany):
        enter(account_number(), WRONG)
    with pytest.raises(TooMany):
        enter(person.account.username, factories.PASSWORD)
    refused(account_number(), WRONG, "192.0.2.99")


def test_a_throttled_try_is_no_strike_and_no_hash(person: Subscriber, hashes: Callable[[], Hashes]) -> None:
    for _ in range(30):
        refused(account_number())
    counted = hashes()
    with pytest.raises(TooMany):
        enter(person.account.username, WRONG)
    person.account.refresh_from_db()
    assert person.account.strikes == 0
    assert counted.made + counted.checked == 0


def test_right_passwords_are_not_counted_against_an_address(person: Subscriber) -> None:
    for _ in range(4):
        enter(person.account.username, factories.PASSWORD)
    assert Throttle.objects.get(scope="sign-in").count == 0


def test_throttle_rows_hold_no_address(person: Subscriber) -> None:
    refused(person.account.username)
    assert "192.0.2.1" not in str(Throttle.objects.values())


def test_a_code_is_good_once_and_only_for_its_officer() -> None:
    officer, other = factories.officer(), factories.officer()
    code = factories.code_of(officer)
    device = services.check_code(account=officer.account, code=code)
    assert device == TOTPDevice.objects.get(user=officer.account)
    with pytest.raises(CodeWrong):
        services.check_code(account=officer.account, code=code)
    with pytest.raises(CodeWrong):
        services.check_code(account=other.account, code=factories.code_of(officer, steps=1))


def test_a_wrong_code_makes_the_right_one_wait(clock: Any) -> None:
    officer = factories.officer()
    with pytest.raises(CodeWrong):
        services.check_code(account=officer.account, code="x")
    with pytest.raises(CodeWrong):
        services.check_code(account=officer.account, code=factories.code_of(officer))
    clock.shift(seconds=31)
    services.check_code(account=officer.account, code=factories.code_of(officer))


def test_an_account_without_a_device_has_no_code(person: Subscriber) -> None:
    with pytest.raises(CodeWrong):
        services.check_code(account=person.account, code="123456")
