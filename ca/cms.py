"""Statements that a certificate's holder signed (CMS SignedData, RFC 5652), verified with a certificate of our own.

What comes along in the message is never trusted: the key is that of the certificate the caller names, the embedded one
is not even looked at. Only one form is read: DER, data inside, one signer, signed attributes. Whatever else the format
allows is refused, since every program of today writes this form when it is asked to.
"""

from dataclasses import dataclass
from typing import Annotated, Final, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from ca.errors import (
    CmsAlgorithmNotAllowed,
    CmsSignatureWrong,
    CmsSignerWrong,
    CmsTooLarge,
    CmsUnreadable,
    Refusal,
)

LARGEST_CMS = 32 * 1024

Hash = hashes.SHA256 | hashes.SHA384 | hashes.SHA512
_Row = TypeVar("_Row")

_SIGNED_DATA: Final = "1.2.840.113549.1.7.2"  # RFC 5652 5.1
_DATA: Final = "1.2.840.113549.1.7.1"  # RFC 5652 4
_CONTENT_TYPE: Final = "1.2.840.113549.1.9.3"  # RFC 5652 11.1
_MESSAGE_DIGEST: Final = "1.2.840.113549.1.9.4"  # RFC 5652 11.2
_SIGNING_CERTIFICATE_V2: Final = "1.2.840.113549.1.9.16.2.47"  # RFC 5035 3

# RFC 5754 2: the parameters may be absent or NULL.
_HASHES: Final[dict[str, Hash]] = {
    "2.16.840.1.101.3.4.2.1": hashes.SHA256(),
    "2.16.840.1.101.3.4.2.2": hashes.SHA384(),
    "2.16.840.1.101.3.4.2.3": hashes.SHA512(),
}
# RFC 5754 3.2 and 3.3: which signature algorithm a key of this kind uses together with which hash.
_RSA: Final = {
    "1.2.840.113549.1.1.1": ("sha256", "sha384", "sha512"),  # rsaEncryption: the hash stands beside it
    "1.2.840.113549.1.1.11": ("sha256",),
    "1.2.840.113549.1.1.12": ("sha384",),
    "1.2.840.113549.1.1.13": ("sha512",),
}
_ECDSA: Final = {
    "1.2.840.10045.4.3.2": ("sha256",),
    "1.2.840.10045.4.3.3": ("sha384",),
    "1.2.840.10045.4.3.4": ("sha512",),
}


@asn1.sequence
class _Algorithm:
    """RFC 5280 4.1.1.2; no algorithm that is read here has other parameters than NULL."""

    oid: x509.ObjectIdentifier
    parameters: asn1.Null | None


@asn1.sequence
class _Attribute:
    """RFC 5652 5.3."""

    kind: x509.ObjectIdentifier
    values: asn1.SetOf[asn1.TLV]


@asn1.sequence
class _Attributes:
    """The attributes with the tag under which they are signed (RFC 5652 5.4), inside of one more sequence."""

    attributes: asn1.SetOf[_Attribute]


@asn1.sequence
class _IssuerAndSerial:
    """RFC 5652 10.2.4."""

    issuer: asn1.TLV
    serial: int


@asn1.sequence
class _Signer:
    """RFC 5652 5.3, with signed attributes and without unsigned ones."""

    version: int
    identifier: _IssuerAndSerial
    digest: _Algorithm
    signed: Annotated[asn1.SetOf[_Attribute], asn1.Implicit(0)]
    algorithm: _Algorithm
    signature: bytes


@asn1.sequence
class _Content:
    """RFC 5652 5.2, with the content inside."""

    kind: x509.ObjectIdentifier
    octets: Annotated[bytes, asn1.Explicit(0)]


@asn1.sequence
class _SignedData:
    """RFC 5652 5.1, without revocation lists."""

    version: int
    digests: asn1.SetOf[_Algorithm]
    content: _Content
    certificates: Annotated[asn1.SetOf[asn1.TLV] | None, asn1.Implicit(0)]
    signers: asn1.SetOf[_Signer]


@asn1.sequence
class _Message:
    """RFC 5652 3."""

    kind: x509.ObjectIdentifier
    signed: Annotated[_SignedData, asn1.Explicit(0)]


@asn1.sequence
class _GeneralNames:
    """One directoryName (RFC 5280 4.2.1.6), as RFC 5035 5.4.1.1 wants it."""

    name: Annotated[asn1.TLV, asn1.Explicit(4)]


@asn1.sequence
class _IssuerSerial:
    """RFC 5035 5.4.1.1."""

    issuer: _GeneralNames
    serial: int


@asn1.sequence
class _CertificateId:
    """ESSCertIDv2 (RFC 5035 4)."""

    algorithm: _Algorithm | None
    digest: bytes
    issuer_serial: _IssuerSerial | None


@asn1.sequence
class _CertificateIds:
    """SigningCertificateV2 (RFC 5035 3), without policies."""

    certificates: list[_CertificateId]


@dataclass(frozen=True)
class _Statement:
    """What was read: the content, its one signer, and which certificate that signer says is theirs."""

    content: bytes
    signer: _Signer
    content_type: str
    message_digest: bytes
    certificate_id: _CertificateId


