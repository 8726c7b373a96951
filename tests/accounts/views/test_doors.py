"""The doors as pages."""

import re
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from captcha.models import CaptchaStore
from django.conf import settings
from django.test import Client, override_settings

from accounts import services
from accounts.models import Account, Subscriber
from accounts.rules import account_number, in_groups, is_work
from accounts.states import AccountState
from audit.services import SYSTEM
from tests import factories

pytestmark = pytest.mark.django_db

DOOR, OFFICERS = "/account/sign-in/", "/account/officer/"
REFUSED = "Signing in was refused"


def hidden(page: str, name: str) -> str:
    """What a hidden field of the door's own form holds; the language switch stands before it."""
    found = re.findall(rf'name="{name}" value="([^"]*)"', page.partition("<main")[2])
    assert found, name
    return str(found[0])


def knock(client: Client, username: str, password: str, door: str = DOOR, **more: str) -> Any:
    """Open the door's page, read its picture, send the form."""
    page = client.get(door).content.decode()
    key = hidden(page, "captcha_0")
    sent = {"username": username, "password": password, "captcha_0": key}
    sent["captcha_1"] = CaptchaStore.objects.get(hashkey=key).response
    return client.post(door, {**sent, **more})


@pytest.fixture
def person() -> Subscriber:
    return factories.subscriber()


def test_a_subscriber_comes_in_with_a_new_session(client: Client, person: Subscriber) -> None:
    client.post("/account/language/", {"language": "en"})
    session = client.session
    session["planted"] = "x"
    session.save()
    old = str(session.session_key)
    client.cookies[settings.SESSION_COOKIE_NAME] = old
    answer = knock(client, in_groups(person.account.username).lower(), factories.PASSWORD)
    assert (answer.status_code, answer["Location"]) == (302, "/enrollment/")
    assert client.session.session_key != old
    assert "planted" not in client.session
    assert client.get("/enrollment/").status_code == 200


def test_with_a_slip_the_first_password_comes_first(client: Client) -> None:
    person = factories.subscriber(state=AccountState.NEW)
    passcode = services.print_passcode(account=person.account, actor=SYSTEM)
    knock(client, person.account.username, passcode)
    assert client.get("/enrollment/")["Location"] == "/account/first-password/"


def test_after_signing_in_one_comes_where_one_wanted_to_go(client: Client, person: Subscriber) -> None:
    answer = knock(client, person.account.username, factories.PASSWORD, next="/certificates/")
    assert answer["Location"] == "/certificates/"
    client.post("/account/sign-out/")
    answer = knock(client, person.account.username, factories.PASSWORD, next="//evil.example/")
    assert answer["Location"] == "/enrollment/"


def test_next_survives_a_wrong_try(client: Client, person: Subscriber) -> None:
    assert hidden(client.get(f"{DOOR}?next=/certificates/").content.decode(), "next") == "/certificates/"
    answer = knock(client, person.account.username, "wrong-wrong-wrong", next="/certificates/")
    assert hidden(answer.content.decode(), "next") == "/certificates/"


def without_random(page: Any) -> str:
    """A page without what is random on each, and without the name that was typed."""
    text: str = page.content.decode()
    text = re.sub(r'(name="(?:csrfmiddlewaretoken|captcha_0|work_challenge)" value=)"[^"]*"', r"\1", text)
    text = re.sub(r'(name="username"[^>]* value=)"[^"]*"', r"\1", text)
    text = re.sub(r'/account/picture[^"]*', "", text)
    return re.sub(r'data-challenge="[^"]*"', "", text)


def test_no_page_tells_which_accounts_exist(client: Client, person: Subscriber) -> None:
    locked = factories.subscriber()
    Account.objects.filter(pk=locked.account.pk).update(state=AccountState.LOCKED)
    pages = [
        knock(client, username, "wrong-wrong-wrong")
        for username in (account_number(), person.account.username, locked.account.username)
    ]
    assert [page.status_code for page in pages] == [422] * 3
    assert REFUSED in pages[0].content.decode()
    assert len({without_random(page) for page in pages}) == 1


def test_the_third_wrong_try_looks_like_the_others(client: Client, person: Subscriber) -> None:
    pages = [knock(client, person.account.username, "wrong-wrong-wrong") for _ in range(4)]
    assert len({without_random(page) for page in pages}) == 1
    assert knock(client, person.account.username, factories.PASSWORD).status_code == 422


def test_a_mistyped_number_is_said_without_a_try(client: Client) -> None:
    number = account_number()
    wrong = number[:-1] + ("2" if number[-1] != "2" else "3")
    answer = knock(client, wrong, factories.PASSWORD)
    assert "This is not an account number" in answer.content.decode()
    assert REFUSED not in answer.content.decode()


def test_wrong_digits_are_no_strike(client: Client, person: Subscriber) -> None:
    for _ in range(4):
        answer = knock(client, person.account.username, "wrong-wrong-wrong", captcha_1="x")
        assert answer.status_code == 422
        assert "The digits were not those of the picture" in answer.content.decode()
    person.account.refresh_from_db()
    assert person.account.strikes == 0


def test_digits_are_asked_for(client: Client, person: Subscriber) -> None:
    answer = knock(client, person.account.username, factories.PASSWORD, captcha_1="")
    assert "Type the digits of the picture." in answer.content.decode()


