"""Other people's software judges what the CA signs: every profile, every kind of key, two kinds of CA.

One certificate in each folder is revoked and one is damaged, so that every judge is seen to refuse as well.
"""

import contextlib
import io
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pkilint.bin import lint_cabf_smime_cert, lint_crl, lint_pkix_cert

from ca.profiles import load_profiles, profile
from ca.service import RevokedEntry, revocation_list
from tests.ca.authorities import demand, issued, issuing, root
from tests.judges import judge

pytestmark = pytest.mark.interop

CAS = ("p256", "rsa4096")
TEMPLATES = [
    pytest.param(slug, which, id=template.name)
    for slug, one in load_profiles().items()
    for which, template in enumerate(one.templates)
]


@dataclass(frozen=True)
class House:
    """A folder with the root, an issuing CA, their lists, and everything that the CA issued."""

    folder: Path

    def path(self, name: str) -> str:
        """A file of the folder."""
        return str(self.folder / name)

    def certificates(self, slug: str, which: int) -> list[str]:
        """The certificates of one template, with every kind of key that its profile allows."""
        name = profile(slug).templates[which].name
        return [self.path(f"{name}-{key_type}.pem") for key_type in profile(slug).key_types]


def _damaged(certificate: x509.Certificate) -> bytes:
    """The same certificate for another name, under the old signature."""
    raw = certificate.public_bytes(Encoding.DER)
    assert raw.count(b"CHAN Tai Man") == 1
    return raw.replace(b"CHAN Tai Man", b"CHAN Tai Wan")


def _write_lists(house: House, ca: str, revoked: x509.Certificate) -> None:
    now = datetime.now(UTC)
    for name, issuer, serials in (("root", root(), []), ("ca", issuing(ca), [revoked.serial_number])):
        entries = [RevokedEntry(serial, now - timedelta(minutes=1), "keyCompromise") for serial in serials]
        raw = revocation_list(issuer, entries, number=1, this_update=now, next_update=now + timedelta(days=3))
        (house.folder / f"{name}.crl").write_bytes(x509.load_der_x509_crl(raw).public_bytes(Encoding.PEM))


@pytest.fixture(scope="session", params=CAS)
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> House:
    ca = str(request.param)
    made = House(tmp_path_factory.mktemp(f"house-{ca}"))
    certificates = {
        f"{template.name}-{key_type}": issued(issuing(ca), demand(slug, key_type, which))
        for slug, one in load_profiles().items()
        for which, template in enumerate(one.templates)
        for key_type in one.key_types
    }
    revoked = issued(issuing(ca), demand("personal"))
    for name, certificate in (
        *certificates.items(),
        ("root", root().certificate),
        ("ca", issuing(ca).certificate),
        ("revoked", revoked),
    ):
        (made.folder / f"{name}.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    bad = x509.load_der_x509_certificate(_damaged(certificates["personal-signing-p256"]))
    (made.folder / "damaged.pem").write_bytes(bad.public_bytes(Encoding.PEM))
    _write_lists(made, ca, revoked)
    return made


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)


# --- OpenSSL ---------------------------------------------------------------------------------------------------

PURPOSES = {"signing": "smimesign", "both": "smimesign", "encryption": "any"}
INSIDE_PURPOSES = {"officer": "sslclient", "service-mail": "smimesign", "ocsp-responder": "ocsphelper"}


def _openssl(house: House, purpose: str, paths: list[str]) -> subprocess.CompletedProcess[str]:
    chain = ["-CAfile", house.path("root.pem"), "-untrusted", house.path("ca.pem"), "-x509_strict"]
    lists = ["-crl_check_all", "-CRLfile", house.path("root.crl"), "-CRLfile", house.path("ca.crl")]
    return _run(judge("openssl"), "verify", *chain, *lists, "-purpose", purpose, *paths)


@pytest.mark.parametrize(("slug", "which"), TEMPLATES)
def test_openssl(house: House, slug: str, which: int) -> None:
    use = profile(slug).templates[which].use
    paths = house.certificates(slug, which)
    result = _openssl(house, PURPOSES.get(use) or INSIDE_PURPOSES[slug], paths)
    assert result.stdout.splitlines() == [f"{path}: OK" for path in paths], result.stderr


def test_openssl_refuses(house: House) -> None:
    assert "certificate revoked" in _openssl(house, "any", [house.path("revoked.pem")]).stderr
    assert "certificate signature failure" in _openssl(house, "any", [house.path("damaged.pem")]).stderr


# --- GnuTLS ----------------------------------------------------------------------------------------------------


def _gnutls(house: House, path: str) -> subprocess.CompletedProcess[str]:
    chain = house.folder / "chain.pem"
    chain.write_bytes(b"".join(Path(one).read_bytes() for one in (path, house.path("ca.pem"), house.path("root.pem"))))
    return _run(judge("certtool"), "--verify-chain", "--infile", str(chain))


