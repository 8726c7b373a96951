"""Registration, slips and resets at the desk."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Account
from accounts.states import AccountState, Role
from audit.models import Event
from cases.models import Case
from enrollment.models import Registration, ResetRequest, Slip
from enrollment.services import wish_reset
from enrollment.states import SlipState
from tests import factories
from tests.enrollment import making

pytestmark = pytest.mark.django_db

PERSON = {
    "kind": "personal",
    "id_number": "1234567(8)",
    "given_name": "Mei",
    "family_name": "Chan",
    "email": "mei@example.org",
    "country": "MO",
    "language": "en",
    "profiles": ["secure-email"],
    "documents_seen": ["form", "identity"],
}


@pytest.fixture
def desk() -> Client:
    """The browser of a registration officer."""
    return factories.signed_in(Client(), factories.officer("chan", roles=[Role.REGISTRATION]))


def words(answer: Any) -> str:
    return str(answer.content.decode())


def test_a_person_is_entered_and_the_case_shown(desk: Client) -> None:
    answer = desk.post(reverse("desk:register"), PERSON)
    case = Case.objects.get()
    assert answer["Location"] == reverse("desk:case", args=[case.reference])
    assert Registration.objects.get().case.entered_name == "Officer Chan"


@pytest.mark.parametrize("kind", ["personal", "organisation", "mailbox", "nonsense"])
def test_each_kind_has_its_form(desk: Client, kind: str) -> None:
    answer = desk.get(reverse("desk:register"), {"kind": kind})
    assert answer.status_code == 200
    assert ("organisation_number" in answer.context["form"].fields) is (kind == "organisation")


def test_what_the_service_refuses_stands_beside_its_field(desk: Client) -> None:
    answer = desk.post(reverse("desk:register"), {**PERSON, "account": "2222-2222-2222"})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["account"]
    desk.post(reverse("desk:register"), PERSON)
    again = desk.post(reverse("desk:register"), PERSON)
    assert again.status_code == 422
    assert Case.objects.get().reference in words(again)


def test_an_id_number_is_never_shown_whole_again(desk: Client) -> None:
    case = desk.post(reverse("desk:register"), PERSON, follow=True)
    assert "1234567" not in words(case)
    assert "1••••••(8)" in words(case)


def test_slips_are_printed_in_one_go_and_shown_once(desk: Client) -> None:
    slips = [Slip.objects.get(account=making.approved().account) for _ in range(2)]
    assert len(desk.get(reverse("desk:slips")).context["due"]) == 2

    answer = desk.post(reverse("desk:print-slip"), {"slip": [slip.pk for slip in slips]})

    page = words(answer)
    assert "no-store" in answer["Cache-Control"]
    assert len(re.findall("slip-secret", page)) == 2
    assert page.count("<svg") >= 2
    assert "style=" not in page
    assert Event.objects.filter(name="slip.printed", actor="officer:chan").count() == 2
    again = desk.post(reverse("desk:print-slip"), {"slip": [slip.pk for slip in slips]}, follow=True)
    assert "Nothing was printed" in words(again)
    assert "slip-secret" not in words(again)


def test_the_square_code_holds_the_address_alone(desk: Client) -> None:
    slip = Slip.objects.get(account=making.approved().account)
    first = desk.post(reverse("desk:print-slip"), {"slip": slip.pk}).context["code"]
    other = Slip.objects.get(account=making.approved().account)
    second = desk.post(reverse("desk:print-slip"), {"slip": other.pk}).context["code"]
    assert first == second


def test_a_slip_of_another_office_is_not_printed(desk: Client) -> None:
    slip = Slip.objects.get(account=making.approved().account)
    stranger = factories.signed_in(Client(), factories.officer(at=factories.office("taipa")))
    stranger.post(reverse("desk:print-slip"), {"slip": slip.pk})
    slip.refresh_from_db()
    assert slip.state == SlipState.DUE


@pytest.mark.parametrize("wanted", ["", "abc", "999999", "²", "9" * 20])
def test_nothing_ticked_prints_nothing(desk: Client, wanted: str) -> None:
    answer = desk.post(reverse("desk:print-slip"), {"slip": wanted})
    assert answer["Location"] == reverse("desk:slips")


def test_printing_asks_for_a_fresh_code(desk: Client) -> None:
    slip = Slip.objects.get(account=making.approved().account)
    session = desk.session
    session["second_factor_at"] -= 15 * 60
    session.save()
    answer = desk.post(reverse("desk:print-slip"), {"slip": slip.pk})
    assert answer["Location"].startswith(reverse("accounts:second-factor"))
    slip.refresh_from_db()
    assert slip.state == SlipState.DUE


def test_the_print_page_is_not_for_coming_back(desk: Client) -> None:
    assert desk.get(reverse("desk:print-slip"))["Location"] == reverse("desk:slips")


def test_nothing_to_print_says_what_to_do(desk: Client) -> None:
    assert "No slip waits to be printed" in words(desk.get(reverse("desk:slips")))


def test_a_reset_is_entered_by_account_number(desk: Client) -> None:
    account = factories.subscriber().account
    answer = desk.post(reverse("desk:reset"), {"account": account.username.lower(), "identity_check": "ID card seen"})
    request = ResetRequest.objects.get()
    assert answer["Location"] == reverse("desk:case", args=[request.case.reference])
    assert (request.account, request.identity_check) == (account, "ID card seen")


def test_a_wish_is_followed_up_without_typing_the_number(desk: Client) -> None:
    account = factories.subscriber().account
    wish_reset(account_number=account.username, address="192.0.2.1")
    wish = desk.get(reverse("desk:reset")).context["wishes"][0]["wish"]
    page = desk.get(reverse("desk:reset"), {"wish": wish.pk})
    assert "陳美 Mei Chan" in words(page)
    assert account.username not in words(page)
    desk.post(reverse("desk:reset"), {"wish": wish.pk, "identity_check": "seen"})
    assert ResetRequest.objects.get().account == account
    assert desk.get(reverse("desk:reset"), {"wish": wish.pk}).status_code == 404


@pytest.mark.parametrize("number", ["²", "9" * 20, "-1"])
def test_a_wish_that_is_no_number_of_a_row_is_no_wish(desk: Client, number: str) -> None:
    assert desk.get(reverse("desk:reset"), {"wish": number}).status_code == 200


def test_why_a_reset_is_refused(desk: Client) -> None:
    closed = factories.subscriber().account
    Account.objects.filter(pk=closed.pk).update(state=AccountState.CLOSED)
    for number in (closed.username, "2222-2222-2222"):
        answer = desk.post(reverse("desk:reset"), {"account": number, "identity_check": "seen"})
        assert answer.status_code == 422
        assert list(answer.context["form"].errors) == ["account"]
    wish_reset(account_number=factories.subscriber(state=AccountState.NEW).account.username, address="192.0.2.1")
    wish = desk.get(reverse("desk:reset")).context["wishes"][0]["wish"]
    answer = desk.post(reverse("desk:reset"), {"wish": wish.pk, "identity_check": "seen"})
    assert "waiting to be printed already" in words(answer)
