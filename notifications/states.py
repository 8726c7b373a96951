"""The life of a message."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class MessageState(models.TextChoices):
    """Where a message stands."""

    QUEUED = "queued", _("waiting to be sent")
    SENDING = "sending", _("being handed to the mail server")
    SENT = "sent", _("handed to the mail server")
    FAILED = "failed", _("could not be delivered")


MOVES = {
    MessageState.QUEUED: frozenset({MessageState.SENDING}),
    MessageState.SENDING: frozenset({MessageState.SENT, MessageState.QUEUED, MessageState.FAILED}),
    MessageState.SENT: frozenset({MessageState.FAILED}),  # a mail server further on sent it back
    MessageState.FAILED: frozenset({MessageState.QUEUED}),
}
