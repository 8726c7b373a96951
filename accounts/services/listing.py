"""The consent to be found in the public directory."""

from django.db import transaction

from accounts.models import Subscriber
from audit.services import record


def list_publicly(*, subscriber: Subscriber, listed: bool) -> None:
    """Keep whether the subscriber agrees that the public search finds their certificates; it holds from now on."""
    with transaction.atomic():
        if Subscriber.objects.filter(pk=subscriber.pk, listed=not listed).update(listed=listed):
            event = "directory.agreed" if listed else "directory.refused"
            record(event=event, actor=subscriber.audit_id, subject=subscriber.audit_id)
    subscriber.listed = listed
