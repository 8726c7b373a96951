"""Revocation lists of the issuing CAs (RFC 5280 section 5). The root's is made at a ceremony."""

import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from audit.services import SYSTEM, record
from ca.errors import Refusal
from ca.service import RevokedEntry, revocation_list
from certificates.errors import ClockWrong, KeysNotHere
from certificates.jobs.keys import issuer_of, right_time
from certificates.models import Authority, Certificate, PublishedList
from certificates.rules import LIST_EVERY, LIST_VALID, next_list_number
from certificates.states import CertificateState

logger = logging.getLogger(__name__)


def publish_lists(*, pause: timedelta = timedelta(0)) -> None:
    """Publish the list of each issuing CA that has none, an old one (6 hours), or one that misses a change of status.

    A CA that published less than `pause` ago is left for the next call. CAs that take no more orders publish, too,
    until they end. What keeps one from its list keeps no other from theirs.
    """
    try:
        now = right_time()
    except ClockWrong:
        logger.exception("revocation lists are not published")
        return
    for authority in Authority.objects.filter(parent__isnull=False, not_after__gt=now):
        try:
            _publish_if_due(authority, pause)
        except (KeysNotHere, Refusal):
            logger.exception("the revocation list of %s is not published", authority.slug)


def _publish_if_due(authority: Authority, pause: timedelta) -> None:
    if not _due(authority, _newest(authority), pause):
        return  # seen without a lock: whatever is being changed now asks for its list by itself
    issuer = issuer_of(authority)
    with transaction.atomic():
        # The lock keeps two workers from making a list each, and changes of status from passing this list unseen.
        authority = Authority.objects.select_for_update(no_key=True).get(pk=authority.pk)
        last = _newest(authority)
        if not _due(authority, last, pause):
            return
        now = timezone.now()  # after the lock: no line of the list is younger than the list
        number = next_list_number(authority.crl_number, now)
        next_update = min(now + LIST_VALID, authority.not_after)
        der = revocation_list(
            issuer, _entries(authority, last), number=number, this_update=now, next_update=next_update
        )
        made = PublishedList(number=number, der=der, this_update=now, next_update=next_update)
        made.covers = authority.status_changes
        store_list(authority, made)


def store_list(authority: Authority, made: PublishedList) -> None:
    """Keep a list that was signed, and its number, in the caller's transaction."""
    made.authority = authority
    made.save()
    Authority.objects.filter(pk=authority.pk).update(crl_number=made.number)
    record(event="list.published", actor=SYSTEM, subject=authority.audit_id, details={"number": made.number})


def _newest(authority: Authority) -> PublishedList | None:
    return authority.lists.defer("der").order_by("-number").first()  # a long list weighs half a megabyte


def _due(authority: Authority, last: PublishedList | None, pause: timedelta) -> bool:
    if last is None:
        return True
    age = timezone.now() - last.this_update  # now, not when this worker began to wait for the lock
    return age >= LIST_EVERY or (authority.status_changes != last.covers and age >= pause)


def _entries(authority: Authority, last: PublishedList | None) -> list[RevokedEntry]:
    """Everything revoked or held, until one list after its end (RFC 5280 3.3)."""
    revoked = Certificate.objects.filter(
        authority=authority, state__in=[CertificateState.HELD, CertificateState.REVOKED]
    )
    if last is not None:
        revoked = revoked.filter(not_after__gte=last.this_update)
    rows = revoked.order_by("revoked_at", "pk").values_list("serial", "revoked_at", "revocation_reason")
    return [RevokedEntry(int(serial, 16), at, reason or None) for serial, at, reason in rows if at]
