"""Reports: what a machine can prove acts at once, an officer decides the rest, and no private key is kept anywhere."""

import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.apps import apps
from django.core import mail
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from accounts.errors import TooMany
from accounts.models import Identity, Office, Subscriber
from audit.models import Event
from ca.errors import ExposedKeyEncrypted, ExposedKeyUnreadable
from cases.errors import ReasonMissing
from cases.models import Case
from cases.states import CaseState
from certificates.errors import KeyOnBlockList
from certificates.models import Authority, Certificate, PublicKey
from certificates.rules import key_file
from certificates.services import place_order
from certificates.states import CertificateState
from notifications.jobs import deliver
from notifications.models import Message
from revocation.errors import NoOffice
from revocation.models import ProblemReport, ReportLine
from revocation.selectors.reports import certificate_meant, name_of_report, report_page
from revocation.services import reports, rows
from revocation.states import Proof, Reason, Trouble
from tests import factories
from tests.certificates import making
from tests.revocation.making import decided as request_decided
from tests.revocation.making import on_paper, requested, states
from tests.revocation.reporting import decided, filed, issued, pem, secrets_of, statement

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _office(db: None) -> None:
    factories.office()


def told(event: str) -> list[str]:
    return sorted(Message.objects.filter(event=event).values_list("address", flat=True))


def fresh(certificate: Certificate) -> Certificate:
    return Certificate.objects.get(pk=certificate.pk)


# --- what a machine proves -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("proof", "make"), [(Proof.KEY, pem), (Proof.SIGNATURE, statement)])
def test_a_proof_blocks_suspends_tells_and_goes_to_the_top(authority: Authority, proof: Proof, make: Any) -> None:
    (certificate,), (key,) = issued()
    report = filed(f"Look:\n{make(key)}")
    holder = certificate.subscriber
    assert holder is not None
    assert report.proof == proof
    assert report.case.urgent
    assert report.case.office == holder.office
    assert timedelta(hours=23) < report.case.due_at - timezone.now() <= timedelta(hours=24)
    assert states([certificate]) == [CertificateState.HELD]
    assert PublicKey.objects.get(pk=certificate.public_key_id).block_reason
    line = report.lines.get()
    assert (line.certificate, line.proven, line.held) == (certificate, True, True)
    assert told("report-about-you") == [holder.identities.get().email]
    assert told("report-received") == ["reporter@example.net"]
    assert Message.objects.get(event="report-about-you").context["held"] == certificate.number
    assert "reporter@example.net" not in str(Message.objects.get(event="report-about-you").context)
    event = Event.objects.get(name="report.filed")
    assert (event.actor, event.details["proof"]) == ("visitor", proof)


def test_both_keys_of_a_pair_at_once(authority: Authority) -> None:
    pair, keys = issued("personal")
    report = filed("".join(map(pem, keys)))
    assert states(pair) == [CertificateState.HELD] * 2
    assert {line.certificate for line in report.lines.all()} == set(pair)
    assert Message.objects.filter(event="report-about-you").count() == 1


