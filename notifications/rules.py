"""What may stand in a mail header, and when to try again."""

import re
from datetime import timedelta

_ADDRESS = re.compile(r"[!-~]{1,64}@[A-Za-z0-9.-]{1,252}")
_LONGEST = 254  # RFC 5321 4.5.3.1
_BACK_OFF = (10, 30, 120, 600, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600)  # seconds; 24 hours in all
SECRETS = "notifications.Message.secrets"  # the place that sealed values are bound to
MAX_ATTEMPTS = len(_BACK_OFF) + 1


def is_plain_address(address: str) -> bool:
    """Whether the address is printable ASCII of the form local@domain, without anything that could end a header."""
    fits = len(address) <= _LONGEST and _ADDRESS.fullmatch(address) is not None
    return fits and not set(address) & set(',;:<>"()[]\\')


def back_off(attempts: int) -> timedelta:
    """How long to wait after this many failed tries."""
    return timedelta(seconds=_BACK_OFF[min(attempts, len(_BACK_OFF)) - 1])
