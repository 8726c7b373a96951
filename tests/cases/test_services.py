"""Opening and deciding cases: always two persons."""

from functools import partial

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from accounts.models import Officer
from accounts.states import Role
from audit.errors import WrongState
from audit.models import Event
from cases.errors import CaseChanged, ReasonMissing, SamePerson
from cases.models import Case
from cases.selectors import open_cases
from cases.services import CLOCK, Decision, Outsider, decide, open_case, withdraw
from cases.states import CaseKind, CaseState
from tests import factories
from tests.threads import at_once

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
    assert case.entered_by is not None
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


@pytest.mark.parametrize("audit_id", ["subscriber:7", "visitor", "system"])
def test_an_outsider_enters_a_case_that_any_approving_officer_decides(audit_id: str) -> None:
    case = open_case(kind=CaseKind.REVOCATION, by=Outsider(factories.office(), audit_id))
    assert (case.entered_by, case.entered_person, case.office) == (None, audit_id, factories.office())
    assert Event.objects.filter(name="case.opened", subject=case.audit_id, actor=audit_id).exists()
    decide(case=case, decision=Decision(officer=factories.officer(), approve=True, revision=1))
    case.refresh_from_db()
    assert case.state == CaseState.APPROVED


def test_a_case_of_an_outsider_has_a_decider_too() -> None:
    case = open_case(kind=CaseKind.REVOCATION, by=Outsider(factories.office(), "visitor"))
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(state=CaseState.APPROVED)


def test_revocations_and_reports_have_a_clock_of_24_hours() -> None:
    assert {CLOCK[kind].total_seconds() for kind in (CaseKind.REVOCATION, CaseKind.REPORT)} == {24 * 3600}
    assert CLOCK.keys() == set(CaseKind)


def test_an_urgent_case_stands_before_all_others() -> None:
    officer = factories.officer()
    by = Outsider(officer.office, "visitor")
    usual = open_case(kind=CaseKind.RESET, by=by)
    late = open_case(kind=CaseKind.REGISTRATION, by=by, urgent=True)
    urgent = open_case(kind=CaseKind.REVOCATION, by=by, urgent=True)
    assert list(open_cases(officer)) == [urgent, late, usual]


def test_a_withdrawn_case_is_nobody_s_decision_any_more(case: Case) -> None:
    stale = Case.objects.get(pk=case.pk)
    withdraw(case=case, actor="subscriber:7")
    assert Event.objects.filter(name="case.withdrawn", subject=case.audit_id, actor="subscriber:7").exists()
    for late in (case, stale):
        with pytest.raises(WrongState):
            withdraw(case=late, actor="subscriber:7")
        with pytest.raises(WrongState):
            decide(case=late, decision=Decision(officer=factories.officer(), approve=True, revision=1))
    case.refresh_from_db()
    assert (case.state, case.decided_by) == (CaseState.WITHDRAWN, None)


@pytest.mark.django_db(transaction=True)
def test_of_approving_rejecting_and_withdrawing_at_once_exactly_one_wins() -> None:
    office, officers = factories.office(), [factories.officer() for _ in range(4)]

    def deciding(case: Case, officer: Officer, approve: bool) -> None:
        with transaction.atomic():
            decide(case=case, decision=Decision(officer, approve, 1, "" if approve else "Not so."))

    def withdrawing(case: Case) -> None:
        with transaction.atomic():
            withdraw(case=case, actor="visitor")

    for _ in range(10):
        opened = open_case(kind=CaseKind.REVOCATION, by=Outsider(office, "visitor"))
        copies = [Case.objects.get(pk=opened.pk) for _ in range(6)]
        deciders = [partial(deciding, copies[at], officer, at % 2 == 0) for at, officer in enumerate(officers)]
        outcomes = at_once(*deciders, partial(withdrawing, copies[4]), partial(withdrawing, copies[5]))
        assert sorted(type(one).__name__ for one in outcomes) == ["NoneType", *["WrongState"] * 5]
        opened.refresh_from_db()
        won = outcomes.index(None)
        expected = CaseState.WITHDRAWN if won > 3 else (CaseState.APPROVED, CaseState.REJECTED)[won % 2]
        assert opened.state == expected
        assert (opened.decided_by is None) == (expected == CaseState.WITHDRAWN)
        ended = ["case.approved", "case.rejected", "case.withdrawn"]
        assert Event.objects.filter(subject=opened.audit_id, name__in=ended).count() == 1
