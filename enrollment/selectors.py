"""Reading registrations, entitlements and slips. Everything of a subscriber is fetched through its owner."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import get_language

from accounts.models import Account, Identity, Office, Officer, Subscriber
from accounts.rules import masked, normalise_account
from accounts.selectors import acceptance_of, mailbox_proven
from accounts.services.people import ID_NUMBER as IDENTITY_ID_NUMBER
from ca.profiles import profile
from cases.models import Case
from cases.states import CaseState
from certificates.models import Order
from certificates.reasons import explain
from certificates.rules import in_language
from certificates.selectors import profile_of
from certificates.states import Authorisation, OrderState
from enrollment.models import Entitlement, Registration, ResetRequest, ResetWish, Slip
from enrollment.rules import DOCUMENTS, RegistrationFacts, Standing
from enrollment.states import Document, OfferState, SlipState, Step
from vault.values import unseal

ID_NUMBER = "enrollment.Registration.id_number"  # the place that sealed ID numbers and their indexes are bound to


@dataclass(frozen=True)
class Offer:
    """An entitlement as its holder sees it: what it is for, where it stands, and the order that uses it."""

    entitlement: Entitlement
    title: str
    description: str
    state: OfferState
    order: Order | None
    refused: str

    @classmethod
    def of(cls, entitlement: Entitlement, order: Order | None, now: datetime) -> "Offer":
        """The entitlement with its latest order."""
        kind = profile(entitlement.profile, entitlement.profile_version)
        language = get_language() or "en"
        return cls(
            entitlement=entitlement,
            title=in_language(kind.title, language),
            description=in_language(kind.description, language),
            state=_offer_state(entitlement, order, now),
            order=order,
            refused=str(explain(order.refusal_code)) if order and order.state == OrderState.REFUSED else "",
        )


def _offer_state(entitlement: Entitlement, order: Order | None, now: datetime) -> OfferState:
    if order is not None and order.state == OrderState.ISSUED:
        return OfferState.USED
    if order is not None and order.state in (OrderState.PLACED, OrderState.SIGNING):
        return OfferState.RUNNING
    if entitlement.expires_at <= now:
        return OfferState.EXPIRED
    return OfferState.BEGUN if order is not None and order.state == OrderState.DRAFT else OfferState.OPEN


def subscriber_by_account(number: str, office: Office | None = None) -> Subscriber | None:
    """The subscriber with this account number, however it was typed; only of `office` where one is given."""
    found = Subscriber.objects.select_related("account").filter(account__username=normalise_account(number))
    return (found if office is None else found.filter(office=office)).first()


def identity_of(subscriber: Subscriber) -> Identity:
    """What was verified last about the subscriber; uses identities that were fetched along."""
    return max(subscriber.identities.all(), key=lambda identity: identity.version)


def same_person(subscriber: Subscriber, number: str) -> bool:
    """Whether the account may be this person's: no ID number known on either side, or the same one."""
    sealed = identity_of(subscriber).id_number_sealed
    return not sealed or not number or unseal(sealed, IDENTITY_ID_NUMBER) == number


def holder_name(account: Account) -> str:
    """Whom a slip is for, as the desk calls them."""
    return name_of(identity_of(account.subscriber))


def name_of(facts: Identity | Registration) -> str:
    """The Chinese and the Latin name, or the mailbox where there is no name."""
    return " ".join(filter(None, (facts.name_chinese, facts.latin_name))) or facts.email


def open_registration_like(facts: RegistrationFacts, id_index: str) -> Registration | None:
    """A registration of the same person, or without an ID number of the same mailbox, that waits for its decision."""
    waiting = Registration.objects.select_related("case").filter(case__state=CaseState.OPEN, kind=facts.kind)
    if id_index:
        return waiting.filter(id_number_index=id_index).first()
    return waiting.filter(email=facts.email).first()


def id_number_of(facts: Identity | Registration) -> str:
    """The ID number as pages show it: masked."""
    if not facts.id_number_sealed:
        return ""
    place = ID_NUMBER if isinstance(facts, Registration) else IDENTITY_ID_NUMBER
    return masked(unseal(facts.id_number_sealed, place))


