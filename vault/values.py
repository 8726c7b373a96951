"""Values that the database must not be able to read.

Each sealed value carries the id of its key, so that keys are rotated by adding a new first one. The keys come
from the settings (`FIELD_KEYS`), never from the database they protect.
"""

import base64
import hashlib
import hmac
import os
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

_NONCE = 12  # octets; NIST SP 800-38D, 8.2.2: random nonces of 96 bits


class Unreadable(Exception):
    """The value was sealed with a key that is not here, for another place, or was altered."""


def _keys() -> Mapping[str, bytes]:
    keys: Mapping[str, bytes] = settings.FIELD_KEYS
    return keys


def seal(text: str, place: str) -> str:
    """Encrypt `text` with AES-256-GCM for one `place` (a table and column): `keyid.base64(nonce + ciphertext)`.

    The place is bound in, so that a value copied to another column is not readable there.
    """
    key_id, key = next(iter(_keys().items()))
    nonce = os.urandom(_NONCE)
    sealed = nonce + AESGCM(key).encrypt(nonce, text.encode(), place.encode())
    return f"{key_id}.{base64.urlsafe_b64encode(sealed).decode()}"


def unseal(value: str, place: str) -> str:
    """Give back what `seal` was given; raises `Unreadable`."""
    key_id, _, body = value.partition(".")
    try:
        sealed = base64.urlsafe_b64decode(body)
        plain = AESGCM(_keys()[key_id]).decrypt(sealed[:_NONCE], sealed[_NONCE:], place.encode())
    except (KeyError, ValueError, InvalidTag) as error:
        raise Unreadable(place) from error
    return plain.decode()


def blind_index(text: str, place: str) -> str:
    """HMAC-SHA-256 of a value under the current key: finds equal values without storing them, `keyid.hex`."""
    key_id, key = next(iter(_keys().items()))
    own = hmac.new(key, b"index", hashlib.sha256).digest()  # a key of its own, never the encryption key
    digest = hmac.new(own, place.encode() + b"\0" + text.encode(), hashlib.sha256)
    return f"{key_id}.{digest.hexdigest()}"
