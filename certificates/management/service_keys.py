"""Keys of the service's own processes, in files named by their keys, and the orders for their certificates.

The commands that make them run daily; each renews in the second half of its certificate's life.
"""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from django.conf import settings
from django.core.management.base import CommandError
from django.db.models import QuerySet
from django.utils import timezone

from ca.keys.file import create_key_file
from certificates.errors import CertificateRefusal
from certificates.models import Authority, Certificate, Order
from certificates.rules import key_file
from certificates.services import place_service_order
from certificates.states import CertificateState, OrderState

_PLACED = (OrderState.PLACED, OrderState.SIGNING)


@dataclass(frozen=True)
class KeyFolder:
    """Where the keys of one process lie, and the passphrase of their files."""

    path: Path
    passphrase: bytes

    @classmethod
    def of(cls, process: str) -> "KeyFolder":
        """The folder in `<process>_KEY_DIR`, made where it is missing. Raises CommandError."""
        names = f"{process}_KEY_DIR", f"{process}_KEY_PASSPHRASE_FILE"
        folder, passphrase_file = (getattr(settings, name) for name in names)
        if folder is None or passphrase_file is None:
            raise CommandError(f"Set {names[0]} and {names[1]}: that is where the key is to lie.")
        try:
            passphrase = passphrase_file.read_bytes().strip()
        except OSError as error:
            raise CommandError(f"The passphrase file cannot be read: {passphrase_file}") from error
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return cls(folder, passphrase)

    def holds(self, spki_sha256: str) -> bool:
        """Whether the file of this key is here."""
        return key_file(self.path, spki_sha256).exists()

    def new_request(self) -> bytes:
        """Make a key on P-256 and give back a signing request for it, DER."""
        draft = self.path / f"{secrets.token_hex(8)}.new"
        create_key_file(draft, self.passphrase, "p256")
        key = load_pem_private_key(draft.read_bytes(), self.passphrase)
        if not isinstance(key, EllipticCurvePrivateKey | RSAPrivateKey):
            raise CommandError("The key file does not hold a key of a known kind.")
        spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        # The file is named by its key, so that its process finds it for a certificate.
        draft.rename(key_file(self.path, sha256(spki).hexdigest()))
        csr = x509.CertificateSigningRequestBuilder(x509.Name([])).sign(key, SHA256())
        return csr.public_bytes(Encoding.DER)


@dataclass(frozen=True)
class Wanted:
    """The certificate that a process needs: its profile, its names, and its CA (None: the newest)."""

    profile: str
    subject: Mapping[str, str]
    authority: Authority | None = None


def good_for_now(folder: KeyFolder, wanted: Wanted) -> bool:
    """Whether such a certificate whose key lies here is still in the first half of its life."""
    issued = Certificate.objects.filter(profile=wanted.profile, state=CertificateState.VALID)
    if wanted.authority:
        issued = issued.filter(authority=wanted.authority)
    for one in issued.filter(email=wanted.subject.get("email", "")).select_related("public_key"):
        half = one.not_before + (one.not_after - one.not_before) / 2
        if timezone.now() < half and folder.holds(one.public_key.spki_sha256):
            return True
    return False


def waiting_or_new_order(folder: KeyFolder, wanted: Wanted, operators: tuple[str, str]) -> Order:
    """The order that still waits for the signing worker, or a new one for a new key. Raises CommandError."""
    for order in _waiting(wanted).order_by("-pk"):
        if order.service_subject == wanted.subject and folder.holds(order.items.get().public_key.spki_sha256):
            return order
    try:
        return place_service_order(
            profile=wanted.profile,
            subject=wanted.subject,
            csr=folder.new_request(),
            operators=operators,
            authority=wanted.authority,
        )
    except CertificateRefusal as refusal:
        raise CommandError(str(refusal.text)) from refusal


def _waiting(wanted: Wanted) -> QuerySet[Order]:
    placed = Order.objects.filter(profile=wanted.profile, state__in=_PLACED)
    return placed.filter(authority=wanted.authority) if wanted.authority else placed


def wait_for(order: Order, seconds: int) -> None:
    """Wait until the order is issued. Raises CommandError where it is not, unless `seconds` is 0."""
    end = time.monotonic() + seconds
    while order.state in _PLACED and time.monotonic() < end:
        time.sleep(0.2)
        order.refresh_from_db()
    if seconds and order.state != OrderState.ISSUED:
        raise CommandError(f"The certificate is not there: the order is {order.state} {order.refusal_code}")
