"""Requests for tests, made by the real services."""

from collections.abc import Sequence
from typing import Any

from accounts.models import Officer, Subscriber
from cases.models import Case
from cases.services import Decision, Outsider
from certificates.models import Certificate
from revocation.models import RevocationRequest
from revocation.services import Wish, decide_revocation, request_revocation
from revocation.states import Door, Reason
from tests import factories


def requested(certificates: Sequence[Certificate], reason: Reason = Reason.UNUSED, **more: Any) -> RevocationRequest:
    """A request of the holder, signed in."""
    holder = certificates[0].subscriber
    assert holder is not None
    by = Outsider(holder.office, holder.audit_id)
    return request_revocation(
        wish=Wish(certificates=certificates, door=Door.SIGNED_IN, reason=reason, by=by, subscriber=holder, **more)
    )


def on_paper(
    certificates: Sequence[Certificate],
    reason: Reason = Reason.UNUSED,
    officer: Officer | None = None,
    subscriber: Subscriber | None = None,
) -> RevocationRequest:
    """A request that an officer entered from a form."""
    wish = Wish(
        certificates=certificates,
        door=Door.PAPER,
        reason=reason,
        by=officer or factories.officer(),
        subscriber=subscriber,
        form_number="R-2026-17",
    )
    return request_revocation(wish=wish)


def decided(request: RevocationRequest, *, approve: bool = True, ticked: Sequence[str] = (), **more: Any) -> Case:
    """The case after another officer's decision."""
    case = Case.objects.get(pk=request.case_id)
    reason = more.get("reason", "" if approve else "The form is not signed.")
    decision = Decision(officer=more.get("officer") or factories.officer(), approve=approve, revision=1, reason=reason)
    decide_revocation(case=case, decision=decision, ticked=ticked)
    return case


def states(certificates: Sequence[Certificate]) -> list[str]:
    """What the database says of these, in their order."""
    found = dict(Certificate.objects.filter(pk__in=[one.pk for one in certificates]).values_list("pk", "state"))
    return [found[one.pk] for one in certificates]
