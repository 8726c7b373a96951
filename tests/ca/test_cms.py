"""A signed statement is taken from the holder of one certificate and from nobody else; openssl makes the samples."""

import random
import subprocess
import time
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from ca import errors
from ca.cms import LARGEST_CMS, verify_signed
from tests.ca import der
from tests.ca.authorities import demand, issued, issuing, key
from tests.ca.test_csr import mutated
from tests.judges import judge

STATEMENT = "Sigillum renewal 1\norder: 0b…\n陳\n".encode()
KEYS = ("p256", "p384", "rsa2048")
OPTIONS = ("-cades", "-nodetach")


@cache
def holder(key_type: str = "p256", profile: str = "secure-email", which: int = 0) -> x509.Certificate:
    """A certificate of this kind, made once for the run."""
    return issued(issuing("p256"), demand(profile, key_type, which))


@pytest.fixture(scope="module")
def sign(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., bytes]:
    """Have openssl sign a statement with the key of a certificate; `options` replace the usual ones."""
    folder = tmp_path_factory.mktemp("cms")

    def signed(
        certificate: x509.Certificate,
        key_type: str = "p256",
        *options: str,
        content: bytes = STATEMENT,
        usual: tuple[str, ...] = OPTIONS,
    ) -> bytes:
        private = key(key_type).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / "key.pem").write_bytes(private)
        (folder / "certificate.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
        (folder / "content").write_bytes(content)
        files = ("-signer", "certificate.pem", "-inkey", "key.pem", "-in", "content")
        command = (judge("openssl"), "cms", "-sign", "-binary", "-outform", "DER", *files, *usual, *options)
        return subprocess.run(command, cwd=folder, check=True, capture_output=True).stdout

    return signed


Sign = Callable[..., bytes]


@pytest.mark.parametrize("key_type", KEYS)
@pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
def test_what_openssl_signs_is_taken(sign: Sign, key_type: str, digest: str) -> None:
    certificate = holder(key_type)
    assert verify_signed(sign(certificate, key_type, "-md", digest), certificate) == STATEMENT


def test_signing_certificates_of_a_pair_sign(sign: Sign) -> None:
    certificate = holder("p384", "personal")
    assert verify_signed(sign(certificate, "p384", "-nocerts", "-nosmimecap"), certificate) == STATEMENT


def test_other_certificates_that_come_along_change_nothing(sign: Sign, tmp_path: Path) -> None:
    (tmp_path / "others.pem").write_bytes(issuing("p256").certificate.public_bytes(Encoding.PEM))
    data = sign(holder(), "p256", "-certfile", str(tmp_path / "others.pem"))
    assert verify_signed(data, holder()) == STATEMENT


def refused(refusal: type[errors.Refusal], data: bytes, certificate: x509.Certificate) -> None:
    with pytest.raises(refusal) as found:
        verify_signed(data, certificate)
    assert type(found.value) is refusal, found.value


def test_an_encryption_certificate_signs_nothing(sign: Sign) -> None:
    certificate = holder("p256", "personal", 1)
    refused(errors.CmsSignerWrong, sign(certificate), certificate)


def test_another_certificate_is_refused_also_where_its_key_is_the_same(sign: Sign) -> None:
    again = issued(issuing("p256"), demand("secure-email"))
    refused(errors.CmsSignerWrong, sign(again), holder())
    refused(errors.CmsSignerWrong, sign(holder("p384"), "p384"), holder())


def test_a_certificate_of_the_same_name_and_number_is_refused(sign: Sign) -> None:
    """Issuer and serial number can be had from anybody's CA; the hash of the certificate cannot."""
    mine = holder()
    forged = (
        x509.CertificateBuilder()
        .issuer_name(mine.issuer)
        .subject_name(mine.subject)
        .serial_number(mine.serial_number)
        .not_valid_before(mine.not_valid_before_utc)
        .not_valid_after(mine.not_valid_after_utc)
        .public_key(key("p384").public_key())
        .add_extension(mine.extensions.get_extension_for_class(x509.KeyUsage).value, critical=True)
        .sign(key("p384"), hashes.SHA256())
    )
    refused(errors.CmsSignerWrong, sign(forged, "p384"), mine)


def test_the_key_is_that_of_our_certificate_whatever_the_message_says(sign: Sign) -> None:
    data = bytearray(sign(holder(), "p256", "-nocerts"))
    data[-1] ^= 1
    refused(errors.CmsSignatureWrong, bytes(data), holder())


def test_another_content_is_refused(sign: Sign) -> None:
    data = sign(holder()).replace(b"renewal 1", b"renewal 2")
    refused(errors.CmsSignatureWrong, data, holder())


def test_changed_attributes_are_refused(sign: Sign) -> None:
    other = b"Sigillum renewal 2"
    data = sign(holder())
    changed = data.replace(STATEMENT, other.ljust(len(STATEMENT)))
    changed = changed.replace(sha256(STATEMENT).digest(), sha256(other.ljust(len(STATEMENT))).digest())
    assert changed != data
    refused(errors.CmsSignatureWrong, changed, holder())


@pytest.mark.parametrize(
    ("key_type", "options"),
    [
        ("rsa2048", ("-md", "md5")),
        ("rsa2048", ("-md", "sha224")),
        ("p256", ("-md", "sha224")),
    ],
)
def test_weak_and_odd_hashes_are_refused(sign: Sign, key_type: str, options: tuple[str, ...]) -> None:
    certificate = holder(key_type)
    refused(errors.CmsAlgorithmNotAllowed, sign(certificate, key_type, *options), certificate)


@pytest.mark.parametrize(
    ("usual", "options"),
    [
        (("-cades",), ()),  # the content apart
        (("-nodetach",), ()),  # no signingCertificateV2
        (OPTIONS, ("-keyid",)),  # the signer by the identifier of a key
        (OPTIONS, ("-md", "sha1")),  # signingCertificate of the old form (RFC 2634 5.4)
        (OPTIONS, ("-stream", "-indef")),  # BER
        (OPTIONS, ("-econtent_type", "1.2.3.4")),
        (("-nodetach",), ("-noattr",)),
    ],
)
def test_other_forms_are_refused(sign: Sign, usual: tuple[str, ...], options: tuple[str, ...]) -> None:
    refused(errors.CmsUnreadable, sign(holder(), "p256", *options, usual=usual), holder())


@pytest.mark.parametrize(
    ("key_type", "old", "new"),
    [
        ("p256", "06082a8648ce3d040302", "06082a8648ce3d040303"),
        ("rsa2048", "06092a864886f70d010101", "06092a864886f70d01010c"),
    ],
)
def test_a_signature_said_to_be_made_with_another_hash_is_refused(
    sign: Sign, key_type: str, old: str, new: str
) -> None:
    data = sign(holder(key_type), key_type, "-nocerts", "-nosmimecap")
    before, after = data.rsplit(bytes.fromhex(old), 1)
    refused(errors.CmsAlgorithmNotAllowed, before + bytes.fromhex(new) + after, holder(key_type))


def test_pss_is_refused(sign: Sign) -> None:
    data = sign(holder("rsa2048"), "rsa2048", "-keyopt", "rsa_padding_mode:pss")
    refused(errors.CmsUnreadable, data, holder("rsa2048"))  # its parameters are not NULL


def test_two_signers_are_refused(sign: Sign, tmp_path: Path) -> None:
    (tmp_path / "first.der").write_bytes(sign(holder()))
    private = key("p384").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "key.pem").write_bytes(private)
    (tmp_path / "certificate.pem").write_bytes(holder("p384").public_bytes(Encoding.PEM))
    command = (
        "cms -resign -inform DER -outform DER -in first.der -signer certificate.pem -inkey key.pem -nodetach -cades"
    )
    data = subprocess.run((judge("openssl"), *command.split()), cwd=tmp_path, check=True, capture_output=True).stdout
    refused(errors.CmsUnreadable, data, holder())


