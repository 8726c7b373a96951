"""Other people's software judges the signatures on our mails, from the bytes that a mail server received."""

import io
import subprocess
from collections.abc import Iterator
from email import message_from_bytes, policy
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings as configured
from django.core.management import call_command
from pytest_django import Settings

from certificates.jobs import issue_orders
from certificates.models import Authority, Order
from notifications import jobs
from notifications.models import MailCertificate, Message
from notifications.services import Letter, promise
from portal import mailbox
from tests.certificates.making import OPERATORS, ceremony
from tests.judges import judge
from tests.mail_server import MailServer, mail_server

pytestmark = [pytest.mark.interop, pytest.mark.django_db]

CALENDAR = {"uid": "u@ca.example", "summary": "陳大文", "start": "2026-12-20T04:00:00Z", "alarm_days": [7]}
CONTEXTS: dict[str, dict[str, Any]] = {
    "plain": {"reason": "line one\nFrom here\n.\n..\n-- \n--=_x  \ttrailing \n" + "long " * 400},
    "with a calendar file": {"reason": "x", "calendar": CALENDAR},
}


@pytest.fixture
def server(settings: Settings) -> Iterator[MailServer]:
    """A mail server that keeps what it is given byte by byte."""
    with mail_server() as running:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        yield running


@pytest.fixture
def authority(settings: Settings, tmp_path: Path) -> Authority:
    """A CA that issued the service's mail certificate."""
    settings.MAIL_KEY_DIR = tmp_path / "mail-keys"
    settings.MAIL_KEY_PASSPHRASE_FILE = settings.CA_KEY_PASSPHRASE_FILE
    made = ceremony()
    call_command("mail_certificate", operators=OPERATORS, stdout=io.StringIO())
    issue_orders([Order.objects.get().pk])
    return made


def received(server: MailServer, language: str, context: dict[str, Any]) -> bytes:
    """The bytes of a mail as the server has them."""
    letter = Letter(event="order-refused", key="k", address="ana@example.com", language=language, context=context)
    promise(letter=letter)
    jobs.deliver(Message.objects.get().pk)
    return server.arrivals[0].content


def write_root(authority: Authority, folder: Path) -> Path:
    """The root alone: everything else must come with the mail."""
    assert authority.parent is not None
    path = folder / "root.pem"
    root = x509.load_der_x509_certificate(bytes(authority.parent.certificate))
    path.write_bytes(root.public_bytes(Encoding.PEM))
    return path


def openssl(mail: bytes, root: Path, *options: str) -> subprocess.CompletedProcess[bytes]:
    command = [judge("openssl"), "cms", "-verify", "-CAfile", str(root), "-purpose", "smimesign", *options]
    return subprocess.run(command, input=mail, check=False, capture_output=True)


@pytest.mark.parametrize("language", [code for code, _ in configured.LANGUAGES])
@pytest.mark.parametrize("context", CONTEXTS.values(), ids=CONTEXTS)
def test_openssl_verifies_the_mail_that_the_server_received(
    server: MailServer, authority: Authority, tmp_path: Path, language: str, context: dict[str, Any]
) -> None:
    mail, signers = received(server, language, context), tmp_path / "signer.pem"
    result = openssl(mail, write_root(authority, tmp_path), "-signer", str(signers))
    assert result.returncode == 0, result.stderr
    inner = message_from_bytes(result.stdout, policy=policy.default)
    assert inner.get_body(("plain",)) is not None
    assert inner.get_body(("html",)) is not None
    own = x509.load_pem_x509_certificate(signers.read_bytes())
    names = own.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    sender = message_from_bytes(mail, policy=policy.default)["From"].addresses[0].addr_spec
    assert names.get_values_for_type(x509.RFC822Name) == [sender]


