"""Reading requests: as their case's page shows them, and as holders follow their own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from accounts.models import Identity, Subscriber
from accounts.rules import masked
from accounts.services.people import ID_NUMBER
from cases.models import Case
from cases.states import CaseState
from certificates.models import Certificate
from certificates.selectors import row
from certificates.states import CertificateState
from revocation.models import RevocationLine, RevocationRequest
from revocation.reasons import is_compromise, name_in_list
from revocation.states import Door
from vault.values import unseal

_MOST_SHOWN = 50
_WITH_ROW = (
    "certificate__authority__parent",
    "certificate__item__order",
    "certificate__public_key",
    "certificate__subscriber",
)


class Lines(Sequence[dict[str, Any]]):
    """The certificates of a request as a page shows them; only those that are looked at are read."""

    def __init__(self, request: RevocationRequest) -> None:
        """`request`: whose certificates."""
        lines = RevocationLine.objects.filter(request=request).order_by("pk").select_related(*_WITH_ROW)
        self._lines = lines.prefetch_related("certificate__subscriber__identities")

    def __len__(self) -> int:
        """How many certificates."""
        return self._lines.count()

    def __getitem__(self, wanted: Any) -> Any:
        """Some of them, as a paginator asks for."""
        return [_shown(line) for line in self._lines[wanted]]


@dataclass(frozen=True)
class Own:
    """A request as its holder follows it."""

    request: RevocationRequest
    numbers: str
    suspended: bool
    may_withdraw: bool


def name_of_request(case: Case) -> str:
    """Whom a request is about: the one holder, or the paper that names many."""
    request = case.revocation
    if request.subscriber is not None:
        return _name(_newest(request.subscriber))
    return _("Form %(number)s") % {"number": request.form_number}


def same_key(request: RevocationRequest) -> QuerySet[Certificate]:
    """The other certificates, not revoked yet, with a key of this request; none unless the key is compromised."""
    if not is_compromise(request.reason):
        return Certificate.objects.none()
    own = RevocationLine.objects.filter(request=request)
    others = Certificate.objects.filter(public_key__in=own.values("certificate__public_key"))
    others = others.exclude(pk__in=own.values("certificate")).exclude(state=CertificateState.REVOKED)
    return others.select_related("authority__parent", "item__order", "public_key", "subscriber").order_by("pk")


def revocation_page(case: Case) -> dict[str, Any]:
    """What the page of a request's case shows."""
    request = RevocationRequest.objects.select_related("subscriber__account").get(case=case)
    identity = _newest(request.subscriber) if request.subscriber else None
    return {
        "request_for_revocation": request,
        "reason_in_list": name_in_list(request.reason),
        "identity": identity,
        "id_number": _masked_id(identity),
        "lines": Lines(request),
        "compromise": is_compromise(request.reason),
        "same_key": [_with_holder(one) for one in same_key(request)[:_MOST_SHOWN]] if _open(case) else [],
        "earlier": list(_earlier(request)[:_MOST_SHOWN]),
    }


def own_requests(subscriber: Subscriber) -> list[Own]:
    """The requests about this subscriber's certificates that they may follow, newest first."""
    requests = RevocationRequest.objects.filter(subscriber=subscriber).select_related("case")
    return [_own(one) for one in requests.prefetch_related("lines__certificate").order_by("-pk")[:_MOST_SHOWN]]


def own_request(subscriber: Subscriber, reference: str) -> RevocationRequest:
    """One request about this subscriber's certificates; anybody else's is Http404."""
    requests = RevocationRequest.objects.select_related("case")
    return get_object_or_404(requests, subscriber=subscriber, case__reference=reference)


def _own(request: RevocationRequest) -> Own:
    lines, waits = list(request.lines.all()), _open(request.case)
    return Own(
        request=request,
        numbers=", ".join(line.certificate.number for line in lines),
        suspended=waits and any(line.certificate.state == CertificateState.HELD for line in lines),
        may_withdraw=waits and request.door != Door.PAPER,
    )


def _open(case: Case) -> bool:
    return case.state == CaseState.OPEN


def _earlier(request: RevocationRequest) -> QuerySet[RevocationRequest]:
    """Other requests for the same certificates, or for the same holder's."""
    others = RevocationRequest.objects.exclude(pk=request.pk).select_related("case").order_by("-pk")
    same = Q(
        pk__in=RevocationLine.objects.filter(certificate__in=request.lines.values("certificate")).values("request")
    )
    return others.filter(same | Q(subscriber=request.subscriber) if request.subscriber_id else same)


def _shown(line: RevocationLine) -> dict[str, Any]:
    certificate = line.certificate
    suspended = certificate.state == CertificateState.HELD
    return {**_with_holder(certificate), "held_since": certificate.revoked_at if suspended else None}


def _with_holder(certificate: Certificate) -> dict[str, Any]:
    holder = _name(_newest(certificate.subscriber)) if certificate.subscriber else ""
    return {**row(certificate), "holder": holder}


def _newest(subscriber: Subscriber) -> Identity | None:
    return max(subscriber.identities.all(), key=lambda identity: identity.version, default=None)


def _name(identity: Identity | None) -> str:
    if identity is None:
        return ""
    return " ".join(filter(None, (identity.name_chinese, identity.latin_name))) or identity.email


def _masked_id(identity: Identity | None) -> str:
    if identity is None or not identity.id_number_sealed:
        return ""
    return masked(unseal(identity.id_number_sealed, ID_NUMBER))
