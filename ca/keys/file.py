"""A CA key in an encrypted file (PKCS#8, RFC 5958)."""

from pathlib import Path

from ca.keys.port import PublicKey


def create_key_file(path: Path, passphrase: bytes, key_type: str) -> None:
    """Make a key of `key_type` and write it, readable by its owner only. Raises KeyExists, KeyTypeNotAllowed."""
    raise NotImplementedError


class FileSigner:
    """A Signer over a key file, decrypted once."""

    def __init__(self, path: Path, passphrase: bytes) -> None:
        """Raises SignerUnusable."""
        raise NotImplementedError

    @property
    def public_key(self) -> PublicKey:
        """The public half."""
        raise NotImplementedError

    def sign(self, data: bytes) -> bytes:
        """ECDSA by RFC 6979 or RSA PKCS#1 v1.5: the same bytes always give the same signature."""
        raise NotImplementedError

    def check(self) -> None:
        """Make and verify a test signature. Raises SignerUnusable."""
        raise NotImplementedError
