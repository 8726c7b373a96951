"""The housekeeping queue's shell around the jobs."""

import pytest

from cases import jobs, tasks
from portal.celery import HOUSEKEEPING, app


def test_the_clockwork_escalates(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []
    monkeypatch.setattr(jobs, "escalate", lambda: called.append("escalate"))
    tasks.escalate()
    assert called == ["escalate"]
    assert "cases.tasks.escalate" in {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert app.amqp.router.route({}, "cases.tasks.escalate")["queue"].name == HOUSEKEEPING
