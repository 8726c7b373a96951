"""The status process: CA certificates, revocation lists and OCSP, and nothing else of the site.

A small WSGI application of its own, so that no middleware, session or template stands between a relying party and
the answer. What it served last it keeps in memory, and goes on serving while the database is down.
"""

import base64
import binascii
import hashlib
import json
import logging
import os
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import django
from cryptography import x509
from cryptography.x509 import ocsp

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

# Models can be imported only after the set-up above.
from django.conf import settings  # noqa: E402
from django.db import DatabaseError, InterfaceError, close_old_connections  # noqa: E402
from django.utils import timezone  # noqa: E402
from django.utils.http import http_date, parse_http_date_safe  # noqa: E402

from ca.errors import SignerUnusable  # noqa: E402
from ca.keys.file import FileSigner  # noqa: E402
from ca.status import MALFORMED_REQUEST, TRY_LATER, Responder, Status, responder_for  # noqa: E402
from certificates.models import Authority, Certificate, PublishedList  # noqa: E402
from certificates.rules import RESPONDER, key_file  # noqa: E402
from certificates.states import CertificateState  # noqa: E402

logger = logging.getLogger(__name__)

DATABASE_DOWN = (DatabaseError, InterfaceError)  # the second is none of the first: a connection that is gone
LARGEST_REQUEST = 4096  # octets of an OCSP request, DER
FRESH_SECONDS = 15.0  # how long something read from the database is served without asking again
OCSP_SECONDS, LIST_SECONDS, CERTIFICATE_SECONDS = 30, 300, 3600  # longest time that others may keep an answer


@dataclass(frozen=True)
class Answer:
    """What goes back over HTTP; `changed` is the time for Last-Modified and conditional requests."""

    body: bytes
    content_type: str
    status: str = "200 OK"
    changed: datetime | None = None
    max_age: int | None = None  # seconds; None: not to be stored
    headers: tuple[tuple[str, str], ...] = ()


@dataclass
class Shelf:
    """What was read from the database, kept for a while, and longer while the database is down."""

    read: Callable[[str], Any]
    kept: dict[str, tuple[float, Any]] = field(default_factory=dict)

    def get(self, key: str) -> Any:
        """The value for `key`, at most FRESH_SECONDS old unless the database is down. Raises DatabaseError."""
        at, value = self.kept.get(key, (-FRESH_SECONDS, None))
        if time.monotonic() - at < FRESH_SECONDS:
            return value
        try:
            value = self.read(key)
        except DATABASE_DOWN:
            if key not in self.kept:
                raise
            logger.exception("the database is down: what was read before is served")
            return value
        if value:  # what is not there yet is looked for each time
            self.kept[key] = (time.monotonic(), value)
        return value


def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """The WSGI entrance."""
    try:
        answer = _answer(environ)
    except DATABASE_DOWN:
        logger.exception("the database is down")
        answer = _plain("503 Service Unavailable", ("Retry-After", "30"))
    finally:
        close_old_connections()  # gives the connection back to the pool
    return _send(answer, environ, start_response)


def _answer(environ: WSGIEnvironment) -> Answer:
    path = environ.get("PATH_INFO", "")
    for pattern, methods, view in _ROUTES:
        match = pattern.fullmatch(path)
        if match:
            if environ["REQUEST_METHOD"] not in methods:
                return _plain("405 Method Not Allowed", ("Allow", ", ".join(methods)))
            return view(environ, **match.groupdict())
    return _plain("404 Not Found")


def _plain(status: str, *headers: tuple[str, str]) -> Answer:
    return Answer(f"{status}\n".encode(), "text/plain; charset=utf-8", status=status, headers=headers)


