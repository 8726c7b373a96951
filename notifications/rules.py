"""What may stand in a mail header, when to try again, and what mails there are."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_ADDRESS = re.compile(r"[!-~]{1,64}@[A-Za-z0-9.-]{1,252}")
_LONGEST = 254  # RFC 5321 4.5.3.1
_BACK_OFF = (10, 30, 120, 600, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600)  # seconds; 24 hours in all
BATCH = 50  # messages that go over one connection
SIGNATURE_WAIT = timedelta(hours=1)  # how long mails wait for the service's own certificate
SECRETS_LAST = timedelta(hours=24)  # after a failure; the links in them are good for no longer
SECRETS = "notifications.Message.secrets"  # the place that sealed values are bound to
MAX_ATTEMPTS = len(_BACK_OFF) + 1


def is_plain_address(address: str) -> bool:
    """Whether the address is printable ASCII of the form local@domain, without anything that could end a header."""
    fits = len(address) <= _LONGEST and _ADDRESS.fullmatch(address) is not None
    return fits and not set(address) & set(',;:<>"()[]\\')


def in_one_line(text: str) -> str:
    """The text as it may stand in a header: one line, nothing that cannot be seen."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


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
_REVOCATION = {
    **_CASE,
    "numbers": "0123456789, 9876543210",
    "why": "Somebody else has the key, or may have it",
    "url": f"{_PORTAL}/revocation/",
}

_ENDING = {
    **_NAME,
    "certificates": "Certificate to sign – 0123456789\nCertificate for encryption – 9876543210",
    "end": "2027-07-05T04:05:06+00:00",
}
_AHEAD = {
    **_ENDING,
    "days": "7",
    "renewable": "yes",
    "url": f"{_PORTAL}/renewal/#order-0b5f1c1e-6d0c-4a49-9d0c-0d6b1f7a2c11",
    "calendar": {
        "uid": "0b5f1c1e-6d0c-4a49-9d0c-0d6b1f7a2c11@ca.example.org",
        "summary": "Certificate 0123456789, 9876543210 ends",
        "start": "2027-07-05T04:05:06+00:00",
        "alarm_days": [1],
        "url": f"{_PORTAL}/renewal/",
    },
}

