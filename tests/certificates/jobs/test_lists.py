"""Revocation lists: when they are due, what stands in them, which number they have."""

import time
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event as Flag
from typing import Any

import pytest
from cryptography import x509
from django.conf import settings
from django.db import transaction

from audit.models import Event
from ca.service import revocation_list
from certificates import jobs
from certificates.jobs import keys, lists
from certificates.models import Authority, Certificate, PublishedList
from certificates.rules import LIST_PAUSE, key_file
from certificates.services import hold, lift, revoke
from tests import environment
from tests.certificates.making import ceremony, many, on_newest_list, placed
from tests.conftest import Clock
from tests.threads import at_once

pytestmark = pytest.mark.django_db


def newest(authority: Authority) -> x509.CertificateRevocationList:
    row = PublishedList.objects.filter(authority=authority).order_by("-number")[0]
    listed = x509.load_der_x509_crl(bytes(row.der))
    number = listed.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    authority.refresh_from_db()
    assert row.number == number == authority.crl_number
    issuer = x509.load_der_x509_certificate(bytes(authority.certificate))
    assert listed.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]
    return listed


def issued() -> Certificate:
    order = placed()
    jobs.issue_orders([order.pk])
    return Certificate.objects.get(item__order=order)


def end(certificate: Certificate, state: str = "revoked", reason: str = "keyCompromise") -> None:
    if state == "held":
        hold(certificates=[certificate], actor="system")
    else:
        revoke(certificates=[certificate], reason=reason, actor="system")


def count(authority: Authority) -> int:
    return authority.lists.count()


def test_each_ca_lists_its_own_certificates_and_no_other_s(authority: Authority) -> None:
    other = ceremony()
    (here,), (there,) = many(authority, 1), many(other, 1)
    revoke(certificates=[here, there], reason="", actor="system")
    jobs.publish_lists()
    assert on_newest_list(authority) == {int(here.serial, 16)}
    assert on_newest_list(other) == {int(there.serial, 16)}


