"""What proves that a private key is exposed: the key itself, or a statement that was signed with it.

A private key is looked at and never given back: what comes out of here is the hash of its public half, and the text
without it. Whoever says a key is exposed without such a proof is believed by people, not here.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.x509.oid import NameOID

from ca.csr import parse_csr
from ca.errors import ExposedKeyEncrypted, ExposedKeysTooMany, ExposedKeyUnreadable, Refusal

# Nobody but who has the key can make a request with this common name that verifies; any other request may be a copy.
STATEMENT = "The key that signed this is compromised"
MOST_KEYS = 10

_PRIVATE_MARK = re.compile(r"(?<!-)-+[ \t]{0,8}(BEGIN|END)[ \t]{1,8}([A-Z0-9 ]{0,40})PRIVATE KEY[A-Z ]{0,20}-+")
_REQUEST_MARK = re.compile(r"(?<!-)-+[ \t]{0,8}(BEGIN|END)[ \t]{1,8}((?:NEW )?)CERTIFICATE REQUEST[ \t]{0,8}-+")
_ESCAPED_LINE_END = re.compile(r"\\[rn]")
_NO_BASE64 = re.compile(r"[^A-Za-z0-9+/=]")
_BASE64 = re.compile(r"[A-Za-z0-9+/]")
_HEAD = 80  # characters that show whether base64 begins like a private key, line ends among them

# How private keys begin in DER: PKCS#8 (RFC 5958) of RSA and EC keys, PKCS#1 (RFC 8017 A.1.2), SEC 1 (RFC 5915). Only
# these are given to the parser: other kinds are in no certificate of ours, and checking their parameters takes long.
_PLAIN_KEY = re.compile(
    rb"\x30(?:[\x00-\x7f]|\x81.|\x82..)\x02\x01"
    rb"(?:[\x00\x01]\x30.\x06(?:\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01|\x07\x2a\x86\x48\xce\x3d\x02\x01)"
    rb"|\x00\x02|\x01\x04)",
    re.DOTALL,
)
# PKCS#8 under a password (RFC 5958 3, with an algorithm of PKCS#5 or PKCS#12), and PKCS#12 itself (RFC 7292 4).
_LOCKED_KEY = re.compile(
    rb"\x30(?:[\x00-\x7f]|\x81.|\x82..)(?:\x30.\x06.\x2a\x86\x48\x86\xf7\x0d\x01[\x05\x0c]|\x02\x01\x03\x30)", re.DOTALL
)
_PLAIN_KEY_IN_HEX = re.compile(
    r"30(?:[0-7].|81..|82....)0201(?:0[01]30..06(?:092a864886f70d010101|072a8648ce3d0201)|0002|0104)"
)
# The part that holds the secret, behind whatever head, also a damaged one.
_KEY_INSIDE = re.compile(rb"\x30.{1,3}\x02\x01(?:\x00\x02|\x01\x04)|PRIVATE KEY", re.DOTALL)
_LONG_BASE64 = re.compile(r"[A-Za-z0-9+/\s]{40,}")
# Other ways in which programs write private keys: armour cut short, PuTTY, JSON Web Keys (RFC 7517), openssl -text.
_TELLTALE = re.compile(
    r'BEGIN[ A-Z0-9]{0,40}PRIVATE KEY|PuTTY-User-Key-File|privateExponent:|prime1:|\bpriv:|"d"\s{0,8}:\s{0,8}"',
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Findings:
    """What a text proves. Hashes are hex SHA-256 of a SubjectPublicKeyInfo, in the order in which they were found."""

    text: str  # without the private keys
    keys: tuple[str, ...]  # whose private half stood in the text
    statements: tuple[str, ...]  # that signed the statement


def examine(text: str) -> Findings:
    """Look for private keys and signed statements in a text of at most some 20 kB; takes well under a second.

    Raises `ExposedKeyEncrypted`, `ExposedKeyUnreadable`, `ExposedKeysTooMany`, and nothing else: what cannot be taken
    out of the text must not be kept with it.
    """
    keys: list[str] = []
    rest = _without_bare(_without_armoured(text, keys), keys)
    _no_other_form(rest)
    return Findings(rest, tuple(dict.fromkeys(keys)), tuple(dict.fromkeys(_statements(rest))))


def _without_armoured(text: str, keys: list[str]) -> str:
    """The text without private keys between BEGIN and END; their hashes are added to `keys`."""
    parts, at = [], 0
    for start, end, label, body in _blocks(text, _PRIVATE_MARK):
        if "ENCRYPTED" in label or "ENCRYPTED" in body:
            raise ExposedKeyEncrypted
        parts += [text[at:start], _put_away(_decoded(body), keys)]
        at = end
    return "".join((*parts, text[at:]))


def _without_bare(text: str, keys: list[str]) -> str:
    """The text without private keys in base64 that lost their BEGIN and END, or stand behind a wrong one."""
    parts, at = [], 0
    found = text.find("M")  # of the octet 0x30, a SEQUENCE
    while found >= 0:
        if _LOCKED_KEY.match(head := _decoded(text[found : found + _HEAD])):
            raise ExposedKeyEncrypted
        if _PLAIN_KEY.match(head):
            end = _end_of_base64(text, found, _size_of(head))
            parts += [text[at:found], _put_away(_decoded(text[found:end]), keys)]
            at = end
        found = text.find("M", max(found + 1, at))
    return "".join((*parts, text[at:]))


def _end_of_base64(text: str, start: int, octets: int) -> int:
    """Where base64 that begins at `start` has told so many octets; words after it may look like more of it."""
    characters = -(-octets * 4 // 3)
    last = next(islice(_BASE64.finditer(text, start), characters - 1, None), None)
    return last.end() if last else len(text)


def _no_other_form(text: str) -> None:
    """Refuse what looks like a private key in a form that is not read here."""
    digits = re.sub(r"0x|[\s:,]", "", text).lower()
    if _TELLTALE.search(text) or _PLAIN_KEY_IN_HEX.search(digits):
        raise ExposedKeyUnreadable("another form")
    for run in _LONG_BASE64.finditer(text):
        # Words before it shift where its groups of four begin.
        for octets in (_decoded(run[0][shift:]) for shift in range(4)):
            if _KEY_INSIDE.search(octets):
                raise ExposedKeyUnreadable("inside of something else")


def _blocks(text: str, mark: re.Pattern[str]) -> Iterator[tuple[int, int, str, str]]:
    """(start, end, label, body) of everything between a BEGIN and the END that follows it."""
    begin: re.Match[str] | None = None
    for found in mark.finditer(text):
        if found[1] == "BEGIN":
            begin = begin or found
        elif begin is not None:
            yield begin.start(), found.end(), begin[2], text[begin.end() : found.start()]
            begin = None


def _decoded(text: str) -> bytes:
    """The octets of base64 in whatever layout: quoted, indented, in one line; as many as can be read."""
    plain = _NO_BASE64.sub("", _ESCAPED_LINE_END.sub("", text)).partition("=")[0]
    try:
        return base64.b64decode(plain[: len(plain) - (len(plain) % 4 == 1)] + "==")
    except binascii.Error:
        return b""


def _put_away(der: bytes, keys: list[str]) -> str:
    """What stands in the place of a private key; the hash of its public half is added to `keys`."""
    if _LOCKED_KEY.match(der):
        raise ExposedKeyEncrypted
    if len(keys) >= MOST_KEYS:
        raise ExposedKeysTooMany(str(len(keys)))
    keys.append(sha256(_spki_of(_public_half(der))).hexdigest())
    return f"[private key removed: {keys[-1]}]"


def _public_half(der: bytes) -> PublicKeyTypes:
    """The public key that belongs to a private one for certain, whatever public half was written beside it."""
    if not _PLAIN_KEY.match(der):
        raise ExposedKeyUnreadable("kind of key")
    try:
        # The parser's own checks take long for absurd numbers; what is needed is proven below.
        key = serialization.load_der_private_key(der[: _size_of(der)], None, unsafe_skip_rsa_key_validation=True)
        public = key.public_key()
        if isinstance(key, ec.EllipticCurvePrivateKey):
            derived = ec.derive_private_key(key.private_numbers().private_value, key.curve).public_key()
            fits = _spki_of(derived) == _spki_of(public)
        else:
            fits = isinstance(key, rsa.RSAPrivateKey) and _knows_factors(key.private_numbers())
    except Exception as error:  # noqa: BLE001 - whatever a parser raises, it could not read this
        raise ExposedKeyUnreadable(type(error).__name__) from None
    if not fits:
        raise ExposedKeyUnreadable("its numbers do not fit together")
    return public


def _size_of(der: bytes) -> int:
    """How long the DER element is that `der` begins with, by its own head."""
    if der[1] < 0x80:
        return 2 + der[1]
    octets = der[1] - 0x80
    return 2 + octets + int.from_bytes(der[2 : 2 + octets])


def _knows_factors(numbers: rsa.RSAPrivateNumbers) -> bool:
    """Whoever knows two factors of the modulus has the key; the other numbers follow from them."""
    return min(numbers.p, numbers.q) > 1 and numbers.p * numbers.q == numbers.public_numbers.n


def _spki_of(key: PublicKeyTypes) -> bytes:
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def _statements(text: str) -> Iterator[str]:
    """The keys of requests that say they are compromised; requests that are not in order say nothing."""
    for _start, _end, _label, body in list(_blocks(text, _REQUEST_MARK))[:MOST_KEYS]:
        try:
            csr = parse_csr(_decoded(body))
        except Refusal:
            continue
        names = x509.load_der_x509_csr(csr.der).subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        if [name.value for name in names] == [STATEMENT]:
            yield csr.spki_sha256
