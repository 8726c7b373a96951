"""How passwords are hashed, and whom a session belongs to."""

from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, check_password, make_password

from accounts.backends import AccountBackend, hash_secret, verify_secret
from accounts.models import Account
from accounts.states import AccountState
from tests import factories


def test_the_hash_is_argon2id_of_the_cost_asked_for() -> None:
    encoded = make_password("x")
    assert "argon2id$v=19$m=19456,t=2,p=1$" in encoded
    assert check_password("x", encoded)
    assert not check_password("y", encoded)


def test_secrets_of_people_are_hashed_and_compared() -> None:
    encoded = hash_secret("open sesame 7")
    assert encoded != hash_secret("open sesame 7")
    assert verify_secret("open sesame 7", encoded)
    assert not verify_secret("open sesame 8", encoded)
    assert not verify_secret("open sesame 7", "")


def test_only_a_few_hashes_are_made_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    lock, running, most = Lock(), 0, 0
    real = Argon2PasswordHasher.encode

    def watched(self: Any, password: str, salt: str) -> str:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        try:
            return str(real(self, password, salt))
        finally:
            with lock:
                running -= 1

    monkeypatch.setattr(Argon2PasswordHasher, "encode", watched)
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(make_password, ["x"] * 24))
    assert most <= 4


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "is_in"),
    [
        (AccountState.NEW, False),
        (AccountState.SLIP, True),
        (AccountState.ACTIVE, True),
        (AccountState.LOCKED, False),
        (AccountState.CLOSED, False),
    ],
)
def test_a_session_belongs_to_nobody_once_the_door_is_shut(state: AccountState, is_in: bool) -> None:
    account = factories.subscriber(state=AccountState.NEW).account
    Account.objects.filter(pk=account.pk).update(state=state)
    assert (AccountBackend().get_user(account.pk) is not None) is is_in


@pytest.mark.django_db
def test_nobody_signs_in_around_the_service() -> None:
    account = factories.subscriber().account
    assert AccountBackend().authenticate(None, username=account.username, password=factories.PASSWORD) is None
    assert AccountBackend().get_user(0) is None
