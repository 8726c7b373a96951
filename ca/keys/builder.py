"""Keys as cryptography's builders want them: a stand-in that signs nothing, and one that asks a Signer.

The builders call `sign` and `public_key`. The other methods of the two classes would need the private half,
which is not here, so they raise.
"""

from collections.abc import Callable
from typing import Any, NoReturn

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from ca.keys.port import PublicKey, Signer

BuilderKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
_Sign = Callable[[bytes], bytes]


class _SignsOnly:
    """What both kinds of key have in common."""

    def __init__(self, public_key: Any, sign: _Sign) -> None:
        self._public_key = public_key
        self._sign = sign

    def public_key(self) -> Any:
        """The public half, which the OCSP builder compares with the responder's certificate."""
        return self._public_key

    def _absent(self, *_arguments: Any, **_named: Any) -> NoReturn:
        raise TypeError("this key signs and does nothing else")


class _EllipticCurveKey(_SignsOnly, ec.EllipticCurvePrivateKey):
    def sign(self, data: Any, signature_algorithm: ec.EllipticCurveSignatureAlgorithm) -> bytes:
        """The Signer's scheme is fixed by its key, and the builder is given the same hash."""
        return self._sign(bytes(data))

    exchange = private_numbers = private_bytes = _SignsOnly._absent
    __copy__ = __deepcopy__ = _SignsOnly._absent
    curve = key_size = property(_SignsOnly._absent)


class _RsaKey(_SignsOnly, rsa.RSAPrivateKey):
    def sign(self, data: bytes, padding: Any, algorithm: Any) -> bytes:
        """The Signer's scheme is fixed by its key, and the builder is given the same hash."""
        return self._sign(data)

    decrypt = private_numbers = private_bytes = _SignsOnly._absent
    __copy__ = __deepcopy__ = _SignsOnly._absent
    key_size = property(_SignsOnly._absent)


def _builder_key(public_key: PublicKey, sign: _Sign) -> BuilderKey:
    kind = _RsaKey if isinstance(public_key, rsa.RSAPublicKey) else _EllipticCurveKey
    return kind(public_key, sign)


def dummy_signature(public_key: PublicKey) -> bytes:
    """Bytes of the form and length of this key's signatures, which verify nowhere."""
    if isinstance(public_key, rsa.RSAPublicKey):
        return b"\x01" * (public_key.key_size // 8)
    # Both numbers with their highest bit set: the longest form that ECDSA takes (RFC 3279 2.2.3).
    number = (1 << public_key.curve.key_size) - 1
    return encode_dss_signature(number, number)


def stand_in_for(public_key: PublicKey) -> BuilderKey:
    """A key for a dress rehearsal: what the builder makes with it can be linted, and is worth nothing."""
    return _builder_key(public_key, lambda _data: dummy_signature(public_key))


def acting_for(signer: Signer) -> BuilderKey:
    """A key whose signatures are the Signer's."""
    return _builder_key(signer.public_key, signer.sign)
