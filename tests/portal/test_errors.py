"""Every refusal has one status and one page, in three languages, that says what to do next."""

import re

import pytest
from django.db import OperationalError
from django.test import Client

from portal import errors

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.portal.refusing_urls")]

STATUS = {
    "wrong-state": 409,
    "too-many": 429,
    "weak-key": 422,
    "key-of-another": 422,
    "expired": 422,
    "same-person": 422,
    "old-password": 422,
    "forbidden": 403,
    "suspicious": 400,
    "mistake": 500,
    "database": 503,
}


def heading(page: str) -> str:
    found = re.findall(r"<h1[^>]*>(.*?)</h1>", page, re.S)
    assert len(found) == 1
    return str(found[0]).strip()


def get(kind: str, language: str = "en") -> tuple[int, str]:
    client = Client(raise_request_exception=False)
    response = client.get(f"/refuse/{kind}/", headers={"accept-language": language})
    return response.status_code, response.content.decode()


@pytest.mark.parametrize("kind", STATUS)
def test_a_refusal_has_its_status_and_page_in_each_language(kind: str) -> None:
    pages = {language: get(kind, language) for language in ("zh-TW", "en", "pt-PT")}
    assert {status for status, _ in pages.values()} == {STATUS[kind]}
    assert len({heading(page) for _, page in pages.values()}) == 3
    assert re.search('<html lang="zh-Hant">', pages["zh-TW"][1])
    assert re.search('<html lang="pt">', pages["pt-PT"][1])
    assert all("secret words" not in page for _, page in pages.values())


@pytest.mark.parametrize("kind", ["weak-key", "key-of-another", "expired", "same-person", "old-password"])
def test_a_refusal_says_its_own_reason(kind: str) -> None:
    from tests.portal.refusing_urls import REFUSALS

    refusal = REFUSALS[kind]()
    reason = "This key is weak" if kind == "weak-key" else str(refusal)[:30]
    assert reason in get(kind)[1]


def test_too_many_tries_say_when_to_come_back() -> None:
    response = Client().get("/refuse/too-many/")
    assert int(response["Retry-After"]) == 900


def test_a_forbidden_page_says_why() -> None:
    assert "Only for test people." in get("forbidden")[1]


def test_nothing_here_is_a_404_that_leads_on() -> None:
    response = Client().get("/no-such-page/")
    assert response.status_code == 404
    assert 'href="/"' in response.content.decode()


def test_a_form_without_its_token_says_to_load_the_page_again() -> None:
    response = Client(enforce_csrf_checks=True).post("/account/language/", {"language": "pt"})
    assert response.status_code == 403
    assert "cookies" in response.content.decode()


def test_a_form_with_an_old_token_says_to_load_the_page_again() -> None:
    client = Client(enforce_csrf_checks=True)
    client.get("/")
    response = client.post("/account/language/", {"language": "pt", "csrfmiddlewaretoken": "x" * 64})
    assert response.status_code == 403
    assert "Load the page again" in response.content.decode()


def test_the_page_of_a_mistake_needs_no_database(django_assert_num_queries: object) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]  # pytest-django's fixture is a context manager
        assert get("mistake")[0] == 500


def test_middleware_that_cannot_reach_the_database_is_a_503_and_keeps_the_session(
    subscriber_browser: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = subscriber_browser()  # type: ignore[operator]  # a factory
    client.raise_request_exception = False
    cookie = client.cookies["session"].value

    def down(*_: object) -> None:
        raise OperationalError("secret words")

    with monkeypatch.context() as patch:
        patch.setattr("django.contrib.sessions.backends.db.SessionStore.load", down)
        response = client.get("/")
    assert response.status_code == 503
    assert response["Retry-After"] == str(errors.RETRY_SECONDS)
    assert "secret words" not in response.content.decode()
    assert client.cookies["session"].value == cookie
    assert "Sign out" in client.get("/").content.decode()


def test_an_address_that_takes_forms_only_says_so() -> None:
    response = Client().get("/account/language/")
    assert response.status_code == 405
    assert response["Allow"] == "POST"
    assert "only takes a form" in response.content.decode()


@pytest.mark.parametrize(
    ("referer", "link"),
    [
        ("http://testserver/forms/?x=1", "/forms/?x=1"),
        ("https://elsewhere.example/forms/", "/refuse/weak-key/"),
        ("", "/refuse/weak-key/"),
        ("http://testserver//elsewhere.example/", "/refuse/weak-key/"),
        ("http://[", "/refuse/weak-key/"),
    ],
)
def test_the_way_back_stays_on_this_site(referer: str, link: str) -> None:
    page = Client().get("/refuse/weak-key/", headers={"referer": referer}).content.decode()
    assert f'<a href="{link}">Back to the page</a>' in page


def test_a_form_of_more_than_256_kb_is_refused() -> None:
    sent = "username=" + "x" * 256 * 1024
    answer = Client().post("/account/sign-in/", sent, content_type="application/x-www-form-urlencoded")
    assert 400 <= answer.status_code < 422
