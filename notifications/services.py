"""Promising a mail."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import make_msgid

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from notifications.errors import AddressNotAllowed
from notifications.models import Message
from notifications.rules import SECRETS, is_plain_address
from notifications.tasks import deliver
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
    context: Mapping[str, str] = field(default_factory=dict)
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
        transaction.on_commit(lambda: deliver.delay(*ids), robust=True)


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
