"""Which signature scheme a key signs with: fixed by the key, so that nothing is left to choose."""

from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from ca.keys.port import PublicKey

# RFC 4055 5 wants a NULL beside the RSA algorithm; RFC 5758 3.2 wants nothing beside the ECDSA ones.
_SHA256_WITH_RSA: Final = bytes.fromhex("300d06092a864886f70d01010b0500")
_ECDSA_WITH_SHA256: Final = bytes.fromhex("300a06082a8648ce3d040302")
_ECDSA_WITH_SHA384: Final = bytes.fromhex("300a06082a8648ce3d040303")


def hash_for(public_key: PublicKey) -> hashes.SHA256 | hashes.SHA384:
    """The hash that is as strong as the key."""
    if isinstance(public_key, ec.EllipticCurvePublicKey) and isinstance(public_key.curve, ec.SECP384R1):
        return hashes.SHA384()
    return hashes.SHA256()


def algorithm_identifier(public_key: PublicKey) -> bytes:
    """The AlgorithmIdentifier of the key's signatures, DER (RFC 5280 4.1.1.2)."""
    if isinstance(public_key, rsa.RSAPublicKey):
        return _SHA256_WITH_RSA
    return _ECDSA_WITH_SHA384 if isinstance(hash_for(public_key), hashes.SHA384) else _ECDSA_WITH_SHA256


def verifies(public_key: PublicKey, signature: bytes, data: bytes) -> bool:
    """Whether `signature` over `data` is this key's."""
    try:
        if isinstance(public_key, rsa.RSAPublicKey):
            public_key.verify(signature, data, padding.PKCS1v15(), hash_for(public_key))
        else:
            public_key.verify(signature, data, ec.ECDSA(hash_for(public_key)))
    except InvalidSignature:
        return False
    return True
