"""Reading accounts, identities, proofs and agreements."""

from datetime import timedelta

from django.db.models import Max
from django.utils import timezone

from accounts.models import (
    Acceptance,
    Account,
    AgreementText,
    Identity,
    MailboxProof,
    Officer,
    Subscriber,
)

MAILBOX_PROOF_LASTS = timedelta(days=30)
ADDRESS_ALONE = "mailbox-proof:"  # begins the evidence of an identity version that changed nothing but the address


def newest_identity(subscriber: Subscriber) -> Identity | None:
    """What was verified last about the subscriber."""
    return subscriber.identities.order_by("-version").first()


def with_present_address(identity: Identity) -> Identity:
    """The same facts with the address that their holder proved last: later versions that changed nothing else."""
    later = Identity.objects.filter(subscriber=identity.subscriber_id, version__gt=identity.version)
    for version in later.order_by("version"):
        if not version.evidence.startswith(ADDRESS_ALONE):
            break  # registered anew: other facts, which another approval is for
        identity = version
    return identity


def subscriber_of(account: Account) -> Subscriber | None:
    """The subscriber that an account belongs to; None for an officer's."""
    return Subscriber.objects.select_related("account", "office").filter(account=account).first()


def officer_of(account: Account) -> Officer | None:
    """The officer that an account belongs to, with roles as they stand now; None for a subscriber's."""
    return Officer.objects.select_related("account", "office").filter(account=account).first()


def mailbox_proven(subscriber: Subscriber, email: str) -> bool:
    """Whether the subscriber proved within 30 days to read this mailbox."""
    since = timezone.now() - MAILBOX_PROOF_LASTS
    return MailboxProof.objects.filter(subscriber=subscriber, email=email, proven_at__gte=since).exists()


def mailbox_link_open(subscriber: Subscriber, email: str) -> MailboxProof | None:
    """The newest link sent to this address that can still be opened."""
    return (
        MailboxProof.objects.filter(subscriber=subscriber, email=email, proven_at=None, expires_at__gt=timezone.now())
        .order_by("-sent_at")
        .first()
    )


def email_change_open(subscriber: Subscriber) -> MailboxProof | None:
    """The change of address that waits for its link to be opened."""
    newest = MailboxProof.objects.filter(subscriber=subscriber, changes_email=True).order_by("-pk").first()
    waits = newest is not None and newest.proven_at is None and newest.expires_at > timezone.now()
    return newest if waits else None


def current_agreement(language: str) -> AgreementText:
    """The agreement in force, in a language; raises `AgreementText.DoesNotExist` where none is loaded."""
    version = AgreementText.objects.aggregate(version=Max("version"))["version"]
    return AgreementText.objects.get(version=version, language=language)


def acceptance_of(subscriber: Subscriber, purpose: str) -> Acceptance | None:
    """What the subscriber accepted for this purpose (text id of an order)."""
    return Acceptance.objects.select_related("agreement").filter(subscriber=subscriber, purpose=purpose).first()
