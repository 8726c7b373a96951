"""Handing messages to the mail server."""

import contextlib
import logging
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPResponseException

from django.conf import settings
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from audit.errors import WrongState
from audit.services import SYSTEM
from audit.transitions import advance
from notifications.jobs.composing import Mail, compose
from notifications.jobs.signing import MailSigner, mail_signer, signs_mails
from notifications.models import Message
from notifications.rules import BATCH, MAX_ATTEMPTS, SECRETS_LAST, SIGNATURE_WAIT, back_off, in_one_line, left_behind
from notifications.states import MessageState

logger = logging.getLogger(__name__)

_SWEEP_AT_ONCE = 40 * BATCH
_LOST_MESSAGE = timedelta(seconds=5)
_ASK_AGAIN = timedelta(seconds=15)
_DATABASE_PAUSES = (1, 2, 5, 10, 20, 40)  # seconds; in all less than rules.left_behind gives a live worker


def due_messages() -> list[list[int]]:
    """Batches of messages whose time has come, after taking back those that a dead worker left half way."""
    now = timezone.now()
    dead = now - left_behind(settings.EMAIL_TIMEOUT)
    for message in Message.objects.filter(state=MessageState.SENDING, next_try_at__lt=dead)[:_SWEEP_AT_ONCE]:
        _failed(message, "the worker stopped", permanent=False)
    due = Message.objects.filter(state=MessageState.QUEUED, next_try_at__lte=now - _LOST_MESSAGE)
    ids = list(due.order_by("next_try_at").values_list("pk", flat=True)[:_SWEEP_AT_ONCE])
    return [ids[start : start + BATCH] for start in range(0, len(ids), BATCH)]


def deliver(*message_ids: int) -> None:
    """Hand messages to the mail server, over one connection, each once: its row is taken by compare-and-swap.

    What becomes of each is decided by the answer for it alone. Where the server cannot be reached, that is a failed
    try for all of them.
    """
    waiting = _waiting(message_ids)
    signer = mail_signer() if waiting else None
    if waiting and signs_mails() and signer is None:
        waiting = _without_signature(waiting)
    with _Line() as line:
        for message in waiting:
            if _taken(message):
                _hand_over(message, line, signer)


def wipe_secrets() -> None:
    """Forget the secrets of mails that failed a day ago: what they open has ended by then."""
    failed = Message.objects.filter(state=MessageState.FAILED, failed_at__lt=timezone.now() - SECRETS_LAST)
    failed.exclude(secrets="").update(secrets="")


class _Line:
    """One connection to the mail server, opened for the first mail; a new one after each error."""

    def __init__(self) -> None:
        self._backend: BaseEmailBackend | None = None
        self.unreachable: str = ""  # why no connection came about

    def __enter__(self) -> "_Line":
        return self

    def __exit__(self, *_: object) -> None:
        self.hang_up()

    def send(self, written: Mail) -> None:
        """Raises what the mail server or the network says."""
        if self._backend is None:
            backend = mail.get_connection()
            try:
                backend.open()
            except (SMTPException, OSError) as error:
                self.unreachable = _reason(error)
                raise
            self._backend = backend
        self._backend.send_messages([written])

    def hang_up(self) -> None:
        """Say goodbye to a server that may be gone already."""
        backend, self._backend = self._backend, None
        if backend is not None:
            with contextlib.suppress(SMTPException, OSError):
                backend.close()


def _waiting(message_ids: Sequence[int]) -> list[Message]:
    """Those of these messages whose time has come, in the order of their promise."""
    due = Message.objects.filter(pk__in=message_ids, state=MessageState.QUEUED, next_try_at__lte=timezone.now())
    return list(due.order_by("pk"))


def _without_signature(waiting: Sequence[Message]) -> list[Message]:
    """Those that waited long enough for the mail certificate; the others are put off, which is not a try.

    A notice without signature is worth less than one with it, and more than one that never comes: it may say that an
    account is locked or a certificate ends. An hour is enough to order a certificate or to start its signing worker.
    """
    now = timezone.now()
    late = [message for message in waiting if message.created_at <= now - SIGNATURE_WAIT]
    early = [message.pk for message in waiting if message.created_at > now - SIGNATURE_WAIT]
    Message.objects.filter(pk__in=early, state=MessageState.QUEUED).update(next_try_at=now + _ASK_AGAIN)
    if late:
        logger.critical("%s mails go out unsigned: there is no mail certificate whose key lies here", len(late))
    return late


