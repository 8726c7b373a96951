"""Orders: opening, confirming and placing them. `place_order` is the one entrance, whoever asks."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.backends import hash_secret
from accounts.models import Account, Identity, Subscriber
from accounts.states import AccountState
from audit.errors import WrongState
from audit.services import SYSTEM, record
from audit.transitions import advance
from ca import profiles
from ca.csr import Csr, parse_csr
from ca.errors import CsrHoldsPrivateKey, KeyTypeNotAllowed, Refusal
from ca.profiles import Profile
from certificates.errors import (
    AccountClosed,
    CsrRefused,
    ItemsMissing,
    KeyExposed,
    KeyOfAnother,
    KeyOnBlockList,
    KeyUsedBefore,
    NoAuthority,
    NotForInsideUse,
    OperatorsSame,
    RenewedNotInService,
    SameKeyTwice,
)
from certificates.models import Authority, Certificate, Order, OrderItem, PublicKey
from certificates.reasons import explain
from certificates.rules import normalise_challenge
from certificates.selectors import issuing_authority, profile_of
from certificates.states import Authorisation, CertificateState, Channel, OrderState
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
    renews: Order | None = None


@dataclass(frozen=True)
class Submission:
    """What is sent with an order: one signing request for each certificate (PEM or DER), and the challenge phrase.

    An order that renews another keeps that one's phrase where none is sent.
    """

    csrs: tuple[bytes, ...]
    challenge: str = ""


def open_draft(*, subscriber: Subscriber, identity: Identity, authorisation: Grant) -> Order:
    """The order for this authorisation: a new draft, or the one that stands already (two tabs, back button).

    A draft that holds other facts than `identity`, such as an earlier e-mail address, takes these, to be confirmed
    anew. Raises `WrongState` where the authorisation was used for somebody else.
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
                    renews=grant.renews,
                    created_at=timezone.now(),
                )
                record(event="order.opened", actor=subscriber.audit_id, subject=order.audit_id)
    except IntegrityError:
        order = standing.get()  # another tab was first
    if order.subscriber_id != subscriber.pk:
        raise WrongState(order.audit_id)
    if order.state == OrderState.DRAFT and order.identity_id != identity.pk:
        drafts = Order.objects.filter(pk=order.pk, state=OrderState.DRAFT)
        drafts.update(identity=identity, data_confirmed_at=None)
        order.refresh_from_db()
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

    Sent twice with the same keys, the same order comes back. Raises what `read_requests` raises, a `CertificateRefusal`
    (`KeyOfAnother`, `KeyUsedBefore`, `KeyOnBlockList`, a `Challenge…`, `RenewedNotInService`, `NoAuthority`,
    `AccountClosed`), and `WrongState` where it was placed with other keys before.
    """
    wanted = profile_of(order)
    if wanted.inside_use:
        raise NotForInsideUse
    csrs = _read(submission.csrs, wanted)
    order.refresh_from_db()
    if order.state != OrderState.DRAFT:
        return _placed_before(order, csrs)
    return _place(order, csrs, wanted, _challenge(order, submission.challenge))


def read_requests(*, order: Order, csrs: tuple[bytes, ...]) -> list[Csr]:
    """The checked requests for an order, in the order of its certificates.

    Raises a `CertificateRefusal`: `CsrRefused` with the CA's own reason, `KeyExposed`, `SameKeyTwice`, `ItemsMissing`.
    """
    return _read(csrs, profile_of(order))


def _challenge(order: Order, phrase: str) -> str:
    """The hash to be kept for a phrase, or that of the order that is renewed where none is given.

    Raises `ChallengeNotAllowed`, `ChallengeTooShort`, `ChallengeTooLong`.
    """
    if not phrase and order.renews and order.renews.challenge_hash:
        return order.renews.challenge_hash
    return hash_secret(normalise_challenge(phrase))


def place_service_order(
    *,
    profile: str,
    subject: Mapping[str, str],
    csr: bytes,
    operators: tuple[str, str],
    authority: Authority | None = None,
) -> Order:
    """Order a certificate for inside use, which two operators confirm; it has no subscriber and no registration.

    `subject` holds the names (fields of `ca.names.Registered`); `authority` is the CA asked, or else the newest.
    Raises `OperatorsSame`, `NotForInsideUse` and what `place_order` raises.
    """
    first, second = (" ".join(name.split()) for name in operators)
    if not first or not second or first.casefold() == second.casefold():
        raise OperatorsSame
    wanted = profiles.profile(profile)
    if not wanted.inside_use:
        raise NotForInsideUse
    csrs = _read((csr,), wanted)
    with transaction.atomic():
        order = Order.objects.create(
            profile=wanted.slug,
            profile_version=wanted.version,
            authority=authority,
            channel=Channel.SERVICE,
            authorisation=Authorisation.SERVICE,
            authorisation_id=secrets.token_hex(16),
            service_subject=dict(subject),
            created_at=timezone.now(),
        )
        details = {"operators": [first, second]}
        record(event="order.opened", actor=SYSTEM, subject=order.audit_id, details=details)
        return _place(order, csrs, wanted, challenge="")


def _read(sent: tuple[bytes, ...], wanted: Profile) -> list[Csr]:
    """The checked requests, in the order of the profile's certificates."""
    csrs = [_parse(data, wanted) for data in sent[: len(wanted.templates)]]
    if len(sent) != len(wanted.templates):
        raise ItemsMissing
    if len({csr.spki_sha256 for csr in csrs}) != len(csrs):
        raise SameKeyTwice
    return csrs


