"""The page that is always open: with the challenge phrase, or signed in."""

import re
from typing import Any

import pytest
from captcha.models import CaptchaStore
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import Subscriber
from cases.models import Case
from cases.states import CaseState
from certificates.models import Authority, Certificate
from certificates.services import revoke
from revocation.models import RevocationRequest
from revocation.states import Reason
from tests import factories
from tests.certificates.making import PHRASE, issued, person
from tests.revocation.making import decided, on_paper, requested, states

pytestmark = pytest.mark.django_db
PAGE = "/revocation/"


@pytest.fixture
def pair(authority: Authority) -> list[Certificate]:
    """The two certificates of one order."""
    return issued(factories.subscriber(), kind="personal")


def holder(certificates: list[Certificate]) -> Client:
    """The browser of whoever holds these."""
    found = certificates[0].subscriber
    assert isinstance(found, Subscriber)
    return factories.signed_in(Client(), found)


def send(named: str, phrase: str = PHRASE, *, digits: str = "", **more: Any) -> Any:
    key = CaptchaStore.generate_key()
    right = CaptchaStore.objects.get(hashkey=key).response
    data = {"named": named, "phrase": phrase, "reason": "exposed", "scope": "pair"}
    return Client().post(PAGE, {**data, "captcha_0": key, "captcha_1": digits or right, **more})


def words(answer: Any) -> str:
    return str(answer.content.decode())


def without_tokens(answer: Any) -> str:
    """The page without what is new each time."""
    page = re.sub(
        r'(name="(?:csrfmiddlewaretoken|captcha_0|work_challenge|named)"[^>]*) value="[^"]*"', r"\1", words(answer)
    )
    return re.sub(r'(src|href|data-challenge)="[^"]*"', "", page)


def test_the_page_is_open_to_everybody_and_names_the_help_line() -> None:
    page = words(Client().get(PAGE))
    assert settings.SITE["help_line"]["en"] in page
    assert reverse("accounts:sign-in") + "?next=/revocation/" in page
    assert "data-captcha-image" in page
    assert "data-work" in page
    assert reverse("revocation:home") == PAGE, "this address stands in certificates' mails"


def test_a_number_and_the_phrase_are_enough(pair: list[Certificate]) -> None:
    answer = send(pair[0].number)
    assert answer.status_code == 200
    made = RevocationRequest.objects.get()
    for part in (made.case.reference, pair[0].number, pair[1].number, "Suspended at once"):
        assert part in words(answer), part
    assert states(pair) == ["held", "held"]
    assert answer["Cache-Control"].startswith("max-age=0, no-cache, no-store")


def test_a_serial_number_in_pairs_and_only_that_one(pair: list[Certificate]) -> None:
    serial = ":".join(re.findall("..", pair[1].serial.zfill(40))).upper()
    assert send(serial, scope="one").status_code == 200
    assert states(pair) == ["valid", "held"]


