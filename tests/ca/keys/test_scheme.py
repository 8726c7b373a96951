"""The scheme follows from the key."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from ca.keys.scheme import algorithm_identifier, hash_for, verifies
from ca.profiles.model import KEY_TYPES
from tests.ca.authorities import csr, key


@pytest.mark.parametrize("key_type", KEY_TYPES)
def test_the_hash_is_as_strong_as_the_key(key_type: str) -> None:
    expected = hashes.SHA384 if key_type == "p384" else hashes.SHA256
    assert isinstance(hash_for(key(key_type).public_key()), expected)


@pytest.mark.parametrize("key_type", KEY_TYPES)
def test_the_identifier_is_the_one_that_others_write(key_type: str) -> None:
    private_key = key(key_type)
    builder = x509.CertificateSigningRequestBuilder(x509.Name([]))
    request = builder.sign(private_key, hash_for(private_key.public_key()))
    assert algorithm_identifier(private_key.public_key()) in request.public_bytes(Encoding.DER)


@pytest.mark.parametrize("key_type", ["p256", "rsa2048"])
def test_only_the_right_signature_verifies(key_type: str) -> None:
    request = x509.load_der_x509_csr(csr(key_type))
    public_key = key(key_type).public_key()
    assert verifies(public_key, request.signature, request.tbs_certrequest_bytes)
    assert not verifies(public_key, request.signature, request.tbs_certrequest_bytes + b"\0")
    assert not verifies(public_key, b"", request.tbs_certrequest_bytes)
