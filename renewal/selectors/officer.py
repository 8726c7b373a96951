"""Who did not react: certificates of an office's holders that end soon or ended lately and were not renewed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from django.db.models import Exists, Min, OuterRef, Q, QuerySet

from accounts.models import Officer, Organisation
from certificates.models import Order
from renewal.models import Invitation, Notice
from renewal.rules import INVITATION_DAYS
from renewal.selectors.ending import Unit, not_renewed, units_of


@dataclass(frozen=True)
class Due:
    """One unit on the list: how long is left, what its holder was told, and whether they may be invited now."""

    unit: Unit
    name: str
    organisation: Organisation | None
    ended: bool
    days: int  # left, or since the end
    notices: tuple[tuple[int, datetime], ...]  # days before the end, when told; oldest first
    invited_at: datetime | None
    may_be_invited: bool


def orders_due(
    officer: Officer, now: datetime, *, organisation: str, least: timedelta, most: timedelta
) -> QuerySet[Order]:
    """Orders of the officer's office whose certificates end between `least` and `most` from now, the first first.

    `organisation` is its number or a part of its name, or empty for all.
    """
    ending = not_renewed(after=now + least, until=now + most).filter(subscriber__office=officer.office)
    if organisation:
        of = "item__order__identity__organisation__"
        ending = ending.filter(
            Q(**{f"{of}number__iexact": organisation})
            | Q(**{f"{of}name__icontains": organisation})
            | Q(**{f"{of}name_chinese__icontains": organisation})
        )
    found = Order.objects.filter(pk__in=ending.values("item__order"))
    named = found.select_related("subscriber__account", "identity__organisation")
    return named.annotate(ends_at=Min("items__certificate__not_after")).order_by("ends_at", "pk")


def not_invited_lately(orders: QuerySet[Order], now: datetime) -> QuerySet[Order]:
    """Of these orders, those whose holder was not invited within `INVITATION_DAYS`."""
    lately = Invitation.objects.filter(certificate__item__order=OuterRef("pk"), invited_at__gt=_lately(now))
    return orders.filter(~Exists(lately))


def due(orders: Sequence[Order], now: datetime) -> list[Due]:
    """These orders as the list shows them, in few statements."""
    units = units_of(orders)
    order_of = {one.pk: unit.order.pk for unit in units for one in unit.certificates}
    told: dict[int, dict[int, datetime]] = {}
    for notice in Notice.objects.filter(certificate__in=order_of, told=True).order_by("crossed_at", "-threshold"):
        told.setdefault(order_of[notice.certificate_id], {})[notice.threshold] = notice.crossed_at
    invitations = Invitation.objects.filter(certificate__in=order_of).order_by("invited_at")
    invited = {order_of[one.certificate_id]: one.invited_at for one in invitations}
    return [_due(unit, tuple(told.get(unit.order.pk, {}).items()), invited.get(unit.order.pk), now) for unit in units]


def _due(unit: Unit, notices: tuple[tuple[int, datetime], ...], invited_at: datetime | None, now: datetime) -> Due:
    left = unit.not_after - now
    issued_to = unit.order.identity or unit.identity
    return Due(
        unit=unit,
        name=" ".join(filter(None, (issued_to.name_chinese, issued_to.latin_name))) or issued_to.email,
        organisation=issued_to.organisation,
        ended=left < timedelta(),
        days=ceil(left / timedelta(days=1)) if left >= timedelta() else -left // timedelta(days=1),
        notices=notices,
        invited_at=invited_at,
        may_be_invited=unit.open(now) and (invited_at is None or invited_at <= _lately(now)),
    )


def _lately(now: datetime) -> datetime:
    return now - timedelta(days=INVITATION_DAYS)
