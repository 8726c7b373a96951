"""From the decision to OCSP at most 60 seconds, to the revocation list at most 15 minutes: in both set-ups, for real.

The clock starts where the act's transaction was committed, and OpenSSL asks as anybody would. What was measured stands
in the report of the run (`-rP`).
"""

import re
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from cryptography import x509

from deploy import servers
from tests.interop.asking import Chain, fetch, issued, until_responder_is_there
from tests.judges import judge
from tests.processes import Site, free_port

pytestmark = pytest.mark.interop

OCSP_SECONDS, LIST_SECONDS = 60, 15 * 60
# A form comes in, and the certificate is suspended; an officer decides. Each act tells when it was committed.
_BEGIN = """
import time
from cases.models import Case
from cases.services import Decision
from certificates.models import Certificate
from revocation.services import Wish, decide_revocation, request_revocation
from revocation.states import Door, Reason
from tests import factories
one = Certificate.objects.get(serial="{serial:x}")
"""
_ASK = """
wish = Wish([one], Door.PAPER, Reason.LOST, factories.officer("{name}-clerk"), form_number="SG-201-7")
request_revocation(wish=wish)
print("committed", time.time())
"""
_DECIDE = """
case = Case.objects.get(revocation__lines__certificate=one, state="open")
decision = Decision(factories.officer("{name}-approver"), {approve}, case.revision, "Looked into.")
decide_revocation(case=case, decision=decision)
print("committed", time.time())
"""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The full set-up's PostgreSQL and Redis with the processes that status needs: no web, no mail."""
    for program in ("postgres", "initdb", "redis-server"):
        judge(program)
    folder, port = tmp_path_factory.mktemp("stack"), free_port()
    with ExitStack() as running:
        running.callback(shutil.rmtree, servers.cluster_folder(folder / "postgresql"), ignore_errors=True)
        database = running.enter_context(servers.postgresql(folder / "postgresql"))
        running.enter_context(servers.redis(folder / "redis", port))
        site = Site(folder, changes={"DATABASE_URL": database, "CELERY_BROKER_URL": f"redis://127.0.0.1:{port}/0"})
        site.environment.pop("BROKER_DIR")
        site.manage("demo", "--var", str(folder / "var"), "--without-people")
        running.callback(site.stop)
        site.start("status", "signing", "scheduler")
        yield site


def _act(site: Site, leaf: x509.Certificate, act: str, **words: object) -> float:
    """Do this in a process of its own, as the web would; gives back when it was committed, in Unix time."""
    said = site.manage("shell", "-c", (_BEGIN + act).format(serial=leaf.serial_number, **words))
    found = re.search(r"committed ([0-9.]+)", said)
    assert found, said
    return float(found[1])


def _until_ocsp_says(chain: Chain, status: str, since: float) -> float:
    """Seconds from `since` until OpenSSL is told this, with and without a nonce."""
    for options in ((), ("-no_nonce",)):
        while True:
            said = chain.openssl_ocsp(*options)
            taken = time.time() - since
            if f"{chain.path('leaf')}: {status}" in said and "Response verify OK" in said:
                break
            assert taken <= OCSP_SECONDS, said
            time.sleep(0.2)
    assert taken <= OCSP_SECONDS
    return taken


def _until_list_says(chain: Chain, leaf: x509.Certificate, *, listed: bool, since: float) -> float:
    """Seconds from `since` until the list at the address in the certificate holds it, or holds it no more."""
    while True:
        der = fetch(Chain.list_address(leaf))
        taken = time.time() - since
        entry = x509.load_der_x509_crl(der).get_revoked_certificate_by_serial_number(leaf.serial_number)
        if (entry is not None) == listed:
            return taken
        assert taken <= LIST_SECONDS
        time.sleep(0.2)


def _keeps_its_promise(site: Site, folder: Path, name: str) -> dict[str, float]:
    """Suspend, lift, and revoke a certificate; gives the seconds until each was known."""
    until_responder_is_there(site)
    leaf = issued(site)
    chain = Chain(folder, leaf)
    assert f"{chain.path('leaf')}: good" in chain.openssl_ocsp()
    seconds: dict[str, float] = {}

    at = _act(site, leaf, _ASK, name=name)
    seconds["suspended, OCSP"] = _until_ocsp_says(chain, "revoked", at)
    assert "certificateHold" in chain.openssl_ocsp()
    seconds["suspended, list"] = _until_list_says(chain, leaf, listed=True, since=at)

    at = _act(site, leaf, _DECIDE, name=name, approve=False)
    seconds["lifted, OCSP"] = _until_ocsp_says(chain, "good", at)
    seconds["lifted, list"] = _until_list_says(chain, leaf, listed=False, since=at)

    _act(site, leaf, _ASK, name=f"{name}-again")
    at = _act(site, leaf, _DECIDE, name=f"{name}-again", approve=True)
    seconds["revoked, OCSP"] = _until_ocsp_says(chain, "revoked", at)
    said = chain.openssl_ocsp()
    while "keyCompromise" not in said:
        assert time.time() - at <= OCSP_SECONDS, said
        said = chain.openssl_ocsp()
    seconds["revoked, list"] = _until_list_says(chain, leaf, listed=True, since=at)
    assert "certificate revoked" in Chain(folder, leaf).openssl_verify()
    return seconds


def _report(name: str, seconds: dict[str, float]) -> None:
    sys.stdout.writelines(f"{name}: {what} after {taken:.1f} s\n" for what, taken in seconds.items())


def test_the_embedded_set_up_keeps_its_promise(site: Site, tmp_path: Path) -> None:
    _report("embedded", _keeps_its_promise(site, tmp_path, "embedded"))


def test_the_full_set_up_keeps_its_promise(stack: Site, tmp_path: Path) -> None:
    _report("PostgreSQL and Redis", _keeps_its_promise(stack, tmp_path, "stack"))
