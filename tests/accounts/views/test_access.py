"""Who may come in."""

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from accounts.models import Officer
from accounts.states import Role
from accounts.views.access import (
    fresh_second_factor,
    officer_required,
    safe_next,
    signed_in_required,
    subscriber_required,
)
from portal.urls import urlpatterns as site_patterns
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


def whose(request: Any) -> HttpResponse:
    """A page that says whose it is."""
    person = getattr(request, "subscriber", None) or getattr(request, "officer", None) or request.user
    return HttpResponse(person.audit_id)


def forwarded(request: HttpRequest) -> HttpResponse:
    """Where `next` leads."""
    return HttpResponse(safe_next(request, "otherwise"))


urlpatterns = [
    *site_patterns,
    path("test/anyone/", signed_in_required(whose)),
    path("test/subscriber/", subscriber_required(whose)),
    path("test/officer/", officer_required()(whose)),
    path("test/approving/", officer_required(Role.APPROVING, Role.OPERATOR)(whose)),
    path("test/fresh/", officer_required()(fresh_second_factor(whose))),
    path("test/next/", forwarded),
]
handler403 = "portal.errors.forbidden"


@pytest.mark.parametrize(
    ("page", "door"),
    [
        ("anyone", "/account/sign-in/"),
        ("subscriber", "/account/sign-in/"),
        ("officer", "/account/officer/"),
        ("approving", "/account/officer/"),
        ("fresh", "/account/officer/"),
    ],
)
def test_visitors_are_led_to_the_door_and_back(client: Client, page: str, door: str) -> None:
    answer = client.get(f"/test/{page}/?a=b")
    assert answer["Location"] == f"{door}?next=%2Ftest%2F{page}%2F%3Fa%3Db"


def test_after_a_lost_post_the_page_it_came_from_is_shown(client: Client) -> None:
    answer = client.post("/test/subscriber/", headers={"referer": "http://testserver/enrollment/?x=1"})
    assert answer["Location"] == "/account/sign-in/?next=%2Fenrollment%2F%3Fx%3D1"
    for elsewhere in ("http://evil.example/", ""):
        answer = client.post("/test/subscriber/", headers={"referer": elsewhere})
        assert answer["Location"] == "/account/sign-in/?next=%2Ftest%2Fsubscriber%2F"


def test_a_subscriber_opens_subscribers_pages_only(client: Client) -> None:
    person = factories.subscriber()
    factories.signed_in(client, person)
    answer = client.get("/test/subscriber/")
    assert answer.content.decode() == person.audit_id
    assert "no-store" in answer["Cache-Control"]
    assert client.get("/test/anyone/").status_code == 200
    assert client.get("/test/officer/").status_code == 403


def test_an_officer_opens_officers_pages_only(client: Client) -> None:
    officer = factories.officer()
    factories.signed_in(client, officer)
    answer = client.get("/test/officer/")
    assert answer.content.decode() == officer.audit_id
    assert "no-store" in answer["Cache-Control"]
    assert client.get("/test/subscriber/").status_code == 403


def test_without_a_one_time_code_an_officer_opens_nothing(client: Client) -> None:
    officer = factories.officer()
    factories.signed_in(client, officer)
    session = client.session
    del session["otp_device_id"]
    session.save()
    for page in ("officer", "approving", "fresh", "anyone"):
        answer = client.get(f"/test/{page}/")
        assert answer["Location"].startswith("/account/second-factor/?next="), page


def test_a_role_taken_away_closes_the_page_at_the_next_request(client: Client) -> None:
    officer = factories.officer(roles=[Role.OPERATOR])
    factories.signed_in(client, officer)
    assert client.get("/test/approving/").status_code == 200
    Officer.objects.filter(pk=officer.pk).update(roles=[Role.AUDITOR.value])
    assert client.get("/test/approving/").status_code == 403
    assert client.get("/test/officer/").status_code == 200


def test_the_one_time_code_is_asked_again_after_fifteen_minutes(client: Client, clock: Any) -> None:
    factories.signed_in(client, factories.officer())
    clock.shift(minutes=14)
    assert client.get("/test/fresh/").status_code == 200
    clock.shift(minutes=2)
    assert client.get("/test/officer/").status_code == 200
    assert client.get("/test/fresh/")["Location"] == "/account/second-factor/?next=%2Ftest%2Ffresh%2F"


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "http:evil.example",
        "enrollment/",
        "\t//evil.example",
        "",
    ],
)
def test_next_never_leads_elsewhere(client: Client, wanted: str) -> None:
    assert client.get("/test/next/", {"next": wanted}).content == b"otherwise"
    assert client.post("/test/next/", {"next": wanted}).content == b"otherwise"


def test_next_leads_to_pages_of_this_site(client: Client) -> None:
    assert client.get("/test/next/", {"next": "/enrollment/?a=b"}).content == b"/enrollment/?a=b"
