"""Issuing what renews: the new certificate says which it replaces, and the old one ends where its profile wants it."""

import time
from dataclasses import replace
from threading import Event as Flag
from typing import Any

import pytest
from django.db import transaction

from audit.models import Event
from ca import profiles
from certificates import jobs
from certificates.jobs import renewing
from certificates.models import Authority, Certificate, Order
from certificates.services import Submission, hold, place_order, revoke
from notifications.models import Message
from tests import environment
from tests.certificates.making import csr, placed, renewal_of, state_of, whole
from tests.threads import at_once

pytestmark = pytest.mark.django_db


def issued(kind: str = "secure-email") -> Order:
    order = placed(kind=kind)
    jobs.issue_orders([order.pk])
    whole(order)
    return order


def renewed(old: Order) -> Order:
    """Placed, not signed yet."""
    needed = 2 if old.profile == "personal" else 1
    return place_order(order=renewal_of(old), submission=Submission(tuple(csr() for _ in range(needed))))


def certificates(order: Order) -> list[Certificate]:
    return list(Certificate.objects.filter(item__order=order).order_by("item__position"))


@pytest.fixture
def superseding(monkeypatch: pytest.MonkeyPatch) -> None:
    """Profiles that revoke what was renewed."""
    read = profiles.profile

    def changed(slug: str, version: int | None = None) -> Any:
        return replace(read(slug, version), on_renewal="revoke_superseded")

    monkeypatch.setattr("certificates.selectors.orders.profile", changed)


@pytest.mark.parametrize("kind", ["secure-email", "personal"])
def test_the_new_ones_say_which_they_replace_and_the_old_ones_live_on(authority: Authority, kind: str) -> None:
    old, other = issued(kind), issued(kind)
    new = renewed(old)
    jobs.issue_orders([new.pk])
    whole(new)
    assert [one.replaces for one in certificates(new)] == certificates(old)
    assert {one.state for one in certificates(old) + certificates(other)} == {"valid"}
    assert not Certificate.objects.exclude(item__order=new).exclude(replaces=None).exists()
    letter = Message.objects.get(key=f"certificate-issued:{new.public_id}")
    assert letter.context["replaces"] == ", ".join(one.number for one in certificates(old))
    assert "replaces" not in Message.objects.get(key=f"certificate-issued:{old.public_id}").context
    assert not Message.objects.filter(event="certificate-superseded").exists()


def test_the_phrase_of_the_old_order_is_kept(authority: Authority) -> None:
    old = issued()
    assert renewed(old).challenge_hash == old.challenge_hash != ""


def test_a_profile_may_end_what_was_renewed(authority: Authority, superseding: None) -> None:
    old, other = issued("personal"), issued("personal")
    new = renewed(old)
    changes = Authority.objects.get(pk=authority.pk).status_changes
    jobs.issue_orders([new.pk])
    whole(new)
    assert {(one.state, one.revocation_reason) for one in certificates(old)} == {("revoked", "superseded")}
    assert {one.state for one in certificates(new) + certificates(other)} == {"valid"}
    assert Authority.objects.get(pk=authority.pk).status_changes > changes, "the next list is due"
    assert Event.objects.filter(name="certificate.revoked").count() == 2
    letter = Message.objects.get(event="certificate-superseded")
    assert letter.context["replaces"] == ", ".join(one.number for one in certificates(old))
    assert letter.context["numbers"] == ", ".join(one.number for one in certificates(new))


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not environment.POSTGRESQL, reason="SQLite lets one at a time write")
def test_whoever_revokes_at_the_same_moment_is_waited_for(authority: Authority, superseding: None) -> None:
    old = issued()
    new, begun = renewed(old), Flag()

    def revoking() -> None:
        with transaction.atomic():
            revoke(certificates=certificates(old), reason="keyCompromise", actor="test")
            begun.set()
            time.sleep(0.4)

    def superseding_it() -> list[Order]:
        assert begun.wait(10)
        with transaction.atomic():
            return renewing.supersede([new])

    assert at_once(revoking, superseding_it) == [None, []]
    assert [one.revocation_reason for one in certificates(old)] == ["keyCompromise"]


def test_what_was_revoked_between_signing_and_storing_stays_as_it_is(authority: Authority, superseding: None) -> None:
    old = issued("personal")
    reserved = jobs.issuing.reserve([renewed(old).pk])
    first, second = certificates(old)
    revoke(certificates=[first], reason="keyCompromise", actor="test")
    hold(certificates=[second], actor="test")
    jobs.finish_orders(reserved)
    assert [(one.state, one.revocation_reason) for one in certificates(old)] == [
        ("revoked", "keyCompromise"),
        ("revoked", "superseded"),
    ]


def test_nothing_is_told_where_all_was_revoked_already(authority: Authority, superseding: None) -> None:
    old = issued()
    reserved = jobs.issuing.reserve([renewed(old).pk])
    revoke(certificates=certificates(old), reason="keyCompromise", actor="test")
    jobs.finish_orders(reserved)
    assert certificates(old)[0].revocation_reason == "keyCompromise"
    assert not Message.objects.filter(event="certificate-superseded").exists()


@pytest.mark.parametrize("act", ["hold", "revoke"])
def test_what_was_taken_out_of_service_meanwhile_is_not_renewed(authority: Authority, act: str) -> None:
    old, fine = issued("personal"), issued()
    spoilt, going = renewed(old), renewed(fine)
    one = certificates(old)[1:]  # one of a pair is enough
    hold(certificates=one, actor="test") if act == "hold" else revoke(certificates=one, reason="", actor="test")
    jobs.issue_orders([spoilt.pk, going.pk])
    assert (state_of(spoilt), spoilt.refusal_code) == ("refused", "renewed-not-in-service")
    assert not certificates(spoilt)
    whole(going)
    letter = Message.objects.get(event="order-refused")
    assert letter.context["url"].endswith("/renewal/")


def test_a_batch_of_renewals_takes_few_queries(
    authority: Authority, superseding: None, django_assert_max_num_queries: Any
) -> None:
    orders = [renewed(issued()) for _ in range(6)]
    with django_assert_max_num_queries(60):
        jobs.issue_orders([order.pk for order in orders])
    for order in orders:
        whole(order)
    assert renewing.supersede(orders) == [], "what was superseded is so once"
