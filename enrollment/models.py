"""May they have this certificate?"""

import uuid
from typing import ClassVar

from django.db import models

from accounts.models import Account, Identity, Subscriber
from accounts.states import IdentityKind
from cases.models import Case
from enrollment.states import SLIP_MOVES, SlipState


class Registration(models.Model):
    """What an officer entered about an applicant; the case decides. An approved one becomes an identity.

    The organisation is kept as it was entered: only an approval makes or touches the row that others share.
    """

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="registration")
    kind = models.CharField(max_length=12, choices=IdentityKind.choices)
    given_name = models.CharField(max_length=64, blank=True, default="")
    middle_name = models.CharField(max_length=64, blank=True, default="")
    family_name = models.CharField(max_length=64, blank=True, default="")
    name_chinese = models.CharField(max_length=64, blank=True, default="")
    id_number_sealed = models.TextField(blank=True, default="")
    id_number_index = models.CharField(max_length=90, blank=True, default="", db_index=True)
    organisation_number = models.CharField(max_length=64, blank=True, default="")
    organisation_name = models.CharField(max_length=64, blank=True, default="")
    organisation_name_chinese = models.CharField(max_length=64, blank=True, default="")
    organisation_unit = models.CharField(max_length=64, blank=True, default="")
    email = models.EmailField(max_length=254)
    telephone = models.CharField(max_length=40, blank=True, default="")
    address = models.CharField(max_length=200, blank=True, default="")
    country = models.CharField(max_length=2)
    language = models.CharField(max_length=10)
    profiles = models.JSONField(default=list)
    documents_seen = models.JSONField(default=list)
    subscriber = models.ForeignKey(Subscriber, on_delete=models.PROTECT, null=True, blank=True)

    def __str__(self) -> str:
        return str(self.case)

    @property
    def latin_name(self) -> str:
        """The name as it will stand in a certificate's commonName."""
        return " ".join(part for part in (self.given_name, self.middle_name, self.family_name) if part)


class Entitlement(models.Model):
    """One approval for one profile, good for one order, until its end.

    Whether it is used up is not kept here: it is, while an order that was not refused names it.
    """

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    subscriber = models.ForeignKey(Subscriber, on_delete=models.PROTECT, related_name="entitlements")
    identity = models.ForeignKey(Identity, on_delete=models.PROTECT)
    profile = models.CharField(max_length=40)
    profile_version = models.PositiveIntegerField()
    granted_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    case = models.ForeignKey(Case, on_delete=models.PROTECT)

    def __str__(self) -> str:
        return f"{self.subscriber} {self.profile}"

    @property
    def audit_id(self) -> str:
        """The id under which the audit speaks of this entitlement."""
        return f"entitlement:{self.public_id}"


class Slip(models.Model):
    """A passcode slip: due after an approval, printed once, void when a newer one replaces it.

    The passcode itself is made when it is printed and kept nowhere but as the account's password hash.
    """

    MOVES: ClassVar = SLIP_MOVES

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="slips")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="slips")
    state = models.CharField(max_length=10, choices=SlipState.choices, default=SlipState.DUE)
    made_due_at = models.DateTimeField()
    printed_at = models.DateTimeField(null=True, blank=True)
    printed_by = models.CharField(max_length=64, blank=True, default="")

    def __str__(self) -> str:
        return f"slip {self.pk} ({self.state})"

    @property
    def audit_id(self) -> str:
        """The id under which the audit speaks of this slip."""
        return f"slip:{self.pk}"


class ResetRequest(models.Model):
    """A new slip is asked for, because a password is forgotten or the account is locked; the case decides."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="reset_request")
    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    identity_check = models.CharField(max_length=200)

    def __str__(self) -> str:
        return str(self.case)


class ResetWish(models.Model):
    """A subscriber asked for a new slip on the public page; the desk follows it up."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    asked_at = models.DateTimeField()
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.account_id} {self.asked_at:%Y-%m-%d}"
