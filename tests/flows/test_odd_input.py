"""Odd input at every address: as visitor, subscriber and officer, nothing is a crash and nothing takes long.

A new address is taken in by itself; a new form gets its row in FORMS, so that each of its fields is tried alone, with
the others right. Each call is rolled back.
"""

import time
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any
from urllib.parse import quote_from_bytes, urlencode

import pytest
from captcha.models import CaptchaStore
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.resolvers import RegexPattern

from cases.models import Case
from enrollment.models import Entitlement, Slip
from tests.certificates.making import csr
from tests.factories import PASSWORD
from tests.flows.journey import REGISTRATION
from tests.test_access import TABLE, World
from tests.test_access import world as world  # noqa: PLC0414 - a fixture is found by its name here

pytestmark = pytest.mark.django_db

SLOWEST = 1.0  # seconds of work; waiting for other tests on the machine does not count
COMBINING = "a" + "\u0315\u0300" * 25_000  # composing it costs the square of its length
ODD: tuple[bytes, ...] = (
    b"",
    b"\0",
    b"a\0b",
    b"\xff\xfe",
    b"\xed\xa0\x80",  # a lone surrogate
    "²".encode(),  # a digit to str.isdigit, no number to int
    b"9" * 20,
    b"9" * 5000,  # more digits than int takes
    b"-1",
    b"1e999",
    b"a\r\nSet-Cookie: b=c",
    "\u202e\u200b\ufeff".encode(),
    b"../../etc/passwd",
    b"//[",
    b"{{ 7|add:7 }} <script>' OR 1=1 --",
    "ﷺ".encode() * 9000,
    COMBINING.encode(),
)
SHORT = tuple(value for value in ODD if len(value) <= 5000)
NAMES = ("next", "page", "wish", "kind", "number", "format", "opened", "language", "slip", "revision", "csr", "work")


def routes(resolver: URLResolver, above: str = "/") -> Iterator[tuple[str, bool]]:
    """Every address of the site as it is written in the map, and whether it is a regular expression."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from routes(entry, above + str(entry.pattern))
        elif isinstance(entry, URLPattern):
            yield above + str(entry.pattern), isinstance(entry.pattern, RegexPattern)


def filled(value: str) -> set[str]:
    """Every address, `value` in the place of each of its parameters."""
    found = set()
    for route, is_regex in routes(get_resolver()):
        if is_regex:
            found |= {f"/certificates/{value}/", f"/certificates/{value}.pem"}
            continue
        parts = route.replace("<", ">").split(">")
        found.add("".join(value if at % 2 else part for at, part in enumerate(parts)))
    return found


class Watch:
    """Sends requests and keeps those that crash or take too long."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.bad: list[str] = []
        self.strict = False  # whether forms need their token

    def __call__(self, role: str, what: str, method: str, *request: Any, **more: Any) -> Any:
        """Send one request as somebody, roll back what it did; gives back the status."""
        status, took = self._sent(role, method, *request, **more)
        if took > SLOWEST:  # once may have loaded a page for the whole run; what is slow is slow again
            status, took = self._sent(role, method, *request, **more)
        if status >= 500 or took > SLOWEST:
            self.bad.append(f"{role}: {what}: {status} after {took:.1f} s")
        return status

    def _sent(self, role: str, method: str, *request: Any, **more: Any) -> tuple[int, float]:
        """The status, and how long it took."""
        client = Client(raise_request_exception=False, enforce_csrf_checks=self.strict)
        client.cookies = deepcopy(self.world.clients[role].cookies)
        begin = time.thread_time()
        rolled_back = transaction.atomic()
        # What insists on a transaction of its own (durable) takes this for the test's.
        setattr(rolled_back, "_from_testcase", True)  # noqa: B010 - Django's own mark, unknown to its types
        with rolled_back:
            status: int = getattr(client, method)(*request, **more).status_code
            transaction.set_rollback(True)
        return status, time.thread_time() - begin


@pytest.fixture
def watch(world: World) -> Iterator[Watch]:
    """Fails the test that let something crash."""
    watching = Watch(world)
    yield watching
    assert not watching.bad, "\n".join(watching.bad)


def whose(address: str) -> str:
    """Who gets furthest with this address."""
    return "registration" if address.startswith(("/desk/", "/account/second")) else "owner"


def own(world: World, name: str) -> str:
    """The address of this name with the object that it speaks of."""
    return reverse(name, kwargs=world.objects.get(name, {}))


def test_odd_addresses(watch: Watch) -> None:
    for value in SHORT:
        for address in filled(quote_from_bytes(value, safe="")) - filled(""):
            for role in ("visitor", whose(address)):
                watch(role, f"GET {address[:80]}", "get", address)


@pytest.mark.parametrize("method", ["HEAD", "PUT", "OPTIONS", "BREW"])
def test_other_methods(watch: Watch, method: str) -> None:
    for address in every_address(watch.world):
        watch(whose(address), f"{method} {address}", "generic", method, address)


