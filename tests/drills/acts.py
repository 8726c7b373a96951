"""What a drill does inside of its site, in a process of its own with that site's environment.

`python -m tests.drills.acts ACT [NUMBER]` prints what it found as JSON.
"""

import json
import sys
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import django

django.setup()

from django.utils import timezone  # noqa: E402 - the tables must stand before they are named

from certificates.models import Certificate, Order  # noqa: E402
from certificates.tasks import issue  # noqa: E402
from notifications.models import Message  # noqa: E402
from notifications.services import Letter, promise_all  # noqa: E402
from notifications.tasks import deliver, sweep  # noqa: E402
from tests.certificates.making import placed  # noqa: E402


def place(number: int) -> list[int]:
    """Place orders of as many people, as the web process does."""
    return [placed().pk for _ in range(number)]


def promise(number: int) -> list[str]:
    """Promise mails, as any service does; gives their Message-IDs."""
    keys = [f"drill:{uuid.uuid4()}" for _ in range(number)]
    promise_all(letters=[Letter("password-changed", key, f"{key[6:]}@example.org", "en") for key in keys])
    return list(Message.objects.filter(key__in=keys).order_by("pk").values_list("message_id", flat=True))


def tell_again(_number: int) -> None:
    """Send the task message of every order and mail twice more."""
    for _ in range(2):
        for pk in Order.objects.values_list("pk", flat=True):
            issue.delay(pk)
        for pk in Message.objects.values_list("pk", flat=True):
            deliver.delay(pk)


def hurry(_number: int) -> None:
    """Let the time of every next try come, also for what a dead worker left, and sweep."""
    Message.objects.filter(state__in=["queued", "sending"]).update(next_try_at=timezone.now() - timedelta(hours=1))
    sweep.delay()


def spoil(_number: int) -> None:
    """Write line ends into the addresses of all mails that wait, past the service that would refuse them."""
    waiting = Message.objects.filter(state="queued")
    waiting.update(address="a@example.org\r\nBcc: everyone@example.org\r\n")


def look(_number: int) -> dict[str, Any]:
    """How orders and mails stand."""
    certificates = [one.item.order_id for one in Certificate.objects.select_related("item__order")]
    return {
        "orders": {order.pk: [order.state, certificates.count(order.pk)] for order in Order.objects.all()},
        "mails": {one.message_id: [one.state, one.last_error] for one in Message.objects.all()},
    }


ACTS: dict[str, Callable[[int], Any]] = {act.__name__: act for act in (place, promise, tell_again, hurry, spoil, look)}

if __name__ == "__main__":
    found = ACTS[sys.argv[1]](int(sys.argv[2]) if len(sys.argv) > 2 else 0)
    sys.stdout.write(json.dumps(found))
