"""Whether a public key may be certified at all."""

from collections.abc import Collection

from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from ca.profiles.model import KEY_TYPES


def check_key(public_key: PublicKeyTypes, allowed: Collection[str] = KEY_TYPES) -> str:
    """The key's type, one of `allowed`. Raises KeyTypeNotAllowed, KeyWeak."""
    raise NotImplementedError
