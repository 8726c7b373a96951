"""Reading cases: those of one's own office."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cases.models import Case
from cases.selectors import case_of, open_cases
from cases.services import Decision, decide, open_case
from cases.states import CaseKind
from tests import factories

pytestmark = pytest.mark.django_db


def test_the_most_urgent_comes_first_and_decided_ones_are_gone() -> None:
    officer, other = factories.officer(), factories.officer()
    late, soon, done = (open_case(kind=kind, by=officer) for kind in (CaseKind.REGISTRATION,) * 3)
    Case.objects.filter(pk=soon.pk).update(due_at=timezone.now() - timedelta(hours=1))
    decide(case=done, decision=Decision(officer=other, approve=True, revision=1))
    assert list(open_cases(other)) == [soon, late]


def test_another_office_sees_nothing() -> None:
    officer = factories.officer()
    case = open_case(kind=CaseKind.RESET, by=officer)
    stranger = factories.officer(at=factories.office("taipa"))
    assert not open_cases(stranger).exists()
    with pytest.raises(Case.DoesNotExist):
        case_of(stranger, case.reference)
    assert case_of(officer, case.reference) == case
