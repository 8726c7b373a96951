"""Holding, lifting and revoking: the one place where what the CA says of a certificate changes.

Services do it at once; the issuing job does it for certificates that a renewal supersedes. Each act first locks the
certificates, in the order of their keys, and then counts a change at their CAs. That count is a lock on the CA's row
until the commit, so that a revocation list is made before or after an act and never past it. Whoever locks such rows
besides keeps this order, so that nobody waits in a circle.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from audit.errors import WrongState
from audit.transitions import advance_all
from certificates.models import Authority, Certificate
from certificates.rules import SERVICE_MAIL
from certificates.states import CertificateState
from notifications.services import retire_mail_certificates

HOLD = "certificateHold"  # RFC 5280 5.3.1
_EVENTS = {
    CertificateState.HELD: "certificate.held",
    CertificateState.VALID: "certificate.lifted",
    CertificateState.REVOKED: "certificate.revoked",
}
_AT_ONCE = 500  # rows in one statement


def hold_all(certificates: Sequence[Certificate], *, actor: str) -> None:
    """Suspend certificates, all or none, in one transaction. Raises `WrongState` where one is not valid (any more)."""
    with transaction.atomic():
        _lock(certificates)
        changes = {"revoked_at": timezone.now(), "revocation_reason": HOLD}
        _move(certificates, CertificateState.VALID, CertificateState.HELD, actor, changes)


def lift_all(certificates: Sequence[Certificate], *, actor: str) -> None:
    """Take suspended certificates back into service, all or none, in one transaction.

    Raises `WrongState` where one is not suspended (any more).
    """
    with transaction.atomic():
        _lock(certificates)
        changes = {"revoked_at": None, "revocation_reason": ""}
        _move(certificates, CertificateState.HELD, CertificateState.VALID, actor, changes)


def revoke_all(certificates: Sequence[Certificate], *, reason: str, actor: str) -> None:
    """Revoke certificates for good, those on hold under the date of their hold (X.509, 8.5.2.2; RFC 3280 5.3.2).

    `reason` by its name in RFC 5280 5.3.1, or empty for none. All or none, in one transaction, whatever was held or
    lifted since the caller read the rows. Raises `WrongState` where one is revoked already.
    """
    with transaction.atomic():
        held = _lock(certificates)
        suspended = [one for one in certificates if one.pk in held]
        others = [one for one in certificates if one.pk not in held]
        changes: dict[str, Any] = {"revocation_reason": reason}
        _move(suspended, CertificateState.HELD, CertificateState.REVOKED, actor, changes)
        changes = {**changes, "revoked_at": timezone.now()}
        _move(others, CertificateState.VALID, CertificateState.REVOKED, actor, changes)


def _lock(certificates: Sequence[Certificate]) -> set[int]:
    """Lock these rows and their CAs', and count the change; gives back the keys of those that are on hold now."""
    held: set[int] = set()
    rows = Certificate.objects.select_for_update(no_key=True).order_by("pk")
    for part in _parts(sorted(certificates, key=lambda one: one.pk)):
        states = dict(rows.filter(pk__in=[one.pk for one in part]).values_list("pk", "state"))
        held.update(pk for pk, state in states.items() if state == CertificateState.HELD)
    for authority in sorted({one.authority_id for one in certificates}):
        Authority.objects.filter(pk=authority).update(status_changes=F("status_changes") + 1)
    return held


def _move(
    certificates: Sequence[Certificate],
    before: CertificateState,
    after: CertificateState,
    actor: str,
    changes: Mapping[str, Any],
) -> None:
    for part in _parts(certificates):
        moved = advance_all(part, before=before, after=after, actor=actor, event=_EVENTS[after], changes=changes)
        if len(moved) != len(part):
            raise WrongState(f"{len(part) - len(moved)} certificates are not {before}")
        ours = [one.public_key.spki_sha256 for one in part if one.profile == SERVICE_MAIL]
        if ours and after != CertificateState.VALID:
            retire_mail_certificates(spki_sha256=ours)


def _parts(certificates: Sequence[Certificate]) -> Iterator[Sequence[Certificate]]:
    for start in range(0, len(certificates), _AT_ONCE):
        yield certificates[start : start + _AT_ONCE]
