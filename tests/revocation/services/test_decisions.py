"""Deciding about a request."""

from typing import Any

import pytest

from accounts.states import AccountState
from audit.errors import WrongState
from audit.models import Event
from cases.errors import ReasonMissing, SamePerson
from cases.models import Case
from cases.services import Outsider, open_case
from cases.states import CaseKind, CaseState
from certificates.models import Authority, Certificate, PublicKey
from certificates.services import revoke
from notifications.models import Message
from revocation.errors import OtherKey
from revocation.models import ProblemReport, RevocationRequest
from revocation.states import Proof, Reason, Trouble
from tests import factories
from tests.certificates.making import issued
from tests.revocation.making import decided, on_paper, requested, states

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(authority: Authority) -> list[Certificate]:
    """The two certificates of one order."""
    return issued(kind="personal")


def blocked() -> set[int]:
    return set(PublicKey.objects.exclude(block_reason="").values_list("pk", flat=True))


@pytest.mark.parametrize(("reason", "name"), [(Reason.UNUSED, "cessationOfOperation"), (Reason.LOST, "keyCompromise")])
def test_an_approval_revokes_for_good(pair: list[Certificate], reason: Reason, name: str) -> None:
    made = requested(pair, reason)
    held = [one.revoked_at for one in Certificate.objects.order_by("pk")]
    other = issued(pair[0].subscriber)
    case = decided(made)
    assert states([*pair, *other]) == ["revoked", "revoked", "valid"]
    assert {one.revocation_reason for one in Certificate.objects.exclude(pk=other[0].pk)} == {name}
    assert [one.revoked_at for one in Certificate.objects.order_by("pk")] == [*held, None], "as of the suspension"
    assert case.state == CaseState.APPROVED
    assert blocked() == ({one.public_key_id for one in pair} if reason == Reason.LOST else set())
    mail = Message.objects.get(event="revocation-approved")
    assert mail.context["numbers"] == ", ".join(one.number for one in pair)
    assert not Message.objects.filter(event="account-closed").exists(), "nobody asked for that"


def test_a_rejection_lifts_what_was_suspended_and_says_why(pair: list[Certificate]) -> None:
    decided(requested(pair, Reason.EXPOSED), approve=False, reason="The holder knows nothing of it.")
    assert states(pair) == ["valid", "valid"]
    assert not blocked()
    mail = Message.objects.get(event="revocation-rejected")
    assert mail.context["reason"] == "The holder knows nothing of it."


def test_a_rejection_needs_its_reason(pair: list[Certificate]) -> None:
    with pytest.raises(ReasonMissing):
        decided(requested(pair), approve=False, reason=" ")
    assert states(pair) == ["held", "held"]


def test_nobody_decides_what_they_entered(pair: list[Certificate]) -> None:
    officer = factories.officer()
    made = on_paper(pair, officer=officer)
    with pytest.raises(SamePerson):
        decided(made, officer=officer)
    with pytest.raises(SamePerson):
        decided(made, officer=factories.officer(person_id=officer.person_id))
    assert states(pair) == ["valid", "valid"]


def test_a_case_is_decided_once(pair: list[Certificate]) -> None:
    made = requested(pair)
    decided(made)
    with pytest.raises(WrongState):
        decided(made, approve=False)
    assert states(pair) == ["revoked", "revoked"]
    assert Message.objects.filter(event="revocation-rejected").count() == 0


def test_what_was_revoked_meanwhile_stays_as_it_is_and_its_key_is_blocked(pair: list[Certificate]) -> None:
    made = requested(pair, Reason.EXPOSED)
    revoke(certificates=[Certificate.objects.get(pk=pair[0].pk)], reason="superseded", actor="system")
    decided(made)
    assert states(pair) == ["revoked", "revoked"]
    assert [one.revocation_reason for one in Certificate.objects.order_by("pk")] == ["superseded", "keyCompromise"]
    assert blocked() == {one.public_key_id for one in pair}


