"""Requests of all sorts, and answers as others read them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from hypothesis import given, settings
from hypothesis import strategies as st

from ca.errors import ReasonNotAllowed
from ca.lint import lint_ocsp
from ca.ocsp import (
    LIFETIME,
    MALFORMED_REQUEST,
    TRY_LATER,
    UNAUTHORIZED,
    ForeignRequest,
    MalformedRequest,
    Question,
    Status,
    build_answer,
    names_issuer,
    read_request,
)
from tests.ca import der
from tests.ca.authorities import demand, issued, issuing

SHA1, SHA256 = hashes.SHA1(), hashes.SHA256()  # names an issuer, protects nothing
NOW = datetime(2027, 3, 1, 12, 34, 56, 789, tzinfo=UTC)
NONCE = bytes.fromhex("06092b0601050507300102")


def cert_id(serial: bytes, algorithm: str = "06052b0e03021a") -> bytes:
    hashes_of_issuer = der.tlv(der.OCTET_STRING, b"n" * 20) + der.tlv(der.OCTET_STRING, b"k" * 20)
    identifier = der.tlv(der.SEQUENCE, bytes.fromhex(algorithm), der.tlv(der.NULL))
    return der.tlv(der.SEQUENCE, identifier, hashes_of_issuer, der.tlv(der.INTEGER, serial))


def by_hand(*cert_ids: bytes, extensions: bytes = b"") -> bytes:
    requests = der.tlv(der.SEQUENCE, *(der.tlv(der.SEQUENCE, one) for one in cert_ids))
    wrapped = der.tlv(0xA2, der.tlv(der.SEQUENCE, extensions)) if extensions else b""
    return der.tlv(der.SEQUENCE, der.tlv(der.SEQUENCE, requests, wrapped))


def with_nonce(size: int) -> bytes:
    value = der.tlv(der.OCTET_STRING, der.tlv(der.OCTET_STRING, b"n" * size))
    return by_hand(cert_id(b"\5"), extensions=der.tlv(der.SEQUENCE, NONCE, value))


@pytest.mark.parametrize("algorithm", [SHA1, SHA256])
@pytest.mark.parametrize("serial", [1, 2**64, 2**159 - 1])
def test_a_question_is_read(algorithm: hashes.SHA1 | hashes.SHA256, serial: int) -> None:
    size = algorithm.digest_size
    builder = ocsp.OCSPRequestBuilder().add_certificate_by_hash(b"n" * size, b"k" * size, serial, algorithm)
    question = read_request(builder.build().public_bytes(Encoding.DER))
    assert question.serial == serial
    assert question.algorithm.name == algorithm.name
    assert (question.name_hash, question.key_hash, question.nonce) == (b"n" * size, b"k" * size, None)


@pytest.mark.parametrize("size", [1, 16, 32, 128])
def test_a_nonce_is_kept(size: int) -> None:
    assert read_request(with_nonce(size)).nonce == b"n" * size


UNKNOWN_CRITICAL = der.tlv(
    der.SEQUENCE, bytes.fromhex("06032a0304"), b"\x01\x01\xff", der.tlv(der.OCTET_STRING, b"\x05\x00")
)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"nothing",
        b"\x30\x00",
        with_nonce(0),
        with_nonce(129),
        with_nonce(100_000),
        by_hand(),
        by_hand(cert_id(b"\5"), cert_id(b"\6")),
        by_hand(cert_id(b"\x01" * 21)),
        by_hand(cert_id(b"\0" + b"\xff" * 20)),
        by_hand(cert_id(b"\x01" * 10_000)),
        by_hand(cert_id(b"\xfb")),
        by_hand(cert_id(b"")),
        by_hand(cert_id(b"\5")) + b"\0",
        by_hand(cert_id(b"\5"), extensions=UNKNOWN_CRITICAL),
    ],
)
def test_a_malformed_request_is_called_so(data: bytes) -> None:
    with pytest.raises(MalformedRequest):
        read_request(data)


def test_an_unknown_extension_that_is_not_critical_is_passed_over() -> None:
    passed = der.tlv(der.SEQUENCE, bytes.fromhex("06032a0304"), der.tlv(der.OCTET_STRING, b"\x05\x00"))
    assert read_request(by_hand(cert_id(b"\5"), extensions=passed)).nonce is None


@pytest.mark.parametrize("algorithm", ["06052b0e03021b", "0609608648016503040202"])
def test_a_hash_that_is_not_known_here_is_another_responders_business(algorithm: str) -> None:
    with pytest.raises(ForeignRequest):
        read_request(by_hand(cert_id(b"\5", algorithm)))


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 100), st.integers(0, 255))
def test_any_bytes_are_read_or_refused(noise: bytes, at: int, value: int) -> None:
    damaged = bytearray(with_nonce(16))
    damaged[at % len(damaged)] = value
    for data in (noise, bytes(damaged), bytes(damaged) + noise):
        try:
            read_request(data)
        except (MalformedRequest, ForeignRequest):
            continue


@cache
def subscriber(ca: str) -> x509.Certificate:
    return issued(issuing(ca), demand("personal"))


def ask(algorithm: hashes.SHA1 | hashes.SHA256, ca: str = "p256", serial: int = 5) -> Question:
    builder = ocsp.OCSPRequestBuilder().add_certificate(subscriber(ca), issuing(ca).certificate, algorithm)
    return replace(read_request(builder.build().public_bytes(Encoding.DER)), serial=serial)


@pytest.mark.parametrize("ca", ["p256", "p384", "rsa4096"])
@pytest.mark.parametrize("algorithm", [SHA1, SHA256])
def test_an_issuer_is_known_by_name_and_key(algorithm: hashes.SHA1 | hashes.SHA256, ca: str) -> None:
    question = ask(algorithm, ca)
    assert names_issuer(question, issuing(ca).certificate)
    for other in {"p256", "p384", "rsa4096"} - {ca}:
        assert not names_issuer(question, issuing(other).certificate)
    assert not names_issuer(replace(question, key_hash=b"k" * 20), issuing(ca).certificate)
    assert not names_issuer(replace(question, name_hash=b"n" * 20), issuing(ca).certificate)


def answered(status: Status, question: Question | None = None, ca: str = "p256") -> ocsp.OCSPResponse:
    issuer = issuing(ca)
    raw = build_answer(question or ask(SHA1, ca), status, responder=issuer.certificate, signer=issuer.signer, now=NOW)
    assert lint_ocsp(raw) == ()
    return ocsp.load_der_ocsp_response(raw)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (Status("good"), ocsp.OCSPCertStatus.GOOD),
        (Status("unknown"), ocsp.OCSPCertStatus.UNKNOWN),
        (Status("revoked", NOW, "keyCompromise"), ocsp.OCSPCertStatus.REVOKED),
        (Status("revoked", NOW), ocsp.OCSPCertStatus.REVOKED),
        (Status("revoked", NOW, "certificateHold"), ocsp.OCSPCertStatus.REVOKED),
    ],
)
@pytest.mark.parametrize("ca", ["p256", "p384", "rsa4096"])
def test_an_answer_says_the_status(status: Status, expected: ocsp.OCSPCertStatus, ca: str) -> None:
    response = answered(status, ca=ca)
    assert response.response_status is ocsp.OCSPResponseStatus.SUCCESSFUL
    assert response.certificate_status is expected
    assert response.serial_number == 5
    assert response.this_update_utc == NOW.replace(microsecond=0)
    assert response.next_update_utc == NOW.replace(microsecond=0) + LIFETIME
    assert timedelta(hours=24) == LIFETIME
    revoked = NOW.replace(microsecond=0) if status.state == "revoked" else None
    assert response.revocation_time_utc == revoked
    reason = response.revocation_reason
    assert (reason.value if reason else None) == status.reason
    assert response.certificates == [issuing(ca).certificate]
    assert response.responder_key_hash is not None


def test_the_nonce_comes_back() -> None:
    extensions = answered(Status("good"), replace(ask(SHA256), nonce=b"n" * 128)).extensions
    assert extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == b"n" * 128
    assert len(answered(Status("good")).extensions) == 0


def test_the_certificate_is_named_as_the_question_named_it() -> None:
    for algorithm in (SHA1, SHA256):
        response = answered(Status("good"), ask(algorithm, serial=2**159 - 1))
        assert response.hash_algorithm.name == algorithm.name
        assert response.serial_number == 2**159 - 1


def test_a_reason_that_may_not_be_told_is_refused() -> None:
    with pytest.raises(ReasonNotAllowed):
        answered(Status("revoked", NOW, "unspecified"))


def test_error_answers() -> None:
    errors = {MALFORMED_REQUEST: "3003", UNAUTHORIZED: "3003", TRY_LATER: "3003"}
    assert [raw.hex() for raw in errors] == ["30030a0101", "30030a0106", "30030a0103"]
