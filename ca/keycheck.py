"""Whether a public key may be certified at all (SBR 6.1.1.3 and 6.1.6 name the same weaknesses)."""

from collections.abc import Collection
from math import gcd, isqrt, prod

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from ca.errors import KeyTypeNotAllowed, KeyWeak
from ca.profiles.model import KEY_TYPES

_FERMAT_ROUNDS = 100
_SMALLEST_EXPONENT = 65537
_LARGEST_EXPONENT_BITS = 256  # FIPS 186-5 A.1.1
_SMALL_PRIMES = [n for n in range(2, 752) if all(n % d for d in range(2, isqrt(n) + 1))]
_SMALL_PRIMES_PRODUCT = prod(_SMALL_PRIMES)

# ROCA (CVE-2017-15361): Infineon's primes are k * M + (65537^a mod M), so the modulus, too, is a power of
# 65537 modulo each prime in M. For these primes the powers are so few that a sound key passes all of them
# about once in 2^27.
_ROCA_PRIMES = (11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157)
_ROCA_POWERS = {p: frozenset(pow(65537, a, p) for a in range(p)) for p in _ROCA_PRIMES}


def _has_near_primes(modulus: int) -> bool:
    """Fermat's factoring finds primes that lie close together within few rounds."""
    middle = isqrt(modulus - 1) + 1
    for candidate in range(middle, middle + _FERMAT_ROUNDS):
        square = candidate * candidate - modulus
        if isqrt(square) ** 2 == square:
            return True
    return False


def _is_roca(modulus: int) -> bool:
    return all(modulus % prime in powers for prime, powers in _ROCA_POWERS.items())


def _check_rsa(numbers: rsa.RSAPublicNumbers) -> None:
    exponent, modulus = numbers.e, numbers.n
    if exponent % 2 == 0 or exponent < _SMALLEST_EXPONENT or exponent.bit_length() > _LARGEST_EXPONENT_BITS:
        raise KeyWeak("exponent")
    if gcd(modulus, _SMALL_PRIMES_PRODUCT) != 1:
        raise KeyWeak("small factor")
    if _has_near_primes(modulus):
        raise KeyWeak("near primes")
    if _is_roca(modulus):
        raise KeyWeak("ROCA")


def _key_type(public_key: PublicKeyTypes) -> str:
    if isinstance(public_key, rsa.RSAPublicKey):
        # The size is read off the number itself: a modulus with leading zero bits is a shorter key.
        return f"rsa{public_key.public_numbers().n.bit_length()}"
    if isinstance(public_key, ec.EllipticCurvePublicKey):
        return {ec.SECP256R1: "p256", ec.SECP384R1: "p384"}.get(type(public_key.curve), public_key.curve.name)
    return type(public_key).__name__


def check_key(public_key: PublicKeyTypes, allowed: Collection[str] = KEY_TYPES) -> str:
    """The key's type, one of `allowed`. Raises KeyTypeNotAllowed, KeyWeak."""
    key_type = _key_type(public_key)
    if key_type not in allowed or key_type not in KEY_TYPES:
        raise KeyTypeNotAllowed(key_type)
    if isinstance(public_key, rsa.RSAPublicKey):
        _check_rsa(public_key.public_numbers())
    # That a point lies on its curve is checked by the library when a key is made from it.
    return key_type