def _parse(data: bytes, wanted: Profile) -> Csr:
    try:
        csr = parse_csr(data)
        if csr.key_type not in wanted.key_types:
            raise KeyTypeNotAllowed(csr.key_type)
    except CsrHoldsPrivateKey as refusal:
        _block_exposed(refusal.spki_sha256)
        raise KeyExposed from refusal
    except Refusal as refusal:
        raise CsrRefused(refusal.code, explain(refusal.code)) from refusal
    return csr


def _block_exposed(spki_sha256: str) -> None:
    """Put a key on the block list; an empty hash is a private key that could not be read.

    Durable, because the refusal that follows must not undo it.
    """
    if not spki_sha256:
        return
    with transaction.atomic(durable=True):
        key, _ = PublicKey.objects.get_or_create(spki_sha256=spki_sha256)
        if PublicKey.objects.filter(pk=key.pk, block_reason="").update(block_reason=EXPOSED):
            record(event="key.blocked", actor=SYSTEM, subject=f"key:{spki_sha256}", details={"reason": EXPOSED})


def _placed_before(order: Order, csrs: list[Csr]) -> Order:
    """The same order, where it was placed with the same keys."""
    keys = list(order.items.order_by("position").values_list("public_key__spki_sha256", flat=True))
    if keys != [csr.spki_sha256 for csr in csrs]:
        raise WrongState(order.audit_id)
    return order


def _place(order: Order, csrs: list[Csr], wanted: Profile, challenge: str) -> Order:
    with transaction.atomic():
        # The lock lets the second of two identical submissions see what the first one did.
        order = Order.objects.select_for_update().get(pk=order.pk)
        if order.state != OrderState.DRAFT:
            return _placed_before(order, csrs)
        _check_standing(order)
        authority = order.authority or issuing_authority()
        if authority is None:
            raise NoAuthority
        # In the order of their hashes, so that two orders never wait for each other's keys.
        hashes = sorted(csr.spki_sha256 for csr in csrs)
        keys = {spki_sha256: _claim(spki_sha256, order) for spki_sha256 in hashes}
        OrderItem.objects.bulk_create(
            OrderItem(
                order=order,
                position=position,
                template=template.name,
                csr=csr.der,
                public_key=keys[csr.spki_sha256],
            )
            for position, (csr, template) in enumerate(zip(csrs, wanted.templates, strict=True))
        )
        advance(
            order,
            before=OrderState.DRAFT,
            after=OrderState.PLACED,
            actor=order.subscriber.audit_id if order.subscriber else SYSTEM,
            event="order.placed",
            changes={"challenge_hash": challenge, "authority": authority, "placed_at": timezone.now()},
        )
        ids = [order.pk]
        # Without a broker the order is safe in its row, and the sweep finds it.
        transaction.on_commit(lambda: issue.delay(ids), robust=True)
    return order


def _check_standing(order: Order) -> None:
    """Whether what the order rests on still stands: the account, and what it renews."""
    if order.subscriber is not None:
        # Whoever closes the account meanwhile waits for this lock, and then sees the order.
        account = Account.objects.select_for_update(no_key=True).get(pk=order.subscriber.account_id)
        if account.state == AccountState.CLOSED:
            raise AccountClosed
    # What is suspended or revoked after this is seen when the order is taken to be signed.
    if Certificate.objects.filter(item__order=order.renews_id).exclude(state=CertificateState.VALID).exists():
        raise RenewedNotInService


def _claim(spki_sha256: str, order: Order) -> PublicKey:
    """The row of a key, which from now on belongs to the order's subscriber and to no other order."""
    PublicKey.objects.get_or_create(spki_sha256=spki_sha256)
    key = PublicKey.objects.select_for_update().get(spki_sha256=spki_sha256)
    if key.block_reason:
        raise KeyOnBlockList
    standing = Order.objects.filter(items__public_key=key).exclude(state=OrderState.REFUSED).first()
    holders = {key.owner_id, standing.subscriber_id} if standing else {key.owner_id or order.subscriber_id}
    if holders != {order.subscriber_id}:
        raise KeyOfAnother
    if standing:
        raise KeyUsedBefore
    if key.owner_id is None:
        key.owner = order.subscriber
        key.save(update_fields=["owner"])
    return key