# Every event that a mail can tell of. Whoever adds an event adds its row.
EVENTS: Mapping[str, Sample] = {
    "account-closed": Sample({**_NAME, "link": f"{_PORTAL}/accounts/locked/"}),
    "account-locked": Sample({**_NAME, "link": f"{_PORTAL}/accounts/locked/"}),
    "case-overdue": Sample(
        {
            "reference": "ABCDEFGH23",
            "kind": "Revocation",
            "due": "2026-07-05T04:05:06+00:00",
            "url": f"{_PORTAL}/desk/cases/ABCDEFGH23/",
        }
    ),
    "certificate-issued": Sample(
        {
            **_NAME,
            "profile_title": "Secure e-mail certificate",
            "numbers": "0123456789",
            "replaces": "9876543210",
            "url": f"{_PORTAL}/",
        }
    ),
    "certificate-superseded": Sample(
        {**_NAME, "numbers": "0123456789", "replaces": "9876543210", "url": f"{_PORTAL}/"}
    ),
    "certificate-numbers": Sample(
        {**_NAME, "certificates": "0123456789: Secure e-mail certificate, valid until 2027-03-01", "url": f"{_PORTAL}/"}
    ),
    "data-error": Sample(
        {"subscriber": "7KQ2-M4TW-9XPA", "order": "0b5f1c1e-6d0c-4a49-9d0c-0d6b1f7a2c11"},
        {"text": "My family name is written with one s."},
    ),
    "email-change-link": Sample({}, {"link": f"{_PORTAL}/account/mailbox/made-up-token/"}),
    "email-changed": Sample({**_NAME, "telephone": "+853 0000 0000", "link": f"{_PORTAL}/account/locked/"}),
    "email-confirmed": Sample({**_NAME, "url": f"{_PORTAL}/account/details/"}),
    "mailbox-link": Sample({}, {"link": f"{_PORTAL}/mailbox/made-up-token/"}),
    "order-refused": Sample({**_NAME, "reason": "The key is too short.", "url": f"{_PORTAL}/"}),
    "password-changed": Sample({**_NAME, "url": f"{_PORTAL}/accounts/locked/"}),
    "registration-approved": Sample({**_CASE, "slip": "yes", "url": f"{_PORTAL}/"}),
    "registration-rejected": Sample({**_CASE, "reason": "The copy of the document cannot be read."}),
    "renewal-ended": Sample({**_ENDING, "url": f"{_PORTAL}/enrollment/"}),
    "renewal-escalation": Sample(
        {
            "days": "7",
            "count": "3",
            "certificates": "Harbour Trading Ltd. (MO-12345) – 0123456789 – 2027-07-05 04:05:06 UTC",
            "more": "2",
            "url": f"{_PORTAL}/desk/renewals/",
        }
    ),
    "renewal-invitation": Sample(_AHEAD),
    "renewal-notice": Sample(_AHEAD),
    "report-about-you": Sample({**_CASE, "numbers": "0123456789", "held": "0123456789", "url": f"{_PORTAL}/"}),
    "report-answered": Sample({"reference": "ABCDEFGH23", "approved": "yes", "revoked": "yes", "url": f"{_PORTAL}/"}),
    "report-dismissed": Sample(
        {**_CASE, "numbers": "0123456789", "valid": "0123456789", "reason": "It is about another certificate."}
    ),
    "report-received": Sample({"reference": "ABCDEFGH23", "url": f"{_PORTAL}/"}),
    "report-upheld": Sample({**_CASE, "numbers": "0123456789", "held": "", "url": f"{_PORTAL}/"}),
    "reset-approved": Sample({**_CASE, "url": f"{_PORTAL}/"}),
    "reset-rejected": Sample({**_CASE, "reason": "The form is not signed.", "url": f"{_PORTAL}/"}),
    "revocation-approved": Sample(_REVOCATION),
    "revocation-rejected": Sample({**_REVOCATION, "reason": "The form is not signed.", "held": "0123456789"}),
    "revocation-requested": Sample({**_REVOCATION, "held": "0123456789", "valid": "9876543210", "withdraw": "yes"}),
    "revocation-withdrawn": Sample({**_REVOCATION, "held": "0123456789"}),
}


def left_behind(answer_seconds: float) -> timedelta:
    """After how long a mail that is being handed over has lost its worker: no live one waits for so many answers.

    `answer_seconds`: how long a worker waits for each answer of the mail server. There are eight at most, from the
    greeting over STARTTLS (RFC 3207) and AUTH (RFC 4954) to the end of DATA.
    """
    return timedelta(seconds=10 * answer_seconds)


# What a mail server says (RFC 5321 4.2, RFC 3463), in words. The longest beginning that fits counts.
_FAILURES: Mapping[str, Promise] = {
    "": _("The mail server could not be reached."),
    "2": _("The mail was accepted and came back later."),
    "4": _("The mail server put the mail off again and again."),
    "5": _("The mail server refused the mail."),
    "4.2.2": _("The mailbox was full for a whole day."),
    "4.4": _("The recipient's mail server could not be reached."),
    "5.1": _("There is no such address."),
    "5.1.8": _("The recipient's mail server does not accept our own address."),
    "5.2": _("The mailbox takes no mail."),
    "5.2.2": _("The mailbox is full."),
    "5.3.4": _("The mail is too large for this mailbox."),
    "5.4": _("The recipient's domain has no mail server that can be reached."),
    "5.7": _("The recipient's mail server refused the mail as unwanted."),
    "550": _("There is no such address."),
    "552": _("The mailbox is full."),
    "553": _("There is no such address."),
    "cannot be written": _("The mail could not be written. Tell the operator."),
    "the worker stopped": _("The mail program stopped again and again while sending. Tell the operator."),
}


def failure_in_words(error: str) -> Promise:
    """What `Message.last_error` means, for people: an enhanced status code (RFC 3463) says more than the reply code."""
    enhanced = re.search(r"\b[245]\.\d{1,3}\.\d{1,3}\b", error)
    found = enhanced[0] if enhanced else error
    return _FAILURES[max((start for start in _FAILURES if found.startswith(start)), key=len)]
