"""CAs, signing requests and orders for tests, made by the real commands and services."""

import hashlib
import itertools
import uuid
from datetime import timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.core.management import call_command
from django.utils import timezone

from accounts.models import Subscriber
from accounts.states import AccountState
from ca.profiles import profile
from ca.service import serial_number
from certificates import jobs
from certificates.models import Attempt, Authority, Certificate, Order, OrderItem, PublicKey, PublishedList
from certificates.services import Grant, Submission, open_draft, place_order
from certificates.states import AttemptState, Authorisation, Channel, OrderState
from tests import factories

PHRASE = "Blue  HERON 2026"  # kept as "blue heron 2026"
OPERATORS = ("Ana Silva", "陳大文")
_numbers = itertools.count(1)

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def ceremony(key_type: str = "p256") -> Authority:
    """A root with its list and an issuing CA under it, with key files of their own."""
    number = next(_numbers)
    root, slug = f"root-{number}", f"g{number:02d}"
    call_command("ceremony", "root", slug=root, name=f"Test Root {number}", operators=OPERATORS, verbosity=0)
    call_command(
        "ceremony",
        "issuing",
        root=root,
        slug=slug,
        name=f"Test CA {number}",
        key_type=key_type,
        operators=OPERATORS,
        verbosity=0,
    )
    return Authority.objects.select_related("parent").get(slug=slug)


def new_key(kind: str = "p256") -> Key:
    """A private key; RSA ones are made once in a run, because they take long."""
    if kind.startswith("rsa"):
        return _rsa_key(int(kind[3:]))
    return ec.generate_private_key({"p256": ec.SECP256R1(), "p384": ec.SECP384R1()}[kind])


@cache
def _rsa_key(bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


def csr(key: Key | None = None) -> bytes:
    """A signing request, PEM, for this key or a new one."""
    request = x509.CertificateSigningRequestBuilder(x509.Name([])).sign(key or new_key(), hashes.SHA256())
    return request.public_bytes(Encoding.PEM)


def private_pem(key: Key) -> bytes:
    """The private key in the clear, as nobody should send it."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def person(**facts: Any) -> Subscriber:
    """A subscriber who has not signed in yet: quick, because no password is hashed."""
    return factories.subscriber(state=AccountState.NEW, **facts)


def grant(kind: str = "secure-email") -> Grant:
    """An authorisation of its own for one order."""
    return Grant(Authorisation.ENTITLEMENT, f"test-{uuid.uuid4()}", kind, profile(kind).version, Channel.WEB)


def draft(subscriber: Subscriber | None = None, kind: str = "secure-email") -> Order:
    """An order that was opened and not sent yet."""
    subscriber = subscriber or person()
    identity = subscriber.identities.get()
    return open_draft(subscriber=subscriber, identity=identity, authorisation=grant(kind))


def renewal_of(old: Order) -> Order:
    """A draft that renews an order, as the renewal page opens it."""
    assert old.subscriber is not None
    assert old.identity is not None
    allowed = Grant(
        Authorisation.RENEWAL, str(old.public_id), old.profile, old.profile_version, Channel.RENEWAL, renews=old
    )
    return open_draft(subscriber=old.subscriber, identity=old.identity, authorisation=allowed)


def submission(*csrs: bytes) -> Submission:
    """What the key page sends."""
    return Submission(csrs=csrs or (csr(),), challenge=PHRASE)


def placed(subscriber: Subscriber | None = None, kind: str = "secure-email") -> Order:
    """An order that waits to be signed."""
    order = draft(subscriber, kind)
    return place_order(order=order, submission=submission(*(csr() for _ in profile(kind).templates)))


def issued(subscriber: Subscriber | None = None, kind: str = "secure-email") -> list[Certificate]:
    """The certificates of an order that was signed."""
    order = placed(subscriber, kind)
    jobs.issue_orders([order.pk])
    return list(Certificate.objects.filter(item__order=order).order_by("item__position"))


def many(authority: Authority, count: int) -> list[Certificate]:
    """So many rows of certificates of a CA, made at once: nothing was signed, their DER is a stand-in."""
    now = timezone.now()
    serials = [f"{serial_number():x}" for _ in range(count)]
    hashes_ = [hashlib.sha256(serial.encode()).hexdigest() for serial in serials]
    keys = PublicKey.objects.bulk_create(PublicKey(spki_sha256=one) for one in hashes_)
    shared = {"profile": "secure-email", "profile_version": profile("secure-email").version, "authority": authority}
    orders = Order.objects.bulk_create(
        Order(**shared, channel=Channel.WEB, authorisation=Authorisation.ENTITLEMENT, authorisation_id=one[:64],
              state=OrderState.ISSUED, created_at=now)
        for one in hashes_
    )  # fmt: skip
    items = OrderItem.objects.bulk_create(
        OrderItem(order=order, position=0, template="secure-email", csr=b"", public_key=key)
        for order, key in zip(orders, keys, strict=True)
    )
    attempts = Attempt.objects.bulk_create(
        Attempt(item=item, authority=authority, serial=serial, tbs=b"", state=AttemptState.SIGNED, reserved_at=now)
        for item, serial in zip(items, serials, strict=True)
    )
    return Certificate.objects.bulk_create(
        Certificate(item=item, attempt=attempt, authority=authority, public_key=key, profile="secure-email",
                    template="secure-email", serial=attempt.serial, der=b"", sha256=key.spki_sha256, subject="CN=Many",
                    not_before=now, not_after=now + timedelta(days=365))
        for item, attempt, key in zip(items, attempts, keys, strict=True)
    )  # fmt: skip


def revoked_serials(made: PublishedList) -> set[int]:
    """The serial numbers in a list."""
    return {one.serial_number for one in x509.load_der_x509_crl(bytes(made.der))}


def on_newest_list(authority: Authority) -> set[int]:
    """The serial numbers in the list that is served."""
    return revoked_serials(authority.lists.order_by("-number")[0])


def state_of(order: Order) -> str:
    """Where the order stands in the database."""
    order.refresh_from_db()
    return str(order.state)


def sweep() -> None:
    """What the beat table does, at once: take up what was left behind."""
    waiting, reserved = jobs.left_behind()
    for batch in waiting:
        jobs.issue_orders(batch)
    jobs.finish_orders(reserved)


def whole(order: Order) -> None:
    """Nothing about an issued order is missing, and each serial number stands once."""
    items = list(order.items.all())
    certificates = list(Certificate.objects.filter(item__order=order))
    assert state_of(order) == "issued"
    assert [one.item for one in certificates] == items
    attempts = Attempt.objects.filter(item__order=order)
    assert {(one.serial, one.state) for one in attempts} == {(one.serial, "signed") for one in certificates}
    for one in certificates:
        parsed = x509.load_der_x509_certificate(bytes(one.der))
        issuer = x509.load_der_x509_certificate(bytes(one.authority.certificate))
        parsed.verify_directly_issued_by(issuer)
        assert parsed.tbs_certificate_bytes == bytes(one.attempt.tbs)
        assert f"{parsed.serial_number:x}" == one.serial
        assert (parsed.not_valid_before_utc, parsed.not_valid_after_utc) == (one.not_before, one.not_after)


def raising(error: type[Exception]) -> Any:
    """A stand-in for any function, which raises this."""

    def stand_in(*_: Any, **__: Any) -> None:
        raise error

    return stand_in
