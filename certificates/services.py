"""Orders: opening, confirming and placing them. `place_order` is the one entrance, whoever asks."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.backends import hash_secret
from accounts.models import Identity, Subscriber
from audit.errors import WrongState
from audit.services import record
from audit.transitions import advance
from ca.csr import Csr, parse_csr
from ca.errors import CsrHoldsPrivateKey, KeyTypeNotAllowed, Refusal
from ca.profiles import Profile, profile
from certificates.errors import (
    CsrRefused,
    ItemsMissing,
    KeyExposed,
    KeyOfAnother,
    KeyOnBlockList,
    KeyUsedBefore,
    NoAuthority,
    NotForInsideUse,
    OperatorsSame,
    SameKeyTwice,
)
from certificates.models import Authority, Order, OrderItem, PublicKey
from certificates.reasons import explain
from certificates.rules import normalise_challenge
from certificates.selectors import issuing_authority, profile_of
from certificates.states import Authorisation, Channel, OrderState
from certificates.tasks import issue

EXPOSED = "exposed"  # the block reason of a key that was sent here with its private half


@dataclass(frozen=True)
class Grant:
    """What allows an order: which kind of authorisation, its id, and the profile it is for."""

    authorisation: Authorisation
    id: str
    profile: str
    profile_version: int
    channel: Channel


@dataclass(frozen=True)
class Submission:
    """What is sent with an order: one signing request for each certificate (PEM or DER), and the challenge phrase."""

    csrs: tuple[bytes, ...]
    challenge: str


def open_draft(*, subscriber: Subscriber, identity: Identity, authorisation: Grant) -> Order:
    """The order for this authorisation: a new draft, or the one that stands already (two tabs, back button).

    Raises `WrongState` where the authorisation was used for somebody else.
    """
    grant = authorisation
    used = {"authorisation": grant.authorisation, "authorisation_id": grant.id}
    standing = Order.objects.filter(**used).exclude(state=OrderState.REFUSED)
    try:
        with transaction.atomic():
            order = standing.first()
            if order is None:
                order = Order.objects.create(
                    **used,
                    subscriber=subscriber,
                    identity=identity,
                    profile=grant.profile,
                    profile_version=grant.profile_version,
                    channel=grant.channel,
                    created_at=timezone.now(),
                )
                record(event="order.opened", actor=subscriber.audit_id, subject=order.audit_id)
    except IntegrityError:
        order = standing.get()  # another tab was first
    if order.subscriber_id != subscriber.pk:
        raise WrongState(order.audit_id)
    return order


def confirm_data(*, order: Order, actor: str) -> None:
    """Keep that the subscriber said the registered data are right. Raises `WrongState` once the order is placed."""
    now = timezone.now()
    with transaction.atomic():
        if not Order.objects.filter(pk=order.pk, state=OrderState.DRAFT).update(data_confirmed_at=now):
            raise WrongState(order.audit_id)
        record(event="order.data-confirmed", actor=actor, subject=order.audit_id)
    order.data_confirmed_at = now


def place_order(*, order: Order, submission: Submission) -> Order:
    """Place a draft: check every request and the challenge phrase, store them, and queue the order for signing.

    Sent twice with the same keys, the same order comes back. Raises a `CertificateRefusal` (`CsrRefused` with the
    CA's own reason, `KeyExposed`, `SameKeyTwice`, `KeyOfAnother`, `KeyUsedBefore`, `KeyOnBlockList`, `ItemsMissing`,
    a `Challenge…`, `NoAuthority`), and `WrongState` where it was placed with other keys before.
    """
    wanted = profile_of(order)
    csrs = _read(submission.csrs, wanted)
    order.refresh_from_db()
    if order.state != OrderState.DRAFT:
        return _placed_before(order, csrs)
    challenge = hash_secret(normalise_challenge(submission.challenge))
    return _place(order, csrs, wanted, challenge)


def place_service_order(
    *,
    profile: str,
    subject: Mapping[str, str],
    csr: bytes,
    operators: tuple[str, str],
    authority: Authority | None = None,
) -> Order:
    """Order a certificate for inside use, which two operators confirm; it has no subscriber and no registration.

    `subject` holds the names (fields of `ca.names.Registered`). Raises `OperatorsSame`, `NotForInsideUse` and what
    `place_order` raises.
    """
    raise NotImplementedError


def _read(sent: tuple[bytes, ...], wanted: Profile) -> list[Csr]:
    """The checked requests, in the order of the profile's certificates."""
    raise NotImplementedError


def _placed_before(order: Order, csrs: list[Csr]) -> Order:
    raise NotImplementedError


def _place(order: Order, csrs: list[Csr], wanted: Profile, challenge: str) -> Order:
    raise NotImplementedError
