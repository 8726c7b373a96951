"""Certificates that end when a test wants it: bare rows, in great numbers where it wants that."""

import itertools
import uuid
from datetime import datetime, timedelta
from hashlib import sha256

from django.utils import timezone

from accounts.models import Account, Identity, Office, Organisation, Subscriber
from accounts.states import AccountState, IdentityKind
from ca.profiles import profile
from certificates.models import Attempt, Authority, Certificate, Order, OrderItem, PublicKey
from certificates.states import AttemptState, Authorisation, Channel, OrderState
from tests import factories

_numbers = itertools.count(1)
_AT_ONCE = 2000


def authority() -> Authority:
    """A CA that is a row and nothing more."""
    now = timezone.now()
    return Authority.objects.get_or_create(
        slug="bare",
        defaults={
            "name": "Bare CA",
            "certificate": b"",
            "sha256": "0" * 64,
            "not_before": now,
            "not_after": now + timedelta(days=3650),
        },
    )[0]


def organisation(number: str = "MO-12345", name: str = "Harbour Trading") -> Organisation:
    """An organisation."""
    return Organisation.objects.get_or_create(number=number, defaults={"name": name, "country": "MO"})[0]


def units(
    count: int,
    not_after: datetime,
    *,
    kind: str = "secure-email",
    days: int = 365,
    of: Organisation | None = None,
    at: Office | None = None,
) -> list[Order]:
    """So many issued orders of `kind`, each of a holder of its own, whose certificates live `days` until `not_after`.

    Bare rows: nothing was signed. In blocks of a few statements, so that a hundred thousand take no more than minutes.
    """
    made: list[Order] = []
    for start in range(0, count, _AT_ONCE):
        made += _block(min(_AT_ONCE, count - start), not_after, kind, days, of, at or factories.office())
    return made


def _block(count: int, not_after: datetime, kind: str, days: int, of: Organisation | None, at: Office) -> list[Order]:
    now, numbers = timezone.now(), [next(_numbers) for _ in range(count)]
    accounts = Account.objects.bulk_create(
        Account(username=f"bare{number}", state=AccountState.ACTIVE, language="en") for number in numbers
    )
    people = Subscriber.objects.bulk_create(Subscriber(account=one, office=at) for one in accounts)
    identities = Identity.objects.bulk_create(
        Identity(
            subscriber=person,
            version=1,
            kind=IdentityKind.ORGANISATION if of else IdentityKind.PERSONAL,
            given_name="Mei",
            family_name=f"Chan {number}",
            organisation=of,
            email=f"mei.{number}@example.org",
            country="MO",
            verified_at=now,
        )
        for person, number in zip(people, numbers, strict=True)
    )
    orders = Order.objects.bulk_create(
        Order(
            subscriber=identity.subscriber,
            identity=identity,
            profile=kind,
            profile_version=profile(kind).version,
            channel=Channel.WEB,
            authorisation=Authorisation.ENTITLEMENT,
            authorisation_id=str(uuid.uuid4()),
            state=OrderState.ISSUED,
            created_at=now,
        )
        for identity in identities
    )
    _certificates(orders, kind, not_after, days)
    return orders


def _certificates(orders: list[Order], kind: str, not_after: datetime, days: int) -> None:
    """The certificates of bare orders; the second of a pair ends two seconds later, as real ones may."""
    issuer, now = authority(), timezone.now()
    templates = list(enumerate(profile(kind).templates))
    wanted = [(order, position, one.name) for order in orders for position, one in templates]
    keys = PublicKey.objects.bulk_create(PublicKey(spki_sha256=_digest("key")) for _ in wanted)
    items = OrderItem.objects.bulk_create(
        OrderItem(order=order, position=position, template=name, csr=b"", public_key=key)
        for (order, position, name), key in zip(wanted, keys, strict=True)
    )
    attempts = Attempt.objects.bulk_create(
        Attempt(
            item=item,
            authority=issuer,
            serial=f"1{_digest('serial')[:31]}",  # no zero in front
            tbs=b"",
            lint_version="none",
            state=AttemptState.SIGNED,
            reserved_at=now,
        )
        for item in items
    )
    Certificate.objects.bulk_create(
        Certificate(
            number=f"{next(_numbers):010d}",  # random ones would meet in a hundred thousand
            item=attempt.item,
            attempt=attempt,
            authority=issuer,
            subscriber=attempt.item.order.subscriber,
            public_key=attempt.item.public_key,
            profile=kind,
            template=attempt.item.template,
            serial=attempt.serial,
            der=b"0" * 900,
            sha256=_digest("certificate"),
            subject="CN=Mei Chan",
            not_before=not_after - timedelta(days=days),
            not_after=not_after + timedelta(seconds=2 * attempt.item.position),
        )
        for attempt in attempts
    )


def _digest(what: str) -> str:
    return sha256(f"{what} {next(_numbers)}".encode()).hexdigest()
