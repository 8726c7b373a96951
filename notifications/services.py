"""Promising a mail."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import make_msgid
from hashlib import sha256
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from audit.errors import WrongState
from audit.services import SYSTEM, record
from audit.transitions import advance
from notifications.errors import AddressNotAllowed, SecretsWiped
from notifications.models import MailCertificate, Message
from notifications.rules import BATCH, SECRETS, in_one_line, is_plain_address
from notifications.selectors import can_be_written
from notifications.states import MessageState
from notifications.tasks import deliver, sweep
from vault.values import seal


@dataclass(frozen=True)
class Letter:
    """What is to be told: the template (`event`), to whom, in which language, with which words.

    `key` names the happening, so that it is told once. `context` is plain and stays; `secrets` is sealed and wiped.
    """

    event: str
    key: str
    address: str
    language: str
    context: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)


def promise(*, letter: Letter) -> None:
    """Put a mail into the outbox, in the transaction of what it tells, and have it delivered after the commit.

    The same happening is not told twice to the same address. Raises `AddressNotAllowed` for an address that could
    break a header.
    """
    promise_all(letters=[letter])


def promise_all(*, letters: Sequence[Letter]) -> None:
    """Put many mails into the outbox in few statements, each as `promise` does."""
    for letter in letters:
        if not is_plain_address(letter.address):
            raise AddressNotAllowed(letter.event)
    messages = [_message(letter, timezone.now()) for letter in letters]
    # A happening that was told already is left out by the database; what was stored is read back by its own id.
    Message.objects.bulk_create(messages, ignore_conflicts=True)
    stored = Message.objects.filter(message_id__in=[message.message_id for message in messages])
    ids = list(stored.order_by("pk").values_list("pk", flat=True))
    if ids:
        # A lambda, as Django names a callback that failed by its __qualname__, which a partial has not.
        transaction.on_commit(lambda: _queue(ids), robust=True)


def _queue(ids: Sequence[int]) -> None:
    """Many short task messages. The first that the broker does not take is the last; the sweep finds the rest."""
    for start in range(0, len(ids), BATCH):
        deliver.delay(*ids[start : start + BATCH])


def resend(*, message: Message, actor: str) -> None:
    """Send a mail that failed or came back once more, to its own address and under its own Message-ID.

    Raises `SecretsWiped` where what it said is no longer known, and `WrongState` where it has not failed (any more).
    """
    if not can_be_written(message):
        raise SecretsWiped(message.audit_id)
    with transaction.atomic():
        advance(
            message,
            before=MessageState.FAILED,
            after=MessageState.QUEUED,
            actor=actor,
            event="message.resent",
            changes={"attempts": 0, "failed_at": None, "next_try_at": timezone.now()},
        )
        transaction.on_commit(lambda: _queue([message.pk]), robust=True)


def note_bounce(*, message_id: str, action: str, answer: str) -> bool:
    """Keep what a mail server further on reported about the mail with this Message-ID (RFC 3464 2.3.3).

    `failed` brings it before the desk, `delayed` is noted; `answer` is what the server said. Gives back whether the
    mail is one of ours. Raises `WrongState` where it is just being sent: ask again later.
    """
    message = Message.objects.filter(message_id=message_id).first()
    if message is None:
        return False
    if message.state == MessageState.SENDING:
        raise WrongState(message.audit_id)
    said = in_one_line(answer)[:200]
    if message.state == MessageState.SENT and action == "failed":
        advance(
            message,
            before=MessageState.SENT,
            after=MessageState.FAILED,
            actor=SYSTEM,
            event="message.bounced",
            changes={"failed_at": timezone.now(), "last_error": said},
        )
    elif message.state == MessageState.SENT and action == "delayed":
        Message.objects.filter(pk=message.pk, state=MessageState.SENT).update(last_error=said)
    return True


def keep_mail_certificate(*, chain: Sequence[bytes]) -> None:
    """Keep the certificate with which the service signs its mails, in the transaction of its issue.

    `chain`: DER, the certificate first, then its CAs without the root. The mails that wait for it are delivered after
    the commit.
    """
    certificates = [x509.load_der_x509_certificate(der) for der in chain]
    own = certificates[0]
    spki = own.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    kept = MailCertificate.objects.create(
        spki_sha256=sha256(spki).hexdigest(),
        chain="".join(one.public_bytes(Encoding.PEM).decode() for one in certificates),
        not_before=own.not_valid_before_utc,
        not_after=own.not_valid_after_utc,
    )
    record(event="mail-certificate.kept", actor=SYSTEM, subject=f"mail-certificate:{kept.pk}")
    transaction.on_commit(sweep.delay, robust=True)


def retire_mail_certificates(*, spki_sha256: Sequence[str]) -> None:
    """Sign no more mails with the certificates of these keys, in the transaction that holds or revokes them."""
    for one in MailCertificate.objects.filter(spki_sha256__in=spki_sha256, retired_at=None):
        MailCertificate.objects.filter(pk=one.pk).update(retired_at=timezone.now())
        record(event="mail-certificate.retired", actor=SYSTEM, subject=f"mail-certificate:{one.pk}")


def _message(letter: Letter, now: datetime) -> Message:
    secrets = seal(json.dumps(dict(letter.secrets)), SECRETS) if letter.secrets else ""
    return Message(
        key=letter.key,
        event=letter.event,
        address=letter.address,
        language=letter.language,
        context=dict(letter.context),
        secrets=secrets,
        message_id=make_msgid(domain=settings.SUBSCRIBER_DOMAIN_HINT),
        created_at=now,
        next_try_at=now,
    )
