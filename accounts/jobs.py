"""The background work of accounts: shutting doors, and forgetting."""

import logging
from datetime import timedelta

from captcha.models import CaptchaStore
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, MailboxProof, Throttle
from accounts.selectors import newest_identity, subscriber_of
from accounts.states import AccountState
from audit.services import SYSTEM
from audit.transitions import advance
from notifications.errors import AddressNotAllowed
from notifications.services import Letter, promise

logger = logging.getLogger(__name__)

_THROTTLES_LAST = timedelta(days=1)  # the longest window
_LINKS_REMEMBERED = timedelta(days=7)  # so long an expired link is called expired, then unknown
OPEN = (AccountState.SLIP, AccountState.ACTIVE)


def lock(account_id: int) -> None:
    """Lock an account after its third strike, end its sessions and tell its holder; once.

    The strikes alone already keep everybody out; the sweep calls this for an account whose process died between
    the third strike and the lock.
    """
    with transaction.atomic():
        account = Account.objects.select_for_update().get(pk=account_id)
        if account.state not in OPEN or account.strikes < settings.STRIKES:
            return
        advance(
            account,
            before=account.state,
            after=AccountState.LOCKED,
            actor=SYSTEM,
            event="account.locked",
            changes={"epoch": account.epoch + 1},
        )
        tell_holder(account, "account-locked")


def tell_holder(account: Account, event: str) -> None:
    """Promise a mail about the account to its holder, in the transaction of what happened to it.

    Officers are told by their operator. An address that no mail can carry is no reason to stop what happened.
    """
    subscriber = subscriber_of(account)
    identity = newest_identity(subscriber) if subscriber else None
    if identity is None:
        return
    letter = Letter(
        event=event,
        key=f"{event}:{account.pk}:{timezone.now().isoformat()}",
        address=identity.email,
        language=account.language,
        context={"name": identity.latin_name, "link": settings.PUBLIC_URL + reverse("accounts:locked")},
    )
    try:
        promise(letter=letter)
    except AddressNotAllowed:
        logger.warning("%s: its holder cannot be told of %s by mail", account.audit_id, event)


def forget_expired() -> None:
    """Delete what has no use any more, and lock what was left half way."""
    now = timezone.now()
    Throttle.objects.filter(window__lt=int((now - _THROTTLES_LAST).timestamp())).delete()
    CaptchaStore.remove_expired()
    Session.objects.filter(expire_date__lt=now).delete()
    MailboxProof.objects.filter(proven_at=None, expires_at__lt=now - _LINKS_REMEMBERED).delete()
    for pk in Account.objects.filter(strikes__gte=settings.STRIKES, state__in=OPEN).values_list("pk", flat=True):
        lock(pk)
