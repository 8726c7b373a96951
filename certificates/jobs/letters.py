"""What subscribers are told when an order ends."""

from collections.abc import Sequence

from django.conf import settings
from django.urls import reverse
from django.utils import formats, timezone, translation

from certificates.models import Certificate, Order
from certificates.reasons import explain
from certificates.selectors import profile_title
from notifications.services import Letter


def issued_letter(order: Order, certificates: Sequence[Certificate]) -> Letter:
    """The certificates are there: which, until when, and where to fetch them."""
    own = [row for row in certificates if row.item.order_id == order.pk]
    with translation.override(_language(order)):
        ends = formats.date_format(timezone.localtime(min(row.not_after for row in own)), "DATE_FORMAT")
        context = {"title": profile_title(order), "numbers": ", ".join(row.number for row in own), "not_after": ends}
    return _letter(order, "certificate-issued", {**context, "link": _link("certificates:list")})


def refused_letter(order: Order, code: str) -> Letter:
    """The order was refused: why, and what to do next."""
    with translation.override(_language(order)):
        context = {"title": profile_title(order), "reason": str(explain(code))}
    return _letter(order, "order-refused", {**context, "link": _link("enrollment:home")})


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


def _link(name: str) -> str:
    return f"{settings.PUBLIC_URL}{reverse(name)}"
