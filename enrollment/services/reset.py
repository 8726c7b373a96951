"""A new slip for somebody whose password is forgotten or whose account is locked."""

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import Account, Officer
from accounts.rules import normalise_account
from accounts.services import close_door, throttle
from accounts.states import AccountState
from audit.services import record
from cases.models import Case
from cases.rules import may_enter
from cases.services import Decision, decide, open_case
from cases.states import CaseKind, CaseState
from enrollment.errors import AccountClosed, AccountUnknown, AlreadyWaiting, SlipWaiting
from enrollment.models import ResetRequest, ResetWish
from enrollment.selectors import identity_of, subscriber_by_account
from enrollment.services.slips import make_slip_due
from notifications.services import Letter, promise

_HOUR = 3600
_WISHES_FROM_ONE_ADDRESS = 10  # an hour
_WISHES_FOR_ONE_ACCOUNT = 3  # a day


def wish_reset(*, account_number: str, address: str) -> None:
    """Note that somebody asks for a new slip; nobody learns from the answer whether the account exists.

    `address` is the network address that asks. Raises `accounts.errors.TooMany`, for numbers that exist and that do
    not alike.
    """
    number = normalise_account(account_number)
    throttle(scope="reset-address", who=address, limit=_WISHES_FROM_ONE_ADDRESS, seconds=_HOUR)
    throttle(scope="reset-account", who=number, limit=_WISHES_FOR_ONE_ACCOUNT, seconds=24 * _HOUR)
    subscriber = subscriber_by_account(number)
    with transaction.atomic():
        subject = "account:unknown"
        if subscriber is not None and subscriber.account.state != AccountState.CLOSED:
            subject = subscriber.account.audit_id
            if not ResetWish.objects.filter(account=subscriber.account, case=None).exists():
                ResetWish.objects.create(account=subscriber.account, asked_at=timezone.now())
        record(event="reset.wished", actor="visitor", subject=subject)


@transaction.atomic
def request_reset(*, officer: Officer, account: Account, identity_check: str) -> ResetRequest:
    """Enter that the holder of `account`, whose identity the officer checked, needs a new slip.

    Raises `PermissionDenied`, `AccountUnknown` for an account of another office or of an officer, and what keeps an
    account from a new slip: `AccountClosed`, `SlipWaiting`, `AlreadyWaiting`.
    """
    may_enter(officer)
    subscriber = subscriber_by_account(account.username, officer.office)
    if subscriber is None:
        raise AccountUnknown
    # One entry at a time, so that two officers at once see each other's.
    locked = Account.objects.select_for_update(no_key=True).get(pk=account.pk)
    _check_account(locked)
    waiting = ResetRequest.objects.filter(account=account, case__state=CaseState.OPEN).first()
    if waiting is not None:
        raise AlreadyWaiting(waiting.case.reference)
    case = open_case(kind=CaseKind.RESET, by=officer)
    ResetWish.objects.filter(account=account, case=None).update(case=case)
    return ResetRequest.objects.create(case=case, account=account, identity_check=identity_check)


def _check_account(account: Account) -> None:
    if account.state == AccountState.CLOSED:
        raise AccountClosed
    if account.state == AccountState.NEW:
        raise SlipWaiting


@transaction.atomic
def decide_reset(*, case: Case, decision: Decision) -> None:
    """Approve or reject a new slip.

    An approval makes the old password useless, ends open sessions, and has a slip printed. Raises what
    `cases.services.decide` raises, and `AccountClosed` or `SlipWaiting` where the account changed meanwhile.
    """
    request = ResetRequest.objects.select_related("account__subscriber").get(case=case)
    decide(case=case, decision=decision)
    if decision.approve:
        _check_account(request.account)
        close_door(account=request.account, actor=decision.officer.audit_id)
        make_slip_due(account=request.account, case=case, actor=decision.officer.audit_id)
    _tell(request, case, "reset-approved" if decision.approve else "reset-rejected")


def _tell(request: ResetRequest, case: Case, event: str) -> None:
    """Let the holder know either way: it may have been somebody else who asked."""
    identity = identity_of(request.account.subscriber)
    context = {"reference": case.reference, "name": identity.latin_name, "url": settings.PUBLIC_URL}
    promise(
        letter=Letter(
            event=event,
            key=f"{event}:{case.reference}",
            address=identity.email,
            language=request.account.language,
            context={**context, "reason": case.reason},
        )
    )
