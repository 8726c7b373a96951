"""A certificate's whole life through the real pages: enrolled, four notices, renewed, ended, suspended, revoked."""

from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509 import ocsp
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts.states import Role
from certificates.jobs import issue_orders, publish_lists
from certificates.models import Authority, Certificate, Order
from portal import status
from renewal.jobs import send_notices
from tests.certificates.making import OPERATORS
from tests.conftest import Clock
from tests.factories import officer
from tests.flows import journey
from tests.flows.journey import pem, post
from tests.flows.renewer import Renewer, certificates
from tests.portal.status_client import Reply, question

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _ask_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """The status process of these tests reads the database each time, in the test's own transaction."""
    for shelf in (status._certificates, status._lists, status._responders):
        shelf.kept.clear()
    monkeypatch.setattr(status, "FRESH_SECONDS", 0.0)
    monkeypatch.setattr(status, "close_old_connections", lambda: None)


def mails(event: str) -> list[Any]:
    """The mails with this subject line, delivered by now."""
    journey.mails_sent()
    return [one for one in mail.outbox if event in one.subject]


def said(certificate: Certificate) -> tuple[ocsp.OCSPCertStatus, x509.ReasonFlags | None]:
    """What OCSP says, by a responder whose certificate is renewed where its own life is half over."""
    call_command("responder", operators=OPERATORS, authority=certificate.authority.slug, verbosity=0)
    issue_orders(list(Order.objects.filter(state="placed").values_list("pk", flat=True)))
    answer = Reply("POST", "/ocsp", question(certificate)).ocsp
    return answer.certificate_status, answer.revocation_reason


def listed(ca: Authority, certificate: Certificate) -> x509.ReasonFlags | None:
    """The reason for which the published list names it."""
    publish_lists()
    found = x509.load_der_x509_crl(Reply("GET", f"/crl/{ca.slug}.crl").body)
    line = found.get_revoked_certificate_by_serial_number(int(certificate.serial, 16))
    return line.extensions.get_extension_for_class(x509.CRLReason).value.reason if line else None


def noticed(old: Order, clock: Clock) -> None:
    """Four notices come on their days, each once, however often the clockwork runs."""
    ends = certificates(old)[0].not_after
    for days in (30, 14, 7, 1):
        clock.move_to(ends - timedelta(days=days, seconds=1))
        assert send_notices() == 0, days
        clock.move_to(ends - timedelta(days=days))
        assert (send_notices(), send_notices()) == (1, 0), days
    notices = mails("Your certificate ends in")
    assert len(notices) == 4
    link = f"{reverse('renewal:home')}#order-{old.public_id}"
    assert all(link in one.body for one in notices)


def renewed(renewer: Renewer, old: Order) -> Order:
    """By one signature of the old key, after the mailbox was proven anew."""
    renewer.come_back()
    page = renewer.begin(old)
    renewer.prove_mailbox(page)
    csrs = [pem(), pem()]
    assert renewer.send(page, csrs, **renewer.proof(page, csrs)).status_code == 302
    new = Order.objects.get(renews=old)
    issue_orders([new.pk])
    return new


def suspended(number: str) -> str:
    """A visitor names a certificate and its phrase; gives back the reference of the case."""
    wish = {"named": number, "phrase": journey.PHRASE, "reason": "exposed", "scope": "pair", **journey.picture()}
    answer = post(Client(), reverse("revocation:home"), wish, follow=True)
    return str(answer.context["reference"])


def test_from_the_first_key_to_the_last_list(renewer: Renewer, ca: Authority, clock: Clock) -> None:
    # 1. Enrolled, reminded, renewed.
    old = renewer.enrol(renewer.client)
    noticed(old, clock)
    new = renewed(renewer, old)
    first, pair = certificates(old)[0], certificates(new)
    assert said(first) == (ocsp.OCSPCertStatus.GOOD, None)

    # 2. The old pair ends by itself, and nobody is told, since it was renewed.
    clock.move_to(first.not_after + timedelta(seconds=1))
    assert send_notices() == 0
    renewer.come_back()
    assert [str(one.state) for one in renewer.offers()] == ["early", "renewed"]

    # 3. Somebody else has seen the new key: whoever knows number and phrase suspends the pair without signing in.
    reference = suspended(pair[0].number)
    assert [said(one) for one in pair] == [(ocsp.OCSPCertStatus.REVOKED, x509.ReasonFlags.certificate_hold)] * 2
    assert [listed(ca, one) for one in pair] == [x509.ReasonFlags.certificate_hold] * 2

    # 4. An approving officer decides: revoked for good, in OCSP and in the list, with the date of the hold.
    held_since = [one.revoked_at for one in certificates(new)]
    clock.shift(hours=3)
    approver = journey.officer_at_desk(officer("lou", roles=[Role.APPROVING]))
    assert journey.decided(approver, reference).status_code == 302
    assert [said(one) for one in pair] == [(ocsp.OCSPCertStatus.REVOKED, x509.ReasonFlags.key_compromise)] * 2
    assert [listed(ca, one) for one in pair] == [x509.ReasonFlags.key_compromise] * 2
    assert [one.revoked_at for one in certificates(new)] == held_since
    assert len(mails("was revoked")) == 1