def test_a_page_sent_twice_is_refused_and_shows_a_new_picture(client: Client, person: Subscriber) -> None:
    first = knock(client, person.account.username, "wrong-wrong-wrong")
    new_key = hidden(first.content.decode(), "captcha_0")
    again = knock(client, person.account.username, factories.PASSWORD, captcha_0="0" * 40)
    assert again.status_code == 422
    assert hidden(again.content.decode(), "captcha_0") != new_key
    assert 'name="captcha_1" value=' not in again.content.decode()


def test_a_password_is_never_sent_back(client: Client, person: Subscriber) -> None:
    answer = knock(client, person.account.username, "wrong-canary-wrong")
    assert "wrong-canary-wrong" not in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]


def test_the_calculation_stands_in_for_the_picture_once(client: Client, person: Subscriber) -> None:
    page = client.get(DOOR).content.decode()
    challenge = hidden(page, "work_challenge")
    assert f'data-challenge="{challenge}" data-bits="18"' in page
    nonce = next(str(n) for n in count() if is_work(challenge, str(n)))
    sent = {
        "username": person.account.username,
        "password": factories.PASSWORD,
        "work_challenge": challenge,
        "work": nonce,
    }
    assert client.post(DOOR, sent).status_code == 302
    answer = Client().post(DOOR, sent)
    assert answer.status_code == 422
    assert "calculation was too old" in answer.content.decode()


def test_too_many_tries_are_a_page_with_429(client: Client) -> None:
    for _ in range(30):
        services.throttles.count(scope="sign-in", who="127.0.0.1", limit=30, window=services.throttles.window_of(900))
    assert knock(client, account_number(), "wrong-wrong-wrong").status_code == 429


def test_each_sort_of_people_has_its_own_door(client: Client, person: Subscriber) -> None:
    officer = factories.officer("ana.lei")
    answer = knock(client, person.account.username, factories.PASSWORD, door=OFFICERS)
    assert (answer.status_code, REFUSED in answer.content.decode()) == (422, True)
    Account.objects.filter(pk=officer.account.pk).update(username=account_number())
    officer.account.refresh_from_db()
    answer = knock(client, officer.account.username, factories.PASSWORD)
    assert (answer.status_code, REFUSED in answer.content.decode()) == (422, True)
    assert "_auth_user_id" not in client.session


def test_an_officer_gives_name_password_and_code(client: Client) -> None:
    officer = factories.officer("ana.lei")
    answer = knock(client, " Ana.Lei ", factories.PASSWORD, door=OFFICERS, next="/desk/register/")
    assert answer["Location"] == "/account/second-factor/?next=%2Fdesk%2Fregister%2F"
    before = client.session.session_key
    assert client.get("/desk/")["Location"].startswith("/account/second-factor/")
    wrong = client.post(answer["Location"], {"code": "000 00x"})
    assert wrong.status_code == 422
    assert "This code is not right" in wrong.content.decode()
    with override_settings(OTP_TOTP_THROTTLE_FACTOR=0):
        code = factories.code_of(officer)
        right = client.post("/account/second-factor/", {"code": f"{code[:3]} {code[3:]}", "next": "/desk/register/"})
    assert right["Location"] == "/desk/register/"
    assert client.session.session_key != before
    assert client.get("/desk/").status_code == 200


def test_a_fresh_code_is_asked_for_in_other_words(client: Client) -> None:
    factories.signed_in(client, factories.officer())
    assert "needs a fresh code" in client.get("/account/second-factor/").content.decode()


def test_only_an_officer_who_signed_in_is_asked_for_a_code(client: Client, person: Subscriber) -> None:
    assert client.get("/account/second-factor/")["Location"] == OFFICERS
    factories.signed_in(client, person)
    assert client.get("/account/second-factor/")["Location"] == OFFICERS


def test_signing_out_ends_the_session_and_needs_a_post(client: Client, person: Subscriber) -> None:
    factories.signed_in(client, person)
    assert client.get("/account/sign-out/").status_code == 405
    client.post("/account/sign-out/")
    assert client.get("/account/password/").status_code == 302


def test_doors_check_where_a_form_comes_from(person: Subscriber) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(DOOR, {"username": "x"}).status_code == 403
    assert strict.post("/account/sign-out/").status_code == 403
    assert strict.post("/account/language/", {"language": "en"}).status_code == 403


def test_a_locked_account_s_page_says_how_to_get_in_again(client: Client) -> None:
    page = client.get("/account/locked/").content.decode()
    assert 'href="/enrollment/reset/"' in page
    assert "new passcode slip" in page


def test_a_person_s_language_is_shown_where_none_was_chosen(client: Client) -> None:
    person = factories.subscriber(language="pt")
    answer = knock(client, person.account.username, factories.PASSWORD)
    assert answer.cookies[settings.LANGUAGE_COOKIE_NAME].value == "pt"
    client.post("/account/sign-out/")
    client.post("/account/language/", {"language": "en"})
    answer = knock(client, person.account.username, factories.PASSWORD)
    assert settings.LANGUAGE_COOKIE_NAME not in answer.cookies


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with override_settings(LANGUAGE_CODE="en"):
        yield
