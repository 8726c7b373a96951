"""My details: what is registered, and the ways to change it."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Subscriber
from accounts.services import ask_email_change
from audit.models import Event
from certificates.models import Authority, Certificate
from tests import factories
from tests.certificates.making import ceremony, issued

pytestmark = pytest.mark.django_db

PAGE = reverse("accounts:details")


@pytest.fixture
def person() -> Subscriber:
    return factories.subscriber(email="mei@example.org", id_number="1234567(8)", language="pt")


@pytest.fixture
def tab(person: Subscriber) -> Client:
    return factories.signed_in(Client(), person)


@pytest.fixture
def authority() -> Authority:
    return ceremony()


def words(answer: Any) -> str:
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_what_is_registered_is_shown_and_the_id_number_is_masked(tab: Client) -> None:
    answer = tab.get(PAGE)
    page = words(answer)
    for part in ("Mei Chan", "陳美", "mei@example.org", "1••••••(8)", "+853 2833 0000", "Largo do Senado"):
        assert part in page
    assert "1234567" not in page
    assert "no-store" in answer["Cache-Control"]
    assert '<option value="pt" lang="pt" selected>' in page


def test_every_change_has_its_way(tab: Client) -> None:
    page = words(tab.get(PAGE))
    for name, arguments in (
        ("accounts:email", []),
        ("accounts:listing", []),
        ("accounts:password", []),
        ("accounts:set-language", []),
        ("revocation:home", []),
        ("revocation:close", []),
        ("form", ["registration"]),
    ):
        assert f'"{reverse(name, args=arguments)}"' in page


def test_consent_is_not_ticked_beforehand_and_holds_at_once(tab: Client, person: Subscriber) -> None:
    assert " checked" not in words(tab.get(PAGE))
    assert "can be found" in words(tab.post(reverse("accounts:listing"), {"listed": "on"}, follow=True))
    assert Subscriber.objects.get(pk=person.pk).listed
    assert " checked" in words(tab.get(PAGE))
    assert "no longer be found" in words(tab.post(reverse("accounts:listing"), follow=True))
    assert not Subscriber.objects.get(pk=person.pk).listed
    assert Event.objects.filter(name__startswith="directory.").count() == 2


def test_a_change_that_waits_is_shown_until_it_is_withdrawn(tab: Client, person: Subscriber) -> None:
    ask_email_change(subscriber=person, email="new@example.org", password=factories.PASSWORD)
    assert "A link was sent to new@example.org" in words(tab.get(PAGE))
    page = words(tab.post(reverse("accounts:withdraw-email"), follow=True))
    assert "The link is void" in page
    assert "new@example.org" not in page


def test_certificates_with_another_address_are_named(tab: Client, person: Subscriber, authority: Authority) -> None:
    pair = issued(person, "personal")
    assert "Certificates with another e-mail address" not in words(tab.get(PAGE))
    factories.identity(person, email="new@example.org")
    page = words(tab.get(PAGE))
    assert "Certificates with another e-mail address" in page
    for one in pair:
        assert f'"{reverse("certificates:view", args=[one.number])}"' in page
    Certificate.objects.update(**{"state": "revoked"})
    assert pair[0].number not in words(tab.get(PAGE))


def test_the_language_chosen_is_that_of_the_letters(tab: Client, person: Subscriber) -> None:
    answer = tab.post(reverse("accounts:set-language"), {"language": "zh-hant", "next": PAGE})
    assert answer["Location"] == PAGE
    person.account.refresh_from_db()
    assert person.account.language == "zh-hant"
