"""The second door: answers to status requests (RFC 6960, RFC 9919), with the OCSP responder's key only."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from ca.keys.port import Signer
from ca.ocsp import (
    MALFORMED_REQUEST,
    TRY_LATER,
    UNAUTHORIZED,
    ForeignRequest,
    MalformedRequest,
    Status,
    build_answer,
    names_issuer,
    read_request,
)

__all__ = ["MALFORMED_REQUEST", "TRY_LATER", "UNAUTHORIZED", "Responder", "Status", "responder_for"]


@dataclass(frozen=True)
class Responder:
    """The answering party for one CA: its certificate and a responder certificate that it issued."""

    issuer: x509.Certificate
    certificate: x509.Certificate
    signer: Signer

    def answer(self, request: bytes, *, lookup: Callable[[int], Status], now: datetime) -> bytes:
        """The DER of the response to the DER of a request; errors are responses, too (RFC 6960 2.3).

        What is no request of one certificate is malformedRequest, another CA's is unauthorized, and while the
        responder's own certificate is not valid it says tryLater: nobody would believe its answer.
        `lookup` is asked with the serial number. Raises ReasonNotAllowed, SignerUnusable.
        """
        try:
            question = read_request(request)
        except MalformedRequest:
            return MALFORMED_REQUEST
        except ForeignRequest:
            return UNAUTHORIZED
        if not names_issuer(question, self.issuer):
            return UNAUTHORIZED
        if not self.certificate.not_valid_before_utc <= now <= self.certificate.not_valid_after_utc:
            return TRY_LATER
        return build_answer(question, lookup(question.serial), responder=self.certificate, signer=self.signer, now=now)


def responder_for(responders: Sequence[Responder], request: bytes) -> Responder | None:
    """The one among several that a request is for; None for a malformed request or a CA of other people."""
    try:
        question = read_request(request)
    except (MalformedRequest, ForeignRequest):
        return None
    return next((one for one in responders if names_issuer(question, one.issuer)), None)
