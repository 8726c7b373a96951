"""Recording what happened."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from audit.models import Event

SYSTEM = "system"


def record(*, event: str, actor: str, subject: str, details: Mapping[str, Any] | None = None) -> None:
    """Append one event, in the transaction of the act it speaks of.

    `actor` and `subject` are text ids such as `officer:chan` or `order:3f…`; `details` holds no personal data and
    no secret.
    """
    Event.objects.create(at=timezone.now(), name=event, actor=actor, subject=subject, details=details or {})


def record_all(*, event: str, actor: str, subjects: list[str], details: Mapping[str, Any] | None = None) -> None:
    """Append the same event for many subjects in one statement."""
    now = timezone.now()
    Event.objects.bulk_create(
        Event(at=now, name=event, actor=actor, subject=subject, details=details or {}) for subject in subjects
    )
