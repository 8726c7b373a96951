"""The background work of the outbox: writing mails, and handing them to the mail server."""

from notifications.jobs.composing import compose
from notifications.jobs.delivery import deliver, due_messages, wipe_secrets

__all__ = ["compose", "deliver", "due_messages", "wipe_secrets"]
