"""Certificate revocation lists (RFC 5280 5): building one, and reading back what was signed."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from cryptography import x509

from ca.errors import ReasonNotAllowed, SignatureMismatch
from ca.extensions import authority_key_identifier
from ca.keys.port import PublicKey

# RFC 5280 5.3.1. unspecified (0) is said by leaving the reason out; removeFromCRL (8) is for delta CRLs;
# certificateHold (6) is for profiles that allow it; cACompromise (2) is for the root's list.
REASONS = {
    "keyCompromise": 1,
    "cACompromise": 2,
    "affiliationChanged": 3,
    "superseded": 4,
    "cessationOfOperation": 5,
    "certificateHold": 6,
    "privilegeWithdrawn": 9,
}
_REASON_OF_CODE = {code: reason for reason, code in REASONS.items()}


@dataclass(frozen=True)
class RevokedEntry:
    """One line of a CRL."""

    serial: int
    revoked_at: datetime
    reason: str | None  # by its name in RFC 5280 5.3.1, such as "keyCompromise"; None where nothing was said


@dataclass(frozen=True)
class Header:
    """What a CRL says besides its lines. The moments are aware and whole seconds."""

    issuer: x509.Certificate
    number: int
    this_update: datetime
    next_update: datetime


def reason_flag(reason: str) -> x509.ReasonFlags:
    """The reason by its name in RFC 5280 5.3.1. Raises ReasonNotAllowed."""
    if reason not in REASONS:
        raise ReasonNotAllowed(reason)
    return x509.ReasonFlags(reason)


def _whole_second(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)


def _line(entry: RevokedEntry) -> x509.RevokedCertificate:
    builder = x509.RevokedCertificateBuilder(entry.serial, _whole_second(entry.revoked_at))
    if entry.reason is not None:
        builder = builder.add_extension(x509.CRLReason(reason_flag(entry.reason)), critical=False)
    return builder.build()


def listing(header: Header, entries: Iterable[RevokedEntry]) -> x509.CertificateRevocationListBuilder:
    """The CRL, ready to be signed.

    The lines are handed over at once: added singly, they cost the square of their number.
    """
    return x509.CertificateRevocationListBuilder(
        issuer_name=header.issuer.subject,
        last_update=header.this_update,
        next_update=header.next_update,
        extensions=[
            x509.Extension(value.oid, False, value)
            for value in (authority_key_identifier(header.issuer), x509.CRLNumber(header.number))
        ],
        revoked_certificates=[_line(entry) for entry in entries],
    )


def sample(entries: Sequence[RevokedEntry]) -> list[RevokedEntry]:
    """The first line, the last, and one of each reason."""
    chosen = {entry.reason: entry for entry in entries}
    ends = [*entries[:1], *entries[-1:]]
    return list({entry.serial: entry for entry in (*ends, *chosen.values())}.values())


# --- reading back --------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Element:
    """A DER element: its tag, and where its content lies."""

    tag: int
    start: int
    end: int


def _element(der: bytes, at: int) -> _Element:
    tag, length, start = der[at], der[at + 1], at + 2
    if length >= 0x80:
        octets = length - 0x80
        length, start = int.from_bytes(der[start : start + octets]), start + octets
    if start + length > len(der):
        raise ValueError("an element reaches over the end")
    return _Element(tag, start, start + length)


def _children(der: bytes, parent: _Element) -> Iterator[_Element]:
    at = parent.start
    while at < parent.end:
        child = _element(der, at)
        yield child
        at = child.end


_SEQUENCE, _UTC_TIME, _GENERALIZED_TIME, _ENUMERATED = 0x30, 0x17, 0x18, 0x0A
_REASON_EXTENSION = bytes.fromhex("0603551d150403") + bytes([_ENUMERATED, 1])  # 2.5.29.21, not critical


def _moment(der: bytes, element: _Element) -> datetime:
    form = {_UTC_TIME: "%y%m%d%H%M%SZ", _GENERALIZED_TIME: "%Y%m%d%H%M%SZ"}[element.tag]
    # Years of two digits: RFC 5280 4.1.2.5.1 and Python disagree from 50 to 68, which are years before 1969
    # here.
    return datetime.strptime(der[element.start : element.end].decode("ascii"), form).replace(tzinfo=UTC)


def _read_line(der: bytes, line: _Element) -> RevokedEntry:
    serial, moment, *extensions = _children(der, line)
    reason = None
    if extensions:
        content = der[extensions[0].start : extensions[0].end]
        _, _, code = content.partition(_REASON_EXTENSION)
        reason = _REASON_OF_CODE[code[0]]
    return RevokedEntry(int.from_bytes(der[serial.start : serial.end]), _moment(der, moment), reason)


def read_lines(tbs: bytes) -> Iterator[RevokedEntry]:
    """The lines of a CRL from its to-be-signed bytes, by a reader that shares nothing with the builder.

    Raises ValueError, IndexError or KeyError where the bytes are not such a list.
    """
    elements = list(_children(tbs, _element(tbs, 0)))
    # version, signature, issuer, thisUpdate, nextUpdate, [revokedCertificates], extensions (5.1.2)
    lines = elements[5]
    if lines.tag == _SEQUENCE:
        for line in _children(tbs, lines):
            yield _read_line(tbs, line)


def check_list(signed: x509.CertificateRevocationList, header: Header, entries: Sequence[RevokedEntry]) -> None:
    """Raise SignatureMismatch unless the CA's public key verifies the list and every line is as given."""
    # Our CAs have keys of these kinds only.
    public_key = cast(PublicKey, header.issuer.public_key())
    if not signed.is_signature_valid(public_key):
        raise SignatureMismatch("the CA's public key does not verify the list")
    expected = [RevokedEntry(e.serial, _whole_second(e.revoked_at), e.reason) for e in entries]
    if list(read_lines(signed.tbs_certlist_bytes)) != expected:
        raise SignatureMismatch("the list holds other lines than those that were to be signed")