def test_the_page_says_what_stays_in_force(pair: list[Certificate], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("revocation.services.requests._hold_allowed", lambda _certificate: False)
    page = words(send(pair[0].number))
    assert "stays in force" in page
    assert "Suspended at once" not in page
    assert Case.objects.get().urgent


def test_unknown_wrong_and_shut_are_one_answer(pair: list[Certificate]) -> None:
    wrong = [send(pair[0].number, "some other phrase") for _ in range(3)]
    shut, unknown = send(pair[0].number), send("0000004711")
    answers = [*wrong, shut, unknown]
    assert {answer.status_code for answer in answers} == {422}
    assert len({without_tokens(answer) for answer in answers}) == 1
    assert "do not fit together" in words(shut)
    assert not Case.objects.exists()


def test_the_phrase_does_not_come_back(pair: list[Certificate]) -> None:
    assert "some other phrase" not in words(send(pair[0].number, "some other phrase"))


def test_wrong_digits_ask_nothing(pair: list[Certificate]) -> None:
    answer = send(pair[0].number, digits="0")
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["captcha_1"]
    assert not Case.objects.exists()


def test_a_typing_mistake_is_told() -> None:
    assert "neither a number nor a serial number" in words(send("my certificate"))


def test_too_many_tries_are_told_so() -> None:
    codes = [send("4711").status_code for _ in range(21)]
    assert codes == [422] * 20 + [429]


def test_whoever_proved_the_phrase_learns_that_it_was_asked_for(pair: list[Certificate]) -> None:
    send(pair[0].number)
    assert Case.objects.get().reference in words(send(pair[0].number))
    decided(RevocationRequest.objects.get())
    assert "revoked already" in words(send(pair[0].number))


@pytest.mark.parametrize("reason", ["misused", "", "no such reason", "\0"])
def test_only_reasons_that_are_offered(pair: list[Certificate], reason: str) -> None:
    assert send(pair[0].number, reason=reason).status_code == 422
    assert not Case.objects.exists()


def test_an_officer_uses_the_phrase_like_everybody_else(authority: Authority) -> None:
    browser = factories.signed_in(Client(), factories.officer())
    assert "With the challenge phrase" in words(browser.get(PAGE))


def test_own_certificates_are_ticked(pair: list[Certificate]) -> None:
    browser = holder(pair)
    page = words(browser.get(PAGE))
    assert all(f'value="{one.number}"' in page for one in pair)
    answer = browser.post(PAGE, {"number": pair[1].number, "reason": "changed", "explanation": "new name"})
    assert RevocationRequest.objects.get().case.reference in words(answer)
    assert states(pair) == ["valid", "held"]
    page = words(browser.get(PAGE))
    assert f'value="{pair[0].number}"' in page
    assert f'value="{pair[1].number}"' not in page


def test_nothing_ticked_and_no_reason(pair: list[Certificate]) -> None:
    browser = holder(pair)
    assert "Choose at least one" in words(browser.post(PAGE, {"reason": "changed"}))
    answer = browser.post(PAGE, {"number": pair[0].number})
    assert answer.status_code == 422
    assert "checked" in words(answer), "what was ticked stays ticked"
    assert not Case.objects.exists()


@pytest.mark.parametrize("number", ["0000000000", "no number", "\0", "9" * 5000])
def test_a_foreign_certificate_is_not_there(pair: list[Certificate], number: str) -> None:
    foreign = issued()[0].number
    browser = holder(pair)
    for one in (foreign, number):
        answer = browser.post(PAGE, {"number": [pair[0].number, one], "reason": "changed"})
        assert answer.status_code == 404
    assert not Case.objects.exists()


def test_the_same_rules_hold_for_a_raw_post(pair: list[Certificate]) -> None:
    browser = holder(pair)
    revoke(certificates=[Certificate.objects.get(pk=pair[0].pk)], reason="", actor="system")
    answer = browser.post(PAGE, {"number": pair[0].number, "reason": "changed"})
    assert answer.status_code == 422
    assert "revoked already" in words(answer)
    assert browser.post(PAGE, {"number": pair[1].number, "reason": "misused"}).status_code == 422


def test_a_request_is_followed_and_withdrawn(pair: list[Certificate]) -> None:
    browser = holder(pair)
    reference = requested(pair).case.reference
    assert reverse("revocation:withdraw", args=[reference]) in words(browser.get(PAGE))
    answer = browser.post(reverse("revocation:withdraw", args=[reference]), follow=True)
    assert "was withdrawn" in words(answer)
    assert states(pair) == ["valid", "valid"]
    assert browser.post(reverse("revocation:withdraw", args=[reference])).status_code == 409


def test_a_decision_is_shown_and_is_final(pair: list[Certificate]) -> None:
    browser = holder(pair)
    case = decided(requested(pair), approve=False, reason="The holder knows nothing of it.")
    page = words(browser.get(PAGE))
    assert "The holder knows nothing of it." in page
    assert reverse("revocation:withdraw", args=[case.reference]) not in page


def test_what_the_desk_entered_is_not_withdrawn(pair: list[Certificate]) -> None:
    made = on_paper(pair, Reason.LOST, subscriber=pair[0].subscriber)
    browser = holder(pair)
    address = reverse("revocation:withdraw", args=[made.case.reference])
    assert address not in words(browser.get(PAGE))
    assert browser.post(address).status_code == 422
    assert Case.objects.get(pk=made.case_id).state == CaseState.OPEN


def test_somebody_elses_request_is_not_there(pair: list[Certificate]) -> None:
    reference = requested(pair).case.reference
    stranger = factories.signed_in(Client(), factories.subscriber())
    assert reference not in words(stranger.get(PAGE))
    for one in (reference, "NOSUCHCASE", "x" * 200):
        assert stranger.post(reverse("revocation:withdraw", args=[one])).status_code == 404
    assert states(pair) == ["held", "held"]


def test_who_holds_nothing_is_told_so() -> None:
    browser = factories.signed_in(Client(), factories.subscriber())
    assert "no certificate that could be revoked" in words(browser.get(PAGE))
    assert person()
