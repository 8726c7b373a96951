"""Opening and deciding cases."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from accounts.models import Office, Officer
from audit.errors import WrongState
from audit.services import record
from audit.transitions import advance
from cases.errors import CaseChanged, ReasonMissing, SamePerson
from cases.models import Case
from cases.rules import may_decide
from cases.states import CaseKind, CaseState

CLOCK = {
    CaseKind.REGISTRATION: timedelta(days=3),
    CaseKind.RESET: timedelta(days=1),
    CaseKind.REVOCATION: timedelta(hours=24),
    CaseKind.REPORT: timedelta(hours=24),
    CaseKind.MAIL: timedelta(days=3),
}


@dataclass(frozen=True)
class Outsider:
    """Somebody who is no officer and enters a case: a subscriber, a visitor, the service itself."""

    office: Office
    audit_id: str  # "subscriber:…", "visitor" or "system"


@dataclass(frozen=True)
class Decision:
    """What an officer decided about a case as they read it (`revision`)."""

    officer: Officer
    approve: bool
    revision: int
    reason: str = ""


def open_case(*, kind: CaseKind, by: Officer | Outsider, urgent: bool = False) -> Case:
    """Open a case that another person must decide. The caller's transaction holds what the case is about.

    An urgent one stands before all others in the queue.
    """
    now = timezone.now()
    officer = by if isinstance(by, Officer) else None
    case = Case.objects.create(
        kind=kind,
        office=by.office,
        opened_at=now,
        due_at=now + CLOCK[kind],
        urgent=urgent,
        entered_by=officer,
        entered_person=officer.person_id if officer else by.audit_id,
    )
    record(event="case.opened", actor=by.audit_id, subject=case.audit_id, details={"kind": str(kind)})
    return case


def decide(*, case: Case, decision: Decision) -> None:
    """Approve or reject a case, in the transaction of what follows from it.

    Raises `SamePerson` where the officer, or another account of the same person, entered it; `CaseChanged` where it
    was edited since it was read; `ReasonMissing` for a rejection without one; `PermissionDenied` from the rule;
    `WrongState` where somebody decided first.
    """
    may_decide(decision.officer)
    if decision.officer.person_id == case.entered_person:
        raise SamePerson
    if not decision.approve and not decision.reason.strip():
        raise ReasonMissing
    if decision.revision != case.revision:
        raise CaseChanged
    if not Case.objects.select_for_update().filter(pk=case.pk, revision=decision.revision).exists():
        raise CaseChanged
    if case.state != CaseState.OPEN:
        raise WrongState(case.audit_id)
    advance(
        case,
        before=CaseState.OPEN,
        after=CaseState.APPROVED if decision.approve else CaseState.REJECTED,
        actor=decision.officer.audit_id,
        event="case.approved" if decision.approve else "case.rejected",
        changes={
            "decided_by": decision.officer,
            "decided_person": decision.officer.person_id,
            "decided_at": timezone.now(),
            "reason": decision.reason.strip(),
        },
    )


def withdraw(*, case: Case, actor: str) -> None:
    """Take a case back, in the transaction of what follows from it; `actor` is whoever entered it.

    Raises `WrongState` where somebody decided first.
    """
    advance(case, before=CaseState.OPEN, after=CaseState.WITHDRAWN, actor=actor, event="case.withdrawn")
