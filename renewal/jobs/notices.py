"""Telling holders, once for each threshold, that their certificates come to their end.

The ledger (`renewal.models.Notice`) and the mails are written in one transaction. After an outage the newest threshold
that was crossed is told and the older ones are passed over.
"""

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from accounts.states import AccountState
from ca.profiles import load_profiles
from certificates.models import Order
from notifications.rules import is_plain_address
from notifications.services import promise_all
from renewal.jobs.letters import notice_letter
from renewal.models import Notice
from renewal.rules import NOTICE_DAYS
from renewal.selectors.ending import Unit, not_renewed, renewals_of, units_of

logger = logging.getLogger(__name__)

_DAYS_AFTER = 30  # so long after the end its holder still learns of it, if nobody could tell before
_PAGE = 20_000  # ids read at once
_AT_ONCE = 500  # orders in one transaction


def send_notices() -> int:
    """Tell every holder whose certificates crossed a threshold since the last run; gives back how many mails.

    Safe at any frequency, from several schedulers and workers at once, and after any time without a run. Nobody is
    told of certificates that were renewed (or are being), revoked or put on hold, or whose account is closed; what
    ends that (a refused renewal, a lifted hold) makes the next run tell.
    """
    now = timezone.now()
    told = 0
    for days, later in pairwise((*NOTICE_DAYS, -_DAYS_AFTER)):
        for order_ids in _crossed(days, later, now):
            told += _tell(order_ids, now)
    if told:
        logger.info("%s renewal notices promised", told)
    return told


def _crossed(days: int, later: int, now: datetime) -> Iterator[list[int]]:
    """Orders with a certificate that ends in at most `days` and more than `later` days and whose ledger lacks that.

    Read by pages and not with one cursor: SQLite would not let us write beside an open one.
    """
    told = Notice.objects.filter(certificate=OuterRef("pk"), threshold=days)
    found = (
        not_renewed(after=now + timedelta(days=later), until=now + timedelta(days=days), least_window=days)
        .filter(~Exists(told), not_before__lt=F("not_after") - timedelta(days=days))
        .order_by("item__order_id")
        .values_list("item__order_id", flat=True)
        .distinct()
    )
    last = 0
    while page := list(found.filter(item__order_id__gt=last)[:_PAGE]):
        for start in range(0, len(page), _AT_ONCE):
            yield page[start : start + _AT_ONCE]
        last = page[-1]


def _tell(order_ids: Sequence[int], now: datetime) -> int:
    """Write ledger and mails of these orders, as far as nobody else does it just now; gives back how many mails."""
    with transaction.atomic():
        units = units_of(_taken(order_ids))
        known = _ledger(units)
        rows, letters = [], []
        for unit in units:
            crossed = [] if unit.held else _thresholds(unit, now)
            if not crossed:
                continue
            newest = crossed[-1]
            new = not any((one.pk, newest) in known for one in unit.certificates)
            tell = new and is_plain_address(unit.identity.email)
            if tell:
                letters.append(notice_letter(unit, newest, now))
            rows += [
                Notice(certificate_id=one.pk, threshold=days, crossed_at=now, told=tell and days == newest)
                for one in unit.certificates
                for days in crossed
                if (one.pk, days) not in known
            ]
        Notice.objects.bulk_create(rows, ignore_conflicts=True)
        promise_all(letters=letters)
    return len(letters)


def _taken(order_ids: Sequence[int]) -> list[Order]:
    """These orders, as far as they are still not renewed and no other worker has them; locked until the commit.

    The order's row stands for its certificates: locking theirs would make an officer's revocation, which leaves out
    rows that somebody holds, fail beside us.
    """
    free = Order.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
    open_accounts = free.exclude(subscriber__account__state=AccountState.CLOSED)
    wanted = open_accounts.filter(~Exists(renewals_of("pk")), pk__in=order_ids)
    columns = ("public_id", "profile", "profile_version", "subscriber", "subscriber__account__language")
    return list(wanted.select_related("subscriber__account").only(*columns, "subscriber__account").order_by("pk"))


def _ledger(units: Sequence[Unit]) -> set[tuple[int, int]]:
    """Which certificate crossed which threshold before; read under the lock, so that it is what others committed."""
    certificates = [one.pk for unit in units for one in unit.certificates]
    return set(Notice.objects.filter(certificate__in=certificates).values_list("certificate_id", "threshold"))


def _thresholds(unit: Unit, now: datetime) -> list[int]:
    """The days before the end that have come, the newest last.

    What lay before the certificate's own beginning never came, nor what lies before its window opens.
    """
    profile = load_profiles().get(unit.order.profile)
    window = profile.renewal_window_days if profile else NOTICE_DAYS[0]
    moments = {days: unit.not_after - timedelta(days=days) for days in NOTICE_DAYS if days <= window}
    return [days for days, moment in moments.items() if unit.not_before < moment <= now]
