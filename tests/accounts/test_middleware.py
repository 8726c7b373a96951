"""Limits of a session, and the forced first password."""

from typing import Any

import pytest
from django.test import Client

from accounts import services
from accounts.errors import SignInRefused
from accounts.models import Account
from accounts.states import AccountState
from audit.services import SYSTEM
from tests import factories

pytestmark = pytest.mark.django_db

PAGE = "/account/password/"


def is_in(client: Client) -> bool:
    return client.get(PAGE).status_code == 200


@pytest.mark.parametrize(("kind", "minutes"), [("subscriber", 30), ("officer", 15)])
def test_an_idle_session_ends_and_the_door_says_why(client: Client, clock: Any, kind: str, minutes: int) -> None:
    factories.signed_in(client, factories.subscriber() if kind == "subscriber" else factories.officer())
    clock.shift(minutes=minutes - 1)
    assert is_in(client)
    clock.shift(minutes=minutes - 1)  # the visit before was noted
    assert is_in(client)
    clock.shift(minutes=minutes, seconds=1)
    assert not is_in(client)
    assert "nothing happened for a while" in client.get("/account/sign-in/").content.decode()
    assert "nothing happened for a while" not in client.get("/account/sign-in/").content.decode()


def test_no_session_is_older_than_twelve_hours(client: Client, clock: Any) -> None:
    factories.signed_in(client, factories.subscriber())
    for _ in range(12 * 60 // 25):
        clock.shift(minutes=25)
        assert is_in(client)
    clock.shift(minutes=25)
    assert not is_in(client)
    assert "signed in for 12 hours" in client.get("/account/sign-in/").content.decode()


def test_a_session_that_no_door_opened_ends(client: Client) -> None:
    client.force_login(factories.subscriber().account)
    assert not is_in(client)


@pytest.mark.parametrize("what", ["lock", "reset", "password", "close"])
def test_open_sessions_end(client: Client, what: str) -> None:
    person = factories.subscriber()
    factories.signed_in(client, person)
    assert is_in(client)
    if what == "lock":
        for _ in range(3):
            with pytest.raises(SignInRefused):
                services.sign_in(username=person.account.username, password="wrong-wrong", address="192.0.2.1")
    elif what == "reset":
        services.close_door(account=person.account, actor=SYSTEM)
        passcode = services.print_passcode(account=person.account, actor=SYSTEM)
        assert services.sign_in(username=person.account.username, password=passcode, address="192.0.2.1")
    elif what == "password":
        services.change_password(account=person.account, old=factories.PASSWORD, new="another-Battery-staple-9")
    else:
        Account.objects.filter(pk=person.account.pk).update(state=AccountState.CLOSED)
    assert not is_in(client)


def test_a_slip_opens_the_first_password_and_nothing_else(client: Client) -> None:
    factories.signed_in(client, factories.subscriber(state=AccountState.SLIP))
    for page in (PAGE, "/", "/enrollment/", "/certificates/", "/desk/", "/account/sign-in/"):
        answer = client.get(page)
        assert (answer.status_code, answer["Location"]) == (302, "/account/first-password/"), page
    assert client.get("/account/first-password/").status_code == 200
    assert client.post("/account/language/", {"language": "pt", "next": "/account/first-password/"})["Location"] == (
        "/account/first-password/"
    )
    assert client.post("/account/sign-out/")["Location"] == "/"
    assert client.get("/account/sign-in/").status_code == 200


def test_visitors_and_people_with_a_password_go_where_they_like(client: Client) -> None:
    assert client.get("/account/sign-in/").status_code == 200
    factories.signed_in(client, factories.subscriber())
    assert is_in(client)
