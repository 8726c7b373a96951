"""Which certificate signs, and what happens to mails while there is none. tests/interop/test_mail.py verifies."""

import io
import logging
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from ca.keys.file import create_key_file
from certificates.jobs import issue_orders
from certificates.models import Certificate, Order
from certificates.services import revoke
from notifications import jobs
from notifications.jobs.signing import mail_signer
from notifications.models import MailCertificate, Message
from tests.certificates.making import OPERATORS, ceremony
from tests.conftest import Clock
from tests.mail_server import MailServer
from tests.notifications.conftest import promised

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.MAIL_KEY_DIR = tmp_path / "mail"
    settings.MAIL_KEY_PASSPHRASE_FILE = settings.CA_KEY_PASSPHRASE_FILE
    return tmp_path / "mail"


def new_certificate() -> None:
    """Have the CA issue a mail certificate as operators do."""
    call_command("mail_certificate", operators=OPERATORS, stdout=io.StringIO())
    issue_orders(list(Order.objects.filter(state="placed").values_list("pk", flat=True)))


def is_signed(content: bytes) -> bool:
    return b'protocol="application/pkcs7-signature"' in content


def test_mails_wait_for_the_certificate_and_go_out_signed(server: MailServer, clock: Clock) -> None:
    message = promised()
    jobs.deliver(message.pk)
    message.refresh_from_db()
    assert (message.state, message.attempts, server.tries) == ("queued", 0, 0)
    assert message.next_try_at > timezone.now()
    ceremony()
    new_certificate()
    clock.shift(seconds=20)
    jobs.deliver(message.pk)
    assert is_signed(server.arrivals[0].content)
    assert server.arrivals[0].message_id == message.message_id


def test_after_an_hour_a_mail_goes_out_unsigned_and_that_is_said(
    server: MailServer, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    message = promised()
    clock.shift(minutes=61)
    fresh = promised("fresh")
    with caplog.at_level(logging.CRITICAL):
        jobs.deliver(message.pk, fresh.pk)
    assert [arrival.message_id for arrival in server.arrivals] == [message.message_id]
    assert not is_signed(server.arrivals[0].content)
    assert "unsigned" in caplog.text


def test_a_process_without_a_key_folder_does_not_sign(server: MailServer, settings: Settings) -> None:
    ceremony()
    new_certificate()
    settings.MAIL_KEY_DIR = None
    jobs.deliver(promised().pk)
    assert not is_signed(server.arrivals[0].content)


def test_the_certificate_that_lasts_longest_signs(clock: Clock) -> None:
    ceremony()
    new_certificate()
    first = mail_signer()
    clock.shift(days=190)
    new_certificate()
    second = mail_signer()
    assert first is not None
    assert second is not None
    assert first is not second
    assert mail_signer() is second  # the key file is decrypted once


def test_a_revoked_ended_or_keyless_one_does_not_sign(clock: Clock, folder: Path) -> None:
    ceremony()
    new_certificate()
    assert mail_signer() is not None
    clock.shift(days=366)
    assert mail_signer() is None
    new_certificate()
    assert mail_signer() is not None
    revoke(certificates=[Certificate.objects.latest("pk")], reason="superseded", actor="system")
    assert mail_signer() is None


@pytest.mark.parametrize("fault", ["no file", "another key", "another address", "no passphrase"])
def test_a_certificate_that_cannot_be_used_is_passed_over(
    fault: str, folder: Path, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    ceremony()
    new_certificate()
    path = folder / f"{MailCertificate.objects.get().spki_sha256}.key"
    if fault in ("no file", "another key"):
        path.unlink()
    if fault == "another key":
        create_key_file(path, settings.MAIL_KEY_PASSPHRASE_FILE.read_bytes().strip(), "p256")
    if fault == "another address":
        settings.MAIL_SENDER = "post@sigillum.example"
    if fault == "no passphrase":
        settings.MAIL_KEY_PASSPHRASE_FILE = folder / "none"
    assert mail_signer() is None
    assert "cannot be used" in caplog.text


def test_waiting_is_no_try_even_after_many_times(server: MailServer, clock: Clock) -> None:
    message = promised()
    for _ in range(5):
        jobs.deliver(message.pk)
        clock.move_to(timezone.now() + timedelta(seconds=16))
    assert Message.objects.get().attempts == 0