def _send(answer: Answer, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    headers = [
        ("Content-Type", answer.content_type),
        ("Content-Length", str(len(answer.body))),
        ("X-Content-Type-Options", "nosniff"),
        ("Cache-Control", "no-store" if answer.max_age is None else f"public, max-age={answer.max_age}"),
        *answer.headers,
    ]
    if answer.changed is not None:
        etag = f'"{hashlib.sha256(answer.body).hexdigest()[:32]}"'
        headers += [("ETag", etag), ("Last-Modified", http_date(answer.changed.timestamp()))]
        if _not_modified(environ, etag, answer.changed):
            start_response("304 Not Modified", [pair for pair in headers if not pair[0].startswith("Content-")])
            return []
    start_response(answer.status, headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [answer.body]


def _not_modified(environ: WSGIEnvironment, etag: str, changed: datetime) -> bool:
    """RFC 9110 13.2.2: the tag decides where one is given, or else the date; only for GET and HEAD."""
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        return False
    tags = environ.get("HTTP_IF_NONE_MATCH")
    if tags is not None:
        return tags.strip() == "*" or etag in [tag.strip().removeprefix("W/") for tag in tags.split(",")]
    since = parse_http_date_safe(environ.get("HTTP_IF_MODIFIED_SINCE", ""))
    return since is not None and int(changed.timestamp()) <= since


# --- files -------------------------------------------------------------------------------------------------------


def _read_certificate(slug: str) -> Answer | None:
    row = Authority.objects.filter(slug=slug).first()
    if row is None:
        return None
    return Answer(bytes(row.certificate), "application/pkix-cert", changed=row.not_before, max_age=CERTIFICATE_SECONDS)


def _read_list(slug: str) -> Answer | None:
    row = PublishedList.objects.filter(authority__slug=slug).order_by("-number").first()
    if row is None:
        return None
    return Answer(bytes(row.der), "application/pkix-crl", changed=row.this_update, max_age=LIST_SECONDS)


_certificates, _lists = Shelf(_read_certificate), Shelf(_read_list)


def _certificate(_environ: WSGIEnvironment, slug: str) -> Answer:
    answer: Answer | None = _certificates.get(slug)
    return answer or _plain("404 Not Found")


def _list(_environ: WSGIEnvironment, slug: str) -> Answer:
    answer: Answer | None = _lists.get(slug)
    return answer or _plain("404 Not Found")


# --- OCSP --------------------------------------------------------------------------------------------------------


def _ocsp_post(environ: WSGIEnvironment) -> Answer:
    try:
        length = int(environ.get("CONTENT_LENGTH") or "")
    except ValueError:
        return _plain("411 Length Required")
    if not 0 <= length <= LARGEST_REQUEST:
        return _plain("413 Content Too Large")
    return _status_answer(environ["wsgi.input"].read(length))


def _ocsp_get(_environ: WSGIEnvironment, request: str) -> Answer:
    """RFC 6960 A.1: the request's DER in base64 as the rest of the path; clients use either alphabet."""
    if len(request) > LARGEST_REQUEST * 4 // 3 + 4:
        return _plain("414 URI Too Long")
    text = request.translate(str.maketrans("-_", "+/")).rstrip("=")
    try:
        der = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return _ocsp_answer(MALFORMED_REQUEST)
    return _status_answer(der)


def _status_answer(request: bytes) -> Answer:
    try:
        responders: dict[Responder, int] = _responders.get("all")
        if not responders:
            return _ocsp_answer(TRY_LATER)
        # Where none is asked, any of them knows which error it is.
        responder = responder_for(list(responders), request) or next(iter(responders))
        authority = responders[responder]
        der = responder.answer(request, lookup=lambda serial: _status_of(authority, serial), now=timezone.now())
    except (*DATABASE_DOWN, SignerUnusable):
        logger.exception("no status answer can be made now")
        return _ocsp_answer(TRY_LATER)
    return _ocsp_answer(der)


def _ocsp_answer(der: bytes) -> Answer:
    """The HTTP side of an answer (RFC 9919 5): only a signed one without a nonce may be kept by others."""
    response = ocsp.load_der_ocsp_response(der)
    signed = response.response_status == ocsp.OCSPResponseStatus.SUCCESSFUL
    if not signed or any(isinstance(one.value, x509.OCSPNonce) for one in response.extensions):
        return Answer(der, "application/ocsp-response")
    expires = response.next_update_utc or response.this_update_utc
    headers = (("Expires", http_date((datetime.now(UTC) + timedelta(seconds=OCSP_SECONDS)).timestamp())),)
    max_age = min(OCSP_SECONDS, max(0, int((expires - datetime.now(UTC)).total_seconds())))
    return Answer(der, "application/ocsp-response", changed=response.this_update_utc, max_age=max_age, headers=headers)


def _status_of(authority: int, serial: int) -> Status:
    found = Certificate.objects.filter(authority_id=authority, serial=f"{serial:x}")
    row = found.values_list("state", "revoked_at", "revocation_reason").first()
    if row is None:
        return Status("unknown")
    state, revoked_at, reason = row
    if state == CertificateState.VALID:
        return Status("good")
    return Status("revoked", revoked_at, reason or None)


def _read_responders(_: str) -> dict[Responder, int]:
    """For each CA the newest responder certificate that is valid now and whose key lies here."""
    folder = settings.STATUS_KEY_DIR
    if folder is None:
        return {}
    now = timezone.now()
    issued = Certificate.objects.filter(profile=RESPONDER, state=CertificateState.VALID, not_after__gt=now)
    found: dict[int, Responder] = {}
    for one in issued.select_related("authority", "public_key").order_by("-not_before", "-pk"):
        path = key_file(folder, one.public_key.spki_sha256)
        if one.authority_id not in found and path.exists():
            issuer = x509.load_der_x509_certificate(bytes(one.authority.certificate))
            certificate = x509.load_der_x509_certificate(bytes(one.der))
            found[one.authority_id] = Responder(issuer, certificate, _signer(path))
    return {responder: authority for authority, responder in found.items()}


@cache
def _signer(path: Path) -> FileSigner:
    passphrase_file = settings.STATUS_KEY_PASSPHRASE_FILE
    if passphrase_file is None:
        raise SignerUnusable("there is no passphrase file")
    signer = FileSigner(path, passphrase_file.read_bytes().strip())
    signer.check()
    return signer


_responders = Shelf(_read_responders)


def _healthz(_environ: WSGIEnvironment) -> Answer:
    """Always 200 while the process lives: to restart it would lose the memory that answers for a dead database."""
    try:
        database, responders = True, len(_read_responders("all"))
    except (*DATABASE_DOWN, SignerUnusable):
        database, responders = False, len(_responders.kept)
    body = json.dumps({"database": database, "responders": responders}).encode()
    return Answer(body, "application/json")


_View = Callable[..., Answer]
_ROUTES: tuple[tuple[re.Pattern[str], tuple[str, ...], _View], ...] = (
    (re.compile(r"/ca/(?P<slug>[-a-zA-Z0-9_]{1,50})\.cer"), ("GET", "HEAD"), _certificate),
    (re.compile(r"/crl/(?P<slug>[-a-zA-Z0-9_]{1,50})\.crl"), ("GET", "HEAD"), _list),
    (re.compile(r"/ocsp/?"), ("POST",), _ocsp_post),
    (re.compile(r"/ocsp/(?P<request>.+)"), ("GET", "HEAD"), _ocsp_get),
    (re.compile(r"/healthz"), ("GET", "HEAD"), _healthz),
)
