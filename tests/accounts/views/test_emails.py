"""The page that asks for a new address."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import MailboxProof, Subscriber
from accounts.selectors import newest_identity
from notifications.models import Message
from notifications.rules import SECRETS
from tests import factories
from vault.values import unseal

pytestmark = pytest.mark.django_db

PAGE = reverse("accounts:email")
SENT = {"email": "new@example.org", "password": factories.PASSWORD}


@pytest.fixture
def person() -> Subscriber:
    return factories.subscriber(email="old@example.org")


@pytest.fixture
def tab(person: Subscriber) -> Client:
    return factories.signed_in(Client(), person)


def words(answer: Any) -> str:
    return str(answer.content.decode())


def link() -> str:
    letter = Message.objects.get(event="email-change-link")
    return "/account/" + unseal(letter.secrets, SECRETS).split("/account/")[1].split('"')[0]


def test_from_the_form_to_the_new_address(tab: Client, person: Subscriber) -> None:
    assert "old@example.org" in words(tab.get(PAGE))
    answer = tab.post(PAGE, SENT, follow=True)
    assert answer.redirect_chain == [(reverse("accounts:details"), 302)]
    assert "The link was sent" in words(answer)
    # The link is opened on another device, where nobody is signed in.
    page = words(Client().get(link()))
    assert "new@example.org" in page
    assert "Make this my address" in page
    assert MailboxProof.objects.get().proven_at is None
    page = words(Client().post(link()))
    assert "From now on we write to new@example.org" in page
    identity = newest_identity(person)
    assert identity is not None
    assert identity.email == "new@example.org"
    assert "We write to new@example.org" in words(tab.get(reverse("accounts:details")))
    assert Client().post(link()).status_code == 410


@pytest.mark.parametrize("address", ["", "new", "old@example.org", '"new"@example.org', "new\u202e@example.org"])
def test_an_address_that_cannot_be_is_told_at_its_field(tab: Client, address: str) -> None:
    answer = tab.post(PAGE, {**SENT, "email": address})
    assert answer.status_code == 422
    assert answer.context["form"].errors["email"]
    assert not Message.objects.exists()


def test_a_wrong_password_is_told_and_the_third_ends_the_session(tab: Client) -> None:
    wrong = {**SENT, "password": "wrong-wrong-wrong"}
    for _ in range(2):
        answer = tab.post(PAGE, wrong)
        assert answer.status_code == 422
        assert answer.context["form"].errors["password"]
        assert "wrong-wrong-wrong" not in words(answer)
    assert tab.post(PAGE, wrong)["Location"] == reverse("accounts:locked")
    assert tab.get(PAGE).status_code == 302


def test_too_many_changes_are_told(tab: Client) -> None:
    answers = [tab.post(PAGE, {**SENT, "email": f"new{number}@example.org"}).status_code for number in range(6)]
    assert answers == [302] * 5 + [429]


def test_an_older_link_says_that_there_is_a_newer_one(tab: Client) -> None:
    tab.post(PAGE, SENT)
    first = link()
    tab.post(PAGE, {**SENT, "email": "newer@example.org"})
    for answer in (Client().get(first), Client().post(first)):
        assert answer.status_code == 410
        assert "Use the link in the newest mail" in words(answer)