def test_a_list_that_another_worker_made_meanwhile_is_enough(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever comes second under the lock looks once more."""
    end(issued())

    def overtaken(issuing: Authority) -> Any:
        monkeypatch.setattr(lists, "issuer_of", keys.issuer_of)
        jobs.publish_lists()
        return keys.issuer_of(issuing)

    before = count(authority)
    monkeypatch.setattr(lists, "issuer_of", overtaken)
    jobs.publish_lists()
    assert count(authority) == before + 1


def test_the_ceremony_publishes_the_first_lists(authority: Authority) -> None:
    assert count(authority) == 1
    listed = newest(authority)
    assert len(listed) == 0
    assert listed.next_update_utc is not None
    assert listed.next_update_utc - listed.last_update_utc == timedelta(hours=72)
    assert authority.parent is not None
    root_list = newest(authority.parent)
    assert root_list.next_update_utc is not None
    assert root_list.next_update_utc - root_list.last_update_utc == timedelta(days=365)


def test_a_list_is_made_every_six_hours_and_not_before(authority: Authority, clock: Clock) -> None:
    before = newest(authority)
    clock.shift(hours=5, minutes=59)
    jobs.publish_lists()
    assert count(authority) == 1
    clock.shift(minutes=2)
    jobs.publish_lists()
    assert count(authority) == 2
    after = newest(authority)
    assert after.last_update_utc > before.last_update_utc
    assert authority.parent is not None
    assert count(authority.parent) == 1, "the root's list is made at a ceremony"
    assert Event.objects.filter(name="list.published", subject=authority.audit_id).count() == 2


@pytest.mark.parametrize(
    ("state", "reason", "flag"),
    [
        ("revoked", "keyCompromise", x509.ReasonFlags.key_compromise),
        ("revoked", "", None),
        ("held", "certificateHold", x509.ReasonFlags.certificate_hold),
    ],
)
def test_a_revocation_makes_a_list_due(state: str, reason: str, flag: Any, authority: Authority, clock: Clock) -> None:
    certificate = issued()
    clock.shift(seconds=2)
    end(certificate, state, reason)
    jobs.publish_lists()
    entry = newest(authority).get_revoked_certificate_by_serial_number(int(certificate.serial, 16))
    assert entry is not None
    reasons = [one.value.reason for one in entry.extensions]
    assert reasons == ([flag] if flag else [])
    made = count(authority)
    clock.shift(seconds=2)
    jobs.publish_lists()
    assert count(authority) == made, "nothing new since"


def test_an_ended_certificate_stays_for_one_more_list(authority: Authority, clock: Clock) -> None:
    certificate = issued()
    end(certificate)
    serial = int(certificate.serial, 16)
    clock.move_to(certificate.not_after - timedelta(hours=1))
    jobs.publish_lists()
    clock.shift(hours=7)
    jobs.publish_lists()
    assert newest(authority).get_revoked_certificate_by_serial_number(serial) is not None
    clock.shift(hours=7)
    jobs.publish_lists()
    assert newest(authority).get_revoked_certificate_by_serial_number(serial) is None


def test_numbers_rise_also_after_an_old_database_came_back(authority: Authority, clock: Clock) -> None:
    clock.shift(hours=7)
    jobs.publish_lists()
    newest(authority)
    lost = authority.crl_number
    PublishedList.objects.filter(authority=authority, number=lost).delete()
    Authority.objects.filter(pk=authority.pk).update(crl_number=0)
    clock.shift(seconds=2)
    jobs.publish_lists()
    newest(authority)
    assert authority.crl_number > lost


def test_a_list_never_outlives_its_ca(authority: Authority, clock: Clock) -> None:
    clock.move_to(authority.not_after - timedelta(hours=10))
    jobs.publish_lists()
    assert newest(authority).next_update_utc == authority.not_after
    made = count(authority)
    clock.move_to(authority.not_after + timedelta(hours=10))
    jobs.publish_lists()
    assert count(authority) == made


@pytest.mark.parametrize("broken", ["keys", "clock"])
def test_without_key_or_clock_nothing_is_published(
    broken: str, authority: Authority, settings: Any, lone_clock: Clock
) -> None:
    PublishedList.objects.all().delete()
    if broken == "keys":
        settings.CA_KEY_DIR = None
    else:
        lone_clock.shift(days=1)
    jobs.publish_lists()
    assert not PublishedList.objects.exists()


def test_a_ca_without_its_key_keeps_no_other_from_its_list(authority: Authority, clock: Clock) -> None:
    other = ceremony()
    clock.shift(hours=7)
    key = key_file(Path(settings.CA_KEY_DIR or ""), authority.slug)
    hidden = key.rename(key.with_suffix(".hidden"))
    keys._load.cache_clear()
    jobs.publish_lists()
    hidden.rename(key)
    assert (count(authority), count(other)) == (1, 2)
    jobs.publish_lists()
    assert count(authority) == 2


def listed_at(authority: Authority, certificate: Certificate) -> datetime | None:
    """The date under which the newest list holds a certificate."""
    entry = newest(authority).get_revoked_certificate_by_serial_number(int(certificate.serial, 16))
    return entry.revocation_date_utc if entry else None


def test_a_lifted_hold_leaves_the_list(authority: Authority) -> None:
    one, other = many(authority, 2)
    hold(certificates=[one, other], actor="system")
    jobs.publish_lists()
    assert on_newest_list(authority) == {int(one.serial, 16), int(other.serial, 16)}
    lift(certificates=[one], actor="system")
    jobs.publish_lists()
    assert on_newest_list(authority) == {int(other.serial, 16)}


def test_a_revocation_after_a_hold_keeps_the_date_of_the_hold(authority: Authority, clock: Clock) -> None:
    (certificate,) = many(authority, 1)
    hold(certificates=[certificate], actor="system")
    jobs.publish_lists()
    held_at = listed_at(authority, certificate)
    clock.shift(hours=2)
    revoke(certificates=[certificate], reason="keyCompromise", actor="system")
    jobs.publish_lists()
    assert held_at is not None
    assert listed_at(authority, certificate) == held_at


def test_a_hold_that_was_lifted_and_set_anew_has_its_new_date(authority: Authority, clock: Clock) -> None:
    (certificate,) = many(authority, 1)
    hold(certificates=[certificate], actor="system")
    clock.shift(hours=1)
    lift(certificates=[certificate], actor="system")
    clock.shift(hours=1)
    hold(certificates=[certificate], actor="system")
    jobs.publish_lists()
    at = listed_at(authority, certificate)
    assert at is not None
    assert newest(authority).last_update_utc - at < timedelta(minutes=1)


def test_a_change_right_after_a_list_makes_the_next_one_due(authority: Authority) -> None:
    """In the same second, and even where nothing is left to be said."""
    (certificate,) = many(authority, 1)
    made = count(authority)
    for act in (hold, lift, hold):
        act(certificates=[certificate], actor="system")
        jobs.publish_lists()
        made += 1
        assert count(authority) == made
        jobs.publish_lists()
        assert count(authority) == made, "nothing new since"


def test_a_burst_of_revocations_makes_one_list_in_ten_seconds(authority: Authority, clock: Clock) -> None:
    clock.shift(minutes=1)
    certificates = many(authority, 20)
    for one in certificates:
        revoke(certificates=[one], reason="", actor="system")
        jobs.publish_lists(pause=LIST_PAUSE)
    assert count(authority) == 2, "the ceremony's, and one for the first of them"
    assert on_newest_list(authority) == {int(certificates[0].serial, 16)}
    clock.shift(seconds=10)
    jobs.publish_lists(pause=LIST_PAUSE)
    assert on_newest_list(authority) == {int(one.serial, 16) for one in certificates}
    assert count(authority) == 3


def test_to_find_nothing_due_is_cheap(authority: Authority, django_assert_max_num_queries: Any) -> None:
    revoke(certificates=many(authority, 1), reason="", actor="system")
    jobs.publish_lists()
    with django_assert_max_num_queries(4) as asked:
        jobs.publish_lists()
    assert not any("FOR " in one["sql"] or "SAVEPOINT" in one["sql"] for one in asked), "and locks nothing"
    assert not any('publishedlist"."der"' in one["sql"] for one in asked), "and reads no list"


def test_a_list_costs_the_same_few_statements_whatever_its_length(
    authority: Authority, django_assert_max_num_queries: Any
) -> None:
    certificates = many(authority, 2000)
    revoke(certificates=certificates, reason="superseded", actor="system")
    with django_assert_max_num_queries(12):
        jobs.publish_lists()
    assert len(newest(authority)) == 2000


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not environment.POSTGRESQL, reason="SQLite lets one at a time write")
@pytest.mark.parametrize("outcome", ["commit", "rollback"])
def test_a_list_waits_for_the_change_that_is_under_way(outcome: str, authority: Authority) -> None:
    """One change was committed, another holds the CA's row: the list knows both, or the one that was committed."""
    first, second = many(authority, 2)
    revoke(certificates=[first], reason="", actor="system")
    changed, go_on = Flag(), Flag()

    def changing() -> None:
        with transaction.atomic():
            revoke(certificates=[second], reason="", actor="system")
            changed.set()
            assert not go_on.wait(1), "the publisher waits"
            transaction.set_rollback(outcome == "rollback")

    def publishing() -> None:
        assert changed.wait(10)
        jobs.publish_lists()
        go_on.set()

    assert at_once(changing, publishing) == [None, None]
    both = {int(first.serial, 16), int(second.serial, 16)}
    assert on_newest_list(authority) == (both if outcome == "commit" else both - {int(second.serial, 16)})
    assert count(authority) == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not environment.POSTGRESQL, reason="SQLite lets one at a time write")
def test_a_change_that_comes_while_a_list_is_made_makes_the_next_one_due(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = many(authority, 2)
    revoke(certificates=[first], reason="", actor="system")
    signing = Flag()

    def slowly(*arguments: Any, **named: Any) -> bytes:
        signing.set()
        time.sleep(0.5)
        return revocation_list(*arguments, **named)

    def changing() -> None:
        assert signing.wait(10)
        revoke(certificates=[second], reason="", actor="system")

    with monkeypatch.context() as patch:
        patch.setattr(lists, "revocation_list", slowly)
        assert at_once(jobs.publish_lists, changing) == [None, None]
    assert on_newest_list(authority) == {int(first.serial, 16)}
    second.refresh_from_db()
    assert second.revoked_at is not None
    assert second.revoked_at >= authority.lists.order_by("-number")[0].this_update, "it came after that list"
    jobs.publish_lists()
    assert on_newest_list(authority) == {int(first.serial, 16), int(second.serial, 16)}
