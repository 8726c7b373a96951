"""A worker that is killed, held up or doubled at any step: nothing is lost, nothing is signed twice."""

from contextlib import suppress
from typing import Any

import pytest
from django.db import OperationalError

from ca import service
from certificates import jobs
from certificates.jobs import issuing
from certificates.models import Attempt, Authority, Certificate
from notifications.models import Message
from tests.certificates.making import placed, raising, state_of, sweep, whole
from tests.conftest import Clock

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """The worker is gone: nothing catches this."""


def kill(*_: Any, **__: Any) -> None:
    raise Killed


@pytest.mark.parametrize(
    "step",
    ["prepare", "_store_attempts", "_reserved", "issue", "_store_certificates", "certificate_row", "promise_all"],
)
def test_a_worker_killed_at_any_step_loses_nothing_and_doubles_nothing(
    step: str, authority: Authority, clock: Clock
) -> None:
    orders = [placed(kind="personal"), placed()]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(issuing, step, kill)
        with pytest.raises(Killed):
            jobs.issue_orders([orders[0].pk])
    assert {state_of(order) for order in orders} == {"signing"}
    reserved = {one.serial: bytes(one.tbs) for one in Attempt.objects.all()}
    assert bool(reserved) == (step not in ("prepare", "_store_attempts"))
    sweep()
    assert {state_of(order) for order in orders} == {"signing"}, "too early: the worker may be alive"
    clock.shift(seconds=31)
    sweep()
    for order in orders:
        whole(order)
    if reserved:
        assert {one.serial: bytes(one.attempt.tbs) for one in Certificate.objects.all()} == reserved


def test_a_worker_killed_after_the_first_signature_of_a_pair_makes_the_same_certificate_again(
    authority: Authority, clock: Clock
) -> None:
    order = placed(kind="personal")
    made: list[bytes] = []
    issue = service.issue

    def once(issuer: Any, tbs: bytes) -> bytes:
        if made:
            raise Killed
        made.append(issue(issuer, tbs))
        return made[0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(issuing, "issue", once)
        with pytest.raises(Killed):
            jobs.issue_orders([order.pk])
    clock.shift(seconds=31)
    sweep()
    whole(order)
    assert made[0] in [bytes(one.der) for one in Certificate.objects.all()]


def test_a_worker_that_was_held_up_leaves_an_order_that_another_took(
    authority: Authority, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = placed()
    store = issuing._store_attempts

    def late(ready: Any, now: Any) -> Any:
        monkeypatch.setattr(issuing, "_store_attempts", store)
        clock.shift(seconds=31)
        sweep()
        whole(order)
        return store(ready, now)

    monkeypatch.setattr(issuing, "_store_attempts", late)
    jobs.issue_orders([order.pk])
    whole(order)
    assert Attempt.objects.count() == 1


def test_a_worker_that_was_held_up_leaves_an_order_that_another_is_about_to_sign(
    authority: Authority, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = placed()
    store = issuing._store_attempts

    def late(ready: Any, now: Any) -> Any:
        monkeypatch.setattr(issuing, "_store_attempts", store)
        clock.shift(seconds=31)
        jobs.left_behind()
        assert issuing.reserve([order.pk]) == [order.pk]
        return store(ready, now)

    monkeypatch.setattr(issuing, "_store_attempts", late)
    jobs.issue_orders([order.pk])
    assert Attempt.objects.count() == 1


def test_two_that_finish_the_same_order_store_it_once(
    authority: Authority, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = placed()
    store = issuing._store_certificates

    def late(signed: Any, now: Any) -> None:
        monkeypatch.setattr(issuing, "_store_certificates", store)
        jobs.finish_orders([order.pk])
        whole(order)
        store(signed, now)

    monkeypatch.setattr(issuing, "_store_certificates", late)
    jobs.issue_orders([order.pk])
    whole(order)
    assert Message.objects.filter(event="certificate-issued").count() == 1


def test_an_order_that_kills_its_worker_takes_no_others_along_a_second_time(
    authority: Authority, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    poison, fine = placed(), placed()
    marked = bytes(poison.items.get().csr)
    prepare = service.prepare

    def dies(issuer: Any, demand: Any, **rest: Any) -> Any:
        if demand.csr == marked:
            raise Killed
        return prepare(issuer, demand, **rest)

    monkeypatch.setattr(issuing, "prepare", dies)
    with pytest.raises(Killed):
        jobs.issue_orders([fine.pk])
    clock.shift(seconds=31)
    waiting, reserved = jobs.left_behind()
    assert sorted(waiting) == sorted([[poison.pk], [fine.pk]])
    assert reserved == []
    fresh = placed()
    for batch in ([fine.pk], [fresh.pk]):
        jobs.issue_orders(batch)
    whole(fine)
    whole(fresh)


def test_a_lost_message_is_found_again(authority: Authority, clock: Clock) -> None:
    orders = [placed() for _ in range(3)]
    assert jobs.left_behind() == ([], [])
    clock.shift(seconds=16)
    assert jobs.left_behind() == ([[order.pk for order in orders]], [])


def test_a_database_error_in_the_last_step_leaves_the_order_to_the_sweep(authority: Authority, clock: Clock) -> None:
    order = placed()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(issuing, "promise_all", raising(OperationalError))
        with pytest.raises(OperationalError):
            jobs.issue_orders([order.pk])
    assert not Certificate.objects.exists()
    assert state_of(order) == "signing"
    clock.shift(seconds=31)
    sweep()
    whole(order)


def test_an_order_that_never_comes_to_an_end_is_refused_after_five_workers(authority: Authority, clock: Clock) -> None:
    order, other = placed(), placed()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(issuing, "prepare", raising(MemoryError))
        for _ in range(issuing.TIMES_PUT_BACK + 1):
            with suppress(MemoryError):
                jobs.issue_orders([order.pk])
            assert state_of(order) == "signing"
            clock.shift(seconds=31)
            jobs.left_behind()
    assert state_of(order) == "refused"
    assert not Attempt.objects.filter(item__order=order).exists()
    assert Message.objects.filter(event="order-refused").count() == 1
    sweep()
    clock.shift(seconds=31)
    sweep()
    whole(other)
