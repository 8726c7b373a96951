"""Who is this, and how do they prove it?"""

import secrets
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.utils.crypto import salted_hmac

from accounts.states import MOVES, AccountState, IdentityKind, Role


class Account(AbstractBaseUser):
    """A sign-in: a name, a password, its strikes. Officers and subscribers each have one.

    `strikes` counts wrong passwords in a row; it is raised before a password is looked at, so that parallel tries
    cannot pass the limit. `epoch` ends every open session when it is raised.
    """

    MOVES: ClassVar = MOVES
    USERNAME_FIELD = "username"

    username = models.CharField(max_length=40, unique=True)
    state = models.CharField(max_length=10, choices=AccountState.choices, default=AccountState.NEW)
    strikes = models.PositiveSmallIntegerField(default=0)
    passcode_expires_at = models.DateTimeField(null=True, blank=True)
    language = models.CharField(max_length=10, choices=settings.LANGUAGES, default="zh-hant")
    epoch = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.username

    @property
    def is_active(self) -> bool:  # type: ignore[override]  # Django keeps a column; here the state says it
        """Whether the account may hold a session at all."""
        return self.state in (AccountState.SLIP, AccountState.ACTIVE)

    @property
    def audit_id(self) -> str:
        """The id under which the audit speaks of this account: never the account number, which opens it."""
        return f"account:{self.pk}"

    @property
    def password_must_differ_from(self) -> list[str]:
        """Words that everybody may know of the holder: a password that holds one of them is no secret."""
        words = [self.username]
        officer = Officer.objects.filter(account_id=self.pk).first()
        if officer is not None:
            words.append(officer.name)
        for identity in Identity.objects.filter(subscriber__account_id=self.pk):
            words += [identity.given_name, identity.family_name, identity.name_chinese, identity.email]
        return words

    def get_session_auth_hash(self) -> str:
        """End every session when the password changes or the epoch is raised."""
        return salted_hmac("accounts.models.Account", f"{self.password}:{self.epoch}", algorithm="sha256").hexdigest()


class Office(models.Model):
    """A registration office. One row today; everything officers own names its office from the start."""

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=120)
    email = models.EmailField(max_length=254, blank=True, default="")  # empty: the site's own help address

    def __str__(self) -> str:
        return self.name


class Officer(models.Model):
    """A person who works at the registration authority.

    `person_id` is the same for two accounts of one human being, who may not decide what they entered with the other.
    """

    account = models.OneToOneField(Account, on_delete=models.PROTECT, related_name="officer")
    person_id = models.CharField(max_length=64)
    name = models.CharField(max_length=120)
    office = models.ForeignKey(Office, on_delete=models.PROTECT)
    roles = models.JSONField(default=list)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(name="officer_is_a_person", condition=~models.Q(person_id=""))]

    def __str__(self) -> str:
        return self.name

    @property
    def audit_id(self) -> str:
        """The id under which the audit speaks of this officer."""
        return f"officer:{self.account.username}"

    def may(self, role: Role) -> bool:
        """Whether this officer holds `role`."""
        return role.value in self.roles


def new_subscriber_number() -> str:
    """A random number for the certificate's serialNumber: says nothing of the person or the account."""
    return f"{secrets.randbelow(10**12):012d}"


class Subscriber(models.Model):
    """A person who holds certificates (RFC 3647: subscriber)."""

    account = models.OneToOneField(Account, on_delete=models.PROTECT, related_name="subscriber")
    number = models.CharField(max_length=12, unique=True, default=new_subscriber_number)
    office = models.ForeignKey(Office, on_delete=models.PROTECT)
    listed = models.BooleanField(default=False)  # agreed that the public search finds their certificates

    class Meta:
        # Where few agreed, the search begins with them instead of with everybody of that name.
        indexes: ClassVar = [models.Index(fields=["id"], condition=models.Q(listed=True), name="subscriber_listed")]

    def __str__(self) -> str:
        return self.number

    @property
    def audit_id(self) -> str:
        """The id under which the audit speaks of this subscriber."""
        return f"subscriber:{self.number}"


class Organisation(models.Model):
    """An organisation whose people hold certificates."""

    number = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=64)
    name_chinese = models.CharField(max_length=64, blank=True, default="")
    country = models.CharField(max_length=2)

    def __str__(self) -> str:
        return self.name


class Identity(models.Model):
    """What was verified about a subscriber, once. Never changed: new facts make a new version."""

    subscriber = models.ForeignKey(Subscriber, on_delete=models.PROTECT, related_name="identities")
    version = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, choices=IdentityKind.choices)
    given_name = models.CharField(max_length=64, blank=True, default="")
    middle_name = models.CharField(max_length=64, blank=True, default="")
    family_name = models.CharField(max_length=64, blank=True, default="")
    name_chinese = models.CharField(max_length=64, blank=True, default="")
    id_number_sealed = models.TextField(blank=True, default="")
    id_number_index = models.CharField(max_length=90, blank=True, default="", db_index=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, blank=True)
    organisation_unit = models.CharField(max_length=64, blank=True, default="")
    email = models.EmailField(max_length=254)
    telephone = models.CharField(max_length=40, blank=True, default="")
    address = models.CharField(max_length=200, blank=True, default="")
    country = models.CharField(max_length=2)
    verified_at = models.DateTimeField()
    evidence = models.CharField(max_length=64)  # text id of the case that verified it

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["subscriber", "version"], name="identity_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.latin_name} v{self.version}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write a new row; an identity is never changed."""
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)

    @property
    def latin_name(self) -> str:
        """The name as it stands in a certificate's commonName."""
        parts = (self.given_name, self.middle_name, self.family_name)
        return " ".join(part for part in parts if part)


class MailboxProof(models.Model):
    """A link sent to an address, and when somebody who reads that mailbox opened it.

    Only the hash of the link's random value is kept here. Where `changes_email` is set, the proof makes this address
    the subscriber's.
    """

    subscriber = models.ForeignKey(Subscriber, on_delete=models.PROTECT, related_name="mailbox_proofs")
    email = models.EmailField(max_length=254)
    token_hash = models.CharField(max_length=64, unique=True)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    proven_at = models.DateTimeField(null=True, blank=True)
    changes_email = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["subscriber", "email", "proven_at"])]

    def __str__(self) -> str:
        return f"{self.email} {self.proven_at}"


class AgreementText(models.Model):
    """The subscriber agreement of one version in one language; the hash is what was accepted."""

    version = models.PositiveIntegerField()
    language = models.CharField(max_length=10)
    text = models.TextField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "language"], name="agreement_once_per_language")
        ]

    def __str__(self) -> str:
        return f"{self.version} {self.language}"


class Acceptance(models.Model):
    """Who accepted which agreement text when, and for what (`purpose`: text id of the order)."""

    subscriber = models.ForeignKey(Subscriber, on_delete=models.PROTECT)
    agreement = models.ForeignKey(AgreementText, on_delete=models.PROTECT)
    purpose = models.CharField(max_length=64)
    accepted_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["subscriber", "purpose"], name="acceptance_once_per_purpose")
        ]

    def __str__(self) -> str:
        return f"{self.subscriber} {self.purpose}"


class Throttle(models.Model):
    """How often something was tried within a window: `scope` (what), `who` (a hash), `window` (its number)."""

    scope = models.CharField(max_length=24)
    who = models.CharField(max_length=64)
    window = models.BigIntegerField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["scope", "who", "window"], name="throttle_row_once")]

    def __str__(self) -> str:
        return f"{self.scope} {self.count}"
