"""Proving that somebody reads a mailbox."""

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.errors import MailboxLinkExpired, MailboxLinkReplaced, MailboxLinkUnknown, MailboxLinkUsed
from accounts.models import Account, MailboxProof, Subscriber
from accounts.services.throttles import throttle
from audit.services import record
from notifications.services import Letter, promise

_LINK_LASTS = timedelta(hours=24)
_LINKS_AN_HOUR = 5


def send_mailbox_link(*, subscriber: Subscriber, email: str) -> MailboxProof:
    """Send a link with a random value of 256 bits to `email`, good for 24 hours and once, in the account's language.

    Raises `TooMany` after five links in an hour and `notifications.errors.AddressNotAllowed`.
    """
    throttle(scope="mailbox-link", who=subscriber.audit_id, limit=_LINKS_AN_HOUR, seconds=3600)
    with transaction.atomic():
        proof, link = open_link(subscriber=subscriber, email=email)
        promise(
            letter=Letter(
                event="mailbox-link",
                key=f"mailbox-link:{proof.pk}",
                address=email,
                language=subscriber.account.language,
                secrets={"link": link},
            )
        )
        record(event="mailbox.link-sent", actor=subscriber.audit_id, subject=f"mailbox-proof:{proof.pk}")
    return proof


def open_link(*, subscriber: Subscriber, email: str, changes_email: bool = False) -> tuple[MailboxProof, str]:
    """A proof that waits for its link to be opened, and the link, whose random value is kept nowhere else."""
    token = secrets.token_urlsafe(32)
    now = timezone.now()
    proof = MailboxProof.objects.create(
        subscriber=subscriber,
        email=email,
        token_hash=_hash(token),
        sent_at=now,
        expires_at=now + _LINK_LASTS,
        changes_email=changes_email,
    )
    return proof, settings.PUBLIC_URL + reverse("accounts:mailbox", args=[token])


def void_email_changes(account: Account) -> int:
    """Make the links void that were sent for a change of address and not opened; gives back how many.

    Whoever had the old password may have asked for them.
    """
    return MailboxProof.objects.filter(subscriber__account=account, changes_email=True, proven_at=None).delete()[0]


def find_mailbox_link(*, token: str) -> MailboxProof:
    """The proof that a link stands for, if it can still be given.

    Raises `MailboxLinkUnknown`, `MailboxLinkUsed`, `MailboxLinkExpired`, or `MailboxLinkReplaced` for a change of
    address after which another one was asked for.
    """
    proof = MailboxProof.objects.filter(token_hash=_hash(token)).first()
    if proof is None:
        raise MailboxLinkUnknown
    if proof.proven_at is not None:
        raise MailboxLinkUsed
    if proof.expires_at <= timezone.now():
        raise MailboxLinkExpired
    newer = MailboxProof.objects.filter(subscriber=proof.subscriber_id, changes_email=True, pk__gt=proof.pk)
    if proof.changes_email and newer.exists():
        raise MailboxLinkReplaced
    return proof


def prove_mailbox(*, token: str) -> MailboxProof:
    """Take the press of the link's button as proof that the subscriber reads the mailbox; once.

    Raises what `find_mailbox_link` raises; a link that changes the address is `change_email`'s.
    """
    proof = find_mailbox_link(token=token)
    if proof.changes_email:
        raise MailboxLinkUnknown
    with transaction.atomic():
        mark_proven(proof)
    return proof


def mark_proven(proof: MailboxProof) -> None:
    """Keep that the button was pressed, in the caller's transaction. Raises `MailboxLinkUsed` the second time."""
    now = timezone.now()
    if MailboxProof.objects.filter(pk=proof.pk, proven_at=None).update(proven_at=now) == 0:
        raise MailboxLinkUsed
    record(event="mailbox.proven", actor=proof.subscriber.audit_id, subject=f"mailbox-proof:{proof.pk}")
    proof.proven_at = now


def _hash(token: str) -> str:
    # A random value of 256 bits needs no slow hash: nobody finds it by trying.
    return hashlib.sha256(token.encode()).hexdigest()
