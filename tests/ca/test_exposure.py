"""A private key is recognised in whatever layout and never given back; only what proves something is believed."""

import base64
import random
import re
import time
from hashlib import sha256

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    pkcs12,
)

from ca.errors import ExposedKeyEncrypted, ExposedKeysTooMany, ExposedKeyUnreadable, Refusal
from ca.exposure import MOST_KEYS, STATEMENT, Findings, examine
from tests.ca import der
from tests.ca.authorities import Key, key
from tests.ca.test_csr import mutated

INSIDE = re.compile(rb"\x30.{1,3}\x02\x01(?:\x00\x02|\x01\x04)", re.DOTALL)  # PKCS#1 or SEC 1 begins here
KINDS = ("rsa2048", "rsa4096", "p256", "p384")
FORMATS = (PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL)


def spki_of(private_key: Key) -> str:
    public = private_key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return sha256(public).hexdigest()


def private(private_key: Key, form: PrivateFormat = PrivateFormat.PKCS8, encoding: Encoding = Encoding.DER) -> bytes:
    return private_key.private_bytes(encoding, form, NoEncryption())


def armoured(octets: bytes, label: str = "PRIVATE KEY") -> str:
    body = base64.encodebytes(octets).decode()
    return f"-----BEGIN {label}-----\n{body}-----END {label}-----\n"


def statement(private_key: Key, *words: str, label: str = "CERTIFICATE REQUEST") -> str:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, one) for one in words or (STATEMENT,)])
    request = x509.CertificateSigningRequestBuilder(name).sign(private_key, hashes.SHA256())
    return armoured(request.public_bytes(Encoding.DER), label)


