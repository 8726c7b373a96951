"""Proving a challenge phrase: three strikes, then the door stays shut for a day."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.backends import hash_secret, verify_secret
from audit.services import record
from certificates.errors import CertificateRefusal, ChallengeWrong
from certificates.models import Certificate, Order
from certificates.rules import normalise_challenge

SHUT_FOR = timedelta(hours=24)


def prove_challenge(*, certificate: Certificate | None, phrase: str, actor: str) -> None:
    """Check the challenge phrase of the order that a certificate came with.

    Three wrong phrases shut this door for 24 hours; whoever comes through clears them. A wrong phrase, a shut door,
    a certificate that does not exist (None) and one without a phrase are refused alike, after the same work. The
    strike is committed before it raises, so call it outside of a transaction. Raises `ChallengeWrong`.
    """
    order = Order.objects.filter(items__certificate=certificate).first() if certificate else None
    try:
        normal = normalise_challenge(phrase)
    except CertificateRefusal:
        normal = ""  # nobody's phrase: a wrong one like any other
    allowed = order is not None and bool(order.challenge_hash) and _strike(order)
    # 2. One hash, for whoever asks.
    if order is None or not allowed:
        hash_secret(normal)
        raise ChallengeWrong
    if not verify_secret(normal, order.challenge_hash):
        record(event="challenge.wrong", actor=actor, subject=order.audit_id)
        raise ChallengeWrong
    # 3. The right phrase takes the strikes back.
    Order.objects.filter(pk=order.pk).update(challenge_strikes=0, challenge_struck_at=None)


def _strike(order: Order) -> bool:
    """Take a strike before the phrase is looked at; False where three are taken and a day is not over.

    The condition stands in the same UPDATE as the count: however many tries come at once, exactly three are looked at.
    """
    now = timezone.now()
    with transaction.atomic():
        # A day after the last of them, the strikes are forgotten.
        rested = Order.objects.filter(pk=order.pk, challenge_struck_at__lt=now - SHUT_FOR)
        rested.update(challenge_strikes=0, challenge_struck_at=None)
        open_door = Q(challenge_strikes__lt=settings.STRIKES)
        return (
            Order.objects.filter(open_door, pk=order.pk).update(
                challenge_strikes=F("challenge_strikes") + 1, challenge_struck_at=now
            )
            == 1
        )