def every_address(world: World) -> set[str]:
    return {own(world, name) for name in TABLE}


def test_odd_questions(watch: Watch) -> None:
    for value in SHORT:
        query = "&".join(f"{name}={quote_from_bytes(value)}" for name in NAMES)
        for address in every_address(watch.world):
            watch(whose(address), f"GET {address}?…={value[:20]!r}", "get", f"{address}?{query}")


FORM_TYPE, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
BODIES: tuple[tuple[str, bytes], ...] = (
    ("application/json", b'{"a": [[[[1]]]]}'),
    ("text/plain", b"hello"),
    ("", b"a=b"),
    ("\xff/\xfe; charset=\xff", b"a=b"),
    (FORM_TYPE, b"\xff=\xfe&%ff=%ed%a0%80&%=%zz&=&&"),
    (FORM_TYPE, b"a=b" * 100_000),  # larger than a body may be
    (FORM_TYPE, b"a=b&" * 1000),  # more fields than a body may have
    (f"{FORM_TYPE}; charset=base64", b"next=x"),
    (f"{FORM_TYPE}; charset=utf-16", b"next=x"),
    (MULTIPART, b"no boundary"),
    (f"{MULTIPART}; boundary=b", b"--b\r\nno end"),
    (f"{MULTIPART}; boundary=\xff", b"--b\r\n"),
    *(
        (
            f"{MULTIPART}; boundary=b; charset={charset}",
            b'--b\r\nContent-Disposition: form-data; name="next"\r\n\r\n\\ud800\r\n--b--\r\n',
        )
        for charset in ("base64", "unicode_escape", "utf-7", "idna", "no-such")
    ),
)


@pytest.mark.parametrize(("content_type", "body"), BODIES)
def test_odd_bodies(watch: Watch, content_type: str, body: bytes) -> None:
    for address in every_address(watch.world):
        watch(whose(address), f"POST {address} as {content_type}", "generic", "POST", address, body, content_type)


HEADERS: tuple[dict[str, str], ...] = (
    {"HTTP_ACCEPT_LANGUAGE": "x" * 10_000},
    {"HTTP_ACCEPT_LANGUAGE": "zh-hant-" * 40 + ";q=9," * 2000},
    {"HTTP_ACCEPT_LANGUAGE": "\xff,\0;q=nan"},
    {"HTTP_REFERER": "http://["},
    {"HTTP_REFERER": "//\0/"},
    {"HTTP_RANGE": "bytes=999999999-0"},
    {"HTTP_IF_MODIFIED_SINCE": "Mon, 99 Foo 99999 99:99:99 GMT"},
    {"HTTP_X_FORWARDED_FOR": "\xff, 999.9.9.9"},
    {"REMOTE_ADDR": ""},
    {"HTTP_HOST": "["},
    {"HTTP_HOST": "other.example"},
    {"HTTP_COOKIE": 'session="aaaaaaaaaaaa\\000"; csrf="\\000\\377"; language="\\000"; messages="\\000"'},
    {"HTTP_COOKIE": f"session={'a' * 5000}; csrf={'b' * 5000}; language={'c' * 5000}"},
    {"HTTP_COOKIE": "session=\xff\xfe; csrf=\xff; language=\xff"},
    {"CONTENT_LENGTH": "x"},
    {"CONTENT_LENGTH": "-1"},
)


@pytest.mark.parametrize("headers", HEADERS)
def test_odd_headers(watch: Watch, headers: dict[str, str]) -> None:
    for address in every_address(watch.world):
        for role, method in ((whose(address), "get"), ("visitor", "post")):
            watch(role, f"{method} {address}", method, address, **headers)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"HTTP_REFERER": "http://["},
        {"HTTP_COOKIE": "csrf=\xff\xfe"},
        {"HTTP_X_CSRFTOKEN": "\xff\0" * 40},
        {"HTTP_ORIGIN": "http://["},
        {"HTTP_ORIGIN": "null"},
    ],
)
def test_forms_of_others(watch: Watch, headers: dict[str, str]) -> None:
    watch.strict = True
    for address in every_address(watch.world):
        data = {"csrfmiddlewaretoken": "\0ÿ"}
        # Over TLS, where Django looks at the Referer, too.
        watch("visitor", f"POST {address}", "post", address, data, secure=True, **headers)


