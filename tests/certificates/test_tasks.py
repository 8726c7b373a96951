"""The signing queue's shell: ids in, jobs called, leftovers queued."""

from typing import Any

import pytest

from certificates import jobs, tasks
from certificates.rules import LIST_PAUSE
from portal.celery import SIGNING, app


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    calls: list[tuple[str, Any]] = []
    for name in ("issue_orders", "finish_orders", "publish_lists"):
        monkeypatch.setattr(jobs, name, lambda *ids, name=name, **named: calls.append((name, ids or named)))
    for task in (tasks.issue, tasks.finish):
        monkeypatch.setattr(task, "delay", lambda ids, name=task.name: calls.append((name, ids)))
    return calls


def test_tasks_call_their_jobs(called: list[tuple[str, Any]]) -> None:
    tasks.issue([1])
    tasks.finish([2])
    tasks.publish_lists()
    assert called == [("issue_orders", ([1],)), ("finish_orders", ([2],)), ("publish_lists", {"pause": LIST_PAUSE})]


def test_the_sweep_queues_what_was_left_behind(called: list[tuple[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "left_behind", lambda: ([[1, 2], [3]], [4, 5]))
    tasks.sweep_orders()
    monkeypatch.setattr(jobs, "left_behind", lambda: ([], []))
    tasks.sweep_orders()
    issue, finish = "certificates.tasks.issue", "certificates.tasks.finish"
    assert called == [(issue, [1, 2]), (issue, [3]), (finish, [4]), (finish, [5])]


def test_everything_goes_to_the_signing_queue() -> None:
    for name in ("issue", "finish", "sweep_orders", "publish_lists"):
        task = f"certificates.tasks.{name}"
        assert task in app.tasks
        assert app.amqp.router.route({}, task)["queue"].name == SIGNING
    beat = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert {"certificates.tasks.sweep_orders", "certificates.tasks.publish_lists"} <= beat
