"""Every request that must be refused is, by its own name; and nothing but a Refusal ever comes out."""

import base64
import random
import time
from collections.abc import Callable
from hashlib import sha256
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, padding, rsa, x25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ca import errors
from ca.csr import LARGEST_CSR, parse_csr
from ca.profiles.model import KEY_TYPES
from tests.ca import der
from tests.ca.authorities import Key, csr, key

BEGIN, END = b"-----BEGIN CERTIFICATE REQUEST-----\n", b"-----END CERTIFICATE REQUEST-----\n"


def pem(request: bytes) -> bytes:
    return BEGIN + base64.encodebytes(request) + END


def spki(private_key: Key) -> bytes:
    return private_key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def request(builder: x509.CertificateSigningRequestBuilder | None = None, private_key: Key | None = None) -> bytes:
    builder = builder or x509.CertificateSigningRequestBuilder(x509.Name([]))
    return builder.sign(private_key or key("p256"), hashes.SHA256()).public_bytes(Encoding.DER)


def named(*values: str) -> bytes:
    attributes = [x509.NameAttribute(x509.NameOID.COMMON_NAME, v, _validate=False) for v in values]
    return request(x509.CertificateSigningRequestBuilder(x509.Name(attributes)))


def by_hand(name: bytes = b"", attributes: bytes = b"", public: bytes | None = None) -> bytes:
    """A request with any bytes in it and a right signature by the P-256 key."""
    private_key = key("p256")
    assert isinstance(private_key, ec.EllipticCurvePrivateKey)
    info = der.tlv(
        der.SEQUENCE,
        der.tlv(der.INTEGER, b"\0"),
        der.tlv(der.SEQUENCE, name),
        public or spki(private_key),
        der.tlv(der.CONTEXT_0, attributes),
    )
    signature = private_key.sign(info, ec.ECDSA(hashes.SHA256()))
    algorithm = bytes.fromhex("300a06082a8648ce3d040302")
    return der.tlv(der.SEQUENCE, info, algorithm, der.tlv(der.BIT_STRING, b"\0", signature))


def with_extension(extension: x509.ExtensionType) -> bytes:
    return request(x509.CertificateSigningRequestBuilder(x509.Name([])).add_extension(extension, critical=True))


def alternative(*names: x509.GeneralName) -> bytes:
    return with_extension(x509.SubjectAlternativeName(names))


CA_TRUE = der.tlv(der.SEQUENCE, der.BASIC_CONSTRAINTS, der.tlv(der.OCTET_STRING, bytes.fromhex("30030101ff")))
CA_FALSE = der.tlv(der.SEQUENCE, der.BASIC_CONSTRAINTS, der.tlv(der.OCTET_STRING, bytes.fromhex("3000")))


@pytest.mark.parametrize("key_type", KEY_TYPES)
@pytest.mark.parametrize("form", [bytes, pem])
def test_a_sound_request_gives_its_key(key_type: str, form: Callable[[bytes], bytes]) -> None:
    parsed = parse_csr(form(csr(key_type)))
    assert parsed.der == csr(key_type)
    assert parsed.spki == spki(key(key_type))
    assert parsed.spki_sha256 == sha256(parsed.spki).hexdigest()
    assert parsed.key_type == key_type


@pytest.mark.parametrize(
    "data",
    [
        pem(csr("p256")).replace(b"\n", b"\r\n"),
        pem(csr("p256")).replace(b"CERTIFICATE REQUEST", b"NEW CERTIFICATE REQUEST"),
        b"Certificate Request:\n    Data:\n" + pem(csr("p256")),
        b"\xef\xbb\xbf" + pem(csr("p256")) + b"\n\n",
        named(),
        named("陳大文"),
        alternative(x509.RFC822Name("a@example.com"), x509.IPAddress(ip_address("::1"))),
        by_hand(attributes=der.extension_request(CA_FALSE)),
        request(
            x509.CertificateSigningRequestBuilder(x509.Name([])).add_attribute(
                x509.oid.AttributeOID.CHALLENGE_PASSWORD, b"ignored"
            )
        ),
    ],
)
def test_what_people_send_is_read(data: bytes) -> None:
    assert parse_csr(data).spki == spki(key("p256"))


