"""Reading cases."""

from django.db.models import QuerySet

from accounts.models import Officer
from cases.models import Case
from cases.states import CaseState


def open_cases(officer: Officer) -> QuerySet[Case]:
    """What waits in the officer's office, the most urgent first."""
    return Case.objects.filter(office=officer.office, state=CaseState.OPEN).select_related("entered_by")


def case_of(officer: Officer, reference: str) -> Case:
    """One case of the officer's office; raises `Case.DoesNotExist`."""
    return Case.objects.select_related("entered_by", "decided_by", "office").get(
        office=officer.office, reference=reference
    )