def _taken(message: Message) -> bool:
    """Whether this worker has the message now; another may have it, or it was sent already."""
    changes = {"attempts": message.attempts + 1, "next_try_at": timezone.now()}
    try:
        advance(
            message,
            before=MessageState.QUEUED,
            after=MessageState.SENDING,
            actor=SYSTEM,
            event="message.taken",
            changes=changes,
        )
    except WrongState:
        return False
    return True


def _hand_over(message: Message, line: _Line, signer: MailSigner | None) -> None:
    """Write one message and send it; its row says how that ended, whatever happened."""
    if line.unreachable:
        _failed(message, line.unreachable, permanent=False)
        return
    try:
        written = compose(message, signer)
    except Exception:
        # Whatever is wrong with one template or one row must not hold up the others.
        logger.exception("message %s cannot be written", message.pk)
        _failed(message, "cannot be written", permanent=False)
        return
    try:
        line.send(written)
    except (SMTPException, OSError, ValueError) as error:
        line.hang_up()
        _failed(message, _reason(error), permanent=_is_permanent(error))
    else:
        _sent(message)


def _is_permanent(error: Exception) -> bool:
    """Whether the server will never take this mail (RFC 5321 4.2.1), for a reason that lies in this mail.

    A refused sign-in or sender is the operator's to repair and would be the same for every mail.
    """
    if isinstance(error, SMTPRecipientsRefused):
        return all(500 <= code < 600 for code, _ in error.recipients.values())
    if isinstance(error, SMTPDataError):
        return 500 <= error.smtp_code < 600
    return isinstance(error, ValueError)  # the address is none that can be sent to


def _reason(error: Exception) -> str:
    """What the server said, or what kind of error it was."""
    for code, said in _answers(error):
        text = said.decode(errors="replace") if isinstance(said, bytes) else said
        return in_one_line(f"{code} {text}")
    return type(error).__name__


def _answers(error: Exception) -> Iterator[tuple[int, bytes | str]]:
    if isinstance(error, SMTPRecipientsRefused):
        yield from error.recipients.values()
    elif isinstance(error, SMTPResponseException):
        yield error.smtp_code, error.smtp_error


def _sent(message: Message) -> None:
    """Keep that the server took the message. A database that is away is waited for: its answer came only once."""
    for pause in (*_DATABASE_PAUSES, None):
        try:
            _keep_sent(message)
        except WrongState:
            logger.critical("message %s was handed over and taken for lost meanwhile: it will go out twice", message.pk)
        except (OperationalError, InterfaceError):
            if pause is None:
                raise
            connection.close()
            time.sleep(pause)
            continue
        return


def _keep_sent(message: Message) -> None:
    changes = {"sent_at": timezone.now(), "secrets": "", "last_error": ""}
    advance(
        message,
        before=MessageState.SENDING,
        after=MessageState.SENT,
        actor=SYSTEM,
        event="message.sent",
        changes=changes,
    )


def _failed(message: Message, why: str, *, permanent: bool) -> None:
    """Put a message off, or give it up after its last try."""
    logger.warning("message %s not delivered: %s", message.pk, why.partition(" ")[0])  # the rest may name the address
    now, given_up = timezone.now(), permanent or message.attempts >= MAX_ATTEMPTS
    later = {"failed_at": now} if given_up else {"next_try_at": now + back_off(message.attempts)}
    try:
        advance(
            message,
            before=MessageState.SENDING,
            after=MessageState.FAILED if given_up else MessageState.QUEUED,
            actor=SYSTEM,
            event="message.failed" if given_up else "message.delayed",
            changes={"last_error": why[:200], **later},
        )
    except WrongState:
        logger.warning("message %s was taken back by a sweep, or its worker came to an end after all", message.pk)
