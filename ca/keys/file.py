"""A CA key in an encrypted file (PKCS#8, RFC 5958)."""

import os
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from ca.errors import KeyExists, KeyTypeNotAllowed, SignerUnusable
from ca.keys.port import PublicKey
from ca.keys.scheme import hash_for, verifies

_RSA_BITS = {"rsa2048": 2048, "rsa3072": 3072, "rsa4096": 4096}
_CURVES: dict[str, type[ec.SECP256R1 | ec.SECP384R1]] = {"p256": ec.SECP256R1, "p384": ec.SECP384R1}


def _generate(key_type: str) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    if key_type in _RSA_BITS:
        return rsa.generate_private_key(public_exponent=65537, key_size=_RSA_BITS[key_type])
    if key_type in _CURVES:
        return ec.generate_private_key(_CURVES[key_type]())
    raise KeyTypeNotAllowed(key_type)


def create_key_file(path: Path, passphrase: bytes, key_type: str) -> None:
    """Make a key of `key_type` and write it, encrypted and readable by its owner only.

    Raises KeyExists where there is any file at `path`, KeyTypeNotAllowed, and SignerUnusable without a
    passphrase.
    """
    if not passphrase:
        raise SignerUnusable("a key file needs a passphrase")
    try:
        # O_EXCL also refuses a dangling link, and the mode is set before the first byte is written.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise KeyExists(path.name) from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(
                _generate(key_type).private_bytes(
                    serialization.Encoding.PEM,
                    serialization.PrivateFormat.PKCS8,
                    serialization.BestAvailableEncryption(passphrase),
                )
            )
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        # This file is ours and holds no whole key: left behind, it would block the next try for good.
        path.unlink()
        raise


class FileSigner:
    """A Signer over a key file, decrypted once: checking an RSA key takes 30 ms on each load."""

    def __init__(self, path: Path, passphrase: bytes) -> None:
        """Raises SignerUnusable where the file is missing, the passphrase wrong or the key unknown."""
        try:
            key = serialization.load_pem_private_key(path.read_bytes(), passphrase)
        except (OSError, ValueError, TypeError) as error:
            # The parser's own words stay out of the refusal's text: they may quote what it read.
            raise SignerUnusable(path.name) from error
        if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
            raise SignerUnusable(path.name)
        self._key = key
        self._public_key: PublicKey = key.public_key()

    @property
    def public_key(self) -> PublicKey:
        """The public half."""
        return self._public_key

    def sign(self, data: bytes) -> bytes:
        """ECDSA by RFC 6979 or RSA PKCS#1 v1.5: the same bytes always give the same signature.

        So an attempt that was cut short by a crash can be finished without a second certificate of one
        serial.
        """
        algorithm = hash_for(self._public_key)
        if isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(data, padding.PKCS1v15(), algorithm)
        return self._key.sign(data, ec.ECDSA(algorithm, deterministic_signing=True))

    def check(self) -> None:
        """Make and verify a test signature. Raises SignerUnusable."""
        probe = b"sigillum: test signature, not a certificate"
        if not verifies(self._public_key, self.sign(probe), probe):
            raise SignerUnusable("the test signature does not verify")
