"""The status door, as clients come to it."""

import subprocess
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from ca.keys.builder import acting_for
from ca.keys.file import FileSigner, create_key_file
from ca.keys.scheme import hash_for, verifies
from ca.profiles import profile
from ca.service import Demand
from ca.status import MALFORMED_REQUEST, TRY_LATER, UNAUTHORIZED, Responder, Status, responder_for
from tests.ca.authorities import PASSPHRASE, REGISTERED, demand, folder, issued, issuing, root
from tests.judges import judge

NOW = datetime.now(UTC)


@cache
def responder(ca: str) -> Responder:
    """A responder with a key and certificate of its own, from the CA it answers for."""
    path = folder() / f"responder-{ca}.key"
    create_key_file(path, PASSPHRASE, "p256")
    signer = FileSigner(path, PASSPHRASE)
    request = x509.CertificateSigningRequestBuilder(x509.Name([])).sign(acting_for(signer), hash_for(signer.public_key))
    chosen = profile("ocsp-responder")
    wanted = Demand(chosen, chosen.templates[0], REGISTERED, request.public_bytes(Encoding.DER))
    return Responder(issuing(ca).certificate, issued(issuing(ca), wanted, NOW), signer)


@cache
def subscriber(ca: str) -> x509.Certificate:
    return issued(issuing(ca), demand("personal"), NOW)


def request(certificate: x509.Certificate, issuer: x509.Certificate, algorithm: hashes.HashAlgorithm) -> bytes:
    return ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, algorithm).build().public_bytes(Encoding.DER)


def asked(ca: str = "p256", algorithm: hashes.HashAlgorithm | None = None) -> bytes:
    return request(subscriber(ca), issuing(ca).certificate, algorithm or hashes.SHA256())


def unasked(_serial: int) -> Status:
    raise AssertionError("nobody was to look")


@pytest.mark.parametrize("ca", ["p256", "rsa4096"])
@pytest.mark.parametrize("algorithm", [hashes.SHA1(), hashes.SHA256()])
def test_the_serial_is_looked_up_and_the_answer_signed(ca: str, algorithm: hashes.HashAlgorithm) -> None:
    looked_up: list[int] = []

    def lookup(serial: int) -> Status:
        looked_up.append(serial)
        return Status("good")

    raw = responder(ca).answer(asked(ca, algorithm), lookup=lookup, now=NOW)
    response = ocsp.load_der_ocsp_response(raw)
    assert looked_up == [subscriber(ca).serial_number] == [response.serial_number]
    assert response.certificate_status is ocsp.OCSPCertStatus.GOOD
    (certificate,) = response.certificates
    assert certificate == responder(ca).certificate
    certificate.verify_directly_issued_by(issuing(ca).certificate)
    assert verifies(responder(ca).signer.public_key, response.signature, response.tbs_response_bytes)


def test_another_cas_certificate_is_not_answered_for() -> None:
    foreign = request(issuing("p256").certificate, root().certificate, hashes.SHA256())
    for data in (asked("rsa4096"), foreign, asked(algorithm=hashes.SHA512())):
        assert responder("p256").answer(data, lookup=unasked, now=NOW) == UNAUTHORIZED


@pytest.mark.parametrize("data", [b"", b"x", asked()[:-1], asked() + b"\0"])
def test_what_is_no_request_is_called_malformed(data: bytes) -> None:
    assert responder("p256").answer(data, lookup=unasked, now=NOW) == MALFORMED_REQUEST


@pytest.mark.parametrize("moved", [timedelta(days=-1), timedelta(days=91)])
def test_a_responder_without_a_valid_certificate_asks_for_patience(moved: timedelta) -> None:
    assert responder("p256").answer(asked(), lookup=unasked, now=NOW + moved) == TRY_LATER


def test_the_right_responder_is_found_among_several() -> None:
    both = [responder("p256"), responder("rsa4096")]
    assert responder_for(both, asked("p256")) is both[0]
    assert responder_for(both, asked("rsa4096", hashes.SHA1())) is both[1]
    for data in (
        b"x",
        asked(algorithm=hashes.SHA512()),
        request(issuing("p256").certificate, root().certificate, hashes.SHA1()),
    ):
        assert responder_for(both, data) is None


@pytest.mark.parametrize("ca", ["p256", "rsa4096"])
@pytest.mark.parametrize(
    ("status", "words"),
    [
        (Status("good"), "good"),
        (Status("revoked", NOW - timedelta(hours=1), "keyCompromise"), "revoked"),
        (Status("unknown"), "unknown"),
    ],
)
def test_openssl_believes_the_answer(tmp_path: Path, ca: str, status: Status, words: str) -> None:
    for name, certificate in (("root", root().certificate), ("ca", issuing(ca).certificate), ("one", subscriber(ca))):
        (tmp_path / f"{name}.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    openssl, paths = judge("openssl"), {name: str(tmp_path / name) for name in ("ca.pem", "one.pem", "root.pem")}
    subprocess.run(
        [openssl, "ocsp", "-issuer", paths["ca.pem"], "-cert", paths["one.pem"], "-reqout", str(tmp_path / "req")],
        check=True,
        capture_output=True,
    )
    raw = responder(ca).answer((tmp_path / "req").read_bytes(), lookup=lambda _serial: status, now=NOW)
    (tmp_path / "answer").write_bytes(raw)
    command = [openssl, "ocsp", "-respin", str(tmp_path / "answer"), "-reqin", str(tmp_path / "req")]
    command += ["-CAfile", paths["root.pem"], "-verify_other", paths["ca.pem"], "-resp_text"]
    result = subprocess.run(command, check=False, capture_output=True, text=True)
    assert "Response verify OK" in result.stderr, result.stderr
    assert f"Cert Status: {words}" in result.stdout
    assert "OCSP Nonce" in result.stdout
    assert "WARNING" not in result.stdout + result.stderr
