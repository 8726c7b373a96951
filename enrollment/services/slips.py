"""Passcode slips: made due by an approval, printed once."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import Account, Officer
from accounts.rules import in_groups
from accounts.services import print_passcode
from audit.services import record
from audit.transitions import advance
from cases.models import Case
from cases.rules import may_enter
from enrollment.models import Slip
from enrollment.selectors import holder_name
from enrollment.states import SlipState


@dataclass(frozen=True)
class PrintedSlip:
    """What stands on one slip. It exists in the answer to one request and nowhere else."""

    name: str
    account: str
    passcode: str
    language: str
    expires_at: datetime | None
    reference: str


def make_slip_due(*, account: Account, case: Case, actor: str) -> Slip:
    """Have a slip printed for `account`; earlier ones are void. For the transaction of the approval."""
    for old in account.slips.exclude(state=SlipState.VOID):
        advance(old, before=old.state, after=SlipState.VOID, actor=actor, event="slip.replaced")
    slip = Slip.objects.create(account=account, case=case, made_due_at=timezone.now())
    record(event="slip.due", actor=actor, subject=slip.audit_id, details={"account": account.audit_id})
    return slip


@transaction.atomic
def print_slip(*, slip: Slip, officer: Officer) -> PrintedSlip:
    """Make the passcode and give it out, once.

    Raises `PermissionDenied` unless a registration officer prints, and `WrongState` for a slip that was printed or
    replaced before: whoever lost it needs a new slip.
    """
    may_enter(officer)
    advance(
        slip,
        before=SlipState.DUE,
        after=SlipState.PRINTED,
        actor=officer.audit_id,
        event="slip.printed",
        changes={"printed_at": timezone.now(), "printed_by": officer.audit_id},
    )
    passcode = print_passcode(account=slip.account, actor=officer.audit_id)
    return PrintedSlip(
        name=holder_name(slip.account),
        account=in_groups(slip.account.username),
        passcode=passcode,
        language=slip.account.language,
        expires_at=slip.account.passcode_expires_at,
        reference=slip.case.reference,
    )
