"""What waits at the desk."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Identity, Officer, Subscriber
from accounts.selectors import newest_identity
from accounts.states import Role
from cases.models import Case
from cases.selectors import open_cases
from cases.states import CaseKind, CaseState
from enrollment.selectors import due_slips, name_of, wishes
from notifications.rules import failure_in_words
from notifications.selectors import can_be_written, subject_of


@dataclass(frozen=True)
class Line:
    """One case in the queue: whom it is about, how late it is, whether this officer may approve it with others."""

    case: Case
    name: str
    overdue: bool
    entered_by_me: bool
    may_tick: bool


@dataclass(frozen=True)
class Counts:
    """How much waits, by what is to be done."""

    cases: int
    overdue: int
    slips: int
    wishes: int


# What a case of one kind is about, fetched along with the queue.
_ABOUT = (
    "registration",
    "reset_request__account__subscriber",
    "revocation__subscriber",
    "problem_report",
    "undelivered_mail__message",
)
_THEIR_IDENTITIES = (
    "reset_request__account__subscriber__identities",
    "revocation__subscriber__identities",
    "problem_report__lines__certificate__subscriber__identities",
)


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
        may_tick=says_enough(case) and may_decide(case, officer),
    )


def says_enough(case: Case) -> bool:
    """Whether the queue says enough of a case to approve it there: a revocation of one holder's certificates.

    One that closes the account, too, is read first.
    """
    if case.kind != CaseKind.REVOCATION or case.revocation.closes_account:
        return False
    return case.revocation.subscriber_id is not None


def counts(officer: Officer) -> Counts:
    """How much waits in the officer's office."""
    cases = open_cases(officer)
    return Counts(
        cases=cases.count(),
        overdue=cases.filter(due_at__lt=timezone.now()).count(),
        slips=due_slips(officer).count(),
        wishes=wishes(officer).count(),
    )


def receiver_of(address: str) -> Subscriber | None:
    """The subscriber to whom this address belongs or once belonged."""
    identity = Identity.objects.filter(email__iexact=address).select_related("subscriber__office").last()
    return identity.subscriber if identity else None


def mail_name(case: Case) -> str:
    """To whom the mail of a case was written."""
    return str(case.undelivered_mail.message.address)


def mail_page(case: Case) -> dict[str, Any]:
    """What the page of an undelivered mail shows; `newer_address` where its reader has another one by now."""
    message = case.undelivered_mail.message
    receiver = receiver_of(message.address)
    identity = newest_identity(receiver) if receiver else None
    return {
        "message": message,
        "subject": subject_of(message),
        "failed_at": case.undelivered_mail.failed_at,
        "failure": failure_in_words(message.last_error),
        "receiver": name_of(identity) if identity else "",
        "newer_address": identity.email if identity and identity.email.lower() != message.address.lower() else "",
        "can_be_sent": can_be_written(message),
    }


def may_decide(case: Case, officer: Officer) -> bool:
    """Whether the page offers the decision to this officer; the service decides for itself."""
    own = case.entered_person == officer.person_id
    return case.state == CaseState.OPEN and officer.may(Role.APPROVING) and not own
