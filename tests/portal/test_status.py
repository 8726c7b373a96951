"""The status process: files, OCSP, HTTP manners, and a database that is down."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509 import ocsp
from django.core.management import call_command
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from audit.transitions import advance
from certificates import jobs
from certificates.models import Authority, Certificate
from portal import status
from tests.certificates.making import OPERATORS, ceremony, placed
from tests.conftest import Clock
from tests.portal.status_client import Reply, get_path, question

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    for shelf in (status._certificates, status._lists, status._responders):
        shelf.kept.clear()
    monkeypatch.setattr(status, "FRESH_SECONDS", 0.0)
    # The test's own transaction must outlive the request; tests/interop/test_status.py runs the real thing.
    monkeypatch.setattr(status, "close_old_connections", lambda: None)


@pytest.fixture
def authority(db: None) -> Authority:
    return ceremony()


@pytest.fixture
def responder(authority: Authority) -> None:
    call_command("responder", operators=OPERATORS, authority=authority.slug)
    jobs.issue_orders(list(authority.order_set.values_list("pk", flat=True)))
    assert Certificate.objects.filter(authority=authority, profile="ocsp-responder").exists()


def issued() -> Certificate:
    order = placed()
    jobs.issue_orders([order.pk])
    return Certificate.objects.get(item__order=order)


# --- files -------------------------------------------------------------------------------------------------------


def test_certificates_and_lists_are_served_at_their_addresses(authority: Authority) -> None:
    for row in (authority, authority.parent):
        assert row is not None
        reply = Reply("GET", row.ca_issuers_url.removeprefix("http://status.sigillum.example"))
        assert (reply.code, reply.headers["Content-Type"]) == (200, "application/pkix-cert")
        assert reply.body == bytes(row.certificate)
        assert reply.headers["Content-Length"] == str(len(reply.body))
        listed = Reply("GET", row.crl_url.removeprefix("http://status.sigillum.example"))
        assert (listed.code, listed.headers["Content-Type"]) == (200, "application/pkix-crl")
        assert listed.headers["Cache-Control"] == "public, max-age=300"
        issuer = x509.load_der_x509_certificate(bytes(row.certificate))
        assert x509.load_der_x509_crl(listed.body).is_signature_valid(issuer.public_key())  # type: ignore[arg-type]


def test_what_has_not_changed_is_not_sent_again(authority: Authority) -> None:
    path = f"/crl/{authority.slug}.crl"
    first = Reply("GET", path)
    for given in (
        {"HTTP_IF_NONE_MATCH": first.headers["ETag"]},
        {"HTTP_IF_NONE_MATCH": f'"other", W/{first.headers["ETag"]}'},
        {"HTTP_IF_NONE_MATCH": "*"},
        {"HTTP_IF_MODIFIED_SINCE": first.headers["Last-Modified"]},
    ):
        again = Reply("GET", path, b"", **given)
        assert (again.code, again.body) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
    for given in (
        {"HTTP_IF_NONE_MATCH": '"other"', "HTTP_IF_MODIFIED_SINCE": first.headers["Last-Modified"]},
        {"HTTP_IF_MODIFIED_SINCE": "Mon, 01 Jan 2024 00:00:00 GMT"},
        {"HTTP_IF_MODIFIED_SINCE": "yesterday"},
    ):
        assert Reply("GET", path, b"", **given).code == 200
    head = Reply("HEAD", path)
    assert (head.code, head.body, head.headers["Content-Length"]) == (200, b"", first.headers["Content-Length"])


def test_a_new_list_is_served_after_it_was_published(authority: Authority, clock: Clock) -> None:
    old = Reply("GET", f"/crl/{authority.slug}.crl")
    clock.shift(hours=7)
    jobs.publish_lists()
    new = Reply("GET", f"/crl/{authority.slug}.crl")
    assert x509.load_der_x509_crl(new.body).last_update_utc > x509.load_der_x509_crl(old.body).last_update_utc


@pytest.mark.parametrize(
    "path", ["/", "/ca/none.cer", "/crl/none.crl", "/ca/../x.cer", "/ca/.cer", "/account/sign-in/"]
)
def test_nothing_else_is_here(path: str) -> None:
    assert Reply("GET", path).code == 404


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/ca/x.cer"), ("DELETE", "/crl/x.crl"), ("GET", "/ocsp"), ("PUT", "/ocsp")]
)
def test_other_methods_are_refused(method: str, path: str) -> None:
    reply = Reply(method, path)
    assert reply.code == 405
    assert reply.headers["Allow"]


# --- OCSP --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sha", [hashes.SHA1(), hashes.SHA256()])
def test_good_by_get_and_post(sha: Any, responder: None) -> None:
    certificate = issued()
    asked = question(certificate, sha=sha)
    for reply in (
        Reply("POST", "/ocsp", asked),
        Reply("GET", get_path(asked)),
        Reply("GET", get_path(asked, url_safe=True)),
        Reply("GET", get_path(asked).rstrip("=")),
    ):
        answer = reply.ocsp
        assert answer.certificate_status == ocsp.OCSPCertStatus.GOOD
        assert f"{answer.serial_number:x}" == certificate.serial
        assert reply.headers["Cache-Control"] == "public, max-age=30"
        assert reply.headers["ETag"]
        assert reply.headers["Expires"]


def test_a_nonce_is_echoed_and_not_stored_by_others(responder: None) -> None:
    reply = Reply("POST", "/ocsp", question(issued(), nonce=b"n" * 32))
    assert reply.ocsp.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == b"n" * 32
    assert reply.headers["Cache-Control"] == "no-store"


def test_unknown_serials_are_unknown(responder: None) -> None:
    certificate = issued()
    for serial in (1, 2**158 + 5):
        answer = Reply("POST", "/ocsp", question(certificate, serial=serial)).ocsp
        assert answer.certificate_status == ocsp.OCSPCertStatus.UNKNOWN


@pytest.mark.parametrize(
    ("state", "reason", "flag"),
    [
        ("held", "certificateHold", x509.ReasonFlags.certificate_hold),
        ("revoked", "keyCompromise", x509.ReasonFlags.key_compromise),
        ("revoked", "", None),
    ],
)
def test_a_revoked_certificate_is_revoked_at_once(state: str, reason: str, flag: Any, responder: None) -> None:
    certificate = issued()
    advance(
        certificate,
        before="valid",
        after=state,
        actor="system",
        event="certificate.revoked",
        changes={"revoked_at": timezone.now(), "revocation_reason": reason},
    )
    answer = Reply("POST", "/ocsp", question(certificate)).ocsp
    assert answer.certificate_status == ocsp.OCSPCertStatus.REVOKED
    assert answer.revocation_reason == flag


def test_a_serial_of_another_ca_is_unknown_to_this_one(responder: None) -> None:
    certificate = issued()
    Certificate.objects.filter(pk=certificate.pk).update(authority=certificate.authority.parent)
    assert Reply("POST", "/ocsp", question(certificate)).ocsp.certificate_status == ocsp.OCSPCertStatus.UNKNOWN


def test_two_generations_each_have_their_answer(responder: None) -> None:
    old = issued()
    newer = ceremony()
    call_command("responder", operators=OPERATORS)
    jobs.issue_orders(list(newer.order_set.values_list("pk", flat=True)))
    new = issued()
    assert new.authority == newer
    for certificate in (old, new):
        answer = Reply("POST", "/ocsp", question(certificate)).ocsp
        assert answer.certificate_status == ocsp.OCSPCertStatus.GOOD


@pytest.mark.parametrize(
    ("sent", "expected"),
    [(b"", "MALFORMED_REQUEST"), (b"\x30\x00", "MALFORMED_REQUEST"), (b"x" * 4096, "MALFORMED_REQUEST")],
)
def test_malformed_requests_get_the_error_answer(sent: bytes, expected: str, responder: None) -> None:
    reply = Reply("POST", "/ocsp", sent)
    assert reply.ocsp.response_status.name == expected
    assert reply.headers["Cache-Control"] == "no-store"


def test_another_ca_s_certificate_is_none_of_ours(responder: None) -> None:
    certificate = issued()
    assert certificate.authority.parent is not None
    certificate.authority = certificate.authority.parent
    assert Reply("POST", "/ocsp", question(certificate)).ocsp.response_status.name == "UNAUTHORIZED"


def test_get_with_what_is_no_base64(responder: None) -> None:
    assert Reply("GET", "/ocsp/%%%").ocsp.response_status.name == "MALFORMED_REQUEST"
    assert Reply("GET", "/ocsp/\u00e9").ocsp.response_status.name == "MALFORMED_REQUEST"
    assert Reply("GET", f"/ocsp/{'A' * 6000}").code == 414


def test_large_and_endless_requests_are_refused(responder: None) -> None:
    assert Reply("POST", "/ocsp", b"x" * 4097).code == 413
    assert Reply("POST", "/ocsp", b"x", CONTENT_LENGTH="").code == 411
    assert Reply("POST", "/ocsp", b"x", CONTENT_LENGTH="-1").code == 413


def test_without_a_responder_certificate_it_says_try_later(authority: Authority, settings: Any) -> None:
    certificate = issued()
    assert Reply("POST", "/ocsp", question(certificate)).ocsp.response_status.name == "TRY_LATER"
    settings.STATUS_KEY_DIR = None
    assert Reply("POST", "/ocsp", question(certificate)).ocsp.response_status.name == "TRY_LATER"


def test_a_responder_certificate_that_was_revoked_does_not_answer(responder: None) -> None:
    certificate = issued()
    Certificate.objects.filter(profile="ocsp-responder").update(state="revoked", revoked_at=certificate.not_before)
    assert Reply("POST", "/ocsp", question(certificate)).ocsp.response_status == ocsp.OCSPResponseStatus.TRY_LATER


def test_a_responder_certificate_that_has_ended_does_not_answer(responder: None, clock: Clock) -> None:
    certificate = issued()
    clock.move_to(datetime.now(UTC) + timedelta(days=91))
    assert Reply("POST", "/ocsp", question(certificate)).ocsp.response_status.name == "TRY_LATER"


# --- the database is down ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_while_the_database_is_down_files_come_from_memory_and_ocsp_says_try_later(
    error: type[Exception], responder: None, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = issued()
    paths = [f"/ca/{authority.slug}.cer", f"/crl/{authority.slug}.crl"]
    before = [Reply("GET", path).body for path in paths]
    Reply("POST", "/ocsp", question(certificate))
    _break_database(monkeypatch, error)
    assert [Reply("GET", path).body for path in paths] == before
    assert Reply("POST", "/ocsp", question(certificate)).ocsp.response_status.name == "TRY_LATER"
    assert Reply("GET", "/crl/never-asked.crl").code == 503
    health = Reply("GET", "/healthz")
    assert (health.code, json.loads(health.body)["database"]) == (200, False)


def test_health_says_how_many_cas_have_a_responder(responder: None) -> None:
    assert json.loads(Reply("GET", "/healthz").body) == {"database": True, "responders": 1}


def _break_database(monkeypatch: pytest.MonkeyPatch, error: type[Exception] = OperationalError) -> None:
    def down(*_: Any, **__: Any) -> None:
        raise error("down")

    monkeypatch.setattr("django.db.models.sql.compiler.SQLCompiler.execute_sql", down)


def test_what_was_read_is_not_read_again_at_once(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "FRESH_SECONDS", 15.0)
    first = Reply("GET", f"/crl/{authority.slug}.crl")
    _break_database(monkeypatch)
    assert Reply("GET", f"/crl/{authority.slug}.crl").body == first.body
