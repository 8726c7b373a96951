"""Challenge phrases: three tries, the same work for everybody, a day of rest."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from statistics import mean
from threading import Lock
from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.backends import hash_secret
from audit.models import Event
from certificates.errors import ChallengeWrong
from certificates.models import Authority, Certificate, Order
from certificates.rules import normalise_challenge
from certificates.services import prove_challenge
from tests.certificates.making import PHRASE, many
from tests.conftest import Clock

pytestmark = pytest.mark.django_db
WRONG = "green heron 2026"


@pytest.fixture
def certificate(authority: Authority) -> Certificate:
    """A certificate whose order holds PHRASE."""
    return with_phrase(authority)


def with_phrase(authority: Authority) -> Certificate:
    made = many(authority, 1)[0]
    Order.objects.filter(items__certificate=made).update(challenge_hash=hash_secret(normalise_challenge(PHRASE)))
    return made


def order_of(certificate: Certificate) -> Order:
    return Order.objects.get(items__certificate=certificate)


def prove(certificate: Certificate | None, phrase: str = PHRASE) -> None:
    prove_challenge(certificate=certificate, phrase=phrase, actor="visitor")


def refused(certificate: Certificate | None, phrase: str = WRONG) -> str:
    with pytest.raises(ChallengeWrong) as caught:
        prove(certificate, phrase)
    return str(caught.value)


class Hashes:
    """Counts the hash computations that are really done."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.made = self.checked = 0
        self._lock = Lock()
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


@pytest.mark.parametrize("typed", [PHRASE, "blue heron 2026", "  BLUE   heron ２０２６ "])
def test_the_phrase_opens_however_it_is_typed(typed: str, certificate: Certificate) -> None:
    prove(certificate, typed)
    assert Event.objects.filter(name="challenge.proven", subject=order_of(certificate).audit_id).count() == 1


def test_whoever_comes_through_clears_the_strikes(certificate: Certificate) -> None:
    for _ in range(3):
        refused(certificate)
        refused(certificate)
        prove(certificate)
    assert order_of(certificate).challenge_strikes == 0
    assert order_of(certificate).challenge_struck_at is None


def test_after_three_wrong_phrases_the_right_one_opens_nothing_either(certificate: Certificate) -> None:
    for _ in range(3):
        refused(certificate)
    refused(certificate, PHRASE)
    assert order_of(certificate).challenge_strikes == 3
    tried = Event.objects.filter(name="challenge.tried", subject=order_of(certificate).audit_id, actor="visitor")
    assert tried.count() == 4
    assert not Event.objects.filter(name="challenge.proven").exists()


def test_the_door_is_shut_for_a_day_from_the_last_strike(certificate: Certificate, clock: Clock) -> None:
    refused(certificate)
    clock.shift(hours=20)
    refused(certificate)
    refused(certificate)
    clock.shift(hours=12)
    refused(certificate, PHRASE)  # a try at a shut door makes it no longer
    clock.shift(hours=11, minutes=59)
    refused(certificate, PHRASE)
    clock.shift(minutes=2)
    prove(certificate)


def test_after_the_day_there_are_three_new_tries(certificate: Certificate, clock: Clock) -> None:
    for _ in range(3):
        refused(certificate)
    clock.shift(hours=24, seconds=1)
    refused(certificate)
    assert order_of(certificate).challenge_strikes == 1
    refused(certificate)
    prove(certificate)


def test_both_certificates_of_a_pair_share_one_door(certificate: Certificate, authority: Authority) -> None:
    other = many(authority, 1)[0]
    other.item.order = order_of(certificate)
    other.item.position = 1
    other.item.save()
    refused(certificate)
    refused(other)
    refused(certificate)
    refused(other, PHRASE)


def test_one_shut_door_shuts_no_other(certificate: Certificate, authority: Authority) -> None:
    for _ in range(3):
        refused(certificate)
    prove(with_phrase(authority))


def shut(way: str, authority: Authority) -> Certificate | None:
    """A certificate whose phrase nobody can prove, in this way."""
    if way == "unknown":
        return None
    if way == "no phrase":
        return many(authority, 1)[0]
    certificate = with_phrase(authority)
    if way == "shut":
        for _ in range(3):
            refused(certificate)
    return certificate


WAYS = ["wrong", "unknown", "shut", "no phrase", "too short"]


@pytest.mark.parametrize("way", WAYS)
def test_every_refusal_does_the_same_work_and_says_the_same(
    way: str, certificate: Certificate, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    def work(of: Certificate | None, phrase: str) -> tuple[list[str], int, str]:
        """The kinds of statements in their order, the hashes, the words."""
        with monkeypatch.context() as patch, CaptureQueriesContext(connection) as queries:
            hashes = Hashes(patch)
            said = refused(of, phrase)
        return [one["sql"].split()[0] for one in queries], hashes.made + hashes.checked, said

    expected = work(certificate, WRONG)
    assert expected[1] == 1
    assert work(shut(way, authority), "x" if way == "too short" else WRONG) == expected


@pytest.mark.parametrize("way", ["unknown", "shut"])
def test_what_cannot_open_takes_as_long_as_a_wrong_phrase(way: str, authority: Authority) -> None:
    tries = 40
    certificates = [with_phrase(authority) for _ in range(tries // 2)]
    closed = shut(way, authority)

    def seconds(of: Certificate | None) -> float:
        began = time.perf_counter()
        refused(of)
        return time.perf_counter() - began

    wrong, other = [], []
    for number in range(tries):  # by turns, so that a busy machine slows both
        wrong.append(seconds(certificates[number // 2]))
        other.append(seconds(closed))
    # The means may differ by 5 ms in a long quiet run; skipping the hash would make it 20 and more.
    assert abs(mean(wrong) - mean(other)) < max(0.005, mean(wrong) / 3)


@pytest.mark.django_db(transaction=True)
def test_exactly_three_of_a_hundred_parallel_wrong_phrases_are_looked_at(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = with_phrase(authority)
    hashes = Hashes(monkeypatch)

    def attempt(_: int) -> str:
        try:
            prove(certificate, WRONG)
        except ChallengeWrong:
            return "refused"
        finally:
            connection.close()
        return "in"

    with ThreadPoolExecutor(100 if connection.vendor == "postgresql" else 20) as pool:
        outcomes = list(pool.map(attempt, range(100)))
    assert outcomes == ["refused"] * 100
    assert (hashes.checked, hashes.made) == (3, 97)  # the same work for those that were not looked at
    assert order_of(certificate).challenge_strikes == 3


@pytest.mark.django_db(transaction=True)
def test_a_strike_outlives_its_refusal_and_takes_no_outer_transaction(authority: Authority) -> None:
    certificate = with_phrase(authority)
    refused(certificate)
    assert order_of(certificate).challenge_strikes == 1
    with pytest.raises(RuntimeError), transaction.atomic():
        prove(certificate, WRONG)


def test_the_record_holds_no_phrase(certificate: Certificate) -> None:
    refused(certificate)
    prove(certificate)
    assert "heron" not in str(list(Event.objects.values())).casefold()


@pytest.mark.parametrize("long", [timedelta(hours=23, minutes=59), timedelta(hours=24, seconds=1)])
def test_fewer_than_three_strikes_are_forgotten_after_a_day_too(
    long: timedelta, certificate: Certificate, clock: Clock
) -> None:
    refused(certificate)
    refused(certificate)
    clock.shift(seconds=long.total_seconds())
    refused(certificate)
    assert order_of(certificate).challenge_strikes == (3 if long < timedelta(hours=24) else 1)
