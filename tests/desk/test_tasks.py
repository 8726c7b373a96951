"""The shell around the desk's jobs."""

import pytest

from desk import jobs, tasks


def test_the_task_calls_its_job(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []
    monkeypatch.setattr(jobs, "open_mail_cases", lambda: seen.append(True))
    tasks.open_mail_cases()
    assert seen == [True]
