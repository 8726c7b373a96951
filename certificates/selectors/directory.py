"""The public directory: certificates of those who agreed to be listed, found by what somebody knows of them.

There is no way to list them all: an e-mail address or number must be whole, a name must have begun, and nothing is
counted.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from certificates.models import Certificate
from certificates.rules import Known, LookedFor
from certificates.selectors.rows import row
from certificates.selectors.words import holder

AT_MOST = 20
_BEGINNING = 3  # characters of a name from which on its beginning is enough
_SHOWN_AFTER_END = timedelta(days=365)


@dataclass(frozen=True)
class Found:
    """What a search found: at most `AT_MOST` certificates; `more` says that there would be more."""

    certificates: list[Certificate]
    more: bool


def published() -> QuerySet[Certificate]:
    """The certificates of subscribers who agree now; one for inside use has no subscriber, so it is not among them."""
    listed = Certificate.objects.filter(subscriber__listed=True)
    return listed.select_related("authority__parent", "item__order", "public_key")


def published_certificate(number: str) -> Certificate:
    """One published certificate; Http404 for all others, whether they exist or not."""
    return get_object_or_404(published(), number=number)


def find(wanted: LookedFor) -> Found:
    """The published certificates that fit, newest first.

    Those that ended more than a year ago are found by their numbers only. A name finds whoever has exactly this name
    first, then those whose names begin with it.
    """
    if wanted.known == Known.NUMBER:
        return _first(published().filter(number=wanted.text))
    if wanted.known == Known.SERIAL:
        return _first(published().filter(serial=wanted.text))
    recent = published().filter(not_after__gt=timezone.now() - _SHOWN_AFTER_END)
    if wanted.known == Known.EMAIL:
        return _first(recent.filter(search_email=wanted.text))
    exact = _first(recent.filter(search_name=wanted.text))
    if exact.more or len(wanted.text) < _BEGINNING:
        return exact
    longer = _first(recent.filter(Q(search_name__startswith=wanted.text) & ~Q(search_name=wanted.text)))
    both = [*exact.certificates, *longer.certificates]
    return Found(both[:AT_MOST], more=longer.more or len(both) > AT_MOST)


def _first(fitting: QuerySet[Certificate]) -> Found:
    # No ORDER BY: the database may stop at the first that fit instead of sorting everybody called Chan.
    found = list(fitting[: AT_MOST + 1])
    newest_first = sorted(found[:AT_MOST], key=lambda one: (one.not_before, one.pk), reverse=True)
    return Found(newest_first, more=len(found) > AT_MOST)


def public_row(certificate: Certificate) -> dict[str, Any]:
    """The certificate as pages show it, with the addresses of its public page and files instead of its holder's."""
    number = certificate.number
    return {
        **row(certificate),
        "holder": holder(bytes(certificate.der)),
        "view_url": reverse("found", args=[number]),
        "pem_url": reverse("found-file", args=[number, "pem"]),
        "der_url": reverse("found-file", args=[number, "cer"]),
        "p7b_url": reverse("found-file", args=[number, "p7b"]),
    }