def entitlements_of(subscriber: Subscriber) -> QuerySet[Entitlement]:
    """What the registration desk approved for this subscriber, the newest first."""
    return Entitlement.objects.filter(subscriber=subscriber).select_related("identity").order_by("-granted_at", "id")


def entitlement_of(subscriber: Subscriber, public_id: uuid.UUID) -> Entitlement:
    """One entitlement of this subscriber; raises `Entitlement.DoesNotExist`."""
    return entitlements_of(subscriber).get(public_id=public_id)


def entitlement_of_order(order: Order) -> Entitlement:
    """The entitlement that an order uses; raises `Entitlement.DoesNotExist`."""
    return Entitlement.objects.get(public_id=order.authorisation_id, subscriber=order.subscriber_id)


def order_of_entitlement(entitlement: Entitlement) -> Order | None:
    """The order that uses this entitlement; a refused one has given it back."""
    return (
        Order.objects.filter(authorisation=Authorisation.ENTITLEMENT, authorisation_id=str(entitlement.public_id))
        .exclude(state=OrderState.REFUSED)
        .first()
    )


def standing(order: Order, subscriber: Subscriber) -> Standing:
    """How far a draft order has come."""
    identity = order.identity
    needed = profile_of(order).mailbox_proof
    return Standing(
        data_confirmed=order.data_confirmed_at is not None,
        mailbox_needed=needed,
        mailbox_proven=needed and identity is not None and mailbox_proven(subscriber, identity.email),
        agreement_accepted=acceptance_of(subscriber, order.audit_id) is not None,
    )


def offers(subscriber: Subscriber) -> list[Offer]:
    """What this subscriber may do about each entitlement, for their first page."""
    entitlements = list(entitlements_of(subscriber))
    orders = {
        order.authorisation_id: order
        for order in Order.objects.filter(subscriber=subscriber, authorisation=Authorisation.ENTITLEMENT).order_by(
            "created_at"
        )
    }
    now = timezone.now()
    return [Offer.of(one, orders.get(str(one.public_id)), now) for one in entitlements]


def due_slips(officer: Officer) -> QuerySet[Slip]:
    """Slips that wait to be printed in the officer's office, the oldest first."""
    return (
        Slip.objects.filter(case__office=officer.office, state=SlipState.DUE)
        .select_related("account__subscriber", "case")
        .prefetch_related("account__subscriber__identities")
        .order_by("made_due_at", "id")
    )


def wishes(officer: Officer) -> QuerySet[ResetWish]:
    """Wishes for a new slip that nobody has followed up, the oldest first."""
    return (
        ResetWish.objects.filter(account__subscriber__office=officer.office, case=None)
        .select_related("account__subscriber")
        .prefetch_related("account__subscriber__identities")
        .order_by("asked_at", "id")
    )


@dataclass(frozen=True)
class StepLine:
    """One step of the journey, for the line of steps above a page."""

    title: str
    done: bool
    current: bool


def steps(order: Order, current: Step) -> list[StepLine]:
    """The steps of an order, with those before `current` done."""
    needed = profile_of(order).mailbox_proof
    wanted = [step for step in Step if needed or step != Step.MAILBOX]
    here = wanted.index(current)
    return [
        StepLine(title=str(step.label), done=place < here, current=place == here) for place, step in enumerate(wanted)
    ]


def registration_name(case: Case) -> str:
    """Whom the case of a registration is about."""
    return name_of(case.registration)


def reset_name(case: Case) -> str:
    """Whom the case of a reset is about."""
    return name_of(identity_of(case.reset_request.account.subscriber))


def registration_page(case: Case) -> dict[str, Any]:
    """What the page of a registration's case shows."""
    found = Registration.objects.select_related("subscriber__account").get(case=case)
    language = get_language() or "en"
    return {
        "registration": found,
        "id_number": id_number_of(found),
        "profiles": [in_language(profile(slug).title, language) for slug in found.profiles],
        "documents": [(Document(one).label, one in found.documents_seen) for one in DOCUMENTS[found.kind]],
    }


def reset_page(case: Case) -> dict[str, Any]:
    """What the page of a reset's case shows."""
    request = ResetRequest.objects.select_related("account__subscriber").get(case=case)
    identity = identity_of(request.account.subscriber)
    return {"request_for_reset": request, "identity": identity, "id_number": id_number_of(identity)}
