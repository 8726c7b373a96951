"""What may stand in a mail header, when to try again, and what mails there are."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

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


@dataclass(frozen=True)
class Sample:
    """What a mail about one event may say, with made-up words: for its preview, and for the tests of its templates."""

    context: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)


_NAME = {"name": "Ana de Sousa"}
_CASE = {**_NAME, "reference": "ABCDEFGH23"}
_PORTAL = "https://ca.example.org"

# Every event that a mail can tell of. Whoever adds an event adds its row.
EVENTS: Mapping[str, Sample] = {
    "account-closed": Sample({**_NAME, "link": f"{_PORTAL}/accounts/locked/"}),
    "account-locked": Sample({**_NAME, "link": f"{_PORTAL}/accounts/locked/"}),
    "certificate-issued": Sample(
        {**_NAME, "profile_title": "Secure e-mail certificate", "numbers": "0123456789", "url": f"{_PORTAL}/"}
    ),
    "data-error": Sample(
        {"subscriber": "7KQ2-M4TW-9XPA", "order": "0b5f1c1e-6d0c-4a49-9d0c-0d6b1f7a2c11"},
        {"text": "My family name is written with one s."},
    ),
    "mailbox-link": Sample({}, {"link": f"{_PORTAL}/mailbox/made-up-token/"}),
    "order-refused": Sample({**_NAME, "reason": "The key is too short.", "url": f"{_PORTAL}/"}),
    "password-changed": Sample({**_NAME, "url": f"{_PORTAL}/accounts/locked/"}),
    "registration-approved": Sample({**_CASE, "slip": "yes", "url": f"{_PORTAL}/"}),
    "registration-rejected": Sample({**_CASE, "reason": "The copy of the document cannot be read."}),
    "reset-approved": Sample({**_CASE, "url": f"{_PORTAL}/"}),
    "reset-rejected": Sample({**_CASE, "reason": "The form is not signed.", "url": f"{_PORTAL}/"}),
}
