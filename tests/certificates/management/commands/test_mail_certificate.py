"""The mail worker's key and certificate: made once, renewed at half-life, for the address in MAIL_FROM."""

import io
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from audit.models import Event
from certificates import jobs
from certificates.models import Authority, Certificate, Order
from certificates.services import revoke
from notifications import tasks
from notifications.models import MailCertificate
from notifications.selectors import mail_signing
from tests.certificates.making import OPERATORS
from tests.conftest import Clock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.MAIL_KEY_DIR = tmp_path / "mail"
    settings.MAIL_KEY_PASSPHRASE_FILE = settings.CA_KEY_PASSPHRASE_FILE
    return tmp_path / "mail"


def run(**options: Any) -> str:
    out = io.StringIO()
    call_command("mail_certificate", **{"operators": OPERATORS, **options}, stdout=out)
    return out.getvalue()


def issue() -> None:
    jobs.issue_orders(list(Order.objects.filter(state="placed").values_list("pk", flat=True)))


def test_key_and_order_are_made_once_and_the_certificate_is_kept(authority: Authority, folder: Path) -> None:
    assert mail_signing() is None
    assert "is placed" in run()
    assert "is placed" in run()
    issue()
    assert "nothing to do" in run()
    kept, issued = MailCertificate.objects.get(), Certificate.objects.get()
    own, issuer = x509.load_pem_x509_certificates(kept.chain.encode())
    own.verify_directly_issued_by(issuer)
    assert kept.spki_sha256 == issued.public_key.spki_sha256
    assert Event.objects.filter(name="mail-certificate.kept", subject=f"mail-certificate:{kept.pk}").count() == 1
    assert [path.name for path in folder.iterdir()] == [f"{kept.spki_sha256}.key"]
    assert issued.email == "noreply@sigillum.example"
    assert "CN=Sigillum Certificate Centre" in issued.subject
    signing = mail_signing()
    assert signing is not None
    assert (signing.until, signing.renewal_due) == (issued.not_after, False)


def test_mails_that_waited_are_queued_when_it_is_issued(
    authority: Authority,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    seen: list[bool] = []
    monkeypatch.setattr(tasks.sweep, "delay", lambda: seen.append(True))
    run()
    with django_capture_on_commit_callbacks(execute=True):
        issue()
    assert seen == [True]


def test_after_half_of_its_life_it_is_renewed_and_a_forgotten_one_is_said(authority: Authority, clock: Clock) -> None:
    run()
    issue()
    clock.shift(days=180)
    assert "nothing to do" in run()
    clock.shift(days=5)
    assert not mail_signing().renewal_due  # type: ignore[union-attr]  # asserted above
    clock.shift(days=95)
    assert mail_signing().renewal_due  # type: ignore[union-attr]
    assert "is placed" in run()
    issue()
    assert MailCertificate.objects.count() == 2
    assert mail_signing().until == Certificate.objects.latest("pk").not_after  # type: ignore[union-attr]


def test_another_address_in_mail_from_needs_another_certificate(authority: Authority, settings: Any) -> None:
    run()
    issue()
    settings.MAIL_SENDER = "post@sigillum.example"
    assert "is placed" in run()


def test_a_revoked_one_signs_no_more(authority: Authority) -> None:
    run()
    issue()
    revoke(certificates=[Certificate.objects.get()], reason="keyCompromise", actor="system")
    retired = MailCertificate.objects.get().retired_at
    assert retired is not None
    assert (timezone.now() - retired).total_seconds() < 60
    assert mail_signing().until is None  # type: ignore[union-attr]  # there was one
    assert "is placed" in run()


def test_without_a_place_nothing_begins(settings: Any, authority: Authority) -> None:
    settings.MAIL_KEY_DIR = None
    with pytest.raises(CommandError, match="MAIL_KEY_DIR"):
        run()
