"""Requests that no browser makes, a database that is down, and pages that nobody keeps."""

from typing import Any

import pytest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils.cache import patch_cache_control

from portal.middleware import DatabaseDown


def answer(*, vary: str = "", cache_control: str = "") -> HttpResponse:
    def view(_request: HttpRequest) -> HttpResponse:
        response = HttpResponse()
        if vary:
            response["Vary"] = vary
        if cache_control:
            patch_cache_control(response, public=True)
        return response

    response = DatabaseDown(view)(RequestFactory().get("/"))
    assert isinstance(response, HttpResponse)
    return response


def test_what_depends_on_cookies_is_not_kept() -> None:
    assert "no-store" in answer(vary="Accept-Language, Cookie")["Cache-Control"]


def test_what_is_everybodys_may_be_kept() -> None:
    assert not answer().has_header("Cache-Control")


def test_a_view_that_says_otherwise_is_heard() -> None:
    assert answer(vary="Cookie", cache_control="public")["Cache-Control"] == "public"


def test_other_exceptions_are_none_of_its_business() -> None:
    middleware = DatabaseDown(lambda _request: HttpResponse())
    assert middleware.process_exception(RequestFactory().get("/"), ValueError()) is None
    refused = middleware.process_exception(RequestFactory().get("/"), OperationalError())
    assert refused is not None
    assert refused.status_code == 503


@pytest.mark.django_db
def test_a_signed_in_readers_page_is_not_kept(subscriber_browser: Any) -> None:
    browser = subscriber_browser()
    for address in ("/", "/enrollment/", "/certificates/", "/renewal/"):
        assert "no-store" in browser.get(address)["Cache-Control"]


@pytest.mark.django_db
def test_static_files_are_kept() -> None:
    assert "no-store" not in Client().get("/static/seal.svg").get("Cache-Control", "")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "odd"),
    [
        ("/desk/cases/a%00b/", {}),
        ("/", {"HTTP_COOKIE": 'session="aaaaaaaaaaaa\\000"'}),
        ("/", {"CONTENT_TYPE": "multipart/form-data; boundary=b; charset=base64"}),
        ("/", {"CONTENT_TYPE": "application/x-www-form-urlencoded; charset=unicode_escape"}),
    ],
)
def test_what_no_browser_sends_is_a_400(address: str, odd: dict[str, Any]) -> None:
    response = Client(raise_request_exception=False).get(address, **odd)
    assert response.status_code == 400
    assert "Content-Security-Policy" in response


@pytest.mark.django_db
@pytest.mark.parametrize("charset", ["utf-8", "UTF-8"])
def test_a_form_that_names_its_encoding_is_taken(charset: str) -> None:
    kind = f"application/x-www-form-urlencoded; charset={charset}"
    assert Client().post("/account/language/", "language=pt", content_type=kind).status_code == 302
