"""Give the status process a key and order the certificate with which it answers OCSP requests for a CA."""

import argparse
import secrets
import time
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from ca.keys.file import create_key_file
from ca.names import LONGEST_NAME
from certificates.errors import CertificateRefusal
from certificates.models import Authority, Certificate, Order
from certificates.rules import RESPONDER, key_file
from certificates.selectors import issuing_authority
from certificates.services import place_service_order
from certificates.states import CertificateState, OrderState


class Command(BaseCommand):
    """Make a responder key and place its order, unless there is one that still has half of its life before it."""

    help = "Makes the OCSP responder's key in STATUS_KEY_DIR and orders its certificate. Run again, it renews."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Who orders, for which CA, and how long to wait for the certificate."""
        parser.add_argument("--operators", nargs=2, required=True, metavar=("FIRST", "SECOND"))
        parser.add_argument("--authority", help="slug of the CA, if not the newest")
        parser.add_argument("--wait", type=int, default=0, metavar="SECONDS", help="until the signing worker issued it")

    def handle(self, *_: Any, **options: Any) -> None:
        """Order, or say that nothing needs to be done."""
        folder, passphrase = _place()
        authority = _authority(options["authority"])
        if _good_for_now(authority, folder):
            self.stdout.write(f"responder of {authority.slug}: nothing to do")
            return
        order = _waiting_order(authority, folder)
        if order is None:
            try:
                order = _order(authority, folder, passphrase, options["operators"])
            except CertificateRefusal as refusal:
                raise CommandError(str(refusal.text)) from refusal
        _wait(order, options["wait"])
        self.stdout.write(f"responder of {authority.slug}: order {order.public_id} is {order.state}")


def _place() -> tuple[Path, bytes]:
    folder, passphrase_file = settings.STATUS_KEY_DIR, settings.STATUS_KEY_PASSPHRASE_FILE
    if folder is None or passphrase_file is None:
        raise CommandError("Set STATUS_KEY_DIR and STATUS_KEY_PASSPHRASE_FILE: that is where the key is to lie.")
    try:
        passphrase = passphrase_file.read_bytes().strip()
    except OSError as error:
        raise CommandError(f"The passphrase file cannot be read: {passphrase_file}") from error
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder, passphrase


def _authority(slug: str | None) -> Authority:
    authority = Authority.objects.filter(slug=slug).first() if slug else issuing_authority()
    if authority is None:
        raise CommandError("There is no such CA. Hold the ceremony first.")
    return authority


def _good_for_now(authority: Authority, folder: Path) -> bool:
    """Whether a responder certificate whose key lies here is still in the first half of its life."""
    issued = Certificate.objects.filter(authority=authority, profile=RESPONDER, state=CertificateState.VALID)
    for one in issued.select_related("public_key"):
        half = one.not_before + (one.not_after - one.not_before) / 2
        if timezone.now() < half and key_file(folder, one.public_key.spki_sha256).exists():
            return True
    return False


def _waiting_order(authority: Authority, folder: Path) -> Order | None:
    """An order that was placed before and still waits for the signing worker."""
    placed = Order.objects.filter(
        authority=authority, profile=RESPONDER, state__in=[OrderState.PLACED, OrderState.SIGNING]
    )
    for order in placed.order_by("-pk"):
        if key_file(folder, order.items.get().public_key.spki_sha256).exists():
            return order
    return None


def _order(authority: Authority, folder: Path, passphrase: bytes, operators: list[str]) -> Order:
    draft = folder / f"{secrets.token_hex(8)}.new"
    create_key_file(draft, passphrase, "p256")
    key = load_pem_private_key(draft.read_bytes(), passphrase)
    if not isinstance(key, EllipticCurvePrivateKey | RSAPrivateKey):
        raise CommandError("The key file does not hold a key of a known kind.")
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    # The file is named by its key, so that the status process finds it for a certificate.
    draft.rename(key_file(folder, sha256(spki).hexdigest()))
    csr = x509.CertificateSigningRequestBuilder(x509.Name([])).sign(key, SHA256())
    first, second = operators
    return place_service_order(
        profile=RESPONDER,
        subject={"common_name": f"{authority.name} OCSP"[:LONGEST_NAME]},
        csr=csr.public_bytes(Encoding.DER),
        operators=(first, second),
        authority=authority,
    )


def _wait(order: Order, seconds: int) -> None:
    end = time.monotonic() + seconds
    while order.state in (OrderState.PLACED, OrderState.SIGNING) and time.monotonic() < end:
        time.sleep(0.2)
        order.refresh_from_db()
    if seconds and order.state != OrderState.ISSUED:
        raise CommandError(f"The certificate is not there: the order is {order.state} {order.refusal_code}")