def private(form: PrivateFormat, key_type: str = "p256") -> bytes:
    return key(key_type).private_bytes(Encoding.PEM, form, NoEncryption())


@pytest.mark.parametrize(
    "data",
    [
        private(PrivateFormat.PKCS8) + pem(csr("p384")),
        pem(csr("p256")) + private(PrivateFormat.PKCS8),
        pem(csr("p256")) + private(PrivateFormat.TraditionalOpenSSL),
        private(PrivateFormat.OpenSSH),
        private(PrivateFormat.PKCS8).replace(b"\n", b"\r\n"),
        key("p256").private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
        key("p256").private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption()),
    ],
)
def test_a_private_key_is_refused_and_named(data: bytes) -> None:
    with pytest.raises(errors.CsrHoldsPrivateKey) as refusal:
        parse_csr(data)
    assert refusal.value.spki_sha256 == sha256(spki(key("p256"))).hexdigest()


def test_an_exposed_rsa_key_is_named() -> None:
    with pytest.raises(errors.CsrHoldsPrivateKey) as refusal:
        parse_csr(pem(csr("rsa2048")) + private(PrivateFormat.TraditionalOpenSSL, "rsa2048"))
    assert refusal.value.spki_sha256 == sha256(spki(key("rsa2048"))).hexdigest()


@pytest.mark.parametrize(
    "data",
    [
        key("p256").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"pw"))
        + pem(csr("p256")),
        b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        b"-----BEGIN RSA PRIVATE KEY-----\ncut off",
    ],
)
def test_a_private_key_that_cannot_be_read_is_refused_all_the_same(data: bytes) -> None:
    with pytest.raises(errors.CsrHoldsPrivateKey) as refusal:
        parse_csr(data)
    assert refusal.value.spki_sha256 == ""


@pytest.mark.parametrize("extra", [1, 10_000_000])
def test_more_than_16_kb_is_refused(extra: int) -> None:
    with pytest.raises(errors.CsrTooLarge):
        parse_csr(pem(csr("p256")) + b"\n" * (LARGEST_CSR - len(pem(csr("p256"))) + extra))


def test_exactly_16_kb_is_read() -> None:
    assert parse_csr(pem(csr("p256")) + b"\n" * (LARGEST_CSR - len(pem(csr("p256")))))


def test_two_requests_are_refused() -> None:
    with pytest.raises(errors.CsrSeveral):
        parse_csr(pem(csr("p256")) + pem(csr("p384")))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x30",
        b"\x30\x80",
        b"not a request",
        "要求".encode(),
        csr("p256")[:-1],
        csr("p256") + b"\0",
        csr("p256") + csr("p256"),
        base64.b64encode(csr("p256")),
        BEGIN + END,
        BEGIN + b"!!!!\n" + END,
        BEGIN + b"AAA\n" + END,
        pem(csr("p256")).replace(b"END CERTIFICATE", b"END NEW CERTIFICATE"),
        pem(csr("p256")) + b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        pem(csr("p256")).replace(b"CERTIFICATE REQUEST", b"CERTIFICATE"),
        by_hand(der.rdn(der.BIT_STRING, b"\0abc")),
        by_hand(der.rdn(der.BIT_STRING, b"\0abc", bytes.fromhex("060355042d"))),  # x500UniqueIdentifier
        by_hand(der.rdn(der.UTF8, b"\xff\xfe")),
        by_hand(attributes=der.extension_request(CA_FALSE, CA_FALSE)),
        by_hand(attributes=der.extension_request(der.tlv(der.SEQUENCE, der.BASIC_CONSTRAINTS, b"\x04\x01\0"))),
        by_hand(public=b"\x30\x00"),
        by_hand(public=spki(key("p256"))[:-64] + b"\1" * 64),  # off the curve
    ],
    ids=lambda _: "data",  # the octets differ from run to run, the names must not
)
def test_what_cannot_be_read_is_refused(data: bytes) -> None:
    with pytest.raises(errors.CsrUnreadable):
        parse_csr(data)


