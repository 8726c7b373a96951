"""Handing messages to the mail server."""

import json
import logging
from datetime import timedelta
from smtplib import SMTPException, SMTPResponseException

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone, translation

from audit.errors import WrongState
from audit.services import SYSTEM
from audit.transitions import advance
from notifications.models import Message
from notifications.rules import MAX_ATTEMPTS, SECRETS, back_off
from notifications.states import MessageState
from vault.values import unseal

logger = logging.getLogger(__name__)

_LEFT_BEHIND = timedelta(minutes=2)
_BATCH = 200


def due_messages() -> list[int]:
    """Ids of messages whose time has come, after taking back those that a dead worker left half way."""
    now = timezone.now()
    for message in Message.objects.filter(state=MessageState.SENDING, next_try_at__lt=now - _LEFT_BEHIND)[:_BATCH]:
        _failed(message, "the worker stopped", permanent=False)
    due = Message.objects.filter(state=MessageState.QUEUED, next_try_at__lte=now - timedelta(seconds=5))
    return list(due.values_list("pk", flat=True)[:_BATCH])


def deliver(message_id: int) -> None:
    """Send one message, once: the row is taken by compare-and-swap, and a retry carries the same Message-ID."""
    message = Message.objects.filter(pk=message_id).first()
    now = timezone.now()
    if message is None or message.next_try_at > now:
        return
    try:
        advance(
            message,
            before=MessageState.QUEUED,
            after=MessageState.SENDING,
            actor=SYSTEM,
            event="message.taken",
            changes={"attempts": message.attempts + 1, "next_try_at": now},
        )
    except WrongState:
        return  # another worker has it, or it was sent already
    try:
        compose(message).send()
    except SMTPResponseException as error:
        _failed(message, f"{error.smtp_code}", permanent=500 <= error.smtp_code < 600)
    except (SMTPException, OSError) as error:
        _failed(message, type(error).__name__, permanent=False)
    else:
        advance(
            message,
            before=MessageState.SENDING,
            after=MessageState.SENT,
            actor=SYSTEM,
            event="message.sent",
            changes={"sent_at": timezone.now(), "secrets": "", "last_error": ""},
        )


def compose(message: Message) -> EmailMultiAlternatives:
    """The mail itself: text and HTML in the recipient's language, under the row's lasting Message-ID."""
    secrets = json.loads(unseal(message.secrets, SECRETS)) if message.secrets else {}
    context = {**message.context, **secrets}
    with translation.override(message.language):
        subject = render_to_string(f"notifications/{message.event}.subject.txt", context).strip()
        text = render_to_string(f"notifications/{message.event}.txt", context)
        html = render_to_string(f"notifications/{message.event}.html", context)
    mail = EmailMultiAlternatives(subject, text, to=[message.address], headers={"Message-ID": message.message_id})
    mail.attach_alternative(html, "text/html")
    return mail


def _failed(message: Message, why: str, *, permanent: bool) -> None:
    logger.warning("message %s not delivered: %s", message.pk, why)
    if permanent or message.attempts >= MAX_ATTEMPTS:
        advance(
            message,
            before=MessageState.SENDING,
            after=MessageState.FAILED,
            actor=SYSTEM,
            event="message.failed",
            changes={"last_error": why[:200]},
        )
    else:
        advance(
            message,
            before=MessageState.SENDING,
            after=MessageState.QUEUED,
            actor=SYSTEM,
            event="message.delayed",
            changes={"last_error": why[:200], "next_try_at": timezone.now() + back_off(message.attempts)},
        )
