"""A holder's certificates, for pages of apps that know nothing of certificates."""

from typing import Any

from django import template
from django.utils import timezone

from accounts.models import Subscriber
from certificates.selectors import certificates_of, row
from certificates.states import CertificateState

register = template.Library()


@register.inclusion_tag("certificates/_other_address.html")
def certificates_with_other_address(subscriber: Subscriber, email: str) -> dict[str, Any]:
    """Certificates in use that hold another address than `email`, and what to do about them."""
    in_use = certificates_of(subscriber).filter(
        state__in=(CertificateState.VALID, CertificateState.HELD), not_after__gt=timezone.now()
    )
    return {"certificates": [row(one) for one in in_use.exclude(search_email__in=("", email.casefold()))]}
