"""The same again, before it ends."""

from typing import ClassVar

from django.db import models

from accounts.models import Officer
from certificates.models import Certificate, Order


class RenewalNonce(models.Model):
    """A random value that one proof by signature must hold: made for one draft, used once, good for a short time.

    Only its hash is kept here.
    """

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="renewal_nonces")
    value_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.order_id} {self.made_at:%Y-%m-%d %H:%M}"


class Notice(models.Model):
    """The ledger of notices: a certificate crossed a threshold (days before its end), and was told or passed over.

    A threshold that was crossed together with a later one (after an outage) is passed over: one mail, the newest.
    """

    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="notices")
    threshold = models.PositiveSmallIntegerField()  # days before the end; 0: at the end
    crossed_at = models.DateTimeField()
    told = models.BooleanField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["certificate", "threshold"], name="notice_once_per_threshold")
        ]

    def __str__(self) -> str:
        return f"{self.certificate_id} {self.threshold}"


class Invitation(models.Model):
    """An officer invited the holder of a certificate to renew it; the key stays the holder's."""

    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="invitations")
    invited_by = models.ForeignKey(Officer, on_delete=models.PROTECT)
    invited_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.certificate_id} {self.invited_at:%Y-%m-%d}"