def test_what_may_not_be_suspended_is_urgent_all_the_same(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    (certificate,), (key,) = issued()

    class NoHold:
        hold_allowed = False

    monkeypatch.setattr("revocation.services.reports.profile", lambda *_: NoHold)
    report = filed(pem(key))
    assert states([certificate]) == [CertificateState.VALID]
    assert report.case.urgent
    assert not report.lines.get().held
    assert Message.objects.get(event="report-about-you").context["held"] == ""


def test_other_requests_of_the_key_prove_nothing(authority: Authority) -> None:
    (certificate,), (key,) = issued()
    report = filed(statement(key, "Mei Chan"), trouble=Trouble.KEY_FOUND, named=certificate.number)
    assert report.proof == Proof.NONE
    assert not report.case.urgent
    assert states([certificate]) == [CertificateState.VALID]
    assert not PublicKey.objects.get(pk=certificate.public_key_id).block_reason
    assert told("report-about-you") == []


def test_a_key_of_nobody_is_never_certified(authority: Authority) -> None:
    key = making.new_key()
    report = filed(pem(key))
    assert report.proof == Proof.OTHER_KEY
    assert not report.lines.exists()
    order = making.draft()
    with pytest.raises(KeyOnBlockList):
        place_order(order=order, submission=making.submission(making.csr(key)))


def test_an_own_key_does_not_take_anothers_certificate_along(authority: Authority) -> None:
    """Who proves something about one certificate must not get another one revoked with it."""
    (mine,), (key,) = issued()
    (victim,), _ = issued()
    report = filed(pem(key), trouble=Trouble.KEY_FOUND, named=victim.number)
    assert report.certificate == victim
    assert [line.certificate for line in report.lines.all()] == [mine]
    assert report_page(report.case)["named_is_other"]
    decided(report)
    assert states([mine, victim]) == [CertificateState.REVOKED, CertificateState.VALID]


def test_the_key_of_the_ca_itself_goes_to_the_top(authority: Authority, settings: Settings) -> None:
    assert not filed(pem(making.new_key())).case.urgent
    passphrase = settings.CA_KEY_PASSPHRASE_FILE.read_bytes().strip()
    file = key_file(settings.CA_KEY_DIR, authority.slug)
    key = load_pem_private_key(file.read_bytes(), passphrase)
    assert isinstance(key, EllipticCurvePrivateKey)
    report = filed(pem(key))
    assert report.case.urgent
    assert report.evidence.endswith(f"[the key of the certificate authority itself: {authority.name}]")


@pytest.mark.parametrize(
    ("spoil", "refusal"),
    [
        (lambda text: text.replace("-----BEGIN PRIVATE", "-----BEGIN ENCRYPTED PRIVATE"), ExposedKeyEncrypted),
        (lambda text: text[:100], ExposedKeyUnreadable),
    ],
)
def test_what_cannot_be_checked_is_told_so_and_not_kept(
    authority: Authority, spoil: Any, refusal: type[Exception]
) -> None:
    _, (key,) = issued()
    with pytest.raises(refusal):
        filed(spoil(pem(key)))
    assert not ProblemReport.objects.exists()
    assert not PublicKey.objects.exclude(block_reason="").exists()


def test_a_revoked_certificate_is_no_emergency(authority: Authority) -> None:
    (certificate,), (key,) = issued()
    request_decided(requested([certificate]))
    report = filed(pem(key))
    assert report.proof == Proof.KEY
    assert not report.case.urgent
    assert told("report-about-you") == []
    decided(report)
    assert states([certificate]) == [CertificateState.REVOKED]


@pytest.mark.django_db(transaction=True)
def test_a_posted_private_key_is_kept_nowhere(authority: Authority, caplog: pytest.LogCaptureFixture) -> None:
    (certificate,), (key,) = issued()
    with caplog.at_level(logging.DEBUG):
        report = filed(f"here\n{pem(key)}\nthere", named=certificate.number)
        decided(report)
        for message in Message.objects.all():
            deliver(message.pk)
    everything = caplog.text + "".join(str(one.message()) for one in mail.outbox)
    for model in apps.get_models():
        for values in model._default_manager.values_list():
            everything += repr(values)
    assert mail.outbox
    assert f"[private key removed: {certificate.public_key.spki_sha256}]" in everything
    for secret in secrets_of(key):
        assert secret not in everything


# --- what officers decide --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        (Trouble.KEY_FOUND, "keyCompromise"),
        (Trouble.MISUSE, "privilegeWithdrawn"),
        (Trouble.WRONG, "affiliationChanged"),
    ],
)
def test_an_approval_revokes_for_the_reason_of_the_trouble(authority: Authority, trouble: str, reason: str) -> None:
    (certificate,), _ = issued()
    report = filed(trouble=trouble, named=certificate.number)
    assert states([certificate]) == [CertificateState.VALID]
    case = decided(report)
    assert case.state == CaseState.APPROVED
    assert (fresh(certificate).state, fresh(certificate).revocation_reason) == ("revoked", reason)
    blocked = PublicKey.objects.get(pk=certificate.public_key_id).block_reason
    assert bool(blocked) == (reason == "keyCompromise")
    assert told("report-upheld") == [certificate.email]
    answer = Message.objects.get(event="report-answered")
    assert (answer.address, answer.language, answer.context["revoked"]) == ("reporter@example.net", "pt", "yes")