@pytest.mark.parametrize(("slug", "which"), TEMPLATES)
def test_gnutls(house: House, slug: str, which: int) -> None:
    for path in house.certificates(slug, which):
        result = _gnutls(house, path)
        assert result.returncode == 0, result.stdout + result.stderr
        assert "Chain verification output: Verified. The certificate is trusted." in result.stdout


def test_gnutls_refuses(house: House) -> None:
    assert _gnutls(house, house.path("damaged.pem")).returncode != 0


# --- NSS -------------------------------------------------------------------------------------------------------

NSS_USAGES = {"signing": "4", "encryption": "5", "both": "5"}  # e-mail signer, e-mail recipient
NSS_INSIDE_USAGES = {"officer": "0", "service-mail": "4", "ocsp-responder": "10"}  # client, signer, responder


@pytest.fixture(scope="session")
def nss(house: House) -> str:
    """A database of NSS that trusts the root."""
    database = house.folder / "nss"
    database.mkdir()
    where = ("-d", f"sql:{database}")
    certutil = judge("certutil")
    assert _run(certutil, "-N", *where, "--empty-password").returncode == 0
    for name, trust in (("root", "CT,C,C"), ("ca", ",,")):
        added = _run(certutil, "-A", *where, "-n", name, "-t", trust, "-a", "-i", house.path(f"{name}.pem"))
        assert added.returncode == 0, added.stderr
    return f"sql:{database}"


@pytest.mark.parametrize(("slug", "which"), TEMPLATES)
def test_nss(house: House, nss: str, slug: str, which: int) -> None:
    usage = NSS_USAGES.get(profile(slug).templates[which].use) or NSS_INSIDE_USAGES[slug]
    for path in house.certificates(slug, which):
        result = _run(judge("vfychain"), "-d", nss, "-pp", "-u", usage, "-a", path)
        assert "Chain is good!" in result.stdout + result.stderr, result.stderr


@pytest.mark.parametrize(
    ("name", "usage"),
    [
        ("damaged", "4"),
        ("personal-signing-rsa2048", "5"),  # signs, but is not encrypted to
        ("personal-encryption-p256", "4"),
        ("officer-p256", "4"),
        ("personal-signing-p256", "1"),  # no server
    ],
)
def test_nss_refuses(house: House, nss: str, name: str, usage: str) -> None:
    result = _run(judge("vfychain"), "-d", nss, "-u", usage, "-a", house.path(f"{name}.pem"))
    assert "Chain is bad!" in result.stdout + result.stderr


# --- Java ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def java(house: House) -> dict[str, str]:
    """The verdict of Java's CertPath, with revocation lists, on every certificate of the folder."""
    judge("javac")  # a source file is only run where there is a compiler
    source = Path(__file__).with_name("ChainJudge.java")
    given = [house.path(name) for name in ("root.pem", "ca.pem", "root.crl", "ca.crl")]
    judged = sorted(str(path) for path in house.folder.glob("*.pem") if path.stem not in ("root", "ca", "chain"))
    result = _run(judge("java"), str(source), *given, *judged)
    assert result.returncode == 0, result.stderr
    return dict(line.split(": ", 1) for line in result.stdout.splitlines())


@pytest.mark.parametrize(("slug", "which"), TEMPLATES)
def test_java(house: House, java: dict[str, str], slug: str, which: int) -> None:
    verdicts = {Path(path).name: java.get(Path(path).name) for path in house.certificates(slug, which)}
    assert set(verdicts.values()) == {"OK"}, verdicts


def test_java_refuses(java: dict[str, str]) -> None:
    assert "revoked" in java["revoked.pem"]
    assert "signature check failed" in java["damaged.pem"]


# --- pkilint, by its own commands ------------------------------------------------------------------------------


def _lint(command: object, *arguments: str) -> str:
    """What a command of pkilint reports of severity ERROR and worse."""
    report = io.StringIO()
    with contextlib.redirect_stdout(report):
        command.main(["lint", *arguments])  # type: ignore[attr-defined]  # a module of pkilint.bin
    return report.getvalue().strip()


@pytest.mark.parametrize(("slug", "which"), TEMPLATES)
def test_pkilint(house: House, slug: str, which: int) -> None:
    smime = profile(slug).policy_pack != "private"
    for path in house.certificates(slug, which):
        assert _lint(lint_pkix_cert, "-s", "ERROR", path) == ""
        if smime:
            assert _lint(lint_cabf_smime_cert, "-d", "-s", "ERROR", path) == ""


def test_pkilint_on_cas_and_lists(house: House) -> None:
    for name in ("root", "ca"):
        assert _lint(lint_pkix_cert, "-s", "ERROR", house.path(f"{name}.pem")) == ""
        kind = "ARL" if name == "root" else "CRL"
        assert _lint(lint_crl, "-t", kind, "-p", "BR", "-s", "ERROR", house.path(f"{name}.crl")) == ""


def test_pkilint_refuses(house: House) -> None:
    assert "ERROR" in _lint(lint_cabf_smime_cert, "-t", "MAILBOX-STRICT", "-s", "ERROR", house.path("officer-p256.pem"))
