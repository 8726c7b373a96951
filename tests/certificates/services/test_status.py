"""Hold, lift, revoke: all or none, seen by OCSP at the commit, and a list is asked for after it."""

import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from threading import Event as Flag
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from audit.errors import WrongState
from audit.models import Event
from certificates import jobs, tasks
from certificates.errors import KeyOnBlockList
from certificates.models import Authority, Certificate, PublicKey
from certificates.services import block_key, hold, lift, place_order, revoke
from certificates.states import CertificateState
from tests import environment
from tests.certificates.making import (
    ceremony,
    csr,
    draft,
    issued,
    many,
    new_key,
    on_newest_list,
    raising,
    revoked_serials,
    submission,
)
from tests.conftest import Clock
from tests.threads import at_once

pytestmark = pytest.mark.django_db
ACTOR = "officer:wong"


@pytest.fixture
def pair(authority: Authority) -> list[Certificate]:
    """The two certificates of one order."""
    return issued(kind="personal")


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is queued for publication."""
    asked: list[str] = []
    monkeypatch.setattr(tasks.publish_lists, "delay", lambda: asked.append("publish"))
    return asked


def states(certificates: list[Certificate]) -> list[str]:
    """In the database and in memory alike."""
    found = [Certificate.objects.get(pk=one.pk).state for one in certificates]
    assert found == [one.state for one in certificates]
    return found


def changes(authority: Authority) -> int:
    authority.refresh_from_db()
    return authority.status_changes


def test_hold_says_when_and_why_and_lift_forgets_it(authority: Authority, pair: list[Certificate]) -> None:
    before = changes(authority)
    hold(certificates=pair, actor=ACTOR)
    assert states(pair) == ["held", "held"]
    row = Certificate.objects.get(pk=pair[0].pk)
    assert row.revoked_at == pair[0].revoked_at
    assert row.revocation_reason == "certificateHold"
    lift(certificates=pair, actor=ACTOR)
    assert states(pair) == ["valid", "valid"]
    row.refresh_from_db()
    assert (row.revoked_at, row.revocation_reason) == (None, "")
    assert changes(authority) == before + 2
    names = Event.objects.filter(subject=row.audit_id, actor=ACTOR).values_list("name", flat=True)
    assert list(names) == ["certificate.held", "certificate.lifted"]


def test_revocation_is_final(pair: list[Certificate]) -> None:
    revoke(certificates=pair, reason="superseded", actor=ACTOR)
    assert states(pair) == ["revoked", "revoked"]
    assert Certificate.objects.get(pk=pair[0].pk).revocation_reason == "superseded"
    for act in (hold, lift):
        with pytest.raises(WrongState):
            act(certificates=pair, actor=ACTOR)
    with pytest.raises(WrongState):
        revoke(certificates=pair, reason="keyCompromise", actor=ACTOR)
    assert Certificate.objects.get(pk=pair[0].pk).revocation_reason == "superseded"


def test_a_held_one_is_revoked_under_the_date_of_its_hold(pair: list[Certificate], clock: Clock) -> None:
    held, valid = pair
    hold(certificates=[held], actor=ACTOR)
    since = held.revoked_at
    assert since is not None
    clock.shift(hours=5)
    revoke(certificates=pair, reason="keyCompromise", actor=ACTOR)
    held.refresh_from_db()
    valid.refresh_from_db()
    assert held.revoked_at == since
    assert valid.revoked_at is not None
    assert valid.revoked_at - since >= timedelta(hours=5)
    assert {held.revocation_reason, valid.revocation_reason} == {"keyCompromise"}


@pytest.mark.parametrize("meanwhile", ["held", "lifted"])
def test_what_was_held_or_lifted_since_the_row_was_read_is_revoked_all_the_same(
    meanwhile: str, pair: list[Certificate]
) -> None:
    if meanwhile == "lifted":
        hold(certificates=pair, actor=ACTOR)
    stale = list(Certificate.objects.filter(pk__in=[one.pk for one in pair]))
    (hold if meanwhile == "held" else lift)(certificates=pair[:1], actor=ACTOR)
    revoke(certificates=stale, reason="", actor=ACTOR)
    assert states(stale) == ["revoked", "revoked"]
    assert Certificate.objects.filter(revoked_at=None).count() == 0


@pytest.mark.parametrize("act", [hold, lift, lambda **all_: revoke(reason="", **all_)])
def test_all_or_none(act: Callable[..., None], authority: Authority, pair: list[Certificate]) -> None:
    revoke(certificates=pair[1:], reason="", actor=ACTOR)
    if act is lift:
        hold(certificates=pair[:1], actor=ACTOR)
    before, counted, events = Certificate.objects.get(pk=pair[0].pk).state, changes(authority), Event.objects.count()
    stale = list(Certificate.objects.order_by("pk"))
    with pytest.raises(WrongState):
        act(certificates=stale, actor=ACTOR)
    assert Certificate.objects.get(pk=pair[0].pk).state == before
    assert (changes(authority), Event.objects.count()) == (counted, events)


@pytest.mark.parametrize(("reason", "blocked"), [("keyCompromise", True), ("superseded", False), ("", False)])
def test_compromised_keys_are_blocked_and_others_are_not(reason: str, blocked: bool, pair: list[Certificate]) -> None:
    revoke(certificates=pair, reason=reason, actor=ACTOR)
    keys = PublicKey.objects.filter(pk__in=[one.public_key_id for one in pair])
    assert {key.block_reason for key in keys} == ({"compromised"} if blocked else {""})
    subjects = set(Event.objects.filter(name="key.blocked", actor=ACTOR).values_list("subject", flat=True))
    assert subjects == ({f"key:{key.spki_sha256}" for key in keys} if blocked else set())


def test_no_certificate_is_made_for_a_blocked_key(authority: Authority) -> None:
    key = new_key()
    request = csr(key)
    order = place_order(order=draft(), submission=submission(request))
    held = PublicKey.objects.get(orderitem__order=order)
    for _ in range(2):
        block_key(key=held, actor=ACTOR)
    assert Event.objects.filter(name="key.blocked").count() == 1, "blocked once"
    with pytest.raises(KeyOnBlockList):
        place_order(order=draft(order.subscriber), submission=submission(request))


def test_a_list_is_asked_for_after_the_commit_and_not_before(
    pair: list[Certificate], queued: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    for act in (hold, lift, partial(revoke, reason="")):
        with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
            act(certificates=pair, actor=ACTOR)
            assert not queued
        assert queued == ["publish"], "once for both"
        queued.clear()


def test_without_a_broker_the_act_stands(
    pair: list[Certificate], monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    monkeypatch.setattr(tasks.publish_lists, "delay", raising(OSError))
    with django_capture_on_commit_callbacks(execute=True):
        hold(certificates=pair, actor=ACTOR)
    assert states(pair) == ["held", "held"]


def test_nothing_is_asked_for_what_was_refused(
    pair: list[Certificate], queued: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True), pytest.raises(WrongState):
        lift(certificates=pair, actor=ACTOR)
    assert not queued


def test_ten_times_as_many_cost_no_more_statements_for_each(authority: Authority) -> None:
    asked = []
    for count in (100, 1000):
        certificates = many(authority, count)
        with CaptureQueriesContext(connection) as queries:
            revoke(certificates=certificates, reason="keyCompromise", actor=ACTOR)
        asked.append(len(queries))
    assert asked[1] <= 3 * asked[0], "statements take hundreds of rows"
    assert Certificate.objects.filter(state=CertificateState.REVOKED).count() == 1100
    assert PublicKey.objects.filter(block_reason="compromised").count() == 1100


# --- at once ------------------------------------------------------------------------------------------------------


def _fresh(certificates: list[Certificate]) -> list[Certificate]:
    return list(Certificate.objects.filter(pk__in=[one.pk for one in certificates]))


@pytest.mark.django_db(transaction=True)
def test_of_two_equal_acts_at_once_one_wins(authority: Authority) -> None:
    certificates = many(authority, 3)
    for act in (hold, lift, partial(revoke, reason="")):
        outcomes = at_once(*(partial(act, certificates=_fresh(certificates), actor=ACTOR) for _ in range(6)))
        assert sorted(type(one).__name__ for one in outcomes) == ["NoneType", *["WrongState"] * 5]
    assert {one.state for one in _fresh(certificates)} == {"revoked"}
    assert changes(authority) == 3


@pytest.mark.django_db(transaction=True)
def test_revocation_wins_over_hold_and_lift_that_come_at_once(authority: Authority) -> None:
    for _ in range(5):
        certificates = many(authority, 2)
        hold(certificates=certificates, actor=ACTOR)
        outcomes = at_once(
            partial(revoke, certificates=_fresh(certificates), reason="keyCompromise", actor=ACTOR),
            partial(lift, certificates=_fresh(certificates), actor=ACTOR),
            partial(hold, certificates=_fresh(certificates)[:1], actor=ACTOR),
        )
        assert outcomes[0] is None
        assert all(one is None or isinstance(one, WrongState) for one in outcomes)
        assert {(row.state, row.revocation_reason) for row in _fresh(certificates)} == {("revoked", "keyCompromise")}
        assert not Certificate.objects.filter(state="revoked", revoked_at=None).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not environment.POSTGRESQL, reason="SQLite lets one at a time write")
def test_a_key_that_two_give_up_is_blocked_once(pair: list[Certificate]) -> None:
    key, begun = pair[0].public_key, Flag()

    def first() -> None:
        with transaction.atomic():
            block_key(key=key, actor=ACTOR)
            begun.set()
            time.sleep(0.4)

    def second() -> None:
        assert begun.wait(10)
        block_key(key=key, actor=ACTOR)

    assert at_once(first, second) == [None, None]
    assert Event.objects.filter(name="key.blocked", subject=f"key:{key.spki_sha256}").count() == 1


@pytest.mark.django_db(transaction=True)
def test_pairs_given_in_another_order_never_wait_in_a_circle(authority: Authority) -> None:
    other = ceremony()
    for _ in range(5):
        mixed = [*many(authority, 2), *many(other, 2)]
        act = partial(revoke, reason="keyCompromise", actor=ACTOR)
        outcomes = at_once(partial(act, certificates=_fresh(mixed)), partial(act, certificates=_fresh(mixed)[::-1]))
        assert sorted(type(one).__name__ for one in outcomes) == ["NoneType", "WrongState"]


@pytest.mark.django_db(transaction=True)
def test_nothing_is_ever_missed_by_the_lists_that_are_made_meanwhile(authority: Authority) -> None:
    certificates = many(authority, 40)

    def revoking(part: list[Certificate]) -> None:
        for one in part:
            revoke(certificates=[one], reason="", actor=ACTOR)

    def publishing() -> None:
        for _ in range(10):
            jobs.publish_lists()

    parts = [certificates[at : at + 10] for at in range(0, 40, 10)]
    outcomes = at_once(*(partial(revoking, part) for part in parts), publishing, publishing)
    assert not [one for one in outcomes if isinstance(one, Exception)], outcomes
    jobs.publish_lists()
    assert on_newest_list(authority) == {int(one.serial, 16) for one in certificates}
    seen: set[int] = set()
    for made in authority.lists.order_by("number"):
        listed = revoked_serials(made)
        assert seen <= listed, "no list forgets what a former one said"
        seen = listed


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not environment.POSTGRESQL, reason="SQLite lets one at a time write")
def test_a_row_that_is_being_pointed_at_can_still_be_revoked(authority: Authority) -> None:
    """Whoever stores a row with a foreign key to a certificate locks that certificate's key against deletion."""
    certificates = many(authority, 1)

    def pointing() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM certificates_certificate WHERE id = %s FOR KEY SHARE", [certificates[0].pk])
            at_once(lambda: revoke(certificates=_fresh(certificates), reason="", actor=ACTOR))

    pointing()
    assert _fresh(certificates)[0].state == "revoked"
