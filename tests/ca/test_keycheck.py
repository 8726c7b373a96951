"""Keys that can be broken are refused, sound ones are not."""

import random
from math import gcd, prod

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from ca.errors import KeyTypeNotAllowed, KeyWeak
from ca.keycheck import check_key
from ca.profiles.model import KEY_TYPES
from tests.ca.authorities import key

SMALL_PRIMES = [n for n in range(2, 752) if all(n % d for d in range(2, n))]


def without_small_factors(bits: int, seed: int) -> int:
    dice = random.Random(seed)
    while True:
        number = dice.getrandbits(bits) | (3 << (bits - 2)) | 1
        if gcd(number, prod(SMALL_PRIMES)) == 1:
            return number


def rsa_key(modulus: int, exponent: int = 65537) -> rsa.RSAPublicKey:
    return rsa.RSAPublicNumbers(exponent, modulus).public_key()


def weakness(public_key: rsa.RSAPublicKey) -> str:
    with pytest.raises(KeyWeak) as refusal:
        check_key(public_key)
    return refusal.value.detail


@pytest.mark.parametrize("key_type", KEY_TYPES)
def test_sound_keys_are_named_by_their_type(key_type: str) -> None:
    assert check_key(key(key_type).public_key()) == key_type


@pytest.mark.parametrize("key_type", KEY_TYPES)
def test_a_type_that_is_not_allowed_is_refused(key_type: str) -> None:
    with pytest.raises(KeyTypeNotAllowed):
        check_key(key(key_type).public_key(), [other for other in KEY_TYPES if other != key_type])


def test_what_is_allowed_never_goes_beyond_what_is_known() -> None:
    with pytest.raises(KeyTypeNotAllowed):
        check_key(rsa.generate_private_key(65537, 1024).public_key(), ["rsa1024"])


@pytest.mark.parametrize("bits", [512, 1024, 2047, 2049, 2050, 8192, 65536])
def test_other_rsa_sizes_are_refused(bits: int) -> None:
    with pytest.raises(KeyTypeNotAllowed):
        check_key(rsa_key((1 << (bits - 1)) + 1))


@pytest.mark.parametrize("curve", [ec.SECP256K1(), ec.SECP521R1(), ec.SECP224R1(), ec.BrainpoolP256R1()])
def test_other_curves_are_refused(curve: ec.EllipticCurve) -> None:
    with pytest.raises(KeyTypeNotAllowed):
        check_key(ec.generate_private_key(curve).public_key())


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1()])
def test_there_is_no_key_off_its_curve(curve: ec.EllipticCurve) -> None:
    point = b"\4" + b"\1" * (curve.key_size // 4)
    with pytest.raises(ValueError, match=r"[Ii]nvalid|on the curve"):
        ec.EllipticCurvePublicKey.from_encoded_point(curve, point)


def test_other_algorithms_are_refused() -> None:
    with pytest.raises(KeyTypeNotAllowed):
        check_key(ed25519.Ed25519PrivateKey.generate().public_key())


@pytest.mark.parametrize("exponent", [3, 17, 65535, 65539 - 4, (1 << 256) + 1])
def test_a_bad_exponent_is_refused(exponent: int) -> None:
    assert weakness(rsa_key(without_small_factors(2048, 1), exponent)) == "exponent"


@pytest.mark.parametrize("exponent", [65537, 65539, (1 << 256) - 1])
def test_a_large_odd_exponent_is_allowed(exponent: int) -> None:
    assert check_key(rsa_key(key("rsa2048").public_key().public_numbers().n, exponent)) == "rsa2048"  # type: ignore[union-attr]  # an RSA key


@pytest.mark.parametrize("factor", [2, 3, 5, 743, 751])
def test_a_small_factor_is_refused(factor: int) -> None:
    rest = without_small_factors(2048 - factor.bit_length(), factor)
    while (rest * factor).bit_length() < 2048:
        rest <<= 1
    assert weakness(rsa_key(rest * factor)) == "small factor"


def test_near_primes_are_refused() -> None:
    first = without_small_factors(1024, 7)
    second = first + 2
    while gcd(second, prod(SMALL_PRIMES)) != 1:
        second += 2
    assert weakness(rsa_key(first * second)) == "near primes"


def test_near_primes_are_found_within_the_whole_of_the_rounds() -> None:
    # Factors whose middle lies 90 steps above the root are found in round 91 and not before.
    middle = without_small_factors(1024, 11)
    for half in range(0, 1 << 516, 1 << 508):
        modulus = (middle - half) * (middle + half)
        if gcd(modulus, prod(SMALL_PRIMES)) == 1 and half * half // (2 * middle) in range(50, 95):
            assert weakness(rsa_key(modulus)) == "near primes"
            return
    pytest.fail("no example found")


def test_the_fingerprint_of_roca_is_refused() -> None:
    whole = prod(prime for prime in SMALL_PRIMES if prime < 170)
    dice = random.Random(3)

    def factor() -> int:
        while True:
            number = (dice.getrandbits(1024) | 3 << 1022) // whole * whole + pow(65537, dice.randrange(1 << 64), whole)
            if gcd(number, prod(SMALL_PRIMES)) == 1 and number.bit_length() == 1024:
                return number

    assert weakness(rsa_key(factor() * factor())) == "ROCA"
