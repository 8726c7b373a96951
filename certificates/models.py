"""What was ordered, signed, revoked?"""

import secrets
import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.models import Identity, Subscriber
from certificates.states import (
    ATTEMPT_MOVES,
    AUTHORITY_MOVES,
    CERTIFICATE_MOVES,
    ORDER_MOVES,
    AttemptState,
    Authorisation,
    AuthorityState,
    CertificateState,
    Channel,
    OrderState,
)


class Authority(models.Model):
    """A CA: a root or an issuing generation. It keeps the addresses that it signed into certificates."""

    MOVES: ClassVar = AUTHORITY_MOVES

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True)
    state = models.CharField(max_length=10, choices=AuthorityState.choices, default=AuthorityState.ACTIVE)
    certificate = models.BinaryField()
    sha256 = models.CharField(max_length=64, unique=True)
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()
    ca_issuers_url = models.URLField()
    crl_url = models.URLField()
    ocsp_url = models.URLField()
    cps_url = models.URLField()
    crl_number = models.BigIntegerField(default=0)
    status_changes = models.BigIntegerField(default=0)  # how often a certificate of this CA was held, lifted, revoked

    class Meta:
        verbose_name_plural = "authorities"

    def __str__(self) -> str:
        return self.name

    @property
    def audit_id(self) -> str:
        """The id under which the audit speaks of this CA."""
        return f"ca:{self.slug}"


class PublicKey(models.Model):
    """A public key that was seen, by the hash of its SubjectPublicKeyInfo: whose it is, and whether it is blocked."""

    spki_sha256 = models.CharField(max_length=64, unique=True)
    owner = models.ForeignKey(Subscriber, on_delete=models.PROTECT, null=True, blank=True)
    block_reason = models.CharField(max_length=40, blank=True, default="")

    def __str__(self) -> str:
        return self.spki_sha256


class Order(models.Model):
    """What the CA is asked for. Its public id is also its address and its idempotency key."""

    MOVES: ClassVar = ORDER_MOVES

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    subscriber = models.ForeignKey(Subscriber, on_delete=models.PROTECT, null=True, blank=True, related_name="orders")
    identity = models.ForeignKey(Identity, on_delete=models.PROTECT, null=True, blank=True)
    profile = models.CharField(max_length=40)
    profile_version = models.PositiveIntegerField()
    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, null=True, blank=True)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    authorisation = models.CharField(max_length=12, choices=Authorisation.choices)
    authorisation_id = models.CharField(max_length=64)
    renews = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="renewals")
    service_subject = models.JSONField(default=dict)  # names of an inside-use certificate, which has no identity
    data_confirmed_at = models.DateTimeField(null=True, blank=True)
    challenge_hash = models.CharField(max_length=160, blank=True, default="")
    challenge_strikes = models.PositiveSmallIntegerField(default=0)
    challenge_struck_at = models.DateTimeField(null=True, blank=True)  # the last wrong phrase
    state = models.CharField(max_length=10, choices=OrderState.choices, default=OrderState.DRAFT)
    created_at = models.DateTimeField()
    placed_at = models.DateTimeField(null=True, blank=True)
    taken_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    refusal_code = models.CharField(max_length=40, blank=True, default="")
    refusal_detail = models.TextField(blank=True, default="")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["state", "placed_at"])]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["authorisation", "authorisation_id"],
                condition=~Q(state="refused"),
                name="order_one_per_authorisation",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} ({self.state})"

    @property
    def audit_id(self) -> str:
        """The id under which the audit speaks of this order."""
        return f"order:{self.public_id}"


class OrderItem(models.Model):
    """One certificate of an order; a pair is two, and comes whole or not at all."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="items")
    position = models.PositiveSmallIntegerField()
    template = models.CharField(max_length=40)
    csr = models.BinaryField()
    public_key = models.ForeignKey(PublicKey, on_delete=models.PROTECT)

    class Meta:
        ordering: ClassVar = ["order_id", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "position"], name="order_item_position_once"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}/{self.template}"


class Attempt(models.Model):
    """A serial number and the to-be-signed bytes, stored before anything is signed."""

    MOVES: ClassVar = ATTEMPT_MOVES

    item = models.ForeignKey(OrderItem, on_delete=models.PROTECT, related_name="attempts")
    authority = models.ForeignKey(Authority, on_delete=models.PROTECT)
    serial = models.CharField(max_length=40)  # lower-case hex without leading zeros
    tbs = models.BinaryField()
    lint_version = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=AttemptState.choices, default=AttemptState.RESERVED)
    reserved_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["authority", "serial"], name="attempt_serial_once_per_ca"),
        ]

    def __str__(self) -> str:
        return self.serial

    @property
    def audit_id(self) -> str:
        """The id under which the audit speaks of this attempt."""
        return f"serial:{self.serial}"


def new_certificate_number() -> str:
    """A public number people can read aloud: 10 digits, random."""
    return f"{secrets.randbelow(10**10):010d}"


class Certificate(models.Model):
    """A certificate that was issued, and what the CA says of it."""

    MOVES: ClassVar = CERTIFICATE_MOVES

    number = models.CharField(max_length=12, unique=True, default=new_certificate_number)
    item = models.OneToOneField(OrderItem, on_delete=models.PROTECT, related_name="certificate")
    attempt = models.OneToOneField(Attempt, on_delete=models.PROTECT, related_name="certificate")
    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="issued")
    subscriber = models.ForeignKey(
        Subscriber, on_delete=models.PROTECT, null=True, blank=True, related_name="certificates"
    )
    public_key = models.ForeignKey(PublicKey, on_delete=models.PROTECT)
    replaces = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True)
    profile = models.CharField(max_length=40)
    template = models.CharField(max_length=40)
    serial = models.CharField(max_length=40)
    der = models.BinaryField()
    sha256 = models.CharField(max_length=64, unique=True)
    subject = models.TextField()
    email = models.CharField(max_length=254, blank=True, default="")
    search_name = models.CharField(max_length=64, blank=True, default="", db_index=True)  # commonName, case folded
    search_email = models.CharField(max_length=254, blank=True, default="", db_index=True)
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()
    state = models.CharField(max_length=10, choices=CertificateState.choices, default=CertificateState.VALID)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revocation_reason = models.CharField(max_length=30, blank=True, default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["authority", "state"]),
            models.Index(fields=["state", "not_after"]),
            models.Index(fields=["serial"]),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["authority", "serial"], name="certificate_serial_once_per_ca"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def audit_id(self) -> str:
        """The id under which the audit speaks of this certificate."""
        return f"certificate:{self.number}"


class PublishedList(models.Model):
    """A revocation list that was published; the newest row of a CA is the one served.

    `covers` is the CA's count of status changes that the list knows: it misses something while the CA has counted on.
    """

    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="lists")
    number = models.BigIntegerField()
    der = models.BinaryField()
    this_update = models.DateTimeField()
    next_update = models.DateTimeField()
    covers = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["authority", "number"], name="list_number_once_per_ca"),
        ]

    def __str__(self) -> str:
        return f"{self.authority} {self.number}"
