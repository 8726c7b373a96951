"""Revocation lists: when they are due, what stands in them, which number they have."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from django.conf import settings

from audit.models import Event
from certificates import jobs
from certificates.jobs import keys
from certificates.models import Authority, Certificate, PublishedList
from certificates.rules import key_file
from certificates.services import hold, revoke
from tests.certificates.making import ceremony, placed
from tests.conftest import Clock

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