def test_more_than_32_kb_is_refused(sign: Sign) -> None:
    data = sign(holder(), content=b"x" * LARGEST_CMS)
    refused(errors.CmsTooLarge, data, holder())


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:-1],
        lambda data: data + b"\0",
        lambda data: data + data,
        lambda data: b"-----BEGIN CMS-----\n" + data,
        lambda data: data.hex().encode(),
        lambda data: b"\x30\x80" + data[4:] + b"\0\0",
    ],
    ids=lambda _: "damage",
)
def test_what_cannot_be_read_is_refused(sign: Sign, damage: Callable[[bytes], bytes]) -> None:
    refused(errors.CmsUnreadable, damage(sign(holder())), holder())


def _attribute(oid: str, *values: bytes) -> bytes:
    return der.tlv(der.SEQUENCE, bytes.fromhex(oid), der.tlv(der.SET, *values))


_DIGEST = "06092a864886f70d010904"
_TIME = "06092a864886f70d010905"


def test_an_attribute_twice_is_refused(sign: Sign) -> None:
    """Two digests could be read differently by two programs. The second is put where the signing time stood."""
    data = sign(holder(), "p256", "-nosmimecap", "-nocerts")
    digest = _attribute(_DIGEST, der.tlv(der.OCTET_STRING, sha256(STATEMENT).digest()))
    tree = list(der.elements(data))
    attribute = next(data[a:e] for a, c, e in tree if data[c:e].startswith(bytes.fromhex(_TIME)))
    refused(errors.CmsUnreadable, _exchanged(data, attribute, digest), holder())


