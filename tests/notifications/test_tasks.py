"""The shell around the mail jobs passes ids and nothing else."""

import pytest

from notifications import jobs, tasks


def test_deliver_passes_the_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, ...]] = []
    monkeypatch.setattr(jobs, "deliver", lambda *ids: seen.append(ids))
    tasks.deliver(7, 8)
    assert seen == [(7, 8)]


def test_the_sweep_queues_what_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, ...]] = []
    monkeypatch.setattr(jobs, "due_messages", lambda: [[3, 4], [5]])
    monkeypatch.setattr(tasks.deliver, "delay", lambda *ids: seen.append(ids))
    tasks.sweep()
    assert seen == [(3, 4), (5,)]


def test_secrets_are_wiped_by_their_job(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []
    monkeypatch.setattr(jobs, "wipe_secrets", lambda: seen.append(True))
    tasks.wipe_secrets()
    assert seen == [True]
