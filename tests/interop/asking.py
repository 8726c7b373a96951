"""A certificate of a running site, and what OpenSSL and GnuTLS say of it after asking the site."""

import subprocess
import time
import urllib.request
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.judges import judge
from tests.processes import Site

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


def until_responder_is_there(site: Site) -> None:
    """Wait until the signing process has issued the certificate of the process that answers."""
    end = time.monotonic() + 60
    while b'"responders": 1' not in fetch(f"{site.status_url}/healthz"):
        assert time.monotonic() < end, site.log("signing").read_text() + site.log("status").read_text()
        time.sleep(0.2)


def fetch(url: str) -> bytes:
    """What lies at this address."""
    with urllib.request.urlopen(url, timeout=10) as reply:
        body: bytes = reply.read()
        return body


def run(*command: str) -> str:
    """Everything that a program says."""
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=30)
    return done.stdout + done.stderr


def issued(site: Site) -> x509.Certificate:
    """A certificate of this site, ordered and signed."""
    return x509.load_der_x509_certificate(bytes.fromhex(site.manage("shell", "-c", _ISSUE).split()[-1]))


class Chain:
    """A certificate, its issuer and its root as PEM files, fetched from the addresses that they hold."""

    def __init__(self, folder: Path, leaf: x509.Certificate) -> None:
        self.folder, self.leaf = folder, leaf
        issuer = x509.load_der_x509_certificate(fetch(self._access(leaf, "caIssuers")))
        root = x509.load_der_x509_certificate(fetch(self._access(issuer, "caIssuers")))
        for name, one in (("leaf", leaf), ("issuer", issuer), ("root", root)):
            self.path(name).write_bytes(one.public_bytes(Encoding.PEM))
        lists = [x509.load_der_x509_crl(fetch(self.list_address(one))) for one in (leaf, issuer)]
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
    def list_address(one: x509.Certificate) -> str:
        """Where the list lies that would name it."""
        points = one.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
        return str((points[0].full_name or [])[0].value)

    def openssl_verify(self) -> str:
        files = ("-CAfile", str(self.path("root")), "-untrusted", str(self.path("issuer")))
        lists = ("-crl_check_all", "-CRLfile", str(self.path("lists")), "-x509_strict")
        return run(judge("openssl"), "verify", *files, *lists, str(self.path("leaf")))

    def openssl_ocsp(self, *options: str) -> str:
        files = (
            "-issuer",
            str(self.path("issuer")),
            "-cert",
            str(self.path("leaf")),
            "-CAfile",
            str(self.path("chain")),
        )
        return run(judge("openssl"), "ocsp", *options, *files, "-url", self.ocsp)

    def gnutls_ocsp(self) -> str:
        files = ("--load-issuer", str(self.path("issuer")), "--load-cert", str(self.path("leaf")))
        trust = ("--load-trust", str(self.path("chain")))
        return run(judge("ocsptool"), f"--ask={self.ocsp}", *files, *trust)
