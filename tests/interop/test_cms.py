"""What the page signs with an old key is read by OpenSSL and by our own server, to the octet."""

import subprocess
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ca.cms import verify_signed
from ca.errors import CmsSignatureWrong, CmsSignerWrong
from ca.profiles import profile
from ca.service import Demand
from tests.ca.authorities import REGISTERED, issued, issuing, root
from tests.interop.samples import in_node
from tests.judges import judge

pytestmark = [pytest.mark.interop, pytest.mark.xdist_group("frontend")]

KEY_TYPES = ("rsa2048", "rsa3072", "p256", "p384")
ORDER = "0b5c6d9e-0000-4000-8000-000000000001"
NONCE = {"nonce": "00112233445566778899aabbccddeeff", "time": "2026-11-20T09:08:07Z"}
SIGNATURES = {
    "rsa2048": "sha256WithRSAEncryption",
    "rsa3072": "sha256WithRSAEncryption",
    "p256": "ecdsa-with-SHA256",
    "p384": "ecdsa-with-SHA384",
}


@dataclass(frozen=True)
class Sample:
    """One renewal that the bundle's code signed: with the key of `signer`, for a pair."""

    signer: x509.Certificate
    old: tuple[x509.Certificate, x509.Certificate]
    requests: tuple[bytes, bytes]
    statement: bytes
    message: bytes


def _pair(csr: bytes) -> tuple[x509.Certificate, x509.Certificate]:
    wanted = profile("personal")
    first, second = (issued(issuing("p256"), Demand(wanted, one, REGISTERED, csr)) for one in wanted.templates)
    return first, second


@pytest.fixture(scope="module")
def samples() -> dict[str, Sample]:
    """One sample for each type of key; the keys, too, are made by the page's code."""
    made = in_node([{"act": "generate", "keyType": one, "password": "correct horse"} for one in KEY_TYPES * 2])
    requests = [x509.load_pem_x509_csr(one["csr"].encode()).public_bytes(Encoding.DER) for one in made]
    pairs = [_pair(requests[place]) for place in range(len(KEY_TYPES))]
    new = list(zip(requests[len(KEY_TYPES) :], reversed(requests[len(KEY_TYPES) :]), strict=True))
    jobs = [
        {
            "act": "renew",
            "order": ORDER,
            "old": [certificate.public_bytes(Encoding.DER).hex() for certificate in pair],
            "requests": [request.hex() for request in both],
            "nonce": NONCE,
            "pkcs8": key["pkcs8"],
            "signer": pair[0].public_bytes(Encoding.DER).hex(),
        }
        for key, pair, both in zip(made, pairs, new, strict=False)
    ]
    outcomes = [(bytes.fromhex(one["statement"]), bytes.fromhex(one["message"])) for one in in_node(jobs)]
    return {
        kind: Sample(pair[0], pair, both, *outcome)
        for kind, pair, both, outcome in zip(KEY_TYPES, pairs, new, outcomes, strict=True)
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the CA certificates."""
    chain = (root().certificate, issuing("p256").certificate)
    (tmp_path / "cas.pem").write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in chain))
    return tmp_path


def openssl(*arguments: str, folder: Path) -> subprocess.CompletedProcess[bytes]:
    """Ask OpenSSL in a folder; whether it agrees is the caller's question."""
    return subprocess.run([judge("openssl"), *arguments], cwd=folder, capture_output=True, check=False)


def verify(message: bytes, folder: Path) -> subprocess.CompletedProcess[bytes]:
    """`openssl cms -verify`, which finds the chain and compares the certificate's hash (-cades) as mail programs do."""
    (folder / "message.der").write_bytes(message)
    files = ("-in", "message.der", "-CAfile", "cas.pem", "-out", "content", "-signer", "signer.pem")
    return openssl("cms", "-verify", "-binary", "-cades", "-inform", "DER", *files, folder=folder)


@pytest.mark.parametrize("key_type", KEY_TYPES)
def test_the_statement_is_that_of_the_renewal(key_type: str, samples: dict[str, Sample]) -> None:
    """The octets that the server expects, written here once more from the serials and requests themselves."""
    sample = samples[key_type]
    lines = ["Sigillum renewal 1", f"order: {ORDER}"]
    lines += [f"serial: {one.serial_number:x}" for one in sample.old]
    lines += [f"csr-sha256: {sha256(request).hexdigest()}" for request in sample.requests]
    lines += [f"nonce: {NONCE['nonce']}", f"time: {NONCE['time']}"]
    assert sample.statement == "".join(f"{line}\n" for line in lines).encode()


@pytest.mark.parametrize("key_type", KEY_TYPES)
def test_openssl_verifies(key_type: str, samples: dict[str, Sample], folder: Path) -> None:
    """Signature, chain, the signer's certificate to the octet, content and algorithms."""
    sample = samples[key_type]
    outcome = verify(sample.message, folder)
    assert outcome.returncode == 0, outcome.stderr.decode()
    assert (folder / "content").read_bytes() == sample.statement
    assert x509.load_pem_x509_certificate((folder / "signer.pem").read_bytes()) == sample.signer
    printed = openssl("cms", "-cmsout", "-print", "-noout", "-inform", "DER", "-in", "message.der", folder=folder)
    words = printed.stdout.decode(errors="replace")
    signer = words[words.index("signerInfos:") :]
    assert f"algorithm: {SIGNATURES[key_type]}" in signer
    assert "UTCTIME:Nov 20 09:08:07 2026 GMT" in signer
    assert "id-smime-aa-signingCertificateV2" in signer
    assert "unsignedAttrs:\n          <ABSENT>" in signer


@pytest.mark.parametrize("key_type", KEY_TYPES)
def test_the_message_is_strict_der(key_type: str, samples: dict[str, Sample], folder: Path) -> None:
    """No indefinite length, no split string; OpenSSL writing it anew, its sets sorted, gives the same octets."""
    sample = samples[key_type]
    (folder / "message.der").write_bytes(sample.message)
    structure = openssl("asn1parse", "-inform", "DER", "-in", "message.der", folder=folder)
    assert structure.returncode == 0
    assert b"inf" not in structure.stdout
    assert b"cons: OCTET STRING" not in structure.stdout
    again = openssl("cms", "-cmsout", "-inform", "DER", "-outform", "DER", "-in", "message.der", folder=folder)
    assert again.stdout == sample.message
    assert sample.signer.public_bytes(Encoding.DER) in sample.message


@pytest.mark.parametrize("key_type", KEY_TYPES)
def test_one_changed_octet_is_refused(key_type: str, samples: dict[str, Sample], folder: Path) -> None:
    sample = samples[key_type]
    changed = sample.message.replace(b"renewal 1", b"renewal 2")
    assert verify(changed, folder).returncode != 0
    with pytest.raises(CmsSignatureWrong):
        verify_signed(changed, sample.signer)


@pytest.mark.parametrize("key_type", KEY_TYPES)
def test_our_own_server_takes_it(key_type: str, samples: dict[str, Sample]) -> None:
    """From the holder of this certificate; the pair's encryption certificate signs nothing, though its key fits."""
    sample = samples[key_type]
    assert verify_signed(sample.message, sample.signer) == sample.statement
    with pytest.raises(CmsSignerWrong):
        verify_signed(sample.message, sample.old[1])
