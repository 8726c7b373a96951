"""Revoking a whole crowd in one act, as after a flaw in somebody's keys, and asking for each what the world is told."""

import io
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from threading import Event, Thread
from typing import Any, NamedTuple
from unittest import mock
from wsgiref.util import setup_testing_defaults

import psutil
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from django.core.management import call_command
from django.utils import timezone

from cases.services import Decision
from certificates import jobs
from certificates.models import Authority, Certificate
from portal import status
from revocation.services import Wish, decide_revocation, request_revocation
from revocation.states import Door, Reason
from tests import factories
from tests.certificates.making import OPERATORS
from tests.renewal.rows import units


class Figures(NamedTuple):
    """Seconds from the officer's decision; `decided` is the decision itself. `growth` in MiB, of this process."""

    certificates: int
    asked: float  # how long it took to enter the request, which suspends them all
    decided: float
    first_ocsp: float
    listed: float
    last_ocsp: float
    growth: float


def crowd(authority: Authority, count: int) -> None:
    """So many valid certificates of a CA, each of a holder of its own."""
    with mock.patch("tests.renewal.rows.authority", return_value=authority):
        units(count, timezone.now() + timedelta(days=300))


def answering(authority: Authority) -> None:
    """Give the status process its certificate."""
    call_command("responder", operators=OPERATORS, authority=authority.slug, verbosity=0)
    jobs.issue_orders(list(authority.order_set.filter(state="placed").values_list("pk", flat=True)))
    status._responders.kept.clear()


def revoke_at_once(authority: Authority, count: int, *, asked_for: int) -> Figures:
    """A request for `count` of the crowd, one decision, one list; then OCSP is asked for `asked_for` of them.

    Each is asserted to be revoked in the list, and in OCSP with its reason.
    """
    chosen = authority.issued.filter(state="valid", profile="secure-email").order_by("pk")[:count]
    clerk, approver = factories.officer(), factories.officer()
    with Memory() as memory:
        begun = time.perf_counter()
        wish = Wish(list(chosen.only("pk")), Door.PAPER, Reason.EXPOSED, clerk, form_number="SG-201-1")
        request = request_revocation(wish=wish)
        asked = time.perf_counter() - begun
        begun = time.perf_counter()
        decide_revocation(case=request.case, decision=Decision(approver, approve=True, revision=1))
        decided = time.perf_counter() - begun
        serials = [int(serial, 16) for serial in request.lines.values_list("certificate__serial", flat=True)]
        _assert_revoked(authority, serials[-1:])
        first_ocsp = time.perf_counter() - begun
        jobs.publish_lists()
        assert set(serials) <= _listed(authority)
        listed = time.perf_counter() - begun
        _assert_revoked(authority, serials[:: max(1, len(serials) // asked_for)])
        last_ocsp = time.perf_counter() - begun
    assert not authority.issued.filter(pk__in=request.lines.values("certificate")).exclude(state="revoked").exists()
    return Figures(len(serials), asked, decided, first_ocsp, listed, last_ocsp, memory.growth)


class Memory:
    """Watches how far this process grows."""

    def __enter__(self) -> "Memory":
        """Begin to watch."""
        self._process, self._over = psutil.Process(), Event()
        self._before = self._most = self._process.memory_info().rss
        self._thread = Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop watching."""
        self._over.set()
        self._thread.join()

    @property
    def growth(self) -> float:
        """MiB at the most."""
        return float(self._most - self._before) / 2**20

    def _watch(self) -> None:
        while not self._over.wait(0.05):
            self._most = max(self._most, self._process.memory_info().rss)


def _listed(authority: Authority) -> set[int]:
    """The serial numbers in the list that is served."""
    made = x509.load_der_x509_crl(_reply("GET", f"/crl/{authority.slug}.crl"))
    return {one.serial_number for one in made}


def _assert_revoked(authority: Authority, serials: Sequence[int]) -> None:
    for question in _questions(authority, serials):
        answer = ocsp.load_der_ocsp_response(_reply("POST", "/ocsp", question))
        assert answer.certificate_status == ocsp.OCSPCertStatus.REVOKED
        assert answer.revocation_reason == x509.ReasonFlags.key_compromise


def _questions(authority: Authority, serials: Sequence[int]) -> Iterator[bytes]:
    issuer = x509.load_der_x509_certificate(bytes(authority.certificate))
    responder = Certificate.objects.filter(authority=authority, profile="ocsp-responder")[0]
    some = x509.load_der_x509_certificate(bytes(responder.der))
    ids = ocsp.OCSPRequestBuilder().add_certificate(some, issuer, hashes.SHA256()).build()
    for serial in serials:
        builder = ocsp.OCSPRequestBuilder().add_certificate_by_hash(
            ids.issuer_name_hash, ids.issuer_key_hash, serial, hashes.SHA256()
        )
        yield builder.build().public_bytes(Encoding.DER)


def _reply(method: str, path: str, body: bytes = b"") -> bytes:
    """What the status process's own application answers, as it would if it had kept nothing."""
    environ: dict[str, Any] = {"REQUEST_METHOD": method, "PATH_INFO": path, "wsgi.input": io.BytesIO(body)}
    setup_testing_defaults(environ)
    environ["CONTENT_LENGTH"] = str(len(body))
    said: list[str] = []

    def start_response(line: str, *_: Any) -> Any:
        said.append(line)

    status._lists.kept.clear()
    answer = b"".join(status.application(environ, start_response))
    assert said[0].startswith("200"), said
    return answer
