"""The three acts of the key ceremony: root, issuing CA, root CRL. Pure over a folder of key files."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ca.certificate import rehearse, sign_certificate
from ca.errors import IssuerEnded, LintErrors, OperatorsSame
from ca.extensions import (
    add_extensions,
    authority_key_identifier,
    key_usage,
    policies,
    whereabouts,
)
from ca.keys.file import FileSigner, create_key_file
from ca.keys.port import Signer
from ca.lint import lint_certificate
from ca.names import name_of
from ca.service import Addresses, Issuer, RevokedEntry, revocation_list, serial_number

__all__ = [
    "Addresses",
    "Issuer",
    "Made",
    "Plan",
    "Presence",
    "Record",
    "key_path",
    "make_issuing",
    "make_root",
    "root_crl",
]

ROOT_CRL_DAYS = 365
_ANY_POLICY = "2.5.29.32.0"


@dataclass(frozen=True)
class Plan:
    """What a CA shall be called and be like."""

    slug: str  # names the key file, and is never used again
    subject: tuple[tuple[str, str], ...]  # (field of ca.profiles.model.FIELDS, text), in order
    key_type: str
    years: int


@dataclass(frozen=True)
class Presence:
    """Who holds the ceremony, when, and where the key files lie under which passphrase."""

    operators: tuple[str, str]
    now: datetime
    folder: Path
    passphrase: bytes


@dataclass(frozen=True)
class Record:
    """What goes into the minutes."""

    act: str  # "root", "issuing", "root-crl"
    slug: str
    operators: tuple[str, str]
    at: datetime
    fingerprints: Mapping[str, str]  # what -> hex SHA-256


@dataclass(frozen=True)
class Made:
    """The DER of the certificate or CRL that a ceremony made, and its record."""

    der: bytes
    record: Record


def key_path(folder: Path, slug: str) -> Path:
    """Where the key file of a CA lies."""
    return folder / f"{slug}.key"


def _operators(presence: Presence) -> tuple[str, str]:
    """Two names that differ by more than spaces and capitals. Raises OperatorsSame."""
    first, second = (" ".join(name.split()) for name in presence.operators)
    if not first or not second or first.casefold() == second.casefold():
        raise OperatorsSame
    return first, second


def _years_later(moment: datetime, years: int) -> datetime:
    try:
        later = moment.replace(year=moment.year + years)
    except ValueError:  # the 29th of February has no counterpart there
        later = moment.replace(year=moment.year + years, day=28)
    return later - timedelta(seconds=1)


def _fingerprints(der: bytes, certificate: x509.Certificate) -> Mapping[str, str]:
    spki = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return MappingProxyType({"certificate": sha256(der).hexdigest(), "key": sha256(spki).hexdigest()})


def _new_signer(plan: Plan, presence: Presence) -> FileSigner:
    path = key_path(presence.folder, plan.slug)
    create_key_file(path, presence.passphrase, plan.key_type)
    return FileSigner(path, presence.passphrase)


def _certify(
    plan: Plan, now: datetime, key: Signer, parent: Issuer | None, extensions: list[x509.ExtensionType]
) -> bytes:
    """Build, lint, sign and check the certificate of a CA. Without `parent` it signs itself."""
    moment = now.astimezone(UTC).replace(microsecond=0)
    ends = _years_later(moment, plan.years)
    name = name_of(plan.subject)
    builder = x509.CertificateBuilder(
        issuer_name=parent.certificate.subject if parent else name,
        subject_name=name,
        public_key=key.public_key,
        serial_number=serial_number(),
        not_valid_before=moment,
        not_valid_after=min(ends, parent.certificate.not_valid_after_utc) if parent else ends,
    )
    signer = parent.signer if parent else key
    rehearsal = rehearse(add_extensions(builder, extensions), signer.public_key)
    findings = lint_certificate(rehearsal.public_bytes(Encoding.DER))
    if findings:
        raise LintErrors(findings)
    return sign_certificate(rehearsal.tbs_certificate_bytes, signer, parent.certificate if parent else None)


def _authority_extensions(key: Signer, *, path_length: int | None) -> list[x509.ExtensionType]:
    return [
        x509.BasicConstraints(ca=True, path_length=path_length),
        key_usage(("keyCertSign", "cRLSign")),
        x509.SubjectKeyIdentifier.from_public_key(key.public_key),
    ]


def _made(act: str, plan: Plan, presence: Presence, der: bytes) -> Made:
    fingerprints = _fingerprints(der, x509.load_der_x509_certificate(der))
    record = Record(act, plan.slug, _operators(presence), presence.now, fingerprints)
    return Made(der, record)


def make_root(plan: Plan, presence: Presence) -> Made:
    """A new root: key file and self-signed certificate.

    Raises KeyExists, OperatorsSame, NameNotAllowed, KeyTypeNotAllowed, LintErrors.
    """
    _operators(presence)
    name_of(plan.subject)
    key = _new_signer(plan, presence)
    own_identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key)
    extensions = [
        *_authority_extensions(key, path_length=None),
        x509.AuthorityKeyIdentifier(own_identifier.digest, None, None),
    ]
    return _made("root", plan, presence, _certify(plan, presence.now, key, None, extensions))


def make_issuing(plan: Plan, presence: Presence, *, root: Issuer) -> Made:
    """A new issuing CA under `root`, which it never outlives: key file and certificate.

    It may issue to people only (pathlen 0) and under any policy, since it belongs to the same house as its
    root. Raises KeyExists, OperatorsSame, NameNotAllowed, KeyTypeNotAllowed, IssuerEnded, LintErrors.
    """
    _operators(presence)
    name_of(plan.subject)
    if not root.certificate.not_valid_before_utc <= presence.now <= root.certificate.not_valid_after_utc:
        raise IssuerEnded
    key = _new_signer(plan, presence)
    extensions = [
        *_authority_extensions(key, path_length=0),
        authority_key_identifier(root.certificate),
        policies((_ANY_POLICY,), root.addresses.cps),
        *whereabouts(root.addresses),
    ]
    return _made("issuing", plan, presence, _certify(plan, presence.now, key, root, extensions))


def root_crl(root: Issuer, presence: Presence, *, number: int, entries: Iterable[RevokedEntry] = ()) -> Made:
    """The root's CRL for the next twelve months. Raises OperatorsSame, ReasonNotAllowed, LintErrors."""
    operators = _operators(presence)
    der = revocation_list(
        root,
        entries,
        number=number,
        this_update=presence.now,
        next_update=presence.now + timedelta(days=ROOT_CRL_DAYS),
    )
    fingerprints = MappingProxyType({"crl": sha256(der).hexdigest()})
    return Made(der, Record("root-crl", root.slug, operators, presence.now, fingerprints))
