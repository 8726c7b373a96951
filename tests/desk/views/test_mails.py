"""The operator's page of mails, and the case of one that came to nobody."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.states import Role
from cases.models import Case
from desk.jobs import open_mail_cases
from notifications.models import Message
from notifications.rules import EVENTS
from tests import factories
from tests.desk.test_jobs import fail
from tests.notifications.conftest import promised

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator() -> Client:
    """The browser of the CA operator."""
    return factories.signed_in(Client(), factories.officer("leong", roles=[Role.OPERATOR]))


@pytest.fixture
def approver() -> Client:
    """The browser of an approving officer."""
    return factories.signed_in(Client(), factories.officer("wong", roles=[Role.APPROVING]))


def words(answer: Any) -> str:
    return str(answer.content.decode())


def test_the_operator_sees_how_the_outbox_stands(operator: Client) -> None:
    promised("waits")
    fail(promised("failed"))
    page = words(operator.get(reverse("desk:mails")))
    assert "the oldest since" in page
    assert "This site does not sign its mails" in page
    assert all(reverse("desk:mail", args=[event]) in page for event in EVENTS)
    assert page.count("<h1") == 1
    assert reverse("desk:mails") in words(operator.get(reverse("desk:queue")))


@pytest.mark.parametrize("event", sorted(EVENTS))
def test_every_mail_is_shown_in_three_languages_as_text(operator: Client, event: str) -> None:
    page = words(operator.get(reverse("desk:mail", args=[event])))
    assert page.count("<pre>") == 6
    assert "&lt;html lang=&quot;zh-hant&quot;&gt;" in page.lower()
    assert len(re.findall(r"<html", page)) == 1
    assert 'style="' not in page


def test_other_roles_and_unknown_events_are_turned_away(operator: Client, approver: Client) -> None:
    assert approver.get(reverse("desk:mails")).status_code == 403
    assert operator.get(reverse("desk:mail", args=["no-such-event"])).status_code == 404
    assert operator.post(reverse("desk:mails")).status_code == 405


@pytest.fixture
def case() -> Case:
    """A mailbox link that was refused."""
    factories.subscriber(email="ana@example.com", given_name="Ana", family_name="Silva")
    fail(promised())
    open_mail_cases()
    return Case.objects.get()


def test_the_case_says_to_whom_what_and_why_in_words(approver: Client, case: Case) -> None:
    page = words(approver.get(reverse("desk:case", args=[case.reference])))
    for said in (
        "ana@example.com",
        "Ana Silva",
        "Please confirm your mailbox",
        "There is no such address",
        "550 5.1.1",
    ):
        assert said in page
    assert "another address by now" not in page
    assert "https://ca.example/tok" not in page
    assert "ana@example.com" in words(approver.get(reverse("desk:queue")))


def test_a_newer_address_is_said(approver: Client, case: Case) -> None:
    Message.objects.update(address="old@example.com")
    subscriber = factories.subscriber(email="old@example.com")
    factories.identity(subscriber, email="new@example.com")
    page = words(approver.get(reverse("desk:case", args=[case.reference])))
    assert "another address by now: new@example.com" in page


def test_a_mail_that_cannot_be_written_again_is_said_and_refused(approver: Client, case: Case) -> None:
    Message.objects.update(secrets="")
    address = reverse("desk:case", args=[case.reference])
    assert "kept for a day only" in words(approver.get(address))
    answer = approver.post(address, {"revision": 1, "decision": "approve"})
    assert answer.status_code == 422
    assert "cannot be sent again" in words(answer)


def test_an_approval_on_the_page_sends_it_again(approver: Client, case: Case) -> None:
    answer = approver.post(reverse("desk:case", args=[case.reference]), {"revision": 1, "decision": "approve"})
    assert answer.status_code == 302
    assert Message.objects.get().state == "queued"
