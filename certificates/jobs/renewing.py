"""What issuing does about the certificates that an order renews."""

from collections.abc import Sequence

from django.db.models import QuerySet

from audit.services import SYSTEM
from certificates.jobs.status import revoke_all
from certificates.models import Certificate, Order
from certificates.selectors import profile_of
from certificates.states import CertificateState

SUPERSEDED = "superseded"  # RFC 5280 5.3.1


def spoilt(orders: Sequence[Order]) -> set[int]:
    """Those orders, by their keys, of which a certificate to be renewed is not in service any more."""
    renewed = _renewed(orders).exclude(state=CertificateState.VALID)
    gone = set(renewed.values_list("item__order", flat=True))
    return {order.pk for order in orders if order.renews_id in gone}


def link(orders: Sequence[Order], made: Sequence[Certificate]) -> None:
    """Write into each certificate, not yet stored, which one it replaces: that of the same name in the old order."""
    old: dict[tuple[int | None, str], Certificate]
    old = {(one.item.order_id, one.template): one for one in _renewed(orders).select_related("item")}
    renews = {order.pk: order.renews_id for order in orders}
    for one in made:
        one.replaces = old.get((renews[one.item.order_id], one.template))


def supersede(orders: Sequence[Order]) -> list[Order]:
    """Revoke what these orders renewed, where the profile wants it, as superseded; gives the orders that did.

    In the caller's transaction. What was revoked meanwhile stays as it is.
    """
    ending = [order for order in orders if order.renews_id and profile_of(order).on_renewal == "revoke_superseded"]
    if not ending:
        return []
    # Locked as `status` locks them: what is read now stays so until the commit.
    rows = _renewed(ending).select_for_update(of=("self",), no_key=True).exclude(state=CertificateState.REVOKED)
    standing = list(rows.select_related("item", "public_key").order_by("pk"))
    revoke_all(standing, reason=SUPERSEDED, actor=SYSTEM)
    changed = {one.item.order_id for one in standing}
    return [order for order in ending if order.renews_id in changed]


def _renewed(orders: Sequence[Order]) -> QuerySet[Certificate]:
    return Certificate.objects.filter(item__order__in=[order.renews_id for order in orders if order.renews_id])