def _exchanged(data: bytes, old: bytes, new: bytes) -> bytes:
    """The message with one element exchanged and every length around it put right."""
    at = data.index(old)
    enclosing = [one for one in der.elements(data) if one[0] < at and one[2] >= at + len(old)]
    inside = new
    position, end = at, at + len(old)
    for start, content, stop in reversed(enclosing):
        inside = der.tlv(data[start], data[content:position] + inside + data[end:stop])
        position, end = start, stop
    return inside


@pytest.mark.parametrize(
    ("old", "new", "which"),
    [
        ("06092a864886f70d010702", "06092a864886f70d010703", 0),  # enveloped data, it says
        ("06092a864886f70d010701", "06092a864886f70d010705", 0),  # around another content than the attributes name
        ("0609608648016503040201", "0609608648016503040202", 0),  # the hash as the head of the message names it
        ("020101", "020103", 0),  # the version of the signed data
        ("020101", "020103", 1),  # the version of the signer
    ],
)
def test_what_no_signature_covers_is_looked_at_all_the_same(sign: Sign, old: str, new: str, which: int) -> None:
    data = sign(holder(), "p256", "-nocerts")
    parts = data.split(bytes.fromhex(old))
    halves = [bytes.fromhex(old).join(parts[: which + 1]), bytes.fromhex(old).join(parts[which + 1 :])]
    refused(errors.CmsUnreadable, bytes.fromhex(new).join(halves), holder())


@pytest.mark.parametrize("part", ["issuer", "serial number"])
def test_a_signer_of_another_name_or_number_is_refused(sign: Sign, part: str) -> None:
    """They stand outside of what is signed, so that hash and signature are right all the same."""
    data, serial = sign(holder(), "p256", "-nocerts"), holder().serial_number
    named = holder().issuer.public_bytes() if part == "issuer" else serial.to_bytes(serial.bit_length() // 8 + 1)
    other = named[:-1] + bytes([named[-1] ^ 1])
    refused(errors.CmsSignerWrong, data.replace(named, other, 1), holder())


def test_an_attribute_with_two_values_is_refused(sign: Sign) -> None:
    data = sign(holder(), "p256", "-nocerts")
    digest = der.tlv(der.OCTET_STRING, sha256(STATEMENT).digest())
    both = _attribute(_DIGEST, *sorted([digest, der.tlv(der.OCTET_STRING, bytes(32))]))
    refused(errors.CmsUnreadable, _exchanged(data, _attribute(_DIGEST, digest), both), holder())


def test_the_seconds_of_a_proof(sign: Sign) -> None:
    """The largest message that is read takes no second, right or wrong."""
    data = sign(holder(), content=b"x" * (LARGEST_CMS - 3000))
    began = time.monotonic()
    assert verify_signed(data, holder())
    refused(errors.CmsUnreadable, b"\x30\x82\x7f\xfc" + b"\x30\x00" * 16_382, holder())
    assert time.monotonic() - began < 1


def test_damaged_messages_are_only_ever_refused(sign: Sign) -> None:
    dice = random.Random(5652)
    samples = [(sign(holder(kind), kind), holder(kind)) for kind in KEYS]
    taken = 0
    for _ in range(3000):
        whole, certificate = dice.choice(samples)
        data = whole
        for _ in range(dice.randint(1, 4)):
            try:
                data = mutated(data, dice)
            except IndexError:  # the walker needs sound lengths; damaged ones are damaged enough
                break
        taken += _content(data, certificate) is not None
    # Only what is not looked at may differ: the certificates that come along.
    assert taken < 1500


def _content(data: bytes, certificate: x509.Certificate) -> bytes | None:
    began = time.monotonic()
    try:
        content = verify_signed(data, certificate)
    except errors.Refusal:
        content = None
    assert time.monotonic() - began < 1
    assert content in (None, STATEMENT)
    return content


def test_any_bytes_are_only_ever_refused() -> None:
    dice = random.Random(5035)
    for _ in range(500):
        assert _content(dice.randbytes(dice.randint(0, 300)), holder()) is None
