"""What the CA says of a certificate: hold, lift, revoke. Visible in OCSP at the commit, in the list soon after."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from audit.services import record
from certificates.jobs.status import HOLD, change, revoke_all
from certificates.models import Certificate, PublicKey
from certificates.states import CertificateState
from certificates.tasks import publish_lists

COMPROMISED = "compromised"  # the block reason of a key that its holder or a proof gave up


def hold(*, certificates: Sequence[Certificate], actor: str) -> None:
    """Suspend certificates, all or none. Raises `WrongState` where one is not valid (any more).

    Whether their profile allows it is the caller's rule.
    """
    changes = {"revoked_at": timezone.now(), "revocation_reason": HOLD}
    with transaction.atomic():
        change(certificates, before=CertificateState.VALID, after=CertificateState.HELD, actor=actor, changes=changes)
        _publish()


def lift(*, certificates: Sequence[Certificate], actor: str) -> None:
    """Take suspended certificates back into service. Raises `WrongState` where one is not suspended (any more)."""
    changes = {"revoked_at": None, "revocation_reason": ""}
    with transaction.atomic():
        change(certificates, before=CertificateState.HELD, after=CertificateState.VALID, actor=actor, changes=changes)
        _publish()


def revoke(*, certificates: Sequence[Certificate], reason: str, actor: str) -> None:
    """Revoke certificates for good, all or none, and block their keys where these are compromised.

    `reason` by its name in RFC 5280 5.3.1, or empty. Raises `WrongState` where one is revoked already.
    """
    with transaction.atomic():
        revoke_all(certificates, reason=reason, actor=actor)
        if reason == "keyCompromise":
            keys = {one.public_key_id for one in certificates}
            for key in PublicKey.objects.filter(pk__in=keys, block_reason="").order_by("pk"):
                block_key(key=key, actor=actor)
        _publish()


def block_key(*, key: PublicKey, actor: str) -> None:
    """Put a key on the block list; no certificate is made for it any more."""
    with transaction.atomic():
        if PublicKey.objects.filter(pk=key.pk, block_reason="").update(block_reason=COMPROMISED):
            details = {"reason": COMPROMISED}
            record(event="key.blocked", actor=actor, subject=f"key:{key.spki_sha256}", details=details)


def _publish() -> None:
    # Without a broker the change is safe in its rows, and the clockwork publishes it within a minute.
    transaction.on_commit(lambda: publish_lists.delay(), robust=True)  # noqa: PLW0108 - the task is looked up late
