"""Counting tries."""

import time

from django.db.models import F
from django.utils.crypto import salted_hmac

from accounts.errors import TooMany
from accounts.models import Throttle


def throttle(*, scope: str, who: str, limit: int, seconds: int) -> None:
    """Count one try of `who` (an address, a text id) at `scope`; raises `TooMany` beyond `limit` in `seconds`.

    Windows are fixed (at most a day), so that one row counts them. Call it outside of a transaction that a refusal
    would roll back.
    """
    window = window_of(seconds)
    if not count(scope=scope, who=who, limit=limit, window=window):
        raise TooMany(seconds_left(window, seconds))


def window_of(seconds: int) -> int:
    """The window that now lies in, named by its beginning in Unix time."""
    now = int(time.time())
    return now - now % seconds


def seconds_left(window: int, seconds: int) -> int:
    """How long a window of `seconds` goes on, at least one second."""
    return max(1, window + seconds - int(time.time()))


def count(*, scope: str, who: str, limit: int, window: int) -> bool:
    """Count one try in a window; False, and nothing counted, where `limit` is reached."""
    row = {"scope": scope, "who": _fold(who), "window": window}
    Throttle.objects.bulk_create([Throttle(**row)], ignore_conflicts=True)
    return Throttle.objects.filter(**row, count__lt=limit).update(count=F("count") + 1) == 1


def give_back(*, scope: str, who: str, window: int) -> None:
    """Uncount one try: it was a right one."""
    Throttle.objects.filter(scope=scope, who=_fold(who), window=window, count__gt=0).update(count=F("count") - 1)


def _fold(who: str) -> str:
    # Addresses and account numbers are personal data: they are counted, not kept.
    return salted_hmac("accounts.throttle", who, algorithm="sha256").hexdigest()
