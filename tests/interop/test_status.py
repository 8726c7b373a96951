"""The status process, started for real with its own key and no other, asked by OpenSSL and GnuTLS."""

import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.judges import judge
from tests.processes import Site, demo_site

pytestmark = pytest.mark.interop

_ISSUE = """
import time
from certificates.models import Certificate
from tests.certificates.making import placed
order, end = placed(), time.monotonic() + 30
while order.state != "issued" and time.monotonic() < end:
    time.sleep(0.05)
    order.refresh_from_db()
print(bytes(Certificate.objects.get(item__order=order).der).hex())
"""
_REVOKE = """
from certificates.models import Certificate
from certificates.services import revoke
revoke(certificates=[Certificate.objects.get(serial="{serial:x}")], reason="keyCompromise", actor="system")
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = demo_site(tmp_path_factory.mktemp("status"))
    site.start("status", "signing")
    _until_responder_is_there(site)
    yield site
    site.stop()


def _until_responder_is_there(site: Site) -> None:
    end = time.monotonic() + 60
    while b'"responders": 1' not in _fetch(f"{site.status_url}/healthz"):
        assert time.monotonic() < end, site.log("signing").read_text() + site.log("status").read_text()
        time.sleep(0.2)


def _fetch(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=10) as reply:
        body: bytes = reply.read()
        return body


def _run(*command: str) -> str:
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=30)
    return done.stdout + done.stderr


def _issued(site: Site) -> x509.Certificate:
    return x509.load_der_x509_certificate(bytes.fromhex(site.manage("shell", "-c", _ISSUE).split()[-1]))


class Chain:
    """A certificate, its issuer and its root as PEM files, fetched from the addresses that they hold."""

    def __init__(self, folder: Path, leaf: x509.Certificate) -> None:
        self.folder, self.leaf = folder, leaf
        issuer = x509.load_der_x509_certificate(_fetch(self._access(leaf, "caIssuers")))
        root = x509.load_der_x509_certificate(_fetch(self._access(issuer, "caIssuers")))
        for name, one in (("leaf", leaf), ("issuer", issuer), ("root", root)):
            self.path(name).write_bytes(one.public_bytes(Encoding.PEM))
        lists = [x509.load_der_x509_crl(_fetch(self._list(one))) for one in (leaf, issuer)]
        self.path("lists").write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in lists))
        self.path("chain").write_bytes(self.path("issuer").read_bytes() + self.path("root").read_bytes())
        self.ocsp = self._access(leaf, "OCSP")

    def path(self, name: str) -> Path:
        return self.folder / f"{name}.pem"

    @staticmethod
    def _access(one: x509.Certificate, method: str) -> str:
        access = one.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
        return next(str(place.access_location.value) for place in access if place.access_method._name == method)

    @staticmethod
    def _list(one: x509.Certificate) -> str:
        points = one.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
        return str((points[0].full_name or [])[0].value)

    def openssl_verify(self) -> str:
        files = ("-CAfile", str(self.path("root")), "-untrusted", str(self.path("issuer")))
        lists = ("-crl_check_all", "-CRLfile", str(self.path("lists")), "-x509_strict")
        return _run(judge("openssl"), "verify", *files, *lists, str(self.path("leaf")))

    def openssl_ocsp(self, *options: str) -> str:
        files = (
            "-issuer",
            str(self.path("issuer")),
            "-cert",
            str(self.path("leaf")),
            "-CAfile",
            str(self.path("chain")),
        )
        return _run(judge("openssl"), "ocsp", *options, *files, "-url", self.ocsp)

    def gnutls_ocsp(self) -> str:
        files = ("--load-issuer", str(self.path("issuer")), "--load-cert", str(self.path("leaf")))
        trust = ("--load-trust", str(self.path("chain")))
        return _run(judge("ocsptool"), f"--ask={self.ocsp}", *files, *trust)


def test_openssl_and_gnutls_believe_what_is_published(site: Site, tmp_path: Path) -> None:
    good = Chain(tmp_path, _issued(site))
    assert ": OK" in good.openssl_verify()
    for options in ((), ("-no_nonce",), ("-sha256",)):
        said = good.openssl_ocsp(*options)
        assert "Response verify OK" in said
        assert f"{good.path('leaf')}: good" in said
    assert "Verifying OCSP Response: Success" in good.gnutls_ocsp()


def test_openssl_and_gnutls_see_a_revocation(site: Site, tmp_path: Path) -> None:
    leaf = _issued(site)
    assert f"{tmp_path / 'leaf.pem'}: good" in Chain(tmp_path, leaf).openssl_ocsp()
    site.manage("shell", "-c", _REVOKE.format(serial=leaf.serial_number))
    revoked = Chain(tmp_path, leaf)
    said = revoked.openssl_ocsp()
    assert "Response verify OK" in said
    assert f"{revoked.path('leaf')}: revoked" in said
    assert "keyCompromise" in said
    assert "revoked" in revoked.gnutls_ocsp()
    _until_list_is_new(revoked, leaf, tmp_path)


def _until_list_is_new(chain: Chain, leaf: x509.Certificate, folder: Path) -> None:
    """A list is made at most every 10 seconds, and what was read from the database is served for 15 more."""
    end = time.monotonic() + 60
    while "certificate revoked" not in chain.openssl_verify():
        assert time.monotonic() < end
        time.sleep(1)
        chain = Chain(folder, leaf)


def test_openssl_learns_that_a_serial_number_was_never_given(site: Site, tmp_path: Path) -> None:
    chain = Chain(tmp_path, _issued(site))
    files = ("-issuer", str(chain.path("issuer")), "-serial", "0x1234", "-CAfile", str(chain.path("chain")))
    assert "0x1234: unknown" in _run(judge("openssl"), "ocsp", *files, "-url", chain.ocsp)


def test_the_status_process_holds_its_own_key_and_no_other(site: Site) -> None:
    environment = Path(f"/proc/{site.running['status'].pid}/environ").read_bytes().split(b"\0")
    assert any(one.startswith(b"STATUS_KEY_DIR=") for one in environment)
    assert not any(one.startswith(b"CA_KEY_DIR=") for one in environment)
