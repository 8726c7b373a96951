"""What subscribers are told when an order ends."""

from collections.abc import Sequence

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from certificates.models import Certificate, Order
from certificates.reasons import explain
from certificates.states import Authorisation
from notifications.services import Letter

# Where a refused order is begun again, by its authorisation.
_HOMES: dict[str, str] = {Authorisation.ENTITLEMENT: "enrollment:home", Authorisation.RENEWAL: "renewal:home"}


def issued_letter(order: Order, certificates: Sequence[Certificate]) -> Letter:
    """The certificates are there: their numbers, which ones they replace, and where to fetch them."""
    context = {**_numbers(order, certificates), "url": _address("certificates:list")}
    return _letter(order, "certificate-issued", context)


def superseded_letter(order: Order, certificates: Sequence[Certificate]) -> Letter:
    """The certificates that this order renewed were revoked, because its own take their place."""
    context = {**_numbers(order, certificates), "url": _address("certificates:list")}
    return _letter(order, "certificate-superseded", context)


def refused_letter(order: Order, code: str) -> Letter:
    """The order was refused: why, and where to go on."""
    with translation.override(_language(order)):
        reason = str(explain(code))
    return _letter(order, "order-refused", {"reason": reason, "url": _address(_HOMES[order.authorisation])})


def _numbers(order: Order, certificates: Sequence[Certificate]) -> dict[str, str]:
    own = [row for row in certificates if row.item.order_id == order.pk]
    numbers = {"numbers": ", ".join(row.number for row in own)}
    replaced = [row.replaces.number for row in own if row.replaces]
    return {**numbers, "replaces": ", ".join(replaced)} if replaced else numbers


def _letter(order: Order, event: str, context: dict[str, str]) -> Letter:
    assert order.identity is not None  # noqa: S101 - tells the type checker: orders of subscribers have one
    return Letter(
        event=event,
        key=f"{event}:{order.public_id}",
        address=order.identity.email,
        language=_language(order),
        context={"name": order.identity.latin_name, **context},
    )


def _language(order: Order) -> str:
    return order.subscriber.account.language if order.subscriber else settings.LANGUAGE_CODE


def _address(name: str) -> str:
    return f"{settings.PUBLIC_URL}{reverse(name)}"
