"""Deciding about a request."""

from collections.abc import Sequence

from django.db import transaction

from accounts.models import Account
from accounts.services import close_account
from accounts.states import AccountState
from audit.services import record_all
from cases.models import Case
from cases.services import Decision, decide
from certificates.models import Certificate, PublicKey
from certificates.services import block_key, revoke
from certificates.states import CertificateState
from revocation.errors import OtherKey
from revocation.models import RevocationLine, RevocationRequest
from revocation.reasons import is_compromise, name_in_list
from revocation.selectors.closing import in_force
from revocation.selectors.requests import same_key
from revocation.services.closing import lock_account
from revocation.services.letters import APPROVED, REJECTED, tell
from revocation.services.rows import take
from revocation.services.suspended import release


@transaction.atomic
def decide_revocation(*, case: Case, decision: Decision, ticked: Sequence[str] = ()) -> None:
    """Revoke the certificates of a request for good, or reject it, which lifts what it had suspended.

    `ticked` are numbers of other certificates that have the key of one of these; they are revoked along with them, and
    where the account closes, everything of its holder's that is in force. Raises what `cases.services.decide` raises,
    `OtherKey` for a ticked certificate of another key, and `OrderUnderway` for an account that gets one just now.
    """
    request = RevocationRequest.objects.select_related("case", "subscriber__account").get(case=case)
    decide(case=case, decision=decision)
    actor = decision.officer.audit_id
    if decision.approve:
        closing = lock_account(request.subscriber) if request.closes_account and request.subscriber else None
        certificates = _revoke(request, set(ticked), actor)
        if closing:
            _close(closing, actor)
    else:
        certificates = release(request, actor=actor)
    tell(APPROVED if decision.approve else REJECTED, request, certificates, {"reason": case.reason})


def _revoke(request: RevocationRequest, ticked: set[str], actor: str) -> list[Certificate]:
    """Revoke what is not revoked yet; gives back all that the request is about, as it stands then."""
    along = [one.pk for one in same_key(request) if one.number in ticked] if ticked else []
    if len(along) < len(ticked):
        raise OtherKey
    own = list(request.lines.values_list("certificate_id", flat=True))
    if request.closes_account and request.subscriber:
        # Issued after the holder had asked: nobody could revoke it with this account any more.
        along += in_force(request.subscriber).exclude(pk__in=[*own, *along]).values_list("pk", flat=True)
    certificates = take([*own, *along])
    # A renewal or a report may have revoked one of them meanwhile: it stays as it is.
    living = [one for one in certificates if one.state != CertificateState.REVOKED]
    if living:
        revoke(certificates=living, reason=name_in_list(request.reason), actor=actor)
    if is_compromise(request.reason):
        gone = {one.public_key_id for one in certificates} - {one.public_key_id for one in living}
        for key in PublicKey.objects.filter(pk__in=gone).order_by("pk"):
            block_key(key=key, actor=actor)
    _take_along(request, [one for one in certificates if one.pk in set(along)], actor)
    return certificates


def _take_along(request: RevocationRequest, certificates: Sequence[Certificate], actor: str) -> None:
    """These belong to the request from now on."""
    RevocationLine.objects.bulk_create(RevocationLine(request=request, certificate=one) for one in certificates)
    subjects = [one.audit_id for one in certificates]
    details = {"case": request.case.reference, "reason": request.reason}
    record_all(event="revocation.taken-along", actor=actor, subjects=subjects, details=details)


def _close(account: Account, actor: str) -> None:
    if account.state != AccountState.CLOSED:
        close_account(account=account, actor=actor)
