"""The issuing door: prepare the bytes, sign exactly these bytes, and publish which certificates are revoked."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from ca.keys.port import Signer
from ca.names import Registered
from ca.profiles.model import Profile, Template


@dataclass(frozen=True)
class Addresses:
    """Where the world finds a CA's certificate, CRL, status and practice statement: absolute http addresses.

    An empty one is left out of what the CA signs (a root has no status service).
    """

    ca_issuers: str
    crl: str
    ocsp: str
    cps: str


@dataclass(frozen=True)
class Issuer:
    """A CA generation with the key that signs for it."""

    slug: str
    certificate: x509.Certificate
    signer: Signer
    addresses: Addresses


@dataclass(frozen=True)
class Demand:
    """What is asked for: this template of this profile, for this registration, with the public key of this CSR."""

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
    subject: str  # RFC 4514


@dataclass(frozen=True)
class RevokedEntry:
    """One line of a CRL."""

    serial: int
    revoked_at: datetime
    reason: str | None  # by its name in RFC 5280 5.3.1, such as "keyCompromise"; None where nothing was said


def prepare(issuer: Issuer, demand: Demand, *, now: datetime, blocked: Callable[[str], bool]) -> Prepared:
    """Check everything again and build the bytes to be signed. Raises Refusal.

    `blocked` is asked with the hex SHA-256 of the key's SubjectPublicKeyInfo.
    """
    raise NotImplementedError


def issue(issuer: Issuer, tbs: bytes) -> bytes:
    """Sign exactly these bytes and return the certificate, DER. Raises SignatureMismatch, SignerUnusable."""
    raise NotImplementedError


def revocation_list(
    issuer: Issuer,
    entries: Iterable[RevokedEntry],
    *,
    number: int,
    this_update: datetime,
    next_update: datetime,
) -> bytes:
    """A full CRL, version 2, DER (RFC 5280 5). Raises ReasonNotAllowed, LintErrors, SignatureMismatch."""
    raise NotImplementedError
