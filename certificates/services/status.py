"""What the CA says of a certificate: hold, lift, revoke. Visible in OCSP at the commit, in the list soon after."""

from collections.abc import Sequence, Set

from django.db import transaction

from audit.services import record_all
from certificates.jobs.status import hold_all, lift_all, revoke_all
from certificates.models import Certificate, PublicKey
from certificates.tasks import publish_lists

COMPROMISED = "compromised"  # the block reason of a key that its holder or a proof gave up


def hold(*, certificates: Sequence[Certificate], actor: str) -> None:
    """Suspend certificates, all or none. Raises `WrongState` where one is not valid (any more).

    Whether their profile allows it is the caller's rule.
    """
    with transaction.atomic():
        hold_all(certificates, actor=actor)
        _publish()


def lift(*, certificates: Sequence[Certificate], actor: str) -> None:
    """Take suspended certificates back into service. Raises `WrongState` where one is not suspended (any more)."""
    with transaction.atomic():
        lift_all(certificates, actor=actor)
        _publish()


def revoke(*, certificates: Sequence[Certificate], reason: str, actor: str) -> None:
    """Revoke certificates for good, all or none, and block their keys where these are compromised.

    `reason` by its name in RFC 5280 5.3.1, or empty. Raises `WrongState` where one is revoked already; what was held
    or lifted meanwhile is revoked all the same.
    """
    with transaction.atomic():
        revoke_all(certificates, reason=reason, actor=actor)
        if reason == "keyCompromise":
            _block({one.public_key_id for one in certificates}, actor)
        _publish()


def block_key(*, key: PublicKey, actor: str) -> None:
    """Put a key on the block list; no certificate is made for it any more."""
    with transaction.atomic():
        _block({key.pk}, actor)


def _block(keys: Set[int], actor: str) -> None:
    """Block these keys, with an event for each that was not blocked before."""
    # Locked by their hashes in order, as an order locks the keys it claims, so that nobody waits in a circle.
    free = PublicKey.objects.select_for_update(no_key=True).filter(pk__in=keys, block_reason="")
    found = dict(free.order_by("spki_sha256").values_list("pk", "spki_sha256"))
    PublicKey.objects.filter(pk__in=found).update(block_reason=COMPROMISED)
    subjects = [f"key:{spki_sha256}" for spki_sha256 in found.values()]
    record_all(event="key.blocked", actor=actor, subjects=subjects, details={"reason": COMPROMISED})


def _publish() -> None:
    # Without a broker the change is safe in its rows, and the clockwork publishes it soon.
    transaction.on_commit(lambda: publish_lists.delay(), robust=True)  # noqa: PLW0108 - the task is looked up late
