"""Opening and deciding cases: always two persons."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from accounts.states import Role
from audit.errors import WrongState
from audit.models import Event
from cases.errors import CaseChanged, ReasonMissing, SamePerson
from cases.models import Case
from cases.services import CLOCK, Decision, decide, open_case
from cases.states import CaseKind, CaseState
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def case() -> Case:
    """An open case."""
    return open_case(kind=CaseKind.REGISTRATION, by=factories.officer("chan", person_id="chan"))


def test_a_case_is_opened_with_its_clock(case: Case) -> None:
    assert case.state == CaseState.OPEN
    assert case.due_at - case.opened_at == CLOCK[CaseKind.REGISTRATION]
    assert Event.objects.filter(name="case.opened", subject=case.audit_id, actor="officer:chan").exists()


def test_another_person_approves(case: Case) -> None:
    wong = factories.officer("wong")
    decide(case=case, decision=Decision(officer=wong, approve=True, revision=1))
    case.refresh_from_db()
    assert (case.state, case.decided_by, case.decided_person) == (CaseState.APPROVED, wong, wong.person_id)
    assert Event.objects.filter(name="case.approved", subject=case.audit_id, actor="officer:wong").exists()


def test_nobody_decides_what_they_entered(case: Case) -> None:
    with pytest.raises(SamePerson):
        decide(case=case, decision=Decision(officer=case.entered_by, approve=True, revision=1))


def test_not_with_another_account_either(case: Case) -> None:
    second = factories.officer("chan2", person_id="chan")
    with pytest.raises(SamePerson):
        decide(case=case, decision=Decision(officer=second, approve=True, revision=1))


def test_the_database_refuses_what_passes_by_the_service(case: Case) -> None:
    decided = {"decided_by": case.entered_by, "decided_person": "chan", "state": CaseState.APPROVED}
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(**decided)
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(state=CaseState.APPROVED)


def test_a_role_taken_away_counts_at_once(case: Case) -> None:
    wong = factories.officer("wong", roles=[Role.REGISTRATION])
    with pytest.raises(PermissionDenied):
        decide(case=case, decision=Decision(officer=wong, approve=True, revision=1))


def test_a_rejection_says_why(case: Case) -> None:
    wong = factories.officer("wong")
    with pytest.raises(ReasonMissing):
        decide(case=case, decision=Decision(officer=wong, approve=False, revision=1, reason="  "))
    decide(case=case, decision=Decision(officer=wong, approve=False, revision=1, reason=" Form not signed. "))
    assert (case.state, case.reason) == (CaseState.REJECTED, "Form not signed.")


@pytest.mark.parametrize("known_here", [True, False])
def test_a_case_that_was_changed_is_read_again_first(case: Case, known_here: bool) -> None:
    Case.objects.filter(pk=case.pk).update(revision=2)
    if known_here:
        case.refresh_from_db()
    with pytest.raises(CaseChanged):
        decide(case=case, decision=Decision(officer=factories.officer("wong"), approve=True, revision=1))
    case.refresh_from_db()
    assert case.state == CaseState.OPEN


def test_a_case_is_decided_once(case: Case) -> None:
    stale = Case.objects.get(pk=case.pk)
    decide(case=case, decision=Decision(officer=factories.officer("wong"), approve=True, revision=1))
    for late in (case, stale):
        with pytest.raises(WrongState):
            decide(
                case=late,
                decision=Decision(officer=factories.officer(), approve=False, revision=1, reason="late"),
            )
    case.refresh_from_db()
    assert case.state == CaseState.APPROVED
