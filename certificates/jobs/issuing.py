"""Issuing: record before you sign, check after.

Every step leaves rows behind from which the next one, or the sweep after a crash, goes on:

    PLACED -> take -> SIGNING -> prepare -> attempts stored -> sign -> check -> certificates stored, ISSUED

`reserve` goes as far as the stored attempts, `finish` from there to the end. A crash before the attempts are stored
has signed nothing: the order is put back. A crash after it is finished from the stored bytes: the keys sign
deterministically, so that the same bytes make the same certificate again.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from audit.errors import WrongState
from audit.models import Event
from audit.services import SYSTEM, record_all
from audit.transitions import advance, advance_all
from ca.errors import IssuerEnded, Refusal, RenewedNotInService, SignatureMismatch, SignerUnusable
from ca.service import Demand, Issuer, Prepared, issue, prepare
from certificates.errors import ClockWrong, KeysNotHere
from certificates.jobs import renewing
from certificates.jobs.keys import issuer_of, right_time
from certificates.jobs.letters import issued_letter, refused_letter, superseded_letter
from certificates.jobs.reading import Signed, certificate_row
from certificates.models import Attempt, Authority, Certificate, Order, OrderItem
from certificates.rules import SERVICE_MAIL
from certificates.selectors import chain, issuing_authority, profile_of, registered
from certificates.states import AttemptState, AuthorityState, Channel, OrderState
from notifications.services import keep_mail_certificate, promise_all

logger = logging.getLogger(__name__)

BATCH = 50  # orders that share their statements; the first of them waits for the last
LOST_MESSAGE = timedelta(seconds=15)
DEAD_WORKER = timedelta(seconds=30)
SWEEP_AT_ONCE = 1000
TIMES_PUT_BACK = 5  # after so many workers that never came to an end with it, an order is refused
PUT_BACK = "order.put-back"
_CANNOT_SIGN = (KeysNotHere, ClockWrong, SignerUnusable)

Ready = tuple[Order, list[tuple[OrderItem, Prepared]]]


def issue_orders(order_ids: Sequence[int]) -> None:
    """Issue these orders, and others that wait, in one go. May run twice or late: each order is taken once.

    Where this process has no key, the key does not work, or the clock is wrong, nothing is taken: the orders stay
    where they are and the sweep finds them.
    """
    try:
        reserved = reserve(order_ids)
    except _CANNOT_SIGN:
        logger.exception("orders are not taken")
        return
    finish_orders(reserved)


def reserve(order_ids: Sequence[int]) -> list[int]:
    """Steps 1 to 4: take orders and store serial numbers and the bytes to be signed. Gives the orders that have them.

    Raises `KeysNotHere`, `ClockWrong`, `SignerUnusable`, before anything is taken.
    """
    waiting = _waiting(order_ids)
    if not waiting:
        return []  # another message took them along

    # 1. Look at the clock and at the keys. This comes first: an order that is taken at a wrong time would leave an
    #    event of that time, and events are for good.
    now = right_time()
    issuers = _issuers(waiting)
    waiting = [order for order in waiting if order.authority is None or order.authority_id in issuers]

    # 2. Take them: whoever moves the row has the order, however many messages there were about it.
    taken = advance_all(
        waiting,
        before=OrderState.PLACED,
        after=OrderState.SIGNING,
        actor=SYSTEM,
        event="order.taken",
        changes={"taken_at": now},
    )

    # 3. Prepare: profile, key, names, linter. A pair is refused whole when one of the two is.
    ready: list[Ready] = []
    spoilt = renewing.spoilt(taken)
    for order in taken:
        try:
            if order.pk in spoilt:
                raise RenewedNotInService
            ready.append((order, _prepare(order, issuers, now)))
        except Refusal as refusal:
            _refuse(order, refusal)

    # 4. Store serial numbers and bytes, and commit, before any of them is signed.
    return _store_attempts(ready, now)


def finish_orders(order_ids: Sequence[int]) -> None:
    """Steps 5 to 7: sign the stored bytes of these orders and hand out the certificates.

    Also the repair after a crash: bytes that were signed already are signed again and make the same certificate.
    """
    if not order_ids:
        return

    # 5. and 6. Read back exactly what was stored, sign it, and have it checked with the CA's own certificate.
    try:
        now = right_time()
        signed = [(order, _sign(attempts)) for order, attempts in _reserved(order_ids)]
    except _CANNOT_SIGN:
        logger.exception("orders are not finished")
        return
    for order, outcome in signed:
        if isinstance(outcome, Refusal):
            logger.critical("what was signed for %s did not pass its check: %s", order, outcome)
            _refuse(order, outcome)

    # 7. Store certificates, states, record and letters in one transaction.
    _store_certificates([(order, parts) for order, parts in signed if not isinstance(parts, Refusal)], now)


def left_behind() -> tuple[list[list[int]], list[int]]:
    """What a lost message or a dead worker left: batches of orders to be issued, and orders to be finished.

    An order that was taken once goes alone from then on, so that one that kills its worker takes no others along.
    """
    now = timezone.now()
    reserved = _stuck(now)
    waiting = Order.objects.filter(state=OrderState.PLACED, placed_at__lt=now - LOST_MESSAGE).order_by("placed_at")
    rows = list(waiting.values_list("pk", "taken_at")[:SWEEP_AT_ONCE])
    fresh = [pk for pk, taken_at in rows if taken_at is None]
    batches = [fresh[start : start + BATCH] for start in range(0, len(fresh), BATCH)]
    return [*batches, *([pk] for pk, taken_at in rows if taken_at is not None)], reserved


def _stuck(now: datetime) -> list[int]:
    """Orders that a worker left half way and whose attempts are stored; those without are put back to wait."""
    with transaction.atomic():
        # The worker that stores attempts locks its orders, too: it comes before this, or finds them put back.
        signing = Order.objects.select_for_update(skip_locked=True).filter(state=OrderState.SIGNING)
        stuck = list(signing.filter(taken_at__lt=now - DEAD_WORKER)[:SWEEP_AT_ONCE])
        attempts = Attempt.objects.filter(item__order__in=stuck, state=AttemptState.RESERVED)
        reserved = set(attempts.values_list("item__order", flat=True))
        unprepared = [order for order in stuck if order.pk not in reserved]
        hopeless = [order for order in unprepared if _times_put_back(order) >= TIMES_PUT_BACK]
        advance_all(
            [order for order in unprepared if order not in hopeless],
            before=OrderState.SIGNING,
            after=OrderState.PLACED,
            actor=SYSTEM,
            event=PUT_BACK,
        )
    for order in hopeless:  # every order ends: nothing was signed for this one, and its authorisation is free again
        logger.critical("%s ended its worker %s times and is given up", order.audit_id, TIMES_PUT_BACK)
        _refuse(order, Refusal("its preparation never came to an end"))
    return sorted(reserved)


def _times_put_back(order: Order) -> int:
    return Event.objects.filter(name=PUT_BACK, subject=order.audit_id).count()


def _waiting(order_ids: Sequence[int]) -> list[Order]:
    """These orders as far as they wait, filled up with the oldest others that were never taken."""
    placed = Order.objects.filter(state=OrderState.PLACED)
    asked = list(placed.filter(pk__in=order_ids).values_list("pk", "taken_at"))
    if not asked:
        return []
    chosen = [pk for pk, _ in asked]
    if not any(taken_at for _, taken_at in asked):
        others = placed.filter(taken_at=None).exclude(pk__in=chosen).order_by("placed_at")
        chosen += others.values_list("pk", flat=True)[: max(0, BATCH - len(chosen))]
    orders = list(_whole(placed.filter(pk__in=chosen)))
    _to_newest_generation(orders)
    return orders


def _issuers(orders: Sequence[Order]) -> dict[int | None, Issuer]:
    """The CAs of these orders whose keys work. A key that does not stops the orders of its own CA alone.

    Raises what is wrong with the key where not one of them works.
    """
    issuers: dict[int | None, Issuer] = {}
    wrong: Exception | None = None
    for authority in {order.authority for order in orders if order.authority}:
        try:
            issuers[authority.pk] = issuer_of(authority)
        except (KeysNotHere, SignerUnusable) as error:
            logger.exception("orders of %s are not taken", authority.slug)
            wrong = error
    if wrong and not issuers:
        raise wrong
    return issuers


def _to_newest_generation(orders: Sequence[Order]) -> None:
    """Orders of a CA that takes no more go to the newest one; the certificate of its own responder stays with it."""
    late = [
        order
        for order in orders
        if order.authority and order.authority.state != AuthorityState.ACTIVE and order.channel != Channel.SERVICE
    ]
    if not late:
        return
    newest = issuing_authority()
    Order.objects.filter(pk__in=[order.pk for order in late], state=OrderState.PLACED).update(authority=newest)
    for order in late:
        order.authority = newest


def _whole(orders: QuerySet[Order]) -> QuerySet[Order]:
    """The orders with everything that issuing reads."""
    rows = orders.select_related("authority", "subscriber__account", "identity__organisation")
    items = OrderItem.objects.select_related("public_key").order_by("position")
    return rows.prefetch_related(Prefetch("items", items))


def _prepare(order: Order, issuers: Mapping[int | None, Issuer], now: datetime) -> list[tuple[OrderItem, Prepared]]:
    wanted = profile_of(order)
    templates = {template.name: template for template in wanted.templates}
    if order.authority is None:
        raise IssuerEnded
    names, items = registered(order), list(order.items.all())
    blocked = {item.public_key.spki_sha256 for item in items if item.public_key.block_reason}
    made = []
    for item in items:
        demand = Demand(wanted, templates[item.template], names, bytes(item.csr))
        prepared = prepare(issuers[order.authority_id], demand, now=now, blocked=blocked.__contains__)
        if prepared.spki_sha256 != item.public_key.spki_sha256:
            raise SignatureMismatch("the request does not hold the key of the order")
        made.append((item, prepared))
    return made


def _store_attempts(ready: Sequence[Ready], now: datetime) -> list[int]:
    with transaction.atomic():
        # A worker that was held up for long may have lost its orders to the sweep meanwhile; it leaves them alone.
        own = Order.objects.select_for_update().filter(state=OrderState.SIGNING, taken_at=now)
        kept = set(own.filter(pk__in=[order.pk for order, _ in ready]).values_list("pk", flat=True))
        Attempt.objects.bulk_create(
            Attempt(
                item=item,
                authority=order.authority,
                serial=f"{prepared.serial:x}",
                tbs=prepared.tbs,
                lint_version=prepared.lint_version,
                reserved_at=now,
            )
            for order, made in ready
            if order.pk in kept
            for item, prepared in made
        )
    return sorted(kept)


def _reserved(order_ids: Sequence[int]) -> list[tuple[Order, list[Attempt]]]:
    """The attempts of these orders that wait for their signature, by order."""
    open_ones = Attempt.objects.filter(state=AttemptState.RESERVED, item__order__state=OrderState.SIGNING)
    attempts = open_ones.filter(item__order__in=order_ids).select_related(
        "authority", "item__public_key", "item__order__subscriber__account", "item__order__identity"
    )
    by_order = groupby(attempts.order_by("item__order", "item__position"), key=lambda attempt: attempt.item.order)
    return [(order, list(group)) for order, group in by_order]


def _sign(attempts: Sequence[Attempt]) -> list[Signed] | Refusal:
    """All certificates of one order, or why there are none. Raises `SignerUnusable`, which is nobody's refusal."""
    try:
        return [_signed(attempt) for attempt in attempts]
    except SignerUnusable:
        raise
    except Refusal as refusal:
        return refusal


