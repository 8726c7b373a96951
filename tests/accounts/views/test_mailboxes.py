"""The page behind the link in a mail."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Subscriber
from accounts.selectors import mailbox_proven
from accounts.services import send_mailbox_link
from accounts.states import AccountState
from notifications.models import Message
from notifications.rules import SECRETS
from tests import factories
from vault.values import unseal

pytestmark = pytest.mark.django_db

EMAIL = "mei@example.org"


@pytest.fixture
def person() -> Subscriber:
    return factories.subscriber(state=AccountState.NEW, email=EMAIL)


@pytest.fixture
def link(person: Subscriber) -> str:
    """The address in the mail, from the site's root on."""
    send_mailbox_link(subscriber=person, email=EMAIL)
    words = unseal(Message.objects.get().secrets, SECRETS)
    return "/account/mailbox/" + words.split("/account/mailbox/")[1].split('"')[0]


def test_opening_shows_a_button_and_proves_nothing(client: Client, person: Subscriber, link: str) -> None:
    for _ in range(2):  # mail scanners come first
        answer = client.get(link)
        assert answer.status_code == 200
        assert EMAIL in answer.content.decode()
        assert "Confirm this mailbox" in answer.content.decode()
        assert "no-store" in answer["Cache-Control"]
    client.head(link)
    assert not mailbox_proven(person, EMAIL)


def test_pressing_proves_without_signing_in(client: Client, person: Subscriber, link: str) -> None:
    answer = client.post(link)
    assert answer.status_code == 200
    assert "is confirmed" in answer.content.decode()
    assert mailbox_proven(person, EMAIL)


def test_used_expired_and_unknown_links_say_what_to_do(client: Client, link: str, clock: Any) -> None:
    def said(address: str) -> str:
        pages = [client.get(address), client.post(address)]
        assert [page.status_code for page in pages] == [410, 410]
        return pages[0].content.decode()

    assert "not known" in said("/account/mailbox/abc/")
    clock.shift(hours=25)
    assert "expired" in said(link)
    clock.shift(hours=-25)
    client.post(link)
    assert "used already" in said(link)


def test_with_a_slip_the_link_works_too(client: Client, person: Subscriber, link: str) -> None:
    factories.signed_in(client, factories.subscriber(state=AccountState.SLIP))
    assert client.post(link).status_code == 200