def test_all_revoked_meanwhile_is_no_obstacle(pair: list[Certificate]) -> None:
    made = requested(pair)
    revoke(certificates=list(Certificate.objects.all()), reason="superseded", actor="system")
    assert decided(made).state == CaseState.APPROVED
    assert not blocked(), "nobody said that a key is exposed"


def test_a_rejection_leaves_revoked_ones_revoked(pair: list[Certificate]) -> None:
    made = requested(pair)
    revoke(certificates=[Certificate.objects.get(pk=pair[0].pk)], reason="superseded", actor="system")
    decided(made, approve=False)
    assert states(pair) == ["revoked", "valid"]


def test_others_with_the_same_key_are_taken_along_when_ticked(authority: Authority) -> None:
    asked, ticked, left, other = issued(), issued(), issued(), issued()
    same = [*ticked, *left]
    Certificate.objects.filter(pk__in=[one.pk for one in same]).update(public_key=asked[0].public_key)
    made = requested(asked, Reason.EXPOSED)
    with pytest.raises(OtherKey):
        decided(made, ticked=[other[0].number])
    with pytest.raises(OtherKey):
        decided(made, ticked=["no such number"])
    assert Case.objects.get(pk=made.case_id).state == CaseState.OPEN
    decided(made, ticked=[ticked[0].number])
    assert states([*asked, *ticked, *left, *other]) == ["revoked", "revoked", "valid", "valid"]
    assert made.lines.count() == 2
    assert Event.objects.get(name="revocation.taken-along").subject == ticked[0].audit_id
    assert Message.objects.filter(event="revocation-approved").count() == 2


def test_nothing_is_taken_along_where_the_key_is_not_exposed(authority: Authority) -> None:
    asked, same = issued(), issued()
    Certificate.objects.filter(pk=same[0].pk).update(public_key=asked[0].public_key)
    with pytest.raises(OtherKey):
        decided(requested(asked, Reason.UNUSED), ticked=[same[0].number])


def test_an_approval_closes_the_account_where_that_was_asked(pair: list[Certificate]) -> None:
    account = pair[0].subscriber.account  # type: ignore[union-attr]  # they have a holder
    type(account).objects.update(state="active")
    rejected = requested(pair, closes_account=True)
    decided(rejected, approve=False)
    account.refresh_from_db()
    assert account.state == AccountState.ACTIVE
    decided(requested(pair, closes_account=True))
    account.refresh_from_db()
    assert account.state == AccountState.CLOSED


def test_an_account_that_was_closed_meanwhile_is_no_obstacle(pair: list[Certificate]) -> None:
    made = requested(pair, closes_account=True)
    type(pair[0].subscriber.account).objects.update(state="closed")  # type: ignore[union-attr]  # they have a holder
    decided(made)
    assert states(pair) == ["revoked", "revoked"]


def report(certificate: Certificate, **more: Any) -> ProblemReport:
    case = open_case(kind=CaseKind.REPORT, by=Outsider(factories.office(), "visitor"))
    made = ProblemReport.objects.create(case=case, trouble=Trouble.KEY_FOUND, proof=Proof.KEY, language="en")
    made.lines.create(certificate=certificate, **more)
    return made


def test_a_proven_report_keeps_the_suspension(pair: list[Certificate]) -> None:
    made = requested(pair)
    proven, claimed = report(pair[0], proven=True), report(pair[1], proven=False)
    decided(made, approve=False)
    assert states(pair) == ["held", "valid"]
    assert (proven.lines.get().held, claimed.lines.get().held) == (True, False)
    assert Message.objects.get(event="revocation-rejected").context["held"] == pair[0].number


def test_the_request_is_found_by_its_case(pair: list[Certificate]) -> None:
    case = decided(requested(pair))
    assert RevocationRequest.objects.get(case=case).lines.count() == 2