def test_what_is_proven_is_revoked_as_compromised_whatever_was_said(authority: Authority) -> None:
    (certificate,), (key,) = issued()
    decided(filed(statement(key), trouble=Trouble.WRONG))
    assert (fresh(certificate).state, fresh(certificate).revocation_reason) == ("revoked", "keyCompromise")


def test_the_case_lies_with_the_holder_s_office(authority: Authority) -> None:
    holder = making.person()
    other = factories.office("zz")
    Subscriber.objects.filter(pk=holder.pk).update(office=other)
    (certificate,), _ = issued(subscriber=holder)
    assert filed(named=certificate.number).case.office == other


def test_what_has_ended_is_left_as_it_is(authority: Authority) -> None:
    (certificate,), (key,) = issued()
    Certificate.objects.filter(pk=certificate.pk).update(not_after=timezone.now() - timedelta(seconds=1))
    report = filed(pem(key))
    assert not report.case.urgent
    decided(report)
    assert fresh(certificate).state == "valid"
    assert not Message.objects.filter(event__in=["report-about-you", "report-upheld"]).exists()


def test_a_decision_stands_or_falls_with_all_that_follows(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    (certificate,), (key,) = issued()
    report = filed(pem(key))
    monkeypatch.setattr(reports, "_tell_reporter", making.raising(RuntimeError))
    with pytest.raises(RuntimeError):
        decided(report)
    assert fresh(certificate).state == "held"
    assert Case.objects.get(pk=report.case_id).state == "open"


def test_a_rejection_lifts_what_the_report_suspended(authority: Authority) -> None:
    (certificate,), (key,) = issued()
    report = filed(pem(key))
    with pytest.raises(ReasonMissing):
        decided(report, approve=False, reason=" ")
    decided(report, approve=False, reason="A test key of ours.")
    assert states([certificate]) == [CertificateState.VALID]
    assert PublicKey.objects.get(pk=certificate.public_key_id).block_reason  # the key is known all the same
    for event in ("report-dismissed", "report-answered"):
        assert Message.objects.get(event=event).context["reason"] == "A test key of ours."
    assert Message.objects.get(event="report-dismissed").context["valid"] == certificate.number


def test_a_rejection_lifts_nothing_that_others_suspended(authority: Authority) -> None:
    (certificate,), (key,) = issued()
    request = requested([certificate], Reason.LOST)
    report = filed(pem(key))
    assert not report.lines.get().held
    decided(report, approve=False)
    assert states([certificate]) == [CertificateState.HELD]
    request_decided(request, approve=False)
    assert states([certificate]) == [CertificateState.VALID]


def test_a_suspension_is_not_handed_on_to_what_would_suspend_nothing(authority: Authority) -> None:
    """Neither a claim without proof nor a form that somebody sent keeps a certificate suspended."""
    (certificate,), (key,) = issued()
    first = filed(pem(key))
    filed(named=certificate.number)
    on_paper([certificate])
    decided(first, approve=False)
    assert states([certificate]) == [CertificateState.VALID]


def test_a_holder_who_cannot_be_written_to_keeps_no_key_from_being_blocked(authority: Authority) -> None:
    (certificate,), (key,) = issued()
    Identity.objects.update(email="a b@example.org")
    filed(pem(key))
    assert states([certificate]) == [CertificateState.HELD]


def test_a_suspension_is_handed_on_to_what_still_waits(authority: Authority) -> None:
    (certificate,), (key,) = issued()
    first, second = filed(pem(key)), filed(statement(key))
    request = requested([certificate], Reason.EXPOSED)
    decided(first, approve=False)
    assert states([certificate]) == [CertificateState.HELD]
    decided(second, approve=False)
    assert states([certificate]) == [CertificateState.HELD]
    request_decided(request, approve=False)
    assert states([certificate]) == [CertificateState.VALID]


def test_a_withdrawn_request_leaves_a_proven_suspension(authority: Authority) -> None:
    (certificate,), (key,) = issued()
    request = requested([certificate], Reason.EXPOSED)
    report = filed(pem(key))
    request_decided(request, approve=False)
    assert states([certificate]) == [CertificateState.HELD]
    decided(report, approve=False)
    assert states([certificate]) == [CertificateState.VALID]


def test_what_was_handed_on_while_it_waited_is_lifted(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    (certificate,), (key,) = issued()
    request = requested([certificate], Reason.EXPOSED)
    report = filed(pem(key))

    def taken_late(wanted: Iterable[int]) -> list[Certificate]:
        wanted = list(wanted)
        if not report.lines.filter(held=True).exists():
            request_decided(request, approve=False)  # it comes first, and hands on what it had suspended
        return rows.take(wanted)

    monkeypatch.setattr(reports, "take", taken_late)
    decided(report, approve=False)
    assert states([certificate]) == [CertificateState.VALID]


@pytest.mark.parametrize("trouble", [Trouble.OTHER, Trouble.MISUSE])
def test_a_report_with_nothing_to_revoke_is_dealt_with(authority: Authority, trouble: str) -> None:
    (certificate,), _ = issued()
    report = filed(trouble=trouble, named=certificate.number if trouble == Trouble.OTHER else "ffff")
    assert report_page(report.case)["revokes"] == []
    decided(report)
    assert states([certificate]) == [CertificateState.VALID]
    answer = Message.objects.get(event="report-answered").context
    assert (answer["approved"], answer["revoked"]) == ("yes", "")
    assert told("report-upheld") == []


def test_nobody_is_answered_who_gave_no_address(authority: Authority) -> None:
    decided(filed(reporter_email=""))
    assert not Message.objects.filter(event__in=["report-received", "report-answered"]).exists()


# --- reading and limits ----------------------------------------------------------------------------------------


def test_a_certificate_is_found_by_whatever_names_it(authority: Authority) -> None:
    (certificate,), _ = issued()
    for named in (certificate.number, certificate.serial, certificate.sha256):
        assert certificate_meant(named) == certificate
    for named in ("", "0" * 64, "f" * 40):
        assert certificate_meant(named) is None


def test_the_page_of_the_case_says_what_the_machine_found(authority: Authority) -> None:
    (certificate,), (key,) = issued(subscriber=making.person(given_name="Lin", family_name="Ho"))
    report = filed(pem(key), trouble=Trouble.MISUSE)
    shown = report_page(report.case)
    assert shown["proven"]
    assert [(one["number"], one["reason"], one["held"]) for one in shown["revokes"]] == [
        (certificate.number, "keyCompromise", True)
    ]
    assert "Lin Ho" in name_of_report(report.case)
    assert name_of_report(filed(named="abcd").case) == "abcd"
    assert name_of_report(filed().case) == str(Trouble.OTHER.label)


def test_reports_are_throttled_by_address_and_mailbox(db: None) -> None:
    for number in range(5):
        filed(f"{number}")
    with pytest.raises(TooMany):
        filed("six")
    for number in range(5 - 1):
        filed(f"{number}", reporter_email="")
    with pytest.raises(TooMany):
        filed("eleven", reporter_email="")


def test_without_an_office_nobody_could_decide() -> None:
    Office.objects.all().delete()
    with pytest.raises(NoOffice), transaction.atomic():
        filed()
    assert not ReportLine.objects.exists()


def test_a_key_is_blocked_whatever_becomes_of_the_report(authority: Authority) -> None:
    _, (key,) = issued()
    with patch.object(reports, "open_case", side_effect=NoOffice), pytest.raises(NoOffice):
        filed(pem(key))
    assert PublicKey.objects.exclude(block_reason="").count() == 1
