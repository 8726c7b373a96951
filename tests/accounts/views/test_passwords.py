"""Setting and changing a password on its page."""

import pytest
from django.test import Client

from accounts import services
from accounts.models import Subscriber
from accounts.states import AccountState
from audit.services import SYSTEM
from tests import factories

pytestmark = pytest.mark.django_db

FIRST, CHANGE = "/account/first-password/", "/account/password/"
NEW = "another-Battery-staple-9"


@pytest.fixture
def person(client: Client) -> Subscriber:
    someone = factories.subscriber()
    factories.signed_in(client, someone)
    return someone


def test_the_rules_stand_on_the_page(client: Client, person: Subscriber) -> None:
    page = client.get(CHANGE).content.decode()
    assert "12 to 128 characters" in page
    assert "not like your name" in page


def test_a_changed_password_keeps_this_session(client: Client, person: Subscriber) -> None:
    answer = client.post(CHANGE, {"old": factories.PASSWORD, "new": NEW, "again": NEW})
    assert answer["Location"] == "/enrollment/"
    assert client.get(CHANGE).status_code == 200
    services.sign_in(username=person.account.username, password=NEW, address="192.0.2.1")


def test_an_officer_goes_back_to_the_desk(client: Client) -> None:
    factories.signed_in(client, factories.officer())
    answer = client.post(CHANGE, {"old": factories.PASSWORD, "new": NEW, "again": NEW})
    assert answer["Location"] == "/desk/"


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"old": "wrong-wrong", "new": NEW, "again": NEW}, "present password was not right"),
        ({"old": factories.PASSWORD, "new": NEW, "again": NEW + "x"}, "The two passwords differ"),
        ({"old": factories.PASSWORD, "new": "short", "again": "short"}, "12 to 128 characters"),
        ({"old": factories.PASSWORD, "new": "", "again": ""}, "This field is required"),
    ],
)
def test_what_is_refused_is_said(client: Client, person: Subscriber, sent: dict[str, str], said: str) -> None:
    answer = client.post(CHANGE, sent)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert NEW not in answer.content.decode()


def test_three_wrong_present_passwords_lock_and_lead_to_the_locked_page(client: Client, person: Subscriber) -> None:
    sent = {"old": "wrong-wrong", "new": NEW, "again": NEW}
    assert [client.post(CHANGE, sent).status_code for _ in range(2)] == [422, 422]
    assert client.post(CHANGE, sent)["Location"] == "/account/locked/"
    person.account.refresh_from_db()
    assert person.account.state == AccountState.LOCKED
    assert client.get(CHANGE).status_code == 302


def test_the_first_password_opens_the_rest(client: Client) -> None:
    person = factories.subscriber(state=AccountState.NEW)
    passcode = services.print_passcode(account=person.account, actor=SYSTEM)
    factories.signed_in(client, person)
    kept = client.post(FIRST, {"new": passcode, "again": passcode})
    assert kept.status_code == 422
    assert "cannot be kept" in kept.content.decode()
    answer = client.post(FIRST, {"new": NEW, "again": NEW})
    assert answer["Location"] == "/enrollment/"
    page = client.get("/enrollment/")
    assert page.status_code == 200
    assert "slip is used up" in page.content.decode()


def test_who_has_a_password_needs_no_first_one(client: Client, person: Subscriber) -> None:
    assert client.get(FIRST)["Location"] == "/enrollment/"


@pytest.mark.parametrize("page", [FIRST, CHANGE])
def test_visitors_are_led_to_the_door(client: Client, page: str) -> None:
    assert client.get(page)["Location"].startswith("/account/sign-in/?next=")
