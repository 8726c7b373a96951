"""The three acts of the key ceremony: root, issuing CA, root CRL. Pure functions over a folder of key files."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ca.service import Addresses, Issuer, RevokedEntry


@dataclass(frozen=True)
class Plan:
    """What a CA shall be called and be like."""

    slug: str  # names the key file, and is never used again
    subject: tuple[tuple[str, str], ...]  # (field of ca.names.SUBJECT_FIELDS, text), in order
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


def make_root(plan: Plan, presence: Presence) -> Made:
    """A new root: key file and self-signed certificate. Raises KeyExists, OperatorsSame, LintErrors."""
    raise NotImplementedError


def make_issuing(plan: Plan, presence: Presence, *, root: Issuer) -> Made:
    """A new issuing CA under `root`: key file and certificate. Raises KeyExists, OperatorsSame, LintErrors."""
    raise NotImplementedError


def root_crl(root: Issuer, presence: Presence, *, number: int, entries: Iterable[RevokedEntry] = ()) -> Made:
    """The root's CRL for the next twelve months. Raises OperatorsSame, LintErrors."""
    raise NotImplementedError


__all__ = [
    "Addresses",
    "Made",
    "Plan",
    "Presence",
    "Record",
    "key_path",
    "make_issuing",
    "make_root",
    "root_crl",
]
