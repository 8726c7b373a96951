"""Asking for a revocation, by whichever door, and taking it back."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from accounts.models import Officer, Subscriber
from accounts.services import throttle
from audit.services import record_all
from ca.profiles import profile
from cases.models import Case
from cases.rules import may_enter
from cases.services import Outsider, open_case, withdraw
from cases.states import CaseKind
from certificates.errors import ChallengeWrong
from certificates.models import Certificate
from certificates.services import hold, prove_challenge
from certificates.states import CertificateState
from revocation.errors import (
    AlreadyAsked,
    AlreadyEnded,
    AlreadyRevoked,
    FormNumberMissing,
    NoneChosen,
    NotToWithdraw,
    ReasonNotOffered,
    TooManyChosen,
)
from revocation.models import RevocationLine, RevocationRequest
from revocation.reasons import offered, suspends_at_once
from revocation.rules import MOST_AT_ONCE
from revocation.selectors.finding import certificate_named, open_requests, with_its_pair
from revocation.services.letters import REQUESTED, WITHDRAWN, tell
from revocation.services.rows import take
from revocation.services.suspended import release
from revocation.states import Door, Reason

_TRIES_FROM_ONE_ADDRESS = 20  # an hour
_HOUR = 3600
VISITOR = "visitor"


@dataclass(frozen=True)
class Wish:
    """What is asked for: which certificates, why, by whom, by which door.

    `subscriber` is whose request it is, where it is one person's; `form_number` is that of the paper.
    """

    certificates: Sequence[Certificate]
    door: Door
    reason: Reason
    by: Officer | Outsider
    explanation: str = ""
    subscriber: Subscriber | None = None
    form_number: str = ""
    closes_account: bool = False


@dataclass(frozen=True)
class PhraseWish:
    """What a visitor sends: a number or serial number as they typed it, the challenge phrase, and why."""

    named: str
    phrase: str
    reason: Reason
    explanation: str = ""
    pair: bool = True


def request_revocation(*, wish: Wish) -> RevocationRequest:
    """Open a case in which an officer decides whether these certificates are revoked.

    Whoever proved to be the holder, and whoever says that a key is exposed, has the certificates suspended at once
    where their profile allows it; what stays in force although it should not goes to the top of the queue. Raises
    `NoneChosen`, `TooManyChosen`, `ReasonNotOffered`, `FormNumberMissing`, `AlreadyRevoked`, `AlreadyEnded`,
    `AlreadyAsked`; `PermissionDenied` for an officer who may not enter it.
    """
    _check(wish)
    with transaction.atomic():
        certificates = take(one.pk for one in wish.certificates)
        _check_each(certificates)
        suspends = suspends_at_once(wish.door, wish.reason)
        valid = [one for one in certificates if one.state == CertificateState.VALID]
        to_hold = [one for one in valid if suspends and _hold_allowed(one)]
        case = open_case(kind=CaseKind.REVOCATION, by=wish.by, urgent=suspends and len(to_hold) < len(valid))
        if to_hold:
            hold(certificates=to_hold, actor=wish.by.audit_id)
        request = _store(wish, case, certificates, {one.pk for one in to_hold})
        tell(REQUESTED, request, certificates, {"withdraw": "" if wish.door == Door.PAPER else "yes"})
    return request


def request_with_phrase(*, wish: PhraseWish, address: str) -> RevocationRequest:
    """What somebody asks who knows a certificate and its challenge phrase; `address` is where they ask from.

    Nobody learns from a refusal whether there is such a certificate. Raises `TooMany`, `ChallengeWrong`, and after a
    right phrase what `request_revocation` raises. Not to be called in a transaction: strikes stay.
    """
    throttle(scope="revocation-address", who=address, limit=_TRIES_FROM_ONE_ADDRESS, seconds=_HOUR)
    certificate = certificate_named(wish.named)
    prove_challenge(certificate=certificate, phrase=wish.phrase, actor=VISITOR)
    if certificate is None or certificate.subscriber is None:
        raise ChallengeWrong  # no phrase fits these; said for the type checker
    return request_revocation(
        wish=Wish(
            certificates=with_its_pair(certificate) if wish.pair else [certificate],
            door=Door.PHRASE,
            reason=wish.reason,
            by=Outsider(certificate.subscriber.office, VISITOR),
            explanation=wish.explanation,
            subscriber=certificate.subscriber,
        )
    )


@transaction.atomic
def withdraw_revocation(*, request: RevocationRequest, subscriber: Subscriber) -> None:
    """Take back a request of one's own, and lift what it had suspended.

    Raises `NotToWithdraw` for what the desk entered, and `WrongState` where an officer decided first. Whose request
    it is the caller's selector knows.
    """
    if request.door == Door.PAPER:
        raise NotToWithdraw
    withdraw(case=request.case, actor=subscriber.audit_id)
    certificates = release(request, actor=subscriber.audit_id)
    tell(WITHDRAWN, request, certificates)


def _check(wish: Wish) -> None:
    if isinstance(wish.by, Officer):
        may_enter(wish.by)
    if not wish.certificates:
        raise NoneChosen
    if len(wish.certificates) > MOST_AT_ONCE:
        raise TooManyChosen(MOST_AT_ONCE)
    if wish.reason not in offered(wish.door):
        raise ReasonNotOffered
    if wish.door == Door.PAPER and not wish.form_number.strip():
        raise FormNumberMissing


def _check_each(certificates: Sequence[Certificate]) -> None:
    now = timezone.now()
    for one in certificates:
        if one.state == CertificateState.REVOKED:
            raise AlreadyRevoked(one.number)
        if one.not_after < now:
            raise AlreadyEnded(one.number)
    for number, reference in open_requests(certificates).items():
        raise AlreadyAsked(number, reference)


def _hold_allowed(certificate: Certificate) -> bool:
    return profile(certificate.profile, certificate.item.order.profile_version).hold_allowed


def _store(wish: Wish, case: Case, certificates: Sequence[Certificate], held: set[int]) -> RevocationRequest:
    request = RevocationRequest.objects.create(
        case=case,
        subscriber=wish.subscriber,
        door=wish.door,
        reason=wish.reason,
        form_number=wish.form_number.strip(),
        explanation=wish.explanation.strip(),
        closes_account=wish.closes_account,
    )
    RevocationLine.objects.bulk_create(
        (RevocationLine(request=request, certificate=one, held=one.pk in held) for one in certificates),
        batch_size=1000,
    )
    record_all(
        event="revocation.requested",
        actor=wish.by.audit_id,
        subjects=[one.audit_id for one in certificates],
        details={"case": case.reference, "door": str(wish.door), "reason": str(wish.reason)},
    )
    return request
