"""Proving that somebody reads a mailbox."""

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.errors import MailboxLinkExpired, MailboxLinkUnknown, MailboxLinkUsed
from accounts.models import MailboxProof, Subscriber
from accounts.services.throttles import throttle
from audit.services import record
from notifications.services import Letter, promise

_LINK_LASTS = timedelta(hours=24)
_LINKS_AN_HOUR = 5


def send_mailbox_link(*, subscriber: Subscriber, email: str, language: str) -> MailboxProof:
    """Send a link with a random value of 256 bits to `email`, good for 24 hours and once.

    Raises `TooMany` after five links in an hour and `notifications.errors.AddressNotAllowed`.
    """
    throttle(scope="mailbox-link", who=subscriber.audit_id, limit=_LINKS_AN_HOUR, seconds=3600)
    token = secrets.token_urlsafe(32)
    now = timezone.now()
    with transaction.atomic():
        proof = MailboxProof.objects.create(
            subscriber=subscriber,
            email=email,
            token_hash=_hash(token),
            sent_at=now,
            expires_at=now + _LINK_LASTS,
        )
        promise(
            letter=Letter(
                event="mailbox-link",
                key=f"mailbox-link:{proof.pk}",
                address=email,
                language=language,
                secrets={"link": settings.PUBLIC_URL + reverse("accounts:mailbox", args=[token])},
            )
        )
        record(event="mailbox.link-sent", actor=subscriber.audit_id, subject=f"mailbox-proof:{proof.pk}")
    return proof


def find_mailbox_link(*, token: str) -> MailboxProof:
    """The proof that a link stands for, if it can still be given.

    Raises `MailboxLinkUnknown`, `MailboxLinkUsed` or `MailboxLinkExpired`.
    """
    proof = MailboxProof.objects.filter(token_hash=_hash(token)).first()
    if proof is None:
        raise MailboxLinkUnknown
    if proof.proven_at is not None:
        raise MailboxLinkUsed
    if proof.expires_at <= timezone.now():
        raise MailboxLinkExpired
    return proof


def prove_mailbox(*, token: str) -> MailboxProof:
    """Take the press of the link's button as proof that the subscriber reads the mailbox; once.

    Raises what `find_mailbox_link` raises.
    """
    proof = find_mailbox_link(token=token)
    now = timezone.now()
    with transaction.atomic():
        if MailboxProof.objects.filter(pk=proof.pk, proven_at=None).update(proven_at=now) == 0:
            raise MailboxLinkUsed
        record(event="mailbox.proven", actor=proof.subscriber.audit_id, subject=f"mailbox-proof:{proof.pk}")
    proof.proven_at = now
    return proof


def _hash(token: str) -> str:
    # A random value of 256 bits needs no slow hash: nobody finds it by trying.
    return hashlib.sha256(token.encode()).hexdigest()
