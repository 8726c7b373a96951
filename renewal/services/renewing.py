"""The renewal itself: a draft for an old order, then one act that proves its holder and places it."""

from dataclasses import dataclass

from django.db import transaction

from accounts.errors import AgreementChanged
from accounts.models import Identity, Subscriber
from accounts.selectors import current_agreement, mailbox_proven, newest_identity
from accounts.services import accept_agreement
from audit.services import record
from ca import profiles
from certificates.models import Order
from certificates.rules import normalise_challenge
from certificates.selectors import profile_of
from certificates.services import Grant, Submission, confirm_data, open_draft, place_order, read_requests
from certificates.states import Authorisation, Channel, OrderState
from renewal.errors import (
    AfterTheEnd,
    AlreadyRenewed,
    DataChanged,
    MailboxNotProven,
    NotInService,
    NotRenewable,
    RenewalRefusal,
    TooEarly,
)
from renewal.selectors.offers import Offer, offer_of
from renewal.services.proofs import Proof, prove
from renewal.states import UnitState


@dataclass(frozen=True)
class Wish:
    """What the page sends: requests and phrase, the agreement that was read, and the proof."""

    submission: Submission
    agreement: int  # version
    language: str
    proof: Proof


def open_renewal(*, subscriber: Subscriber, old: Order) -> Order:
    """The draft that renews the certificates of an order: the one begun before, or a new one, with the newest data.

    Raises `TooEarly`, `AfterTheEnd`, `NotInService`, `AlreadyRenewed`, `NotRenewable`.
    """
    check_renewable(old)
    identity, wanted = _newest(subscriber), profiles.profile(old.profile)
    draft = open_draft(
        subscriber=subscriber,
        identity=identity,
        authorisation=Grant(
            authorisation=Authorisation.RENEWAL,
            id=str(old.public_id),
            profile=wanted.slug,
            profile_version=wanted.version,
            channel=Channel.RENEWAL,
            renews=old,
        ),
    )
    bring_up_to_date(order=draft, subscriber=subscriber)
    return draft


def bring_up_to_date(*, order: Order, subscriber: Subscriber) -> bool:
    """Give a draft the newest identity and profile; whether there was a newer one. What was placed stays as it is."""
    identity, wanted = _newest(subscriber), profiles.profile(order.profile)
    if (order.identity_id, order.profile_version) == (identity.pk, wanted.version):
        return False
    changes = {"identity": identity, "profile_version": wanted.version}
    with transaction.atomic():
        if not Order.objects.filter(pk=order.pk, state=OrderState.DRAFT).update(**changes):
            return False
        record(event="order.brought-up-to-date", actor=subscriber.audit_id, subject=order.audit_id)
    order.identity, order.profile_version = identity, wanted.version
    return True


def renew(*, order: Order, subscriber: Subscriber, wish: Wish) -> Order:
    """Place a renewal, once everything about it is right: window, data, mailbox, agreement, and the holder's proof.

    An order that was placed before goes to `place_order` as it is: the same keys get the same order back. Raises a
    `RenewalRefusal`, `AgreementChanged`, a `ca.errors.Refusal` of the signature, `ChallengeWrong`, and what
    `place_order` raises. A nonce stays used and a strike taken, whatever comes after.
    """
    if order.state != OrderState.DRAFT:
        return place_order(order=order, submission=wish.submission)
    # 1. What costs no proof comes first, so that a slip of the pen costs none.
    _check(order, subscriber, wish)
    csrs = read_requests(order=order, csrs=wish.submission.csrs)
    if wish.submission.challenge:
        normalise_challenge(wish.submission.challenge)
    # 2. The proof, with its traces committed.
    prove(order=order, csrs=csrs, proof=wish.proof)
    # 3. All the rest, or nothing of it.
    with transaction.atomic():
        confirm_data(order=order, actor=subscriber.audit_id)
        accept_agreement(subscriber=subscriber, version=wish.agreement, language=wish.language, purpose=order.audit_id)
        return place_order(order=order, submission=wish.submission)


def check_renewable(old: Order) -> Offer:
    """The order's certificates, if they can be renewed now; raises the `RenewalRefusal` that says why not."""
    offer = offer_of(old)
    if offer.state != UnitState.OPEN:
        raise _refusal(offer)
    return offer


def _refusal(offer: Offer) -> RenewalRefusal:
    if offer.state == UnitState.EARLY:
        return TooEarly(f"{offer.first:%Y-%m-%d %H:%M:%S} UTC")
    refusals: dict[UnitState, type[RenewalRefusal]] = {
        UnitState.ENDED: AfterTheEnd,
        UnitState.HELD: NotInService,
        UnitState.REVOKED: NotInService,
        UnitState.RUNNING: AlreadyRenewed,
        UnitState.RENEWED: AlreadyRenewed,
        UnitState.ELSEWHERE: NotRenewable,
    }
    return refusals[offer.state]()


def _check(order: Order, subscriber: Subscriber, wish: Wish) -> None:
    assert order.renews is not None  # noqa: S101 - tells the type checker what every renewal has
    check_renewable(order.renews)
    if bring_up_to_date(order=order, subscriber=subscriber):
        raise DataChanged
    assert order.identity is not None  # noqa: S101 - the same
    if profile_of(order).mailbox_proof and not mailbox_proven(subscriber, order.identity.email):
        raise MailboxNotProven
    if current_agreement(wish.language).version != wish.agreement:
        raise AgreementChanged


def _newest(subscriber: Subscriber) -> Identity:
    identity = newest_identity(subscriber)
    if identity is None:
        raise NotRenewable
    return identity
