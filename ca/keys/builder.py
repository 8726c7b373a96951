"""Keys as cryptography's builders want them: one that signs nothing at all, one that asks a Signer.

The builders only call `sign` and `public_key` of what they are given. Everything else of the two classes would touch
the private half, which is not here, and so it raises.
"""

from collections.abc import Callable
from typing import Any, Never, NoReturn

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from ca.keys.port import PublicKey, Signer

type_of_sign = Callable[[bytes], bytes]


def _absent() -> NoReturn:
    raise TypeError("this key only signs")
