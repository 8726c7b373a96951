"""The port to a CA's key, wherever that key lies."""

from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

PublicKey = RSAPublicKey | EllipticCurvePublicKey


class Signer(Protocol):
    """A private key that signs and never shows itself. The signature scheme is fixed by the key."""

    @property
    def public_key(self) -> PublicKey:
        """The public half."""
        ...

    def sign(self, data: bytes) -> bytes:
        """The signature over `data` as RFC 5280 4.1.1.3 wants it. Raises SignerUnusable."""
        ...

    def check(self) -> None:
        """Make and verify a test signature. Raises SignerUnusable."""
        ...
