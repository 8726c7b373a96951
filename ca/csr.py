"""Certificate signing requests (PKCS#10, RFC 2986): only the public key is ever used from one.

Everything else in a request is looked at only to refuse what other programs might read differently, or what
shows that the sender did not know what they sent.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.x509.oid import NameOID

from ca.errors import (
    CsrAsksForCa,
    CsrAttributesTwice,
    CsrHoldsPrivateKey,
    CsrNamesWrong,
    CsrSeveral,
    CsrSignatureWrong,
    CsrTooLarge,
    CsrUnreadable,
    KeyTypeNotAllowed,
    NameNotAllowed,
    Refusal,
)
from ca.keycheck import check_key
from ca.names import check_text

LARGEST_CSR = 16 * 1024
LONGEST_NAME_IN_CSR = 255

_PRIVATE_KEY = re.compile(rb"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----")
_PRIVATE_KEY_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----.*?-----END \1-----", re.DOTALL)
_BEGIN = re.compile(rb"-----BEGIN [^\r\n]*-----")
_REQUEST_BEGIN = re.compile(rb"-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----")
_REQUEST_BLOCK = re.compile(
    rb"-----BEGIN ((?:NEW )?CERTIFICATE REQUEST)-----[ \t]*\r?\n([A-Za-z0-9+/=\s]+)-----END \1-----"
)


@dataclass(frozen=True)
class Csr:
    """A request that passed every check."""

    der: bytes
    spki: bytes  # SubjectPublicKeyInfo, DER
    spki_sha256: str  # hex
    key_type: str  # one of ca.profiles.model.KEY_TYPES


@dataclass(frozen=True)
class _Content:
    """What the parser made of a request, all of it read while its errors could still be caught."""

    public_key: PublicKeyTypes
    extensions: tuple[x509.Extension[x509.ExtensionType], ...]
    names: tuple[tuple[x509.ObjectIdentifier, str], ...]


def _spki_of(public_key: PublicKeyTypes) -> bytes:
    return public_key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def _exposed_key(data: bytes) -> str:
    """The hash of the public half of a private key in `data`, PEM or DER, or "" where it cannot be read."""
    block = _PRIVATE_KEY_BLOCK.search(data)
    readers = (
        serialization.load_pem_private_key,
        serialization.load_ssh_private_key,
        serialization.load_der_private_key,
    )
    for read in readers:
        try:
            # Without the checks that take time: the key is only looked at, to put it on the block list.
            key = read(block.group() if block else data, None, unsafe_skip_rsa_key_validation=True)
            return sha256(_spki_of(key.public_key())).hexdigest()
        except Exception:  # noqa: BLE001, S112  # whatever a parser raises, it could not read this
            continue
    return ""


def _der_of(data: bytes) -> bytes:
    """The DER of the single request in `data`."""
    if _PRIVATE_KEY.search(data):
        raise CsrHoldsPrivateKey(_exposed_key(data))
    if not _BEGIN.search(data):
        return data
    if len(_REQUEST_BEGIN.findall(data)) > 1:
        raise CsrSeveral
    block = _REQUEST_BLOCK.search(data)
    if not block or len(_BEGIN.findall(data)) > 1:
        raise CsrUnreadable("no request in the PEM file, or something beside it")
    try:
        return base64.b64decode(b"".join(block.group(2).split()), validate=True)
    except binascii.Error as error:
        raise CsrUnreadable("base64") from error


def _text_of(value: object) -> str:
    if not isinstance(value, str):
        raise CsrUnreadable("a name that is no text")
    return value


def _names_in(
    csr: x509.CertificateSigningRequest, extensions: tuple[x509.Extension[x509.ExtensionType], ...]
) -> tuple[tuple[x509.ObjectIdentifier, str], ...]:
    names = [(attribute.oid, _text_of(attribute.value)) for attribute in csr.subject]
    for extension in extensions:
        if isinstance(extension.value, x509.SubjectAlternativeName):
            texts = (x509.RFC822Name, x509.DNSName, x509.UniformResourceIdentifier)
            names += [(extension.oid, name.value) for name in extension.value if isinstance(name, texts)]
    return tuple(names)


def _content(csr: x509.CertificateSigningRequest) -> _Content:
    kinds = [attribute.oid for attribute in csr.attributes]
    if len(set(kinds)) < len(kinds):
        raise CsrAttributesTwice
    extensions = tuple(csr.extensions)
    return _Content(csr.public_key(), extensions, _names_in(csr, extensions))


def _read(der: bytes) -> tuple[x509.CertificateSigningRequest, _Content]:
    try:
        csr = x509.load_der_x509_csr(der)
        return csr, _content(csr)
    except Refusal:
        raise
    except Exception as error:
        # The parser raises ValueError, TypeError (a BIT STRING in a subject), UnsupportedAlgorithm,
        # OverflowError and more; to the sender all of them are the same.
        raise CsrUnreadable(type(error).__name__) from error


def _asks_for_ca(value: x509.ExtensionType) -> bool:
    if isinstance(value, x509.BasicConstraints):
        return value.ca
    return isinstance(value, x509.KeyUsage) and (value.key_cert_sign or value.crl_sign)


def _check_names(content: _Content) -> None:
    if [oid for oid, _ in content.names].count(NameOID.COMMON_NAME) > 1:
        raise CsrNamesWrong("two common names")
    for _, value in content.names:
        try:
            check_text(value, LONGEST_NAME_IN_CSR)
        except NameNotAllowed as error:
            raise CsrNamesWrong(error.code) from error


def parse_csr(data: bytes) -> Csr:
    """Read and check a PEM or DER request of at most 16 kB. Raises Refusal and nothing else.

    The key is checked before the signature, so that an absurdly large one costs nothing.
    """
    if len(data) > LARGEST_CSR:
        raise CsrTooLarge(f"{len(data)} bytes")
    der = _der_of(data)
    try:
        csr, content = _read(der)
    except CsrUnreadable:
        exposed = _exposed_key(der)
        if exposed:
            raise CsrHoldsPrivateKey(exposed) from None
        raise
    key_type = check_key(content.public_key)
    spki = _spki_of(content.public_key)
    # A key in another encoding (a compressed point, an RSA-PSS identifier) is another key to some programs.
    if spki not in der:
        raise KeyTypeNotAllowed("unusual encoding of the key")
    if any(_asks_for_ca(extension.value) for extension in content.extensions):
        raise CsrAsksForCa
    _check_names(content)
    if not csr.is_signature_valid:
        raise CsrSignatureWrong
    return Csr(der, spki, sha256(spki).hexdigest(), key_type)
