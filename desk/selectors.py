"""What waits at the desk."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Officer
from accounts.states import Role
from cases.models import Case
from cases.selectors import open_cases
from cases.states import CaseState
from enrollment.selectors import due_slips, wishes


@dataclass(frozen=True)
class Line:
    """One case in the queue: whom it is about, how late it is, whether this officer may decide it."""

    case: Case
    name: str
    overdue: bool
    entered_by_me: bool


@dataclass(frozen=True)
class Counts:
    """How much waits, by what is to be done."""

    cases: int
    overdue: int
    slips: int
    wishes: int


# What a case of one kind is about, fetched along with the queue.
_ABOUT = ("registration", "reset_request__account__subscriber", "revocation__subscriber")
_THEIR_IDENTITIES = ("reset_request__account__subscriber__identities", "revocation__subscriber__identities")


def waiting(officer: Officer) -> QuerySet[Case]:
    """The open cases of the officer's office with whom they are about, the most urgent first."""
    return open_cases(officer).select_related(*_ABOUT).prefetch_related(*_THEIR_IDENTITIES)


def line(case: Case, name: str, officer: Officer, now: datetime) -> Line:
    """A case as the queue shows it; `name` says whom or what it is about."""
    return Line(
        case=case,
        name=name,
        overdue=case.due_at < now,
        entered_by_me=case.entered_person == officer.person_id,
    )


def counts(officer: Officer) -> Counts:
    """How much waits in the officer's office."""
    cases = open_cases(officer)
    return Counts(
        cases=cases.count(),
        overdue=cases.filter(due_at__lt=timezone.now()).count(),
        slips=due_slips(officer).count(),
        wishes=wishes(officer).count(),
    )


def may_decide(case: Case, officer: Officer) -> bool:
    """Whether the page offers the decision to this officer; the service decides for itself."""
    own = case.entered_person == officer.person_id
    return case.state == CaseState.OPEN and officer.may(Role.APPROVING) and not own
