"""Reading orders and certificates: each through its owner, so that a stranger's is not found."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import get_language

from accounts.models import Identity, Subscriber
from ca.errors import ProfileUnknown
from ca.names import Registered
from ca.profiles import Profile, profile
from certificates.models import Authority, Certificate, Order
from certificates.reasons import explain
from certificates.rules import in_language
from certificates.states import KEY_TYPES, AuthorityState, OrderState

_DATABASE_CLOCK = {
    "postgresql": "SELECT extract(epoch FROM clock_timestamp())",
    "sqlite": "SELECT (julianday('now') - 2440587.5) * 86400.0",
}


def database_now() -> datetime:
    """The time by the database's own clock, UTC, good to a millisecond."""
    with connection.cursor() as cursor:
        cursor.execute(_DATABASE_CLOCK[connection.vendor])
        return datetime.fromtimestamp(float(cursor.fetchone()[0]), tz=timezone.get_default_timezone())


def issuing_authority() -> Authority | None:
    """The newest CA generation that takes orders."""
    active = Authority.objects.filter(parent__isnull=False, state=AuthorityState.ACTIVE)
    return active.order_by("-not_before", "-pk").first()


def orders_of(subscriber: Subscriber) -> QuerySet[Order]:
    """The orders of a subscriber, newest first."""
    return Order.objects.filter(subscriber=subscriber).order_by("-created_at", "-pk")


def order_of(subscriber: Subscriber, public_id: UUID | str) -> Order:
    """One order of this subscriber; anybody else's is Http404."""
    return get_object_or_404(Order, subscriber=subscriber, public_id=public_id)


def certificates_of(subscriber: Subscriber) -> QuerySet[Certificate]:
    """The certificates of a subscriber, newest first, with what their rows show."""
    own = Certificate.objects.filter(subscriber=subscriber)
    return own.select_related("authority__parent", "item__order", "public_key").order_by("-not_before", "-pk")


def certificate_of(subscriber: Subscriber, number: str) -> Certificate:
    """One certificate of this subscriber; anybody else's is Http404."""
    return get_object_or_404(certificates_of(subscriber), number=number)


def profile_of(order: Order) -> Profile:
    """The profile in the version that the order was placed under."""
    return profile(order.profile, order.profile_version)


def profile_title(order: Order) -> str:
    """What the ordered kind of certificate is called, in the reader's language; its slug where the file is gone."""
    try:
        return in_language(profile_of(order).title, get_language() or "en")
    except ProfileUnknown:
        return order.profile


@dataclass(frozen=True)
class OrderSheet:
    """An order as pages show it."""

    public_id: str
    state: str
    state_text: str
    refusal_text: str
    profile_title: str
    identity: Identity | None


def order_sheet(order: Order) -> OrderSheet:
    """What pages say about an order, in the reader's language."""
    return OrderSheet(
        public_id=str(order.public_id),
        state=str(order.state),
        state_text=str(OrderState(order.state).label),
        refusal_text=str(explain(order.refusal_code)) if order.state == OrderState.REFUSED else "",
        profile_title=profile_title(order),
        identity=order.identity,
    )


def order_items(order: Order) -> list[dict[str, str]]:
    """The certificates of a placed order with the hash of each public key: by it the page knows its own key file."""
    language = get_language() or "en"
    titles = {one.name: in_language(one.title, language) for one in profile_of(order).templates}
    return [
        {"name": one.template, "title": titles[one.template], "spki_sha256": one.public_key.spki_sha256}
        for one in order.items.select_related("public_key")
    ]


def key_page(order: Order) -> dict[str, Any]:
    """What the key page offers: the certificates of the order, the kinds of key, where a key may come from."""
    kind = profile_of(order)
    language = get_language() or "en"
    items = [{"name": one.name, "title": in_language(one.title, language), "use": one.use} for one in kind.templates]
    return {
        "items": items,
        "key_types": [(one, KEY_TYPES[one]) for one in kind.key_types],
        "default_key_type": kind.default_key_type,
        "own_csr_allowed": "csr" in kind.key_place,
    }


def authorities() -> QuerySet[Authority]:
    """Every CA certificate that people may be asked to trust: roots first, newest first."""
    return Authority.objects.order_by("parent_id", "-not_before", "-pk")


def registered(order: Order) -> Registered:
    """What the desk verified, as the CA wants it: names come from here and from nowhere else."""
    if order.identity is None or order.subscriber is None:
        return Registered(**order.service_subject)
    facts, organisation = order.identity, order.identity.organisation
    return Registered(
        country=facts.country,
        common_name=facts.latin_name,
        given_name=" ".join(name for name in (facts.given_name, facts.middle_name) if name),
        family_name=facts.family_name,
        subscriber_number=order.subscriber.number,
        email=facts.email,
        organisation=organisation.name if organisation else "",
        organisation_unit=facts.organisation_unit,
        organisation_identifier=organisation.number if organisation else "",
    )
