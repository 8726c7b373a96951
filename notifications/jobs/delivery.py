"""Handing messages to the mail server."""

import logging
from datetime import timedelta
from smtplib import SMTPException, SMTPResponseException

from django.utils import timezone

from audit.errors import WrongState
from audit.services import SYSTEM
from audit.transitions import advance
from notifications.jobs.composing import compose
from notifications.models import Message
from notifications.rules import MAX_ATTEMPTS, back_off
from notifications.states import MessageState

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
