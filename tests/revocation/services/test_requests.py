"""Asking for a revocation, by each door, and taking it back."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.errors import TooMany
from accounts.states import Role
from audit.errors import WrongState
from audit.models import Event
from cases.models import Case
from cases.services import Outsider
from cases.states import CaseState
from certificates.errors import ChallengeWrong
from certificates.models import Authority, Certificate, Order
from certificates.services import revoke
from notifications.models import Message
from revocation.errors import (
    AlreadyAsked,
    AlreadyEnded,
    AlreadyRevoked,
    FormNumberMissing,
    NoneChosen,
    NotToWithdraw,
    ReasonNotOffered,
    TooManyChosen,
)
from revocation.models import RevocationRequest
from revocation.services import PhraseWish, Wish, request_revocation, request_with_phrase, requests, withdraw_revocation
from revocation.states import Door, Reason
from tests import factories
from tests.certificates.making import PHRASE, issued, person, raising
from tests.conftest import Clock
from tests.revocation.making import decided, on_paper, requested, states

pytestmark = pytest.mark.django_db
HOME = "203.0.113.7"


@pytest.fixture
def pair(authority: Authority) -> list[Certificate]:
    """The two certificates of one order."""
    return issued(kind="personal")


@pytest.fixture
def single(authority: Authority) -> list[Certificate]:
    """A certificate that came alone."""
    return issued()


def forbid_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("revocation.services.requests._hold_allowed", lambda _certificate: False)


def with_phrase(named: str, phrase: str = PHRASE, **more: Any) -> RevocationRequest:
    return request_with_phrase(wish=PhraseWish(named, phrase, Reason.EXPOSED, **more), address=HOME)


def test_a_holder_who_signed_in_has_it_suspended_at_once(pair: list[Certificate]) -> None:
    made = requested(pair, Reason.UNUSED, explanation=" left the company ")
    assert states(pair) == ["held", "held"]
    assert [(line.certificate, line.held) for line in made.lines.all()] == [(one, True) for one in pair]
    assert made.case.entered_person == pair[0].subscriber.audit_id  # type: ignore[union-attr]  # they have a holder
    assert not made.case.urgent
    assert made.explanation == "left the company"
    asked = Event.objects.filter(name="revocation.requested")
    assert {one.subject for one in asked} == {one.audit_id for one in pair}
    assert asked[0].details == {"case": made.case.reference, "door": "signed-in", "reason": "unused"}


def test_where_hold_is_forbidden_the_case_goes_to_the_top(
    single: list[Certificate], monkeypatch: pytest.MonkeyPatch
) -> None:
    forbid_hold(monkeypatch)
    made = requested(single)
    assert states(single) == ["valid"]
    assert made.case.urgent
    assert made.case.due_at - made.case.opened_at == timedelta(hours=24)
    assert not made.lines.get().held


def test_a_profile_says_whether_hold_is_allowed(single: list[Certificate], monkeypatch: pytest.MonkeyPatch) -> None:
    Certificate.objects.update(profile="officer")
    assert requested(single).case.urgent
    assert states(single) == ["valid"]


def test_a_paper_form_suspends_only_an_exposed_key(authority: Authority) -> None:
    harmless, exposed = issued(), issued()
    assert not on_paper(harmless, Reason.CHANGED).case.urgent
    assert states(harmless) == ["valid"]
    on_paper(exposed, Reason.EXPOSED)
    assert states(exposed) == ["held"]


def test_what_was_suspended_before_is_not_the_requests_to_lift(single: list[Certificate]) -> None:
    first = requested(single)
    case = Case.objects.get(pk=first.case_id)
    Case.objects.filter(pk=case.pk).update(state="withdrawn")
    second = requested([Certificate.objects.get()])
    assert not second.lines.get().held
    assert not second.case.urgent
    decided(second, approve=False)
    assert states(single) == ["held"]


def test_to_withdraw_stands_or_falls_with_the_letter(pair: list[Certificate], monkeypatch: pytest.MonkeyPatch) -> None:
    made = requested(pair)
    assert made.subscriber is not None
    monkeypatch.setattr(requests, "tell", raising(RuntimeError))
    with pytest.raises(RuntimeError):
        withdraw_revocation(request=made, subscriber=made.subscriber)
    assert states(pair) == ["held", "held"]
    assert Case.objects.get(pk=made.case_id).state == CaseState.OPEN


def test_the_letter_says_what_was_suspended_and_how_to_withdraw(pair: list[Certificate]) -> None:
    holder = pair[0].subscriber
    assert holder is not None
    type(holder.account).objects.update(language="pt")
    factories.identity(holder, email="new@example.org")
    made = requested(pair, Reason.LOST)
    mail = Message.objects.get(event="revocation-requested")
    assert (mail.address, mail.language) == ("new@example.org", "pt")
    assert mail.context["held"] == ", ".join(one.number for one in pair)
    assert mail.context["valid"] == ""
    assert mail.context["reference"] == made.case.reference
    assert mail.context["withdraw"] == "yes"
    assert mail.context["url"].endswith("/revocation/")


def test_each_holder_is_told_of_their_own(authority: Authority) -> None:
    ours, theirs = issued(), issued()
    on_paper([*ours, *theirs])
    mails = {one.address: one.context for one in Message.objects.filter(event="revocation-requested")}
    assert {one["numbers"] for one in mails.values()} == {ours[0].number, theirs[0].number}
    assert {one["valid"] for one in mails.values()} == {ours[0].number, theirs[0].number}
    assert {one["withdraw"] for one in mails.values()} == {""}


def test_certificates_of_the_service_get_no_letter(single: list[Certificate]) -> None:
    Certificate.objects.update(subscriber=None)
    on_paper(single)
    assert not Message.objects.filter(event__startswith="revocation").exists()


def test_an_address_that_no_mail_can_go_to_keeps_nothing_from_being_revoked(single: list[Certificate]) -> None:
    assert single[0].subscriber is not None
    factories.identity(single[0].subscriber, email="a\r\nb@example.org")
    decided(requested(single))
    assert states(single) == ["revoked"]
    assert not Message.objects.filter(event__startswith="revocation").exists()


def test_what_is_refused(single: list[Certificate], clock: Clock) -> None:
    made = requested(single)
    with pytest.raises(AlreadyAsked) as refusal:
        requested(single)
    assert refusal.value.reference == made.case.reference
    decided(made)
    with pytest.raises(AlreadyRevoked):
        requested(single)
    other = issued()
    clock.move_to(other[0].not_after + timedelta(seconds=1))
    with pytest.raises(AlreadyEnded):
        requested(other)
    assert Case.objects.count() == 1


def test_until_its_last_second_a_certificate_can_be_revoked(single: list[Certificate], clock: Clock) -> None:
    clock.move_to(single[0].not_after - timedelta(seconds=2))
    assert requested(single)


def test_a_request_is_whole_or_not_at_all(pair: list[Certificate]) -> None:
    revoke(certificates=pair[1:], reason="", actor="system")
    with pytest.raises(AlreadyRevoked):
        requested(pair)
    assert states(pair) == ["valid", "revoked"]
    assert not RevocationRequest.objects.exists()


def test_a_request_names_certificates_and_not_too_many(
    single: list[Certificate], monkeypatch: pytest.MonkeyPatch
) -> None:
    by = Outsider(factories.office(), "visitor")
    with pytest.raises(NoneChosen):
        request_revocation(wish=Wish(certificates=[], door=Door.PHRASE, reason=Reason.LOST, by=by))
    monkeypatch.setattr("revocation.services.requests.MOST_AT_ONCE", 0)
    with pytest.raises(TooManyChosen):
        requested(single)


def test_a_certificate_that_was_named_twice_is_one(single: list[Certificate]) -> None:
    assert requested([*single, *single]).lines.count() == 1


def test_holders_do_not_say_that_they_broke_the_agreement(single: list[Certificate]) -> None:
    with pytest.raises(ReasonNotOffered):
        requested(single, Reason.MISUSED)
    assert on_paper(single, Reason.MISUSED)


def test_a_paper_form_has_its_number_and_its_officer(single: list[Certificate]) -> None:
    wish: dict[str, Any] = {"certificates": single, "door": Door.PAPER, "reason": Reason.UNUSED}
    with pytest.raises(FormNumberMissing):
        request_revocation(wish=Wish(**wish, by=factories.officer(), form_number=" "))
    with pytest.raises(PermissionDenied):
        request_revocation(wish=Wish(**wish, by=factories.officer(roles=[Role.APPROVING]), form_number="1"))


def test_a_phrase_is_enough(pair: list[Certificate]) -> None:
    made = with_phrase(pair[0].number)
    assert states(pair) == ["held", "held"]
    assert (made.door, made.case.entered_person, made.subscriber) == (Door.PHRASE, "visitor", pair[0].subscriber)


def test_a_phrase_may_be_for_one_of_a_pair(pair: list[Certificate]) -> None:
    with_phrase(pair[1].serial.upper(), pair=False)
    assert states(pair) == ["valid", "held"]


def test_the_other_of_a_pair_is_left_out_where_it_is_revoked(pair: list[Certificate]) -> None:
    revoke(certificates=pair[:1], reason="", actor="system")
    made = with_phrase(pair[1].number)
    assert [line.certificate for line in made.lines.all()] == pair[1:]


def test_nobody_learns_from_a_refusal_what_there_is(single: list[Certificate]) -> None:
    bare = issued()
    Order.objects.filter(items__certificate__in=bare).update(challenge_hash="")
    refused = set()
    for named, phrase in (
        (single[0].number, "some other phrase"),
        ("4711", PHRASE),
        ("no such number", PHRASE),
        (bare[0].number, PHRASE),
        (single[0].number, "\0"),
        (single[0].number, "x" * 100_000),
    ):
        with pytest.raises(ChallengeWrong) as refusal:
            with_phrase(named, phrase)
        refused.add(str(refusal.value))
    assert len(refused) == 1
    assert not Case.objects.exists()


def test_three_wrong_phrases_shut_the_door_for_a_day(single: list[Certificate], clock: Clock) -> None:
    for _ in range(3):
        with pytest.raises(ChallengeWrong):
            with_phrase(single[0].number, "some other phrase")
    with pytest.raises(ChallengeWrong):
        with_phrase(single[0].number)
    clock.shift(hours=24, seconds=1)
    assert with_phrase(single[0].number)


def test_one_address_does_not_try_for_ever(single: list[Certificate]) -> None:
    for _ in range(20):
        with pytest.raises(ChallengeWrong):
            with_phrase("4711")
    with pytest.raises(TooMany):
        with_phrase(single[0].number)
    assert request_with_phrase(wish=PhraseWish(single[0].number, PHRASE, Reason.LOST), address="203.0.113.8")


def test_a_holder_takes_a_request_back(pair: list[Certificate]) -> None:
    holder = pair[0].subscriber
    assert holder is not None
    made = with_phrase(pair[0].number)
    withdraw_revocation(request=made, subscriber=holder)
    assert states(pair) == ["valid", "valid"]
    made.case.refresh_from_db()
    assert made.case.state == CaseState.WITHDRAWN
    mail = Message.objects.get(event="revocation-withdrawn")
    assert mail.context["held"] == ""
    with pytest.raises(WrongState):
        withdraw_revocation(request=made, subscriber=holder)
    assert requested(pair), "asked for anew"


def test_what_was_decided_is_not_taken_back(single: list[Certificate]) -> None:
    made = requested(single)
    decided(made)
    stale = RevocationRequest.objects.get()
    with pytest.raises(WrongState):
        withdraw_revocation(request=stale, subscriber=stale.subscriber)  # type: ignore[arg-type]  # it has one
    assert states(single) == ["revoked"]


def test_what_the_desk_entered_the_holder_does_not_take_back(single: list[Certificate]) -> None:
    made = on_paper(single, Reason.EXPOSED, subscriber=single[0].subscriber)
    with pytest.raises(NotToWithdraw):
        withdraw_revocation(request=made, subscriber=single[0].subscriber)  # type: ignore[arg-type]  # it has one
    assert states(single) == ["held"]


def test_a_stranger_is_nobody_to_a_request(single: list[Certificate]) -> None:
    assert requested(single).subscriber != person()
    assert timezone.now() < single[0].not_after
