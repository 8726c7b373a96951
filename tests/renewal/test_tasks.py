"""The clockwork's tasks run their jobs, and the beat table names them."""

import pytest

from portal.celery import app
from renewal import jobs, tasks


@pytest.mark.parametrize("name", ["send_notices", "escalate"])
def test_a_task_runs_its_job_every_hour(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    done = []
    monkeypatch.setattr(jobs, name, lambda: done.append(name))
    getattr(tasks, name)()
    assert done == [name]
    entries = [one for one in app.conf.beat_schedule.values() if one["task"] == f"renewal.tasks.{name}"]
    assert [one["schedule"] for one in entries] == [3600.0]
