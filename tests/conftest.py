"""What every test may ask for."""

import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.utils import timezone, translation

from tests import environment
from tests.judges import LEFT_OUT
from tests.processes import Site, demo_site


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Put the test database of SQLite into a file.

    Threads on one in-memory database meet other locks than users do.
    """
    if not environment.POSTGRESQL:
        settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = str(environment.VAR / "test.sqlite3")


def _without_triggers(statements: list[str]) -> list[str]:
    """The same statements in a database whose append-only triggers look away meanwhile."""
    if connection.vendor == "postgresql":
        return ["SET LOCAL session_replication_role = replica", *statements]
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
    return [*(f'DROP TRIGGER "{name}"' for name, _ in triggers), *statements, *(sql for _, sql in triggers)]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """Let the emptying of tables after a transactional test pass the triggers that keep the events."""
    operations = type(connection.ops)
    execute_sql_flush = operations.execute_sql_flush
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            operations,
            "execute_sql_flush",
            lambda self, statements: execute_sql_flush(self, _without_triggers(statements)),
        )
        yield


@pytest.fixture(autouse=True)
def _forget_cached() -> Iterator[None]:
    yield
    cache.clear()
    translation.activate(settings.LANGUAGE_CODE)  # a page asked for in another language leaves it behind


class Clock:
    """The time as the program sees it, moved for one test. It runs on from where it is put."""

    def __init__(self, traveller: time_machine.travel | None = None) -> None:
        """Begin at the real time."""
        self._traveller = traveller

    def move_to(self, moment: datetime) -> None:
        """Let it be `moment` (aware) now."""
        self.stop()
        self._traveller = time_machine.travel(moment, tick=True)
        self._traveller.start()

    def shift(self, **amount: float) -> None:
        """Move by days=, hours=, minutes=, seconds=; negative is back."""
        self.move_to(timezone.now() + timedelta(**amount))

    def stop(self) -> None:
        """Go back to the real time."""
        if self._traveller is not None:
            self._traveller.stop()
            self._traveller = None


def _patch_database_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the database's clock move along, wherever the function that reads it was imported."""
    for name, module in list(sys.modules.items()):
        if name.startswith("certificates.") and hasattr(module, "database_now"):
            monkeypatch.setattr(module, "database_now", timezone.now)


@pytest.fixture
def lone_clock() -> Iterator[Clock]:
    """A clock that moves while the database's stays: what a machine with a wrong clock is."""
    clock = Clock()
    yield clock
    clock.stop()


@pytest.fixture
def clock(lone_clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock that moves together with the database's: time that passes."""
    _patch_database_clock(monkeypatch)
    return lone_clock


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say which tests were left out for want of a judge, and how to get it."""
    reasons: Counter[str] = Counter()
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2].removeprefix("Skipped: ") if isinstance(report.longrepr, tuple) else ""
        if reason.startswith(LEFT_OUT):
            reasons[reason.removeprefix(LEFT_OUT)] += 1
    if reasons:
        terminalreporter.section("tests left out, and how to get them")
        for reason, count in sorted(reasons.items()):
            terminalreporter.write_line(f"{count} left out: {reason}")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The whole portal, running: the Procfile's processes, filled by the demo, on the database of this run."""
    running = demo_site(tmp_path_factory.mktemp("site"))
    try:
        running.start()
        yield running
    finally:
        running.stop()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep tests that share the running portal on one worker, so that it is started once."""
    for item in items:
        if "site" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("site"))