@pytest.mark.parametrize("at", [-1, 60])
def test_a_wrong_signature_is_refused(at: int) -> None:
    changed = bytearray(by_hand(der.rdn(der.UTF8, b"x" * 60)))
    changed[at] ^= 1
    with pytest.raises(errors.CsrSignatureWrong):
        parse_csr(bytes(changed))


def test_another_ones_key_is_refused() -> None:
    with pytest.raises(errors.CsrSignatureWrong):
        parse_csr(by_hand(public=spki(key("p384"))))


def test_a_signature_scheme_nobody_knows_is_refused() -> None:
    unknown = csr("p256").replace(bytes.fromhex("06082a8648ce3d040302"), bytes.fromhex("06082a8648ce3d04037f"))
    with pytest.raises(errors.CsrSignatureWrong):
        parse_csr(unknown)


def _usage(**wanted: bool) -> x509.KeyUsage:
    nothing = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
    absent = dict.fromkeys((*nothing, "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"), False)
    return x509.KeyUsage(**(absent | wanted))


@pytest.mark.parametrize(
    "data",
    [
        with_extension(x509.BasicConstraints(ca=True, path_length=None)),
        with_extension(x509.BasicConstraints(ca=True, path_length=0)),
        with_extension(_usage(key_cert_sign=True)),
        with_extension(_usage(crl_sign=True)),
    ],
)
def test_a_request_to_be_a_ca_is_refused(data: bytes) -> None:
    with pytest.raises(errors.CsrAsksForCa):
        parse_csr(data)


@pytest.mark.parametrize("second", [CA_FALSE, CA_TRUE])
def test_two_extension_requests_are_refused(second: bytes) -> None:
    attributes = der.extension_request(CA_FALSE) + der.extension_request(second)
    with pytest.raises(errors.CsrAttributesTwice):
        parse_csr(by_hand(attributes=attributes))


@pytest.mark.parametrize(
    "data",
    [
        named("one", "two"),
        named("evil\0.example.com"),
        named("line\r\nbreak"),
        named("right\u202eto left"),
        named("zero\u200bwidth"),
        by_hand(der.rdn(der.UTF8, b"")),
        by_hand(der.rdn(der.UTF8, b" ")),
        by_hand(der.rdn(der.UTF8, b"x" * 10_000)),
        alternative(x509.RFC822Name("a@example.com\0.evil.com")),
        alternative(x509.DNSName("a\0b")),
        alternative(x509.UniformResourceIdentifier("http://a\nb")),
    ],
)
def test_a_name_that_misleads_is_refused(data: bytes) -> None:
    with pytest.raises(errors.CsrNamesWrong):
        parse_csr(data)


COMPRESSED = der.tlv(
    der.SEQUENCE,
    bytes.fromhex("301306072a8648ce3d020106082a8648ce3d030107"),
    der.tlv(
        der.BIT_STRING,
        b"\0",
        key("p256").public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint),
    ),
)


