"""What a signed certificate says, read from its own bytes, and the row that keeps it."""

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from ca.errors import SignatureMismatch
from ca.names import NAMES_IN_WORDS
from certificates.models import Attempt, Certificate, Order


@dataclass(frozen=True)
class Signed:
    """An attempt and the certificate, DER, that its signature made."""

    attempt: Attempt
    der: bytes

    @cached_property
    def certificate(self) -> x509.Certificate:
        """The certificate as others will read it."""
        return x509.load_der_x509_certificate(self.der)

    def check(self) -> None:
        """Hold the certificate against the order. Raises `SignatureMismatch`."""
        key = self.certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        if sha256(key).hexdigest() != self.attempt.item.public_key.spki_sha256:
            raise SignatureMismatch("another key than the order's")
        if f"{self.certificate.serial_number:x}" != self.attempt.serial:
            raise SignatureMismatch("another serial number than the attempt's")


def certificate_row(order: Order, signed: Signed) -> Certificate:
    """The row, not yet stored, of a certificate that was issued for `order`."""
    certificate, attempt = signed.certificate, signed.attempt
    mailbox = _mailbox(certificate)
    return Certificate(
        item=attempt.item,
        attempt=attempt,
        authority=attempt.authority,
        subscriber=order.subscriber,
        public_key=attempt.item.public_key,
        profile=order.profile,
        template=attempt.item.template,
        serial=attempt.serial,
        der=signed.der,
        sha256=sha256(signed.der).hexdigest(),
        subject=certificate.subject.rfc4514_string(NAMES_IN_WORDS),
        email=mailbox,
        search_name=_name(certificate).casefold(),
        search_email=mailbox.casefold(),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
    )


def _name(certificate: x509.Certificate) -> str:
    """The commonName, or nothing."""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else ""


def _mailbox(certificate: x509.Certificate) -> str:
    """The first mailbox that the certificate names, or nothing."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        mailboxes = names.get_values_for_type(x509.RFC822Name)
    except x509.ExtensionNotFound:
        mailboxes = [str(part.value) for part in certificate.subject.get_attributes_for_oid(NameOID.EMAIL_ADDRESS)]
    return mailboxes[0] if mailboxes else ""
