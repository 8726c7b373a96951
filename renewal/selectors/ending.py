"""Certificates that come to their end, or came to it, and that nobody has renewed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import Identity
from accounts.states import AccountState
from ca.profiles import load_profiles
from certificates.models import Certificate, Order
from certificates.states import CertificateState, OrderState
from renewal.rules import MADE_HERE, within_renewal_window

# An order that is being signed counts: if it is refused, the certificate is found again.
_RENEWING = (OrderState.PLACED, OrderState.SIGNING, OrderState.ISSUED)


def renewals_of(order: str) -> QuerySet[Order]:
    """Orders that renew, for a subquery: `order` names the old order in the query around it."""
    return Order.objects.filter(renews=OuterRef(order), state__in=_RENEWING)


def not_renewed(*, after: datetime, until: datetime, least_window: int = 0) -> QuerySet[Certificate]:
    """Valid certificates of subscribers that end later than `after` and not later than `until`, renewed by no order.

    Left out: certificates for inside use, those of closed accounts, and profiles whose renewal opens less than
    `least_window` days before the end.
    """
    found = Certificate.objects.filter(
        ~Exists(renewals_of("item__order")),
        state=CertificateState.VALID,
        not_after__gt=after,
        not_after__lte=until,
        subscriber__isnull=False,
    )
    return found.exclude(subscriber__account__state=AccountState.CLOSED).exclude(profile__in=_without(least_window))


def _without(least_window: int) -> list[str]:
    """The profiles for inside use, and those with a shorter window."""
    return [slug for slug, one in load_profiles().items() if one.inside_use or one.renewal_window_days < least_window]


class Line(NamedTuple):
    """What is read of a certificate where there are many."""

    pk: int
    order: int
    number: str
    template: str
    state: str
    not_before: datetime
    not_after: datetime


@dataclass(frozen=True)
class Unit:
    """What is renewed together: the certificates of one order that are not revoked, and who holds them today."""

    order: Order
    certificates: tuple[Line, ...]  # those not revoked, signing before encryption
    whole: bool  # none of the order's certificates is revoked
    identity: Identity

    @property
    def not_before(self) -> datetime:
        """When the first of them begins."""
        return min(one.not_before for one in self.certificates)

    @property
    def not_after(self) -> datetime:
        """When the first of them ends; a pair's ends may lie seconds apart."""
        return min(one.not_after for one in self.certificates)

    @property
    def held(self) -> bool:
        """Whether one of them is on hold: nobody renews then, and whoever lifts or revokes it comes first."""
        return any(one.state == CertificateState.HELD for one in self.certificates)

    @property
    def renewable(self) -> bool:
        """Whether renewal is open for it while its window is: a pair goes together or not at all."""
        profile = load_profiles().get(self.order.profile)
        return self.whole and not self.held and profile is not None and not MADE_HERE.isdisjoint(profile.key_place)

    def open(self, now: datetime) -> bool:
        """Whether its holder can renew it now."""
        profile = load_profiles().get(self.order.profile)
        return (
            profile is not None
            and self.renewable
            and within_renewal_window(now, self.not_after, profile.renewal_window_days)
        )

    @property
    def numbers(self) -> str:
        """The certificates' public numbers."""
        return ", ".join(one.number for one in self.certificates)


def units_of(orders: Sequence[Order]) -> list[Unit]:
    """The units of these orders of subscribers, in two statements; an order that was wholly revoked has none."""
    of_order: dict[int, list[Line]] = {order.pk: [] for order in orders}
    columns = ("pk", "item__order", "number", "template", "state", "not_before", "not_after")
    for row in Certificate.objects.filter(item__order__in=of_order).order_by("pk").values_list(*columns):
        line = Line(*row)
        of_order[line.order].append(line)
    versions = Identity.objects.filter(subscriber__in={order.subscriber_id for order in orders})
    newest = {one.subscriber_id: one for one in versions.select_related("organisation").order_by("version")}
    units = []
    for order in orders:
        all_of_it = of_order[order.pk]
        live = tuple(one for one in all_of_it if one.state != CertificateState.REVOKED)
        if live and order.subscriber_id in newest:
            units.append(Unit(order, live, len(live) == len(all_of_it), newest[order.subscriber_id]))
    return units
