"""What the judges of the page's files need: the bundle's own code in Node, and a CA that signs whatever key comes."""

import json
import os
import subprocess
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.check import frontend_copy, node
from tests.judges import LEFT_OUT


def in_node(jobs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Outcomes of the jobs, done by the bundle's own code."""
    script = frontend() / "scripts" / "make-samples.mjs"
    command = [node(), script]
    outcome = subprocess.run(command, input=json.dumps(jobs).encode(), capture_output=True, check=False)
    assert outcome.returncode == 0, outcome.stderr.decode()
    answers: list[dict[str, Any]] = json.loads(outcome.stdout)
    return answers


@cache
def frontend() -> Path:
    """The scripts with their packages; without the packages there is nothing to judge."""
    copy = frontend_copy()
    if copy is None:
        reason = f"{LEFT_OUT}the packages of frontend/ cannot be fetched (npm ci)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    return copy


class DemoCA:
    """A root and an issuing CA that sign whatever key comes."""

    def __init__(self) -> None:
        self.root_key = ec.generate_private_key(ec.SECP384R1())
        self.issuing_key = ec.generate_private_key(ec.SECP256R1())
        self.root = self._sign("Interop root", self.root_key.public_key(), "Interop root", self.root_key, ca=True)
        self.issuing = self._sign(
            "Interop issuing", self.issuing_key.public_key(), "Interop root", self.root_key, ca=True
        )

    def _sign(self, subject: str, key: Any, issuer: str, issuer_key: Any, *, ca: bool) -> x509.Certificate:
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=30))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        )
        return builder.sign(issuer_key, hashes.SHA256())

    def leaf(self, csr: x509.CertificateSigningRequest) -> x509.Certificate:
        """A certificate for the key of the request."""
        return self._sign("王小明", csr.public_key(), "Interop issuing", self.issuing_key, ca=False)
