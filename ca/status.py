"""The second door: answers to status requests (RFC 6960, RFC 9919), with the OCSP responder's key only."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from cryptography import x509

from ca.keys.port import Signer


@dataclass(frozen=True)
class Status:
    """What is known of a serial number. `revoked_at` and `reason` only where it is revoked (or held)."""

    state: Literal["good", "revoked", "unknown"]
    revoked_at: datetime | None = None
    reason: str | None = None  # by its name in RFC 5280 5.3.1


@dataclass(frozen=True)
class Responder:
    """The answering party for one CA: the CA's certificate, and a responder certificate that this CA issued."""

    issuer: x509.Certificate
    certificate: x509.Certificate
    signer: Signer

    def answer(self, request: bytes, *, lookup: Callable[[int], Status], now: datetime) -> bytes:
        """The DER of the OCSP response to the DER of a request. Malformed and foreign requests get an error response."""
        raise NotImplementedError
