"""From an entitlement to an order."""

import uuid

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import Subscriber
from accounts.selectors import with_present_address
from accounts.services import throttle
from audit.services import record
from certificates.models import Order
from certificates.services import Grant, Submission, open_draft, place_order
from certificates.states import Authorisation, Channel, OrderState
from enrollment.errors import EntitlementExpired, EntitlementUsed, StepMissing
from enrollment.models import Entitlement
from enrollment.rules import next_step
from enrollment.selectors import entitlement_of_order, order_of_entitlement, standing
from enrollment.states import Step
from notifications.services import Letter, promise

_REPORTS_A_DAY = 5


def open_application(*, subscriber: Subscriber, entitlement: Entitlement) -> Order:
    """The order that uses this entitlement: the one begun before, or a new draft.

    Raises `EntitlementUsed` once the certificate was issued and `EntitlementExpired` after the end.
    """
    order = order_of_entitlement(entitlement)
    if order is not None and order.state == OrderState.ISSUED:
        raise EntitlementUsed
    if order is not None and order.state != OrderState.DRAFT:
        return order
    _check_time(entitlement)
    return open_draft(
        subscriber=subscriber,
        identity=with_present_address(entitlement.identity),
        authorisation=Grant(
            authorisation=Authorisation.ENTITLEMENT,
            id=str(entitlement.public_id),
            profile=entitlement.profile,
            profile_version=entitlement.profile_version,
            channel=Channel.WEB,
        ),
    )


def submit_csr(*, order: Order, subscriber: Subscriber, submission: Submission) -> Order:
    """Place a draft order with its signing requests, once everything before it is done.

    An order that was placed before goes to `place_order` as it is: the same keys get the same order back. Raises
    `StepMissing`, `EntitlementExpired`, and what `certificates.services.place_order` raises.
    """
    if order.state == OrderState.DRAFT:
        _check_time(entitlement_of_order(order))
        step = next_step(standing(order, subscriber))
        if step != Step.KEY:
            raise StepMissing(step)
    return place_order(order=order, submission=submission)


def _check_time(entitlement: Entitlement) -> None:
    if entitlement.expires_at <= timezone.now():
        raise EntitlementExpired


def report_data_error(*, order: Order, subscriber: Subscriber, text: str) -> None:
    """Tell the desk that registered data are wrong, in the subscriber's words.

    The words travel sealed and are wiped once sent. Raises `accounts.errors.TooMany`.
    """
    throttle(scope="data-error", who=subscriber.audit_id, limit=_REPORTS_A_DAY, seconds=24 * 3600)
    language = settings.LANGUAGE_CODE
    with transaction.atomic():
        record(event="data.error-reported", actor=subscriber.audit_id, subject=order.audit_id)
        promise(
            letter=Letter(
                event="data-error",
                key=f"data-error:{uuid.uuid4()}",
                address=settings.SITE["help_mail"][language],
                language=language,
                context={"subscriber": subscriber.number, "order": str(order.public_id)},
                secrets={"text": text},
            )
        )
