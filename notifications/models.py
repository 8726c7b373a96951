"""The outbox."""

from typing import ClassVar

from django.db import models

from notifications.states import MOVES, MessageState


class Message(models.Model):
    """One mail to one recipient: a promise kept in the transaction of what it tells.

    `key` names the happening (`slip-locked:…`), so that the same thing is never told twice to the same address.
    `secrets` (a link with a token) is sealed and wiped once sent.
    """

    MOVES: ClassVar = MOVES

    key = models.CharField(max_length=120)
    event = models.CharField(max_length=64)
    address = models.CharField(max_length=254)
    language = models.CharField(max_length=10)
    context = models.JSONField(default=dict)
    secrets = models.TextField(blank=True, default="")
    message_id = models.CharField(max_length=120, unique=True)
    state = models.CharField(max_length=10, choices=MessageState.choices, default=MessageState.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    next_try_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)  # given up, or sent back by a mail server
    last_error = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["key", "address"], name="message_once_per_happening_and_address")
        ]
        # Of a million mails that were sent, the sweeps look at none.
        indexes: ClassVar = [
            models.Index(
                fields=["next_try_at"],
                condition=models.Q(state__in=[MessageState.QUEUED, MessageState.SENDING]),
                name="message_on_its_way",
            ),
            models.Index(fields=["failed_at"], condition=models.Q(state=MessageState.FAILED), name="message_failed"),
        ]

    def __str__(self) -> str:
        return f"{self.event} ({self.state})"

    @property
    def audit_id(self) -> str:
        """The id under which the audit speaks of this message."""
        return f"message:{self.pk}"


class MailCertificate(models.Model):
    """A certificate of the service itself, with its chain, by which it signs its mails (S/MIME, RFC 8551).

    The key lies with the mail worker alone, in a file named by `spki_sha256`.
    """

    spki_sha256 = models.CharField(max_length=64, unique=True)
    chain = models.TextField()  # PEM: the certificate first, then its CAs without the root
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)  # held or revoked: not to be used (any more)

    def __str__(self) -> str:
        return self.spki_sha256
