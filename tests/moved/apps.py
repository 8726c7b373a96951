"""Moves the clock when a process starts."""

import os
import sys
from datetime import UTC, datetime, timedelta
from importlib import import_module

import time_machine
from django.apps import AppConfig
from django.utils import timezone


class MovedConfig(AppConfig):
    """The last app to be ready: from then on it is MOVED_DAYS later."""

    name = "tests.moved"

    def ready(self) -> None:
        """Move Python's clock, and let the database's be read from it."""
        later = datetime.now(UTC) + timedelta(days=int(os.environ["MOVED_DAYS"]))
        time_machine.travel(later, tick=True).start()
        import_module("certificates.jobs")  # models are ready only now
        for name, module in list(sys.modules.items()):
            if name.startswith("certificates.") and hasattr(module, "database_now"):
                module.database_now = timezone.now  # type: ignore[attr-defined]  # every module that imported it
