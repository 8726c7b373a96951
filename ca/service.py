"""The issuing door: prepare the bytes, sign exactly these bytes, publish which certificates are revoked."""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key

from ca.certificate import rehearsal_of, rehearse, sign_certificate
from ca.crl import Header, RevokedEntry, check_list, listing, sample
from ca.csr import parse_csr
from ca.errors import IssuerEnded, KeyBlocked, KeyTypeNotAllowed, LintErrors, OutlivesIssuer, SignatureMismatch
from ca.extensions import Addresses, add_extensions, subscriber_extensions
from ca.keys.builder import acting_for, stand_in_for
from ca.keys.port import PublicKey, Signer
from ca.keys.scheme import hash_for
from ca.lint import LINT_VERSION, lint_certificate, lint_crl
from ca.names import NAMES_IN_WORDS, Registered, subject
from ca.profiles.model import Profile, Template

__all__ = [
    "Addresses",
    "Demand",
    "Issuer",
    "Prepared",
    "Registered",
    "RevokedEntry",
    "issue",
    "prepare",
    "revocation_list",
]

# Clocks of others may lag: a certificate that was made this second would look not yet valid to them.
BACKDATED = timedelta(minutes=1)
_SERIALS = 2**159 - 1


@dataclass(frozen=True)
class Issuer:
    """A CA generation with the key that signs for it."""

    slug: str
    certificate: x509.Certificate
    signer: Signer
    addresses: Addresses


@dataclass(frozen=True)
class Demand:
    """What is asked for: a template of a profile, for a registration, with the public key of a CSR."""

    profile: Profile
    template: Template
    registered: Registered
    csr: bytes


@dataclass(frozen=True)
class Prepared:
    """To-be-signed bytes that passed the linter, and what a database wants to know of them."""

    serial: int
    tbs: bytes
    lint_version: str
    not_before: datetime  # aware, UTC
    not_after: datetime  # aware, UTC, the last second of validity
    spki_sha256: str
    subject: str  # RFC 4514, as ca.names.NAMES_IN_WORDS spells it


def serial_number() -> int:
    """A random serial from 1 to 2^159 - 1: positive and at most 20 octets (RFC 5280 4.1.2.2)."""
    return secrets.randbelow(_SERIALS) + 1


def _whole_second(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)


def _validity(issuer: x509.Certificate, days: int, now: datetime) -> tuple[datetime, datetime]:
    """First and last second of a certificate that is made now: cut short where the issuer ends earlier."""
    moment = _whole_second(now)
    if not issuer.not_valid_before_utc <= moment <= issuer.not_valid_after_utc:
        raise IssuerEnded
    not_before = max(moment - BACKDATED, issuer.not_valid_before_utc)
    # Both ends are inside the interval (RFC 5280 4.1.2.5), hence one second less.
    not_after = not_before + timedelta(days=days) - timedelta(seconds=1)
    return not_before, min(not_after, issuer.not_valid_after_utc)


def _usable_key(demand: Demand, blocked: Callable[[str], bool]) -> tuple[PublicKey, str]:
    csr = parse_csr(demand.csr)
    if csr.key_type not in demand.profile.key_types:
        raise KeyTypeNotAllowed(csr.key_type)
    if blocked(csr.spki_sha256):
        raise KeyBlocked
    # parse_csr lets no other kind of key through.
    return cast(PublicKey, load_der_public_key(csr.spki)), csr.spki_sha256


def prepare(issuer: Issuer, demand: Demand, *, now: datetime, blocked: Callable[[str], bool]) -> Prepared:
    """Check everything again and build the bytes to be signed. Raises Refusal.

    `blocked` is asked with the hex SHA-256 of the key's SubjectPublicKeyInfo. The steps: 1. the CSR, its
    signature and its key, whatever others checked before; 2. the issuer is valid now and is not outlived; 3.
    the subject, from the registration alone; 4. the certificate with a stand-in key; 5. the linter.
    """
    public_key, spki_sha256 = _usable_key(demand, blocked)
    not_before, not_after = _validity(issuer.certificate, demand.profile.validity_days, now)
    builder = x509.CertificateBuilder(
        issuer_name=issuer.certificate.subject,
        subject_name=subject(demand.template, demand.registered),
        public_key=public_key,
        serial_number=serial_number(),
        not_valid_before=not_before,
        not_valid_after=not_after,
    )
    extensions = subscriber_extensions(
        demand.template, public_key, issuer.certificate, issuer.addresses, demand.registered.email
    )
    rehearsal = rehearse(add_extensions(builder, extensions), issuer.signer.public_key)
    findings = lint_certificate(rehearsal.public_bytes(Encoding.DER), demand.profile.policy_pack, demand.template)
    if findings:
        raise LintErrors(findings)
    return Prepared(
        serial=rehearsal.serial_number,
        tbs=rehearsal.tbs_certificate_bytes,
        lint_version=LINT_VERSION,
        not_before=not_before,
        not_after=not_after,
        spki_sha256=spki_sha256,
        subject=rehearsal.subject.rfc4514_string(NAMES_IN_WORDS),
    )


def issue(issuer: Issuer, tbs: bytes) -> bytes:
    """Sign exactly these bytes and return the certificate, DER.

    Raises SignatureMismatch where the bytes are another issuer's, or where what came out is not what was to
    be signed; OutlivesIssuer; SignerUnusable.
    """
    rehearsal = rehearsal_of(tbs, issuer.signer.public_key)
    if rehearsal.issuer != issuer.certificate.subject:
        raise SignatureMismatch("these bytes name another issuer")
    if rehearsal.not_valid_after_utc > issuer.certificate.not_valid_after_utc:
        raise OutlivesIssuer
    return sign_certificate(tbs, issuer.signer, issuer.certificate)


def revocation_list(
    issuer: Issuer,
    entries: Iterable[RevokedEntry],
    *,
    number: int,
    this_update: datetime,
    next_update: datetime,
) -> bytes:
    """A full CRL, version 2, DER (RFC 5280 5).

    Raises ReasonNotAllowed, LintErrors, SignatureMismatch, SignerUnusable.

    The linter sees the real header with a sample of the entries: over thousands of them it takes minutes.
    Every entry of the signed list is then read back.
    """
    everything = list(entries)
    header = Header(issuer.certificate, number, _whole_second(this_update), _whole_second(next_update))
    algorithm = hash_for(issuer.signer.public_key)
    rehearsal = listing(header, sample(everything)).sign(stand_in_for(issuer.signer.public_key), algorithm)
    findings = lint_crl(rehearsal.public_bytes(Encoding.DER))
    if findings:
        raise LintErrors(findings)
    signed = listing(header, everything).sign(acting_for(issuer.signer), algorithm)
    check_list(signed, header, everything)
    return signed.public_bytes(Encoding.DER)