def pkcs1(*numbers: int) -> bytes:
    octets = (number.to_bytes(number.bit_length() // 8 + 1) for number in (0, *numbers))
    return der.tlv(der.SEQUENCE, *(der.tlv(der.INTEGER, one) for one in octets))


# --- private keys ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", FORMATS)
def test_a_private_key_is_known_by_its_public_half_and_taken_out(kind: str, form: PrivateFormat) -> None:
    found = examine(f"Found on a server.\n{private(key(kind), form, Encoding.PEM).decode()}It was public.")
    spki = spki_of(key(kind))
    assert found == Findings(f"Found on a server.\n[private key removed: {spki}]\nIt was public.", (spki,), ())


LAYOUTS = {
    "windows": lambda pem: pem.replace("\n", "\r\n"),
    "quoted": lambda pem: "> " + pem.replace("\n", "\n> "),
    "indented": lambda pem: pem.replace("\n", "\n    "),
    "in one line": lambda pem: pem.replace("\n", " "),
    "as in JSON": lambda pem: '{"key": "' + pem.replace("\n", "\\n") + '"}',
    "few dashes": lambda pem: pem.replace("-----", "--"),
    "wrong label": lambda pem: pem.replace("PRIVATE KEY", "CERTIFICATE REQUEST"),
    "without armour": lambda pem: "key=" + "".join(pem.splitlines()[1:-1]) + " and other words",
    "cut short behind the key": lambda pem: pem[: pem.index("-----END")].replace("-----BEGIN", "").replace("KEY", ""),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("kind", ["rsa2048", "p256"])
@pytest.mark.parametrize("form", FORMATS)
def test_the_layout_does_not_hide_it(layout: str, kind: str, form: PrivateFormat) -> None:
    pem = private(key(kind), form, Encoding.PEM).decode()
    found = examine(LAYOUTS[layout](pem))
    assert found.keys == (spki_of(key(kind)),)
    assert not any(line in found.text for line in pem.splitlines()[1:-1])


def test_words_behind_a_key_without_armour_stay() -> None:
    bare = base64.b64encode(private(key("p256"))).decode()
    found = examine(f"{bare} and that is all")
    assert found.text.endswith("] and that is all")


def test_several_keys_each_once() -> None:
    text = "".join(armoured(private(key(kind))) for kind in ("p256", "rsa2048", "p256"))
    assert examine(text).keys == (spki_of(key("p256")), spki_of(key("rsa2048")))
    with pytest.raises(ExposedKeysTooMany):
        examine(armoured(private(key("p256"), PrivateFormat.TraditionalOpenSSL)) * (MOST_KEYS + 1))


def _encrypted(form: PrivateFormat) -> str:
    return key("rsa2048").private_bytes(Encoding.PEM, form, BestAvailableEncryption(b"password")).decode()


P12 = pkcs12.serialize_key_and_certificates(b"n", key("p256"), None, None, BestAvailableEncryption(b"password"))


@pytest.mark.parametrize(
    "text",
    [
        *(_encrypted(form) for form in FORMATS),
        "".join(_encrypted(PrivateFormat.PKCS8).splitlines()[1:-1]),
        base64.encodebytes(P12).decode(),
        armoured(P12, "PKCS12"),
    ],
)
def test_a_key_under_a_password_is_told_so(text: str) -> None:
    with pytest.raises(ExposedKeyEncrypted):
        examine(text)


WHOLE = private(key("rsa2048"), PrivateFormat.TraditionalOpenSSL, Encoding.PEM).decode()
VICTIM = key("rsa2048").public_key().public_numbers().n  # type: ignore[union-attr]  # an RSA key, by its name
OTHER = rsa.generate_private_key(65537, 2048).private_numbers()


@pytest.mark.parametrize(
    "text",
    [
        WHOLE[:600],
        WHOLE[600:],
        WHOLE[:600] + WHOLE[700:],
        private(key("p256")).hex(":"),
        base64.b64encode(WHOLE.encode()).decode(),
        ed25519.Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        key("p256").private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode(),
        '{"kty": "EC", "crv": "P-256", "d" : "eHg"}',
        "PuTTY-User-Key-File-3: ssh-rsa",
        "Private-Key: (2048 bit)\nprivateExponent:\n    00:aa",
        armoured(b"no key"),
    ],
)
def test_what_cannot_be_taken_out_is_refused(text: str) -> None:
    if text == WHOLE[600:]:
        with pytest.raises(ExposedKeyUnreadable):
            examine("-----BEGIN RSA PRIVATE KEY-----\n" + text)
        return
    with pytest.raises(ExposedKeyUnreadable):
        examine(text)


@pytest.mark.parametrize("before", ["", "a", "ab", "abc"])
def test_a_key_inside_of_something_else_is_seen_wherever_its_base64_begins(before: str) -> None:
    """Octets in front of the key hide how it begins, letters in front of the base64 where its groups of four begin."""
    wrapped = der.tlv(
        der.SEQUENCE, der.tlv(der.UTF8, b"a head"), private(key("p256"), PrivateFormat.TraditionalOpenSSL)
    )
    with pytest.raises(ExposedKeyUnreadable):
        examine(before + base64.b64encode(wrapped).decode())


def test_a_foreign_public_half_beside_a_key_proves_nothing() -> None:
    """Else anybody could have anybody's certificate taken for exposed."""
    modulus, own = VICTIM, (OTHER.d, OTHER.p, OTHER.q, OTHER.dmp1, OTHER.dmq1, OTHER.iqmp)
    trivial = (OTHER.d, modulus, 1, OTHER.dmp1, OTHER.dmq1, OTHER.iqmp)
    for numbers in (own, trivial):
        with pytest.raises(ExposedKeyUnreadable):
            examine(armoured(pkcs1(modulus, 65537, *numbers)))
    point = key("p256").public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    mine = ec.generate_private_key(ec.SECP256R1())
    own_point = mine.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    with pytest.raises(ExposedKeyUnreadable):
        examine(armoured(private(mine).replace(own_point, point)))


@pytest.mark.parametrize("bits", [8, 12_000, 15_000])
def test_absurd_numbers_cost_nothing(bits: int) -> None:
    number = (1 << bits) + 1
    for numbers in ((number * number, 65537, *[number] * 6), (VICTIM, number, *[number] * 6)):
        _only_refuses(armoured(pkcs1(*numbers)))


# --- statements ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("label", ["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"])
def test_a_signed_statement_is_believed(kind: str, label: str) -> None:
    text = "I have this key:\n" + statement(key(kind), label=label)
    assert examine(text) == Findings(text, (), (spki_of(key(kind)),))


def test_ten_requests_are_looked_at_and_no_more() -> None:
    others = statement(key("p256"), "Mei Chan")
    assert len(examine(others * (MOST_KEYS - 1) + statement(key("p256"))).statements) == 1
    assert examine(others * MOST_KEYS + statement(key("p256"))).statements == ()


def test_other_requests_prove_nothing() -> None:
    good = statement(key("p256"))
    octets = base64.b64decode("".join(good.splitlines()[1:-1]))
    broken = octets[:-1] + bytes([octets[-1] ^ 1])
    for text in (
        statement(key("p256"), "Mei Chan"),
        statement(key("p256"), STATEMENT + "."),
        statement(key("p256"), STATEMENT.lower()),
        statement(key("p256"), STATEMENT, STATEMENT),
        armoured(broken, "CERTIFICATE REQUEST"),
        armoured(octets.replace(STATEMENT.encode(), STATEMENT[:-1].encode() + b"D"), "CERTIFICATE REQUEST"),
        armoured(b"", "CERTIFICATE REQUEST"),
        good.replace("-----END", "END"),
        "Somebody has my key. " * 100,
    ):
        assert examine(text) == Findings(text, (), ())


# --- fuzzing ---------------------------------------------------------------------------------------------------


def _only_refuses(text: str) -> Findings | None:
    began = time.thread_time()
    try:
        found = examine(text)
    except Refusal:
        found = None
    assert time.thread_time() - began < 1
    return found


def test_damaged_keys_and_requests_are_only_ever_refused() -> None:
    dice = random.Random(3)
    sources = [(private(key(kind), form), "PRIVATE KEY") for kind in KINDS for form in FORMATS]
    sources += [
        (base64.b64decode("".join(statement(key(kind)).splitlines()[1:-1])), "CERTIFICATE REQUEST") for kind in KINDS
    ]
    for _ in range(600):
        octets, label = dice.choice(sources)
        data = octets
        for _ in range(dice.randrange(1, 4)):
            try:
                data = mutated(data, dice)
            except IndexError:  # the walker needs sound lengths; damaged ones are damaged enough
                break
        text = dice.choice([armoured(data, label), base64.b64encode(data).decode()])
        found = _only_refuses(text)
        if found is not None and label == "PRIVATE KEY":
            assert found.keys or not INSIDE.search(data)


@pytest.mark.parametrize(
    "piece",
    [
        "-",
        "M",
        "MII",
        " ",
        '"d"',
        "0x30",
        "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN ",
        "-----BEGIN PRIVATE KEY-----x-----END PRIVATE KEY-----",
        "-----BEGIN CERTIFICATE REQUEST-----MIIB-----END CERTIFICATE REQUEST-----",
        "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC",
        "LS0tLS1CRUdJTi",
    ],
)
def test_texts_made_to_take_long_do_not(piece: str) -> None:
    _only_refuses(piece * (20_000 // len(piece)))
