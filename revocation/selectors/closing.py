"""What stands in the way of closing an account at once."""

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Subscriber
from certificates.models import Certificate
from certificates.selectors import certificates_of
from certificates.states import CertificateState


def in_force(subscriber: Subscriber) -> QuerySet[Certificate]:
    """The subscriber's certificates that are neither revoked nor ended, suspended ones among them, newest first."""
    own = certificates_of(subscriber).exclude(state=CertificateState.REVOKED)
    return own.filter(not_after__gte=timezone.now())