def _foreign(private_key: ed25519.Ed25519PrivateKey | dsa.DSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    algorithm = None if isinstance(private_key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    builder = x509.CertificateSigningRequestBuilder(x509.Name([]))
    return builder.sign(private_key, algorithm).public_bytes(Encoding.DER)


@pytest.mark.parametrize(
    "data",
    [
        _foreign(ed25519.Ed25519PrivateKey.generate()),
        _foreign(ec.generate_private_key(ec.SECP256K1())),
        _foreign(ec.generate_private_key(ec.SECP521R1())),
        request(private_key=rsa.generate_private_key(65537, 1024)),
        by_hand(
            public=x25519.X25519PrivateKey.generate()
            .public_key()
            .public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        ),
        by_hand(public=COMPRESSED),
        by_hand(
            public=rsa.RSAPublicNumbers(65537, (1 << 65535) + 1)
            .public_key()
            .public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        ),
    ],
)
def test_a_kind_of_key_that_is_not_offered_is_refused(data: bytes) -> None:
    with pytest.raises(errors.KeyTypeNotAllowed):
        parse_csr(data)


@pytest.mark.parametrize("modulus", [1 << 2047, 3 * ((1 << 2046) + 1)])
def test_a_weak_key_is_refused_before_its_signature_is_looked_at(modulus: int) -> None:
    public = rsa.RSAPublicNumbers(65537, modulus).public_key()
    with pytest.raises(errors.KeyWeak):
        parse_csr(by_hand(public=public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)))


def test_an_rsa_pss_request_of_a_plain_key_is_read() -> None:
    private_key = key("rsa2048")
    assert isinstance(private_key, rsa.RSAPrivateKey)
    builder = x509.CertificateSigningRequestBuilder(x509.Name([]))
    scheme = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
    data = builder.sign(private_key, hashes.SHA256(), rsa_padding=scheme).public_bytes(Encoding.DER)
    assert parse_csr(data).key_type == "rsa2048"


# --- fuzzing ---------------------------------------------------------------------------------------------------


def mutated(data: bytes, dice: random.Random) -> bytes:
    """The request with one element retagged, resized, deleted, doubled, swapped, or with a byte flipped."""
    tree = list(der.elements(data))
    start, content, end = dice.choice(tree)
    other = dice.choice(tree)
    act = dice.randrange(6)
    if act == 0:
        return data[:start] + bytes([dice.randrange(256)]) + data[start + 1 :]
    if act == 1:
        return data[: start + 1] + bytes([dice.randrange(256)]) + data[start + 2 :]
    if act == 2:
        return data[:start] + data[end:]
    if act == 3:
        return data[:end] + data[start:end] + data[end:]
    if act == 4:
        return data[:start] + data[other[0] : other[2]] + data[end:]
    at = dice.randrange(content, end + 1) % len(data)
    return data[:at] + bytes([data[at] ^ (1 << dice.randrange(8))]) + data[at + 1 :]


def _only_refuses(data: bytes) -> None:
    began = time.monotonic()
    try:
        parsed = parse_csr(data)
    except errors.Refusal:
        parsed = None
    assert time.monotonic() - began < 1
    if parsed is not None:
        # What was accepted proves that its sender has the key that we would certify.
        again = x509.load_der_x509_csr(parsed.der)
        assert again.is_signature_valid
        assert again.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) == parsed.spki


RICH = x509.CertificateSigningRequestBuilder(
    x509.Name(
        [
            x509.NameAttribute(x509.NameOID.COUNTRY_NAME, "TW"),
            x509.NameAttribute(x509.NameOID.COMMON_NAME, "陳大文"),
            x509.NameAttribute(x509.NameOID.EMAIL_ADDRESS, "a@example.com"),
        ]
    )
).add_extension(x509.SubjectAlternativeName([x509.RFC822Name("a@example.com")]), critical=False)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(min_value=0), times=st.integers(1, 4), armour=st.booleans())
def test_a_damaged_request_is_only_ever_refused(seed: int, times: int, armour: bool) -> None:  # drawn
    dice = random.Random(seed)
    data = dice.choice([request(RICH), csr("rsa2048"), csr("p384")])
    for _ in range(times):
        try:
            data = mutated(data, dice)
        except IndexError:  # the walker needs sound lengths; damaged ones are damaged enough
            break
    _only_refuses(pem(data) if armour else data)


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=2000),
        st.text(max_size=500).map(lambda text: BEGIN + text.encode("utf-8", "surrogatepass") + END),
        st.binary(max_size=500).map(pem),
        st.binary(max_size=500).map(lambda b: b"-----BEGIN PRIVATE KEY-----" + b + b"-----END PRIVATE KEY-----"),
    )
)
def test_any_bytes_are_only_ever_refused(data: bytes) -> None:
    _only_refuses(data)
