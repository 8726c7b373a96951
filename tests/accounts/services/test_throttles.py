"""Counting tries."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from accounts.errors import TooMany
from accounts.models import Throttle
from accounts.services import throttle

pytestmark = pytest.mark.django_db


def attempt(who: str = "192.0.2.1", scope: str = "x") -> None:
    throttle(scope=scope, who=who, limit=3, seconds=600)


@pytest.fixture(autouse=True)
def _in_one_window(clock: Any) -> None:
    clock.move_to(datetime(2030, 1, 1, 12, 1, tzinfo=UTC))


def test_the_limit_is_reached_and_counts_no_further() -> None:
    for _ in range(3):
        attempt()
    for _ in range(2):
        with pytest.raises(TooMany):
            attempt()
    assert Throttle.objects.get().count == 3


def test_others_and_other_acts_are_counted_apart() -> None:
    for _ in range(3):
        attempt()
    attempt("192.0.2.2")
    attempt(scope="y")


def test_it_says_how_long_to_wait_and_then_lets_in(clock: Any) -> None:
    for _ in range(3):
        attempt()
    with pytest.raises(TooMany, match="Wait 9 minutes") as caught:
        attempt()
    assert 530 < caught.value.seconds <= 540
    clock.shift(minutes=9, seconds=1)
    attempt()


@pytest.mark.django_db(transaction=True)
def test_parallel_tries_do_not_pass_the_limit() -> None:
    def outcome(_: int) -> bool:
        try:
            attempt()
        except TooMany:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(outcome, range(40))) == 3
