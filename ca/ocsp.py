"""OCSP messages (RFC 6960, RFC 9919): reading a request, building an answer."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha1, sha256
from typing import Literal

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ocsp

from ca.crl import reason_flag
from ca.keys.builder import acting_for
from ca.keys.port import Signer
from ca.keys.scheme import hash_for

_STATES = {
    "good": ocsp.OCSPCertStatus.GOOD,
    "revoked": ocsp.OCSPCertStatus.REVOKED,
    "unknown": ocsp.OCSPCertStatus.UNKNOWN,
}
LIFETIME = timedelta(hours=24)
LONGEST_NONCE = 128  # RFC 9654 2.1
LONGEST_SERIAL_BITS = 159  # RFC 5280 4.1.2.2: 20 octets, the first bit of which is the sign


def _error(status: ocsp.OCSPResponseStatus) -> bytes:
    return ocsp.OCSPResponseBuilder.build_unsuccessful(status).public_bytes(Encoding.DER)


# Error responses are not signed (RFC 6960 2.3), so there is one of each for ever.
MALFORMED_REQUEST = _error(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
UNAUTHORIZED = _error(ocsp.OCSPResponseStatus.UNAUTHORIZED)
TRY_LATER = _error(ocsp.OCSPResponseStatus.TRY_LATER)


class MalformedRequest(Exception):
    """Not a status request, or one that no answer fits."""


class ForeignRequest(Exception):
    """A sound request that this responder cannot answer: it names its certificate by an unknown hash."""


@dataclass(frozen=True)
class Status:
    """What is known of a serial number. `revoked_at` and `reason` only where it is revoked (or held)."""

    state: Literal["good", "revoked", "unknown"]
    revoked_at: datetime | None = None
    reason: str | None = None  # by its name in RFC 5280 5.3.1


@dataclass(frozen=True)
class Question:
    """One certificate as a request names it (RFC 6960 4.1.1, CertID)."""

    algorithm: hashes.SHA1 | hashes.SHA256
    name_hash: bytes
    key_hash: bytes
    serial: int
    nonce: bytes | None


def _nonce(extensions: x509.Extensions) -> bytes | None:
    nonce = None
    for extension in extensions:
        if isinstance(extension.value, x509.OCSPNonce):
            nonce = extension.value.nonce
            if not 1 <= len(nonce) <= LONGEST_NONCE:
                raise MalformedRequest("nonce")
        elif extension.critical:
            raise MalformedRequest("a critical extension that is not known here")
    return nonce


def read_request(data: bytes) -> Question:
    """The one question in a request, DER. Raises MalformedRequest, ForeignRequest."""
    try:
        request = ocsp.load_der_ocsp_request(data)
        algorithm = request.hash_algorithm
        question = Question(
            algorithm if isinstance(algorithm, hashes.SHA1) else hashes.SHA256(),
            request.issuer_name_hash,
            request.issuer_key_hash,
            request.serial_number,
            _nonce(request.extensions),
        )
    except MalformedRequest:
        raise
    except UnsupportedAlgorithm as error:
        raise ForeignRequest from error
    except Exception as error:
        # NotImplementedError for several questions in one request, ValueError and others for what is no
        # request at all.
        raise MalformedRequest(type(error).__name__) from error
    if not isinstance(algorithm, hashes.SHA1 | hashes.SHA256):
        raise ForeignRequest(algorithm.name)
    if question.serial < 0 or question.serial.bit_length() > LONGEST_SERIAL_BITS:
        raise MalformedRequest("serial number")
    return question


def _key_bits(certificate: x509.Certificate) -> bytes:
    """The content of the BIT STRING in the SubjectPublicKeyInfo, which is what a CertID hashes."""
    public_key = certificate.public_key()
    if isinstance(public_key, RSAPublicKey):
        return public_key.public_bytes(Encoding.DER, PublicFormat.PKCS1)
    return public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def names_issuer(question: Question, issuer: x509.Certificate) -> bool:
    """Whether the question is about a certificate of this CA: both hashes fit (RFC 6960 4.1.1)."""
    # SHA-1 only names the issuer here and protects nothing; most clients know no other (RFC 9919 3.1.1).
    digest = sha1 if isinstance(question.algorithm, hashes.SHA1) else sha256
    name_hash, key_hash = digest(issuer.subject.public_bytes()), digest(_key_bits(issuer))
    return (question.name_hash, question.key_hash) == (name_hash.digest(), key_hash.digest())


def build_answer(
    question: Question, status: Status, *, responder: x509.Certificate, signer: Signer, now: datetime
) -> bytes:
    """A signed answer, DER: valid for LIFETIME, with the responder's certificate and the question's nonce.

    Raises ReasonNotAllowed, SignerUnusable.
    """
    moment = now.astimezone(UTC).replace(microsecond=0)
    revoked = status.state == "revoked"
    builder = (
        ocsp.OCSPResponseBuilder()
        .add_response_by_hash(
            question.name_hash,
            question.key_hash,
            question.serial,
            question.algorithm,
            cert_status=_STATES[status.state],
            this_update=moment,
            next_update=moment + LIFETIME,
            revocation_time=status.revoked_at if revoked else None,
            revocation_reason=reason_flag(status.reason) if revoked and status.reason else None,
        )
        .responder_id(ocsp.OCSPResponderEncoding.HASH, responder)
        .certificates([responder])
    )
    if question.nonce is not None:
        builder = builder.add_extension(x509.OCSPNonce(question.nonce), critical=False)
    return builder.sign(acting_for(signer), hash_for(signer.public_key)).public_bytes(Encoding.DER)
