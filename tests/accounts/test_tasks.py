"""The shell around the housekeeping."""

import pytest

from accounts import jobs, tasks


def test_the_task_runs_the_job(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[bool] = []
    monkeypatch.setattr(jobs, "forget_expired", lambda: ran.append(True))
    tasks.forget_expired()
    assert ran == [True]
