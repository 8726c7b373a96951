"""What every flow stands on: a CA, the agreement, and hands that make keys."""

from collections.abc import Callable
from io import StringIO
from itertools import count
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.core.management import call_command

_ceremonies = count(1)

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@pytest.fixture
def ca(db: None, tmp_path: Path, settings: object) -> str:
    """A root and an issuing CA on P-256, and the agreement's texts; gives back the slug of the issuing CA."""
    number = next(_ceremonies)
    root, issuing = f"flow-root-{number}", f"flow-ca-{number}"
    by = ("--operators", "Operator One", "Operator Two", "--root-key-dir", str(tmp_path))
    call_command("load_agreements", stdout=StringIO())
    call_command("ceremony", "root", "--slug", root, "--name", "Flow Root", *by, stdout=StringIO())
    call_command("ceremony", "issuing", "--root", root, "--slug", issuing, "--name", "Flow CA", *by, stdout=StringIO())
    return issuing


def csr_of(key: Key) -> str:
    """A signing request without a name, PEM."""
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, hashes.SHA256())
    return request.public_bytes(serialization.Encoding.PEM).decode()


def new_p256() -> Key:
    """A key on P-256."""
    return ec.generate_private_key(ec.SECP256R1())


def new_rsa3072() -> Key:
    """A key of 3072 bits."""
    return rsa.generate_private_key(public_exponent=65537, key_size=3072)


MakeKey = Callable[[], Key]
