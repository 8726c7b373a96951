"""Proving that somebody reads a mailbox."""

from typing import Any

import pytest
from django.db import connection

from accounts.errors import MailboxLinkExpired, MailboxLinkUnknown, MailboxLinkUsed, TooMany
from accounts.models import MailboxProof, Subscriber
from accounts.selectors import mailbox_link_open, mailbox_proven
from accounts.services import find_mailbox_link, prove_mailbox, send_mailbox_link
from accounts.states import AccountState
from audit.models import Event
from notifications.errors import AddressNotAllowed
from notifications.models import Message
from notifications.rules import SECRETS
from tests import factories
from vault.values import unseal

pytestmark = pytest.mark.django_db

EMAIL = "mei@example.org"


@pytest.fixture
def person() -> Subscriber:
    return factories.subscriber(state=AccountState.NEW, email=EMAIL, language="pt")


def token_of(proof: MailboxProof) -> str:
    message = Message.objects.get(key=f"mailbox-link:{proof.pk}")
    link = unseal(message.secrets, SECRETS)
    return link.split("/account/mailbox/")[1].split("/")[0]


def send(person: Subscriber, email: str = EMAIL) -> MailboxProof:
    return send_mailbox_link(subscriber=person, email=email)


def test_a_link_proves_once_and_the_proof_lasts_thirty_days(person: Subscriber, clock: Any) -> None:
    proof = send(person)
    assert not mailbox_proven(person, EMAIL)
    assert mailbox_link_open(person, EMAIL) == proof
    prove_mailbox(token=token_of(proof))
    assert mailbox_proven(person, EMAIL)
    assert not mailbox_proven(person, "other@example.org")
    assert not mailbox_proven(factories.subscriber(), EMAIL)
    assert mailbox_link_open(person, EMAIL) is None
    with pytest.raises(MailboxLinkUsed):
        prove_mailbox(token=token_of(proof))
    with pytest.raises(MailboxLinkUsed):
        find_mailbox_link(token=token_of(proof))
    clock.shift(days=29)
    assert mailbox_proven(person, EMAIL)
    clock.shift(days=2)
    assert not mailbox_proven(person, EMAIL)


def test_the_random_value_lies_nowhere_in_plain(person: Subscriber) -> None:
    proof = send(person)
    token = token_of(proof)
    assert len(token) >= 43  # 256 bits in base64url
    with connection.cursor() as cursor:
        for model in (MailboxProof, Message, Event):
            cursor.execute(f"SELECT * FROM {model._meta.db_table}")
            assert token not in str(cursor.fetchall())
    message = Message.objects.get()
    assert (message.event, message.address, message.language) == ("mailbox-link", EMAIL, "pt")


def test_a_link_expires_after_a_day(person: Subscriber, clock: Any) -> None:
    proof = send(person)
    token = token_of(proof)
    clock.shift(hours=23, minutes=59)
    assert find_mailbox_link(token=token) == proof
    clock.shift(minutes=2)
    with pytest.raises(MailboxLinkExpired):
        prove_mailbox(token=token)
    assert not mailbox_proven(person, EMAIL)


@pytest.mark.parametrize("token", ["", "x", "é" * 43, "A" * 5000])
def test_unknown_links(token: str) -> None:
    with pytest.raises(MailboxLinkUnknown):
        prove_mailbox(token=token)


def test_of_two_presses_at_once_one_proves(person: Subscriber, monkeypatch: pytest.MonkeyPatch) -> None:
    proof = send(person)
    monkeypatch.setattr("accounts.services.mailboxes.find_mailbox_link", lambda **_: proof)
    prove_mailbox(token="any")
    with pytest.raises(MailboxLinkUsed):
        prove_mailbox(token="any")
    assert Event.objects.filter(name="mailbox.proven").count() == 1


def test_links_are_throttled_for_each_subscriber(person: Subscriber) -> None:
    for _ in range(5):
        send(person)
    with pytest.raises(TooMany):
        send(person, "other@example.org")
    assert Message.objects.count() == 5


def test_an_address_that_breaks_headers_leaves_nothing_behind(person: Subscriber) -> None:
    with pytest.raises(AddressNotAllowed):
        send(person, "a@example.org\nBcc: b@example.org")
    assert not MailboxProof.objects.exists()
