"""What a holder can renew: their own orders, each with its certificates, where it stands and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone

from accounts.models import Identity, Subscriber
from accounts.rules import masked
from accounts.services.people import ID_NUMBER
from ca.profiles import profile
from certificates.models import Certificate, Order
from certificates.selectors import certificates_of, profile_of, profile_title, row
from certificates.states import Authorisation, CertificateState, OrderState
from renewal.rules import MADE_HERE, window, within_renewal_window
from renewal.states import UnitState
from vault.values import unseal

_FIRST = list(UnitState)


@dataclass(frozen=True)
class Offer:
    """The certificates of one order, which are renewed together: whether they can be, from when, until when."""

    order: Order
    title: str
    state: UnitState
    certificates: list[dict[str, Any]]
    first: datetime
    last: datetime
    supersedes: bool
    renewal: Order | None


def offers(subscriber: Subscriber) -> list[Offer]:
    """Everything that this subscriber holds, what can be renewed first and by its end."""
    found = sorted(certificates_of(subscriber), key=lambda one: (one.item.order_id, one.item.position))
    renewals = {one.renews_id: one for one in _sent(Order.objects.filter(renews__subscriber=subscriber))}
    units = groupby(found, key=lambda one: one.item.order)
    made = [_offer(order, list(group), renewals.get(order.pk)) for order, group in units]
    return sorted(made, key=lambda one: (_FIRST.index(one.state), one.last))


def offer_of(order: Order) -> Offer:
    """The same for one order that was issued."""
    return _offer(order, to_be_renewed(order), _sent(order.renewals.all()).first())


def order_to_renew(subscriber: Subscriber, public_id: UUID) -> Order:
    """One issued order of this subscriber; anybody else's is Http404."""
    return get_object_or_404(Order, subscriber=subscriber, public_id=public_id, state=OrderState.ISSUED)


def draft_of(subscriber: Subscriber, public_id: UUID) -> Order:
    """One renewal of this subscriber, whatever its state; anybody else's is Http404."""
    renewals = Order.objects.select_related("renews", "identity__organisation", "subscriber__account")
    return get_object_or_404(
        renewals, subscriber=subscriber, public_id=public_id, authorisation=Authorisation.RENEWAL, renews__isnull=False
    )


def to_be_renewed(order: Order) -> list[Certificate]:
    """The certificates of an order, in their order there."""
    found = Certificate.objects.filter(item__order=order).order_by("item__position")
    return list(found.select_related("authority__parent", "item__order", "public_key"))


def signer_among(certificates: Sequence[Certificate]) -> Certificate | None:
    """The certificate whose key signs the proof; none where all of them are for encryption."""
    return next((one for one in certificates if _use(one) in ("signing", "both")), None)


def id_number_of(identity: Identity) -> str:
    """The ID number as pages show it: masked."""
    sealed = identity.id_number_sealed
    return masked(unseal(sealed, ID_NUMBER)) if sealed else ""


def _use(certificate: Certificate) -> str:
    templates = {one.name: one.use for one in profile_of(certificate.item.order).templates}
    return templates.get(certificate.template, "")


def _sent(renewals: QuerySet[Order]) -> QuerySet[Order]:
    return renewals.filter(state__in=[OrderState.PLACED, OrderState.SIGNING, OrderState.ISSUED])


def _offer(order: Order, certificates: list[Certificate], renewal: Order | None) -> Offer:
    days = profile_of(order).renewal_window_days
    # The one that ends first decides: a pair goes together.
    first, last = window(min(one.not_after for one in certificates), days)
    return Offer(
        order=order,
        title=profile_title(order),
        state=_state(order, certificates, renewal, last, days),
        certificates=[row(one) for one in certificates],
        first=first,
        last=last,
        supersedes=profile(order.profile).on_renewal == "revoke_superseded",
        renewal=renewal,
    )


def _state(
    order: Order, certificates: Sequence[Certificate], renewal: Order | None, last: datetime, days: int
) -> UnitState:
    if renewal is not None:
        return UnitState.RENEWED if renewal.state == OrderState.ISSUED else UnitState.RUNNING
    states = {one.state for one in certificates}
    if states != {CertificateState.VALID}:
        return UnitState.REVOKED if CertificateState.REVOKED in states else UnitState.HELD
    now = timezone.now()
    wanted = profile_of(order)
    if wanted.inside_use or not MADE_HERE & set(wanted.key_place):
        return UnitState.ELSEWHERE
    if within_renewal_window(now, last, days):
        return UnitState.OPEN
    return UnitState.EARLY if now < last else UnitState.ENDED
