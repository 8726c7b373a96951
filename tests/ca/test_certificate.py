"""Assembling: the bytes that were signed are the bytes that come out."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ca import certificate
from ca.certificate import rehearsal_of, rehearse, sign_certificate
from ca.errors import SignatureMismatch
from ca.keys.scheme import verifies
from tests.ca.authorities import issuing, key


def builder(issuer: x509.Name, serial: int = 5) -> x509.CertificateBuilder:
    now = datetime.now(UTC).replace(microsecond=0)
    return x509.CertificateBuilder(
        issuer, x509.Name([]), key("p256").public_key(), serial, now, now + timedelta(days=1)
    )


@pytest.mark.parametrize("key_type", ["p256", "p384", "rsa4096"])
def test_a_rehearsal_is_the_certificate_but_for_its_signature(key_type: str) -> None:
    issuer = issuing(key_type)
    public_key = issuer.signer.public_key
    rehearsal = rehearse(builder(issuer.certificate.subject), public_key)
    assert not verifies(public_key, rehearsal.signature, rehearsal.tbs_certificate_bytes)
    assert rehearsal_of(rehearsal.tbs_certificate_bytes, public_key) == rehearsal
    raw = sign_certificate(rehearsal.tbs_certificate_bytes, issuer.signer, issuer.certificate)
    signed = x509.load_der_x509_certificate(raw)
    assert signed.tbs_certificate_bytes == rehearsal.tbs_certificate_bytes
    assert signed.signature_algorithm_oid == rehearsal.signature_algorithm_oid
    assert abs(len(raw) - len(rehearsal.public_bytes(Encoding.DER))) <= 8
    signed.verify_directly_issued_by(issuer.certificate)


def test_a_certificate_that_signs_itself_is_checked_with_its_own_key() -> None:
    issuer = issuing("p256")
    own = builder(x509.Name([]))
    with pytest.raises(SignatureMismatch):
        sign_certificate(rehearse(own, issuer.signer.public_key).tbs_certificate_bytes, issuer.signer, issuer=None)


def test_other_bytes_than_those_to_be_signed_never_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of our own assembling: the certificate is sound, but it is another one."""
    issuer = issuing("p256")
    first, second = (
        rehearse(builder(issuer.certificate.subject, serial), issuer.signer.public_key).tbs_certificate_bytes
        for serial in (5, 6)
    )
    other = sign_certificate(first, issuer.signer, issuer.certificate)
    monkeypatch.setattr(certificate, "_assemble", lambda *_: other)
    with pytest.raises(SignatureMismatch, match="other bytes"):
        sign_certificate(second, issuer.signer, issuer.certificate)


@pytest.mark.parametrize("tbs", [b"", b"\x30\x00", b"\x02\x01\x05", b"x"])
def test_what_is_no_certificate_is_not_rehearsed(tbs: bytes) -> None:
    with pytest.raises(SignatureMismatch):
        rehearsal_of(tbs, issuing("p256").signer.public_key)