def verify_signed(der: bytes, certificate: x509.Certificate) -> bytes:
    """The content that the holder of `certificate` signed. At most 32 kB of DER are read.

    Raises `CmsTooLarge`, `CmsUnreadable`, `CmsAlgorithmNotAllowed`, `CmsSignerWrong` (another certificate is named, or
    this one is not for signing) and `CmsSignatureWrong`; nothing else. Dates, chain and revocation are the caller's.
    """
    if len(der) > LARGEST_CMS:
        raise CmsTooLarge(f"{len(der)} bytes")
    statement = _read(der)
    _check_signer(statement, certificate)
    _check_signature(statement, certificate)
    return statement.content


def _read(der: bytes) -> _Statement:
    try:
        return _statement(asn1.decode_der(_Message, der))
    except Refusal:
        raise
    except Exception as error:
        # Whatever the parser raises, to the sender all of it is the same.
        raise CmsUnreadable(type(error).__name__) from error


def _statement(message: _Message) -> _Statement:
    signed = message.signed
    (signer,) = signed.signers.as_list()
    if message.kind.dotted_string != _SIGNED_DATA or signed.content.kind.dotted_string != _DATA:
        raise CmsUnreadable("no signed data")
    if (signed.version, signer.version) != (1, 1):
        raise CmsUnreadable(f"versions {signed.version} and {signer.version}")
    if [one.oid for one in signed.digests.as_list()] != [signer.digest.oid]:
        raise CmsUnreadable("the digest algorithms differ")
    attributes = _attributes(signer)
    ids = _parsed(attributes, _SIGNING_CERTIFICATE_V2, _CertificateIds).certificates
    return _Statement(
        content=signed.content.octets,
        signer=signer,
        content_type=_parsed(attributes, _CONTENT_TYPE, x509.ObjectIdentifier).dotted_string,
        message_digest=_parsed(attributes, _MESSAGE_DIGEST, bytes),
        certificate_id=ids[0],
    )


def _attributes(signer: _Signer) -> dict[str, list[asn1.TLV]]:
    attributes = signer.signed.as_list()
    found = {one.kind.dotted_string: one.values.as_list() for one in attributes}
    if len(found) < len(attributes):
        raise CmsUnreadable("an attribute twice")
    return found


def _parsed(attributes: dict[str, list[asn1.TLV]], kind: str, form: type[_Row]) -> _Row:
    if kind not in attributes:
        raise CmsUnreadable(f"no attribute {kind}")
    (value,) = attributes[kind]
    return asn1.decode_der(form, asn1.encode_der(value))


def _hash(algorithm: _Algorithm) -> Hash:
    found = _HASHES.get(algorithm.oid.dotted_string)
    if found is None:
        raise CmsAlgorithmNotAllowed(algorithm.oid.dotted_string)
    return found


def _check_signer(statement: _Statement, certificate: x509.Certificate) -> None:
    """The signer is the holder of this certificate, by its issuer and serial number and by its hash (RFC 5035 3)."""
    issuer, serial = certificate.issuer.public_bytes(), certificate.serial_number
    identifier, named = statement.signer.identifier, statement.certificate_id
    if (asn1.encode_der(identifier.issuer), identifier.serial) != (issuer, serial):
        raise CmsSignerWrong("issuer and serial number")
    if named.digest != certificate.fingerprint(_hash(named.algorithm) if named.algorithm else hashes.SHA256()):
        raise CmsSignerWrong("hash of the certificate")
    again = named.issuer_serial
    if again and (asn1.encode_der(again.issuer.name), again.serial) != (issuer, serial):
        raise CmsSignerWrong("issuer and serial number of the attribute")
    if not _may_sign(certificate):
        raise CmsSignerWrong("not a certificate for signing")


def _may_sign(certificate: x509.Certificate) -> bool:
    """A certificate for encryption signs nothing (RFC 5280 4.2.1.3)."""
    usages = [one.value for one in certificate.extensions if isinstance(one.value, x509.KeyUsage)]
    return any(usage.digital_signature or usage.content_commitment for usage in usages)


def _check_signature(statement: _Statement, certificate: x509.Certificate) -> None:
    """The content's digest stands in the attributes, and the certificate's key signed these (RFC 5652 5.4 and 5.6)."""
    signer, key = statement.signer, certificate.public_key()
    chosen = _hash(signer.digest)
    digest = hashes.Hash(chosen)
    digest.update(statement.content)
    if statement.content_type != _DATA or statement.message_digest != digest.finalize():
        raise CmsSignatureWrong("the digest is another content's")
    allowed = _RSA if isinstance(key, rsa.RSAPublicKey) else _ECDSA
    if chosen.name not in allowed.get(signer.algorithm.oid.dotted_string, ()):
        raise CmsAlgorithmNotAllowed(signer.algorithm.oid.dotted_string)
    signed = bytes(asn1.decode_der(asn1.TLV, asn1.encode_der(_Attributes(attributes=signer.signed))).data)
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signer.signature, signed, padding.PKCS1v15(), chosen)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signer.signature, signed, ec.ECDSA(chosen))
        else:
            raise CmsAlgorithmNotAllowed(type(key).__name__)
    except InvalidSignature as error:
        raise CmsSignatureWrong("the signature is not this key's") from error
