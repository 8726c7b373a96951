"""Addresses that others link to stay, and every page that can be opened without more holds the site's promises."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from portal.views import FORMS

pytestmark = pytest.mark.django_db

LASTING = [
    "/", "/enrollment/", "/renewal/", "/revocation/", "/certificates/", "/search/", "/report/", "/desk/", "/healthz",
    "/account/sign-in/", "/practice-statement/", "/trust/", "/guides/", "/forms/", "/terms/", "/privacy/",
    "/accessibility/", *(f"/forms/{name}/" for name in FORMS),
]  # fmt: skip


def addresses(patterns: list[URLPattern | URLResolver], before: str = "/") -> Iterator[str]:
    """Every address of the site that has no parameter."""
    for one in patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from addresses(one.url_patterns, route)
        elif "<" not in route and "^" not in route:
            yield route


# Every directive stands here, so that one that is weakened, or left out, is noticed.
POLICY = {
    **dict.fromkeys(("default-src", "object-src", "base-uri", "frame-ancestors", "trusted-types"), "'none'"),
    **dict.fromkeys(("script-src", "style-src", "img-src", "font-src", "connect-src", "media-src"), "'self'"),
    "form-action": "'self'",
    "require-trusted-types-for": "'script'",
}
EVERY = sorted({*addresses(get_resolver().url_patterns), *LASTING})


@pytest.mark.parametrize("address", LASTING)
def test_a_lasting_address_stays(address: str) -> None:
    response = Client().get(address)
    assert response.status_code == 200 or (response.status_code == 302 and "/account/" in response["Location"])


@pytest.mark.parametrize("address", EVERY)
def test_every_answer_carries_the_security_headers(address: str) -> None:
    response = Client().get(address)
    assert response.status_code < 500
    policy = dict(directive.strip().split(" ", 1) for directive in response["Content-Security-Policy"].split(";"))
    assert policy == POLICY
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    if "Cookie" in response.get("Vary", ""):
        assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("address", EVERY)
@pytest.mark.parametrize("language", ["zh-hant", "en", "pt"])
def test_every_page_is_built_alike(address: str, language: str) -> None:
    response = Client().get(address, headers={"accept-language": language})
    if response.status_code != 200 or not response["Content-Type"].startswith("text/html"):
        return
    page = response.content.decode()
    tag = {"zh-hant": "zh-Hant"}.get(language, language)
    assert f'<html lang="{tag}">' in page
    assert len(re.findall(r"<h1[ >]", page)) == 1
    assert len(re.findall(r"<main[ >]", page)) == 1
    assert 'class="skip-link" href="#main"' in page
    heading = re.search(r"<h1[^>]*>(.*?)</h1>", page, re.S)
    title = re.search(r"<title>(.*?)</title>", page, re.S)
    assert heading
    assert title
    assert title[1].strip() == f"{heading[1].strip()} – {settings.SITE['name'][language]}"
    assert_nothing_inline(page)


def assert_nothing_inline(page: str) -> None:
    """No inline style or script, and nothing that a browser would fetch from another host."""
    assert not re.search(r"\sstyle\s*=", page)
    assert not re.search(r"<style[ >]", page)
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", page)
    assert not re.search(r"<script(?![^>]*\ssrc=)[^>]*>", page)
    for tag, address in re.findall(
        r"<(img|script|link|audio|iframe|form)\b[^>]*\s(?:src|href|action)=\"([^\"]*)\"", page
    ):
        assert address.startswith("/"), (tag, address)


def test_an_inline_style_is_noticed() -> None:
    with pytest.raises(AssertionError):
        assert_nothing_inline('<p style="color:red">')
    with pytest.raises(AssertionError):
        assert_nothing_inline('<img src="https://elsewhere.example/x.png">')


def views(patterns: list[URLPattern | URLResolver]) -> Iterator[Callable[..., Any]]:
    """Every view of the site."""
    for one in patterns:
        if isinstance(one, URLResolver):
            yield from views(one.url_patterns)
        else:
            yield one.callback


def test_no_view_takes_forms_of_other_sites() -> None:
    found = list(views(get_resolver().url_patterns))
    assert found
    assert not [view for view in found if getattr(view, "csrf_exempt", False)]


def test_the_demo_mailbox_is_not_there_without_the_demo() -> None:
    assert Client().get("/demo/mailbox/").status_code == 404
