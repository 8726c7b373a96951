"""The shell around the mail jobs passes ids and nothing else."""

import pytest

from notifications import jobs, tasks


def test_deliver_passes_the_id(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    monkeypatch.setattr(jobs, "deliver", seen.append)
    tasks.deliver(7)
    assert seen == [7]


def test_the_sweep_queues_what_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    monkeypatch.setattr(jobs, "due_messages", lambda: [3, 4])
    monkeypatch.setattr(tasks.deliver, "delay", seen.append)
    tasks.sweep()
    assert seen == [3, 4]