def _signed(attempt: Attempt) -> Signed:
    certificate = Signed(attempt, issue(issuer_of(attempt.authority), bytes(attempt.tbs)))
    certificate.check()
    return certificate


def _store_certificates(signed: Sequence[tuple[Order, list[Signed]]], now: datetime) -> None:
    parts_of = {order.pk: parts for order, parts in signed}
    with transaction.atomic():
        issued = advance_all(
            [order for order, _ in signed],
            before=OrderState.SIGNING,
            after=OrderState.ISSUED,
            actor=SYSTEM,
            event="order.issued",
            changes={"finished_at": now},
        )
        parts = [(order, part) for order in issued for part in parts_of[order.pk]]
        certificates = [certificate_row(order, part) for order, part in parts]
        renewing.link(issued, certificates)
        Certificate.objects.bulk_create(certificates)
        advance_all(
            [part.attempt for _, part in parts],
            before=AttemptState.RESERVED,
            after=AttemptState.SIGNED,
            actor=SYSTEM,
            event="serial.signed",
        )
        for one in certificates:
            if one.profile == SERVICE_MAIL:
                keep_mail_certificate(chain=[bytes(one.der), *_without_root(one.authority)])
        record_all(event="certificate.issued", actor=SYSTEM, subjects=[row.audit_id for row in certificates])
        letters = [issued_letter(order, certificates) for order in issued if order.subscriber]
        superseded = [superseded_letter(order, certificates) for order in renewing.supersede(issued)]
        promise_all(letters=letters + superseded)


def _without_root(authority: Authority) -> list[bytes]:
    """The CA and those above it that a reader may not have yet, DER: whoever trusts the root has that one."""
    return [bytes(one.certificate) for one in chain(authority) if one.parent_id]


def _refuse(order: Order, refusal: Refusal) -> None:
    """End an order with the CA's reason; its authorisation is free again."""
    logger.warning("%s refused: %s %s", order.audit_id, refusal.code, refusal.detail)
    try:
        with transaction.atomic():
            advance(
                order,
                before=OrderState.SIGNING,
                after=OrderState.REFUSED,
                actor=SYSTEM,
                event="order.refused",
                changes={
                    "finished_at": timezone.now(),
                    "refusal_code": refusal.code,
                    "refusal_detail": refusal.detail,
                },
            )
            if order.subscriber:
                promise_all(letters=[refused_letter(order, refusal.code)])
    except WrongState:
        logger.warning("%s was taken up elsewhere", order.audit_id)