def forms(world: World) -> Mapping[str, tuple[str, dict[str, Any]]]:
    """Every form: who sends it, and right values for all of its fields."""
    picture = CaptchaStore.objects.get(hashkey=world.objects["accounts:picture-image"]["key"])
    human = {"captcha_0": picture.hashkey, "captcha_1": picture.response, "work": "", "work_challenge": ""}
    account = Entitlement.objects.first().subscriber.account.username  # type: ignore[union-attr]  # the owner's
    new = {"new": "meadow-Lantern-42-quiet", "again": "meadow-Lantern-42-quiet"}
    revision = Case.objects.get(reference=world.objects["desk:case"]["reference"]).revision
    phrase = {"challenge": "blue heron 2026", "challenge_again": "blue heron 2026", "key_source": "own"}
    named = {"named": world.objects["certificates:view"]["number"]}
    why = {"reason": "lost", "explanation": "on the train"}
    paper = {"form_number": "R-2026-17", "seen": "", "act": "show"}
    holder = {"proof_kind": "phrase", "proof": "", "phrase": "Challenge phrase 7", **phrase}
    registration = {**REGISTRATION, "middle_name": "", "telephone": "", "address": "", "account": ""}
    organisation = {
        "kind": "organisation",
        "documents_seen": ["form", "identity", "company", "authority"],
        "profiles": ["organisation"],
        "organisation_number": "12345",
        "organisation_name": "Casa",
        "organisation_name_chinese": "",
        "organisation_unit": "",
    }
    return {
        "accounts:sign-in": ("visitor", {"username": account, "password": PASSWORD, "next": "/", **human}),
        "accounts:officer-sign-in": ("visitor", {"username": "approver", "password": PASSWORD, **human}),
        "accounts:second-factor": ("approving", {"code": "123456", "next": "/desk/"}),
        "accounts:password": ("owner", {"old": PASSWORD, **new}),
        "accounts:set-language": ("owner", {"language": "pt", "next": "/"}),
        "enrollment:reset-wish": ("visitor", {"username": account, **human}),
        "enrollment:report-error": ("owner", {"text": "wrong"}),
        "enrollment:agreement": ("owner", {"version": "1", "accept": "on"}),
        "enrollment:key": ("owner", {"csr": [csr().decode(), csr().decode()], **phrase}),
        "report": ("visitor", {"trouble": "other", "certificate": "", "evidence": "x", "email": "", **human}),
        "revocation:numbers": ("visitor", {"email": "mei@example.org", **human}),
        "revocation:close": ("owner", {"understood": "on", "password": PASSWORD}),
        "renewal:renew": ("owner", {"version": "1", "accept": "on", "csr": csr().decode(), **holder}),
        "certificates:bundle": ("owner", {"number": world.objects["certificates:view"]["number"], "format": "pem"}),
        "revocation:home": ("visitor", {**named, "phrase": "Challenge phrase 7", "scope": "one", **why, **human}),
        "revocation:home ": ("owner", {"number": named["named"], **why}),
        "desk:revoke": ("registration", {"names": named["named"], "organisation": "", **paper, **why}),
        "desk:decide-many": ("approving", {"case": f"{world.objects['desk:case']['reference']}:{revision}"}),
        "desk:case": ("approving", {"revision": str(revision), "decision": "approve", "reason": "fine"}),
        "desk:register": ("registration", registration),
        "desk:register ": ("registration", {**registration, **organisation}),
        "desk:print-slip": ("registration", {"slip": str(Slip.objects.get().pk)}),
        "desk:reset": ("registration", {"account": account, "identity_check": "card seen", "wish": ""}),
    }


def test_right_forms_are_taken(watch: Watch) -> None:
    """The rows below say something only while the rest of each form is right."""
    for name, (role, data) in forms(watch.world).items():
        status = watch(role, name, "generic", "POST", own(watch.world, name.strip()), encoded(data), FORM_TYPE)
        assert status in (200, 302) or name == "accounts:second-factor", name


def encoded(data: dict[str, Any], odd: str = "", value: bytes | None = None) -> bytes:
    """The form as a browser sends it; `odd` names a field that has this value instead, or none."""
    rest = urlencode({name: given for name, given in data.items() if name != odd}, doseq=True)
    return (rest if value is None else f"{rest}&{odd}={quote_from_bytes(value)}").encode()


def test_each_field_odd_alone(watch: Watch) -> None:
    for name, (role, data) in forms(watch.world).items():
        address = own(watch.world, name.strip())
        for field in data:
            for value in (*ODD, None):
                what = f"POST {name} {field}={value and value[:20]!r}"
                watch(role, what, "generic", "POST", address, encoded(data, field, value), FORM_TYPE)


def test_files_where_words_belong_and_words_where_files_belong(watch: Watch) -> None:
    for name, (role, data) in forms(watch.world).items():
        address = own(watch.world, name.strip())
        for field in data:
            odd = SimpleUploadedFile("\u202eodd\r\n.csr", b"\0\xff" * 2000)
            watch(role, f"POST {name} {field} as a file", "post", address, {**data, field: odd})
        for file in ("no file", SimpleUploadedFile("empty", b""), SimpleUploadedFile("full", b"\xff" * 2000)):
            watch(role, f"POST {name} with {file!r}", "post", address, {**data, "csr_file": file})
