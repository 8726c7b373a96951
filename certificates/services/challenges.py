"""Proving a challenge phrase: three strikes, then the door stays shut for a day."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.backends import hash_secret, verify_secret
from audit.services import record
from certificates.errors import CertificateRefusal, ChallengeWrong
from certificates.models import Certificate, Order
from certificates.rules import normalise_challenge

SHUT_FOR = timedelta(hours=24)
_NOBODY = 0  # the primary key of no row


def prove_challenge(*, certificate: Certificate | None, phrase: str, actor: str) -> None:
    """Check the challenge phrase of the order that a certificate came with.

    Three wrong phrases shut this door for 24 hours; whoever comes through clears them. A wrong phrase, a shut door,
    a certificate that does not exist (None) and one without a phrase are refused alike, after the same statements, one
    commit and one hash. The strike is committed before it raises, so call it outside of a transaction. Raises
    `ChallengeWrong`.
    """
    normal = _normal(phrase)
    # 1. Take a strike and record the try, in one transaction that writes in any case.
    order = Order.objects.filter(items__certificate=certificate.pk if certificate else _NOBODY).first()
    with transaction.atomic(durable=True):
        allowed = _strike(order.pk if order else _NOBODY)
        record(event="challenge.tried", actor=actor, subject=order.audit_id if order else "order:unknown")
    # 2. One hash, for whoever asks.
    if order is None or not allowed:
        hash_secret(normal)
        raise ChallengeWrong
    if not verify_secret(normal, order.challenge_hash):
        raise ChallengeWrong
    # 3. The right phrase takes the strikes back.
    with transaction.atomic():
        Order.objects.filter(pk=order.pk).update(challenge_strikes=0, challenge_struck_at=None)
        record(event="challenge.proven", actor=actor, subject=order.audit_id)


def _normal(phrase: str) -> str:
    try:
        return normalise_challenge(phrase)
    except CertificateRefusal:
        return ""  # nobody's phrase: a wrong one like any other


def _strike(order_pk: int) -> bool:
    """Take a strike before the phrase is looked at; False where three are taken and a day is not over.

    The condition stands in the same UPDATE as the count: however many tries come at once, exactly three are looked at.
    """
    now = timezone.now()
    orders = Order.objects.filter(pk=order_pk)
    # A day after the last of them, the strikes are forgotten.
    orders.filter(challenge_struck_at__lt=now - SHUT_FOR).update(challenge_strikes=0, challenge_struck_at=None)
    open_door = orders.filter(challenge_strikes__lt=settings.STRIKES).exclude(challenge_hash="")
    return open_door.update(challenge_strikes=F("challenge_strikes") + 1, challenge_struck_at=now) == 1