def test_the_demos_mailbox_shows_the_text_of_a_signed_mail(
    settings: Settings, authority: Authority, tmp_path: Path
) -> None:
    settings.MAIL_DIR = tmp_path / "mails"
    settings.EMAIL_BACKEND = "notifications.backends.MailFolder"
    letter = Letter("order-refused", "k", "ana@example.com", "zh-hant", {"reason": "金鑰太短"})
    promise(letter=letter)
    jobs.deliver(Message.objects.get().pk)
    (shown,) = mailbox.mails()
    assert "金鑰太短" in shown.text
    (file,) = settings.MAIL_DIR.glob("*.eml")
    assert openssl(file.read_bytes(), write_root(authority, tmp_path)).returncode == 0


def test_openssl_refuses_one_changed_letter(server: MailServer, authority: Authority, tmp_path: Path) -> None:
    mail = received(server, "en", {"reason": "the key is short"})
    changed = mail.replace(b"the key is short", b"the key is shirt", 1)
    assert changed != mail
    root = write_root(authority, tmp_path)
    assert openssl(changed, root).returncode != 0
    other = write_root(ceremony(), tmp_path)
    assert openssl(mail, other).returncode != 0


@pytest.mark.parametrize("context", CONTEXTS.values(), ids=CONTEXTS)
def test_nss_verifies_the_mail_that_the_server_received(
    server: MailServer, authority: Authority, tmp_path: Path, context: dict[str, Any]
) -> None:
    cmsutil, certutil = judge("cmsutil"), judge("certutil")
    mail, root = received(server, "zh-hant", context), write_root(authority, tmp_path)
    database = tmp_path / "nss"
    database.mkdir()
    where = ("-d", f"sql:{database}")
    subprocess.run([certutil, "-N", *where, "--empty-password"], check=True)
    subprocess.run([certutil, "-A", *where, "-n", "root", "-t", ",C,", "-a", "-i", str(root)], check=True)
    entity, signature = _parts(mail)
    (tmp_path / "content").write_bytes(entity)
    (tmp_path / "signature").write_bytes(signature)

    def verdict() -> subprocess.CompletedProcess[bytes]:
        # NSS takes the detached content and the signature apart, and wants a header of its own.
        command = [cmsutil, "-D", *where, "-u", "4", "-c", str(tmp_path / "content"), "-i", str(tmp_path / "signature")]
        return subprocess.run([*command, "-h", "1"], check=False, capture_output=True)

    result = verdict()
    assert result.returncode == 0, result.stderr
    assert b"signer0.status=GoodSignature" in result.stdout, result.stdout
    (tmp_path / "content").write_bytes(entity.replace(b"text/plain", b"text/plaim"))
    assert b"GoodSignature" not in verdict().stdout


def _parts(mail: bytes) -> tuple[bytes, bytes]:
    """The signed entity, byte by byte, and the signature, DER (RFC 1847 2.1)."""
    parsed = message_from_bytes(mail)
    assert parsed.get_content_type() == "multipart/signed"
    assert parsed.get_param("protocol") == "application/pkcs7-signature"
    assert parsed.get_param("micalg") == "sha-256"
    boundary = b"\r\n--" + str(parsed.get_boundary()).encode()
    _head, entity, signature, end = mail.split(boundary)
    assert end == b"--\r\n"
    der = message_from_bytes(signature.removeprefix(b"\r\n")).get_payload(decode=True)
    assert isinstance(der, bytes)
    return entity.removeprefix(b"\r\n"), der


def test_the_chain_comes_along_without_the_root(server: MailServer, authority: Authority, tmp_path: Path) -> None:
    _entity, signature = _parts(received(server, "en", {}))
    listed = subprocess.run(
        [judge("openssl"), "pkcs7", "-inform", "DER", "-print_certs"], input=signature, check=True, capture_output=True
    )
    embedded = x509.load_pem_x509_certificates(listed.stdout)
    fingerprints = {sha256(one.public_bytes(Encoding.DER)).hexdigest() for one in embedded}
    stored = x509.load_pem_x509_certificates(MailCertificate.objects.get().chain.encode())
    assert fingerprints == {sha256(one.public_bytes(Encoding.DER)).hexdigest() for one in stored}
    assert authority.sha256 in fingerprints
    assert authority.parent is not None
    assert authority.parent.sha256 not in fingerprints
