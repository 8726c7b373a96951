"""The status process, started for real with its own key and no other, asked by OpenSSL and GnuTLS."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509

from tests.interop.asking import Chain, issued, run, until_responder_is_there
from tests.judges import judge
from tests.processes import Site, demo_site

pytestmark = pytest.mark.interop

_REVOKE = """
from certificates.models import Certificate
from certificates.services import revoke
revoke(certificates=[Certificate.objects.get(serial="{serial:x}")], reason="keyCompromise", actor="system")
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = demo_site(tmp_path_factory.mktemp("status"))
    site.start("status", "signing", "scheduler")
    until_responder_is_there(site)
    yield site
    site.stop()


def test_openssl_and_gnutls_believe_what_is_published(site: Site, tmp_path: Path) -> None:
    good = Chain(tmp_path, issued(site))
    assert ": OK" in good.openssl_verify()
    for options in ((), ("-no_nonce",), ("-sha256",)):
        said = good.openssl_ocsp(*options)
        assert "Response verify OK" in said
        assert f"{good.path('leaf')}: good" in said
    assert "Verifying OCSP Response: Success" in good.gnutls_ocsp()


def test_openssl_and_gnutls_see_a_revocation(site: Site, tmp_path: Path) -> None:
    leaf = issued(site)
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
    chain = Chain(tmp_path, issued(site))
    files = ("-issuer", str(chain.path("issuer")), "-serial", "0x1234", "-CAfile", str(chain.path("chain")))
    assert "0x1234: unknown" in run(judge("openssl"), "ocsp", *files, "-url", chain.ocsp)


def test_the_status_process_holds_its_own_key_and_no_other(site: Site) -> None:
    environment = Path(f"/proc/{site.running['status'].pid}/environ").read_bytes().split(b"\0")
    assert any(one.startswith(b"STATUS_KEY_DIR=") for one in environment)
    assert not any(one.startswith(b"CA_KEY_DIR=") for one in environment)
