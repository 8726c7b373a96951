"""What mails say, and how the outbox stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Min
from django.template.loader import render_to_string
from django.utils import timezone, translation

from notifications.models import MailCertificate, Message
from notifications.rules import EVENTS, in_one_line
from notifications.states import MessageState


@dataclass(frozen=True)
class Words:
    """The three texts of a mail in one language."""

    subject: str
    text: str
    html: str


def words(event: str, context: Mapping[str, Any], language: str) -> Words:
    """What a mail about `event` says in `language`; the subject is one line without control characters."""
    with translation.override(language):
        subject, text, html = (
            render_to_string(f"notifications/{event}.{ending}", dict(context))
            for ending in ("subject.txt", "txt", "html")
        )
    return Words(in_one_line(subject), text.strip() + "\n", html.strip() + "\n")


def preview(event: str, language: str) -> Words:
    """A mail about `event` with made-up words. Raises KeyError for an event that is none."""
    sample = EVENTS[event]
    return words(event, {**sample.context, **sample.secrets}, language)


def subject_of(message: Message) -> str:
    """The subject line of a mail; nothing where its event has no template any more."""
    return words(message.event, message.context, message.language).subject if message.event in EVENTS else ""


def can_be_written(message: Message) -> bool:
    """Whether everything that this mail says is still known: secrets are wiped after a while."""
    sample = EVENTS.get(message.event)
    return sample is not None and (bool(message.secrets) or not sample.secrets)


@dataclass(frozen=True)
class Outbox:
    """How many mails wait, since when the oldest of them does, and how many were given up or sent back."""

    waiting: int
    oldest: datetime | None
    failed: int


def outbox() -> Outbox:
    """How the outbox stands now."""
    waiting = Message.objects.filter(state__in=[MessageState.QUEUED, MessageState.SENDING])
    return Outbox(
        waiting=waiting.count(),
        oldest=waiting.aggregate(oldest=Min("created_at"))["oldest"],
        failed=Message.objects.filter(state=MessageState.FAILED).count(),
    )


@dataclass(frozen=True)
class MailSigning:
    """Until when the service can sign its mails (None: it no longer can), and whether a new certificate is due."""

    until: datetime | None
    renewal_due: bool


def mail_signing() -> MailSigning | None:
    """How the service's own mail certificate stands; None where this site never had one and so does not sign."""
    if not MailCertificate.objects.exists():
        return None
    now = timezone.now()
    usable = usable_certificates(now)
    if not usable:
        return MailSigning(until=None, renewal_due=True)
    newest = usable[0]
    # The command that renews runs daily from half of its life on: what is older than three quarters was forgotten.
    forgotten = newest.not_before + (newest.not_after - newest.not_before) * 3 / 4
    return MailSigning(until=newest.not_after, renewal_due=now >= forgotten)


def usable_certificates(now: datetime) -> list[MailCertificate]:
    """The mail certificates that hold at `now` and were not retired, the one that lasts longest first."""
    found = MailCertificate.objects.filter(retired_at=None, not_before__lte=now, not_after__gt=now)
    return list(found.order_by("-not_after", "-pk"))
