"""Holding, lifting and revoking: the one place where what the CA says of a certificate changes.

Services do it at once; the issuing job does it for certificates that a renewal supersedes.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from audit.errors import WrongState
from audit.transitions import advance_all
from certificates.models import Authority, Certificate
from certificates.states import CertificateState

HOLD = "certificateHold"  # RFC 5280 5.3.1
_AT_ONCE = 500  # rows in one statement


def change(
    certificates: Sequence[Certificate],
    *,
    before: CertificateState,
    after: CertificateState,
    actor: str,
    changes: Mapping[str, Any],
) -> None:
    """Move certificates, all or none, with their events, and count the change at their CAs, in one transaction.

    The count locks the CA's row until the commit, so that a revocation list is made before or after the change and
    never past it. Raises `WrongState` where one of them is not `before` (any more).
    """
    with transaction.atomic():
        _count(certificates)
        for start in range(0, len(certificates), _AT_ONCE):
            part = certificates[start : start + _AT_ONCE]
            event = {CertificateState.HELD: "held", CertificateState.VALID: "lifted"}.get(after, "revoked")
            moved = advance_all(
                part, before=before, after=after, actor=actor, event=f"certificate.{event}", changes=changes
            )
            if len(moved) != len(part):
                raise WrongState(f"{len(part) - len(moved)} certificates are not {before}")


def revoke_all(certificates: Sequence[Certificate], *, reason: str, actor: str) -> None:
    """Revoke certificates for good, those on hold under the date of their hold (X.509, 8.5.2.2; RFC 3280 5.3.2).

    `reason` by its name in RFC 5280 5.3.1, or empty for none. In one transaction. Raises `WrongState` where one is
    revoked already.
    """
    with transaction.atomic():
        for state in (CertificateState.VALID, CertificateState.HELD):
            changes: dict[str, Any] = {"revocation_reason": reason}
            if state == CertificateState.VALID:
                changes["revoked_at"] = timezone.now()
            part = [one for one in certificates if one.state == state]
            change(part, before=state, after=CertificateState.REVOKED, actor=actor, changes=changes)
        if any(one.state != CertificateState.REVOKED for one in certificates):
            raise WrongState("a certificate has changed meanwhile")


def _count(certificates: Sequence[Certificate]) -> None:
    for authority in sorted({one.authority_id for one in certificates}):  # in order, so that nobody waits in a circle
        Authority.objects.filter(pk=authority).update(status_changes=F("status_changes") + 1)
