"""The stand-in signs nothing that verifies; the acting key signs what the signer signs."""

import copy

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from ca.keys.builder import acting_for, dummy_signature, stand_in_for
from ca.keys.scheme import verifies
from ca.profiles.model import KEY_TYPES
from tests.ca.authorities import issuing, key


@pytest.mark.parametrize("key_type", KEY_TYPES)
def test_a_dummy_signature_has_the_length_of_a_real_one_and_verifies_nowhere(key_type: str) -> None:
    public_key = key(key_type).public_key()
    dummy = dummy_signature(public_key)
    longest = {"p256": 72, "p384": 104, "rsa2048": 256, "rsa3072": 384, "rsa4096": 512}[key_type]
    assert len(dummy) == longest
    assert not verifies(public_key, dummy, b"data")


@pytest.mark.parametrize("key_type", ["p256", "rsa2048"])
def test_a_stand_in_has_no_private_half(key_type: str) -> None:
    stand_in = stand_in_for(key(key_type).public_key())
    assert stand_in.public_key() == key(key_type).public_key()
    for touch in (
        stand_in.private_numbers,
        lambda: stand_in.private_bytes(None, None, None),  # type: ignore[arg-type]  # it fails before it looks
        lambda: stand_in.key_size,
        lambda: copy.copy(stand_in),
        lambda: copy.deepcopy(stand_in),
    ):
        with pytest.raises(TypeError):
            touch()
    use = stand_in.decrypt if isinstance(stand_in, rsa.RSAPrivateKey) else stand_in.exchange
    with pytest.raises(TypeError):
        use(None, None)  # type: ignore[arg-type]  # it fails before it looks


def test_the_acting_key_asks_the_signer() -> None:
    signer = issuing("p256").signer
    acting = acting_for(signer)
    assert isinstance(acting, ec.EllipticCurvePrivateKey)
    assert acting.sign(b"data", ec.ECDSA(hashes.SHA256())) == signer.sign(b"data")
