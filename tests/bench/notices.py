"""Notices of certificates that end: how long it takes to find and queue them all, and what memory it costs.

`python -m tests.bench.notices <certificates>`
"""

# ruff: noqa: I001  # the scene comes first: it makes the tables that the others need
from tests.bench import scene

import os
import sys
import time
from datetime import timedelta
from unittest import mock

import psutil
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from notifications.models import Message
from notifications.tasks import deliver
from renewal.jobs import send_notices
from renewal.models import Notice
from tests.renewal.rows import units

BANDS = (29, 13, 6, 0.5)  # days left, so that every threshold before the end has its share


def make(count: int) -> None:
    """The rows, in a process of its own: what it takes is not what telling takes."""
    _leave_database()
    child = os.fork()
    if child == 0:
        now = timezone.now()
        for days in BANDS:
            units(count // len(BANDS), now + timedelta(days=days))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert status == 0
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _leave_database() -> None:
    """Before a fork: no connection may be two processes'."""
    connection.close()
    if connection.vendor == "postgresql":
        connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's alone has one


class Queue:
    """Stands in for the broker: counts task messages and the mails they carry, and looks at the memory meanwhile."""

    def __init__(self) -> None:
        """Begin with what the process takes now."""
        self.messages = self.mails = self.most_in_one = 0
        self._process = psutil.Process()
        self.before = self.most = self._process.memory_info().rss

    def delay(self, *ids: int) -> None:
        """A task message."""
        self.messages += 1
        self.mails += len(ids)
        self.most_in_one = max(self.most_in_one, len(ids))
        self.most = max(self.most, self._process.memory_info().rss)


def told() -> tuple[Queue, float, float]:
    """One run: its queue, its seconds, and the seconds that processors worked for it here and in the database."""
    queue = Queue()
    with mock.patch.object(deliver, "delay", queue.delay):
        begun, worked = time.perf_counter(), _worked()
        assert send_notices() == queue.mails
        return queue, time.perf_counter() - begun, _worked() - worked


def _worked() -> float:
    """Seconds of processors in this process and its children, of which the database's server is one."""
    here = psutil.Process()
    times = [one.cpu_times() for one in (here, *here.children(recursive=True))]
    return float(sum(one.user + one.system for one in times))


def main(count: int) -> None:
    """Make them, tell them all, and look again."""
    reverse("home")  # the site's pages are loaded once in a worker's life
    make(count)
    told_nothing_yet = Notice.objects.count()
    first, seconds, worked = told()
    again, seconds_again, _ = told()
    assert told_nothing_yet == again.mails == 0
    assert Message.objects.count() == Notice.objects.filter(told=True).count() == first.mails
    scene.tell(
        certificates=count,
        mails=first.mails,
        task_messages=first.messages,
        most_in_one=first.most_in_one,
        seconds=seconds,
        worked=worked,
        rate=first.mails / seconds,
        growth=(first.most - first.before) / 2**20,
        seconds_again=seconds_again,
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
