"""Closing one's account: at once where nothing is in force, else with the revocation of what is."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.errors import OldPasswordWrong, SignInRefused
from accounts.models import Account, Subscriber
from accounts.services import sign_in
from accounts.states import AccountState
from certificates.errors import AccountClosed
from certificates.jobs import issue_orders
from certificates.models import Authority, Certificate, Order
from certificates.services import place_order
from certificates.states import CertificateState
from notifications.models import Message
from revocation.errors import AlreadyAsked, OrderUnderway
from revocation.selectors.closing import in_force
from revocation.services import close_own_account
from revocation.states import Door
from tests import factories
from tests.certificates import making
from tests.factories import PASSWORD
from tests.revocation.making import decided, states
from tests.revocation.reporting import issued

pytestmark = pytest.mark.django_db

PAGE = "/revocation/close/"


@pytest.fixture
def person() -> Subscriber:
    """Somebody who is signed in with a password of their own."""
    return factories.subscriber()


def state_of(person: Subscriber) -> str:
    return Account.objects.get(pk=person.account_id).state


def test_an_account_without_certificates_closes_at_once(person: Subscriber) -> None:
    assert close_own_account(subscriber=person, password=PASSWORD) is None
    assert state_of(person) == AccountState.CLOSED
    assert Message.objects.get(event="account-closed").address == person.identities.get().email
    with pytest.raises(SignInRefused):
        sign_in(username=person.account.username, password=PASSWORD, address="192.0.2.1")


def test_with_certificates_an_officer_decides(authority: Authority, person: Subscriber) -> None:
    pair, _ = issued("personal", person)
    request = close_own_account(subscriber=person, password=PASSWORD)
    assert request is not None
    assert (request.closes_account, request.door) == (True, Door.SIGNED_IN)
    assert states(pair) == [CertificateState.HELD] * 2
    assert state_of(person) == AccountState.ACTIVE
    with pytest.raises(AlreadyAsked):
        close_own_account(subscriber=person, password=PASSWORD)
    decided(request)
    assert states(pair) == [CertificateState.REVOKED] * 2
    assert state_of(person) == AccountState.CLOSED
    assert Message.objects.filter(event="account-closed").count() == 1


def test_a_rejection_keeps_account_and_certificates(authority: Authority, person: Subscriber) -> None:
    certificates, _ = issued(subscriber=person)
    request = close_own_account(subscriber=person, password=PASSWORD)
    assert request is not None
    decided(request, approve=False)
    assert (states(certificates), state_of(person)) == ([CertificateState.VALID], AccountState.ACTIVE)


def test_what_has_ended_or_was_revoked_is_in_nobodys_way(authority: Authority, person: Subscriber) -> None:
    (revoked,), _ = issued(subscriber=person)
    (ended,), _ = issued(subscriber=person)
    (held,), _ = issued(subscriber=person)
    Certificate.objects.filter(pk=revoked.pk).update(state="revoked")
    Certificate.objects.filter(pk=ended.pk).update(not_after=timezone.now() - timedelta(seconds=1))
    Certificate.objects.filter(pk=held.pk).update(state="held")
    assert list(in_force(person)) == [held]
    Certificate.objects.filter(pk=held.pk).update(state="revoked")
    assert close_own_account(subscriber=person, password=PASSWORD) is None


def test_what_was_issued_meanwhile_is_revoked_with_the_rest(authority: Authority, person: Subscriber) -> None:
    first, _ = issued(subscriber=person)
    request = close_own_account(subscriber=person, password=PASSWORD)
    assert request is not None
    second, _ = issued("personal", person)
    decided(request)
    assert states([*first, *second]) == [CertificateState.REVOKED] * 3
    assert {line.certificate for line in request.lines.all()} == {*first, *second}
    assert second[0].number in Message.objects.get(event="revocation-approved").context["numbers"]


def test_no_decision_while_a_certificate_is_made(authority: Authority, person: Subscriber) -> None:
    certificates, _ = issued(subscriber=person)
    request = close_own_account(subscriber=person, password=PASSWORD)
    assert request is not None
    order = making.placed(person)
    with pytest.raises(OrderUnderway), transaction.atomic():
        decided(request)
    assert (states(certificates), state_of(person)) == ([CertificateState.HELD], AccountState.ACTIVE)
    issue_orders([order.pk])
    decided(request)
    assert set(Certificate.objects.values_list("state", flat=True)) == {"revoked"}
    assert state_of(person) == AccountState.CLOSED


@pytest.mark.parametrize("state", ["placed", "signing"])
def test_not_while_a_certificate_is_made(authority: Authority, person: Subscriber, state: str) -> None:
    Order.objects.filter(pk=making.placed(person).pk).update(state=state)
    with pytest.raises(OrderUnderway):
        close_own_account(subscriber=person, password=PASSWORD)
    assert state_of(person) == AccountState.ACTIVE


def test_what_is_made_for_others_is_in_nobodys_way(authority: Authority, person: Subscriber) -> None:
    making.placed()
    assert close_own_account(subscriber=person, password=PASSWORD) is None


def test_a_draft_of_a_closed_account_is_not_placed(authority: Authority, person: Subscriber) -> None:
    order = making.draft(person)
    close_own_account(subscriber=person, password=PASSWORD)
    with pytest.raises(AccountClosed):
        place_order(order=order, submission=making.submission())
    assert Order.objects.get(pk=order.pk).state == "draft"


def test_wrong_passwords_are_strikes(person: Subscriber) -> None:
    for _ in range(3):
        with pytest.raises(OldPasswordWrong):
            close_own_account(subscriber=person, password="wrong-wrong-wrong")
    assert state_of(person) == AccountState.LOCKED


# --- the page --------------------------------------------------------------------------------------------------


def send(browser: Client, **more: str) -> Any:
    return browser.post(PAGE, {"understood": "on", "password": PASSWORD, **more})


def words(answer: Any) -> str:
    return str(answer.content.decode())


@pytest.fixture
def browser(person: Subscriber) -> Client:
    """Where they are signed in."""
    client = factories.signed_in(Client(), person)
    client.cookies["language"] = "en"
    return client


def test_the_page_says_what_happens(authority: Authority, person: Subscriber, browser: Client) -> None:
    assert "closes at once" in words(browser.get(PAGE))
    (certificate,), _ = issued(subscriber=person)
    page = browser.get(PAGE)
    assert certificate.number in words(page)
    assert "An officer revokes them" in words(page)
    assert "no-store" in page["Cache-Control"]


def test_closing_signs_out_everywhere(person: Subscriber, browser: Client) -> None:
    other = factories.signed_in(Client(), person)
    answer = send(browser)
    assert "Your account is closed" in words(answer)
    for client in (browser, other):
        assert client.get(PAGE)["Location"].startswith("/account/sign-in/")


def test_a_request_has_its_number(authority: Authority, person: Subscriber, browser: Client) -> None:
    issued(subscriber=person)
    page = words(send(browser))
    assert person.revocationrequest_set.get().case.reference in page
    again = send(browser)
    assert again.status_code == 422
    assert "waits for a decision" in words(again)


def test_both_the_tick_and_the_password_are_needed(person: Subscriber, browser: Client) -> None:
    answer = send(browser, understood="")
    assert answer.status_code == 422
    assert "Tick this box to close the account" in answer.content.decode()
    assert send(browser, password="").status_code == 422
    wrong = send(browser, password="wrong-wrong-wrong")
    assert wrong.status_code == 422
    assert "wrong-wrong-wrong" not in words(wrong)
    assert state_of(person) == AccountState.ACTIVE


def test_the_third_wrong_password_locks_and_signs_out(person: Subscriber, browser: Client) -> None:
    answers = [send(browser, password="wrong-wrong-wrong") for _ in range(3)]
    assert [one.status_code for one in answers] == [422, 422, 302]
    assert answers[2]["Location"] == "/account/locked/"
    assert state_of(person) == AccountState.LOCKED
