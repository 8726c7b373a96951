"""Queues and clockwork: every task has its queue, messages are plain, the app is there before the first task."""

import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from celery import Celery, current_app
from django.apps import apps
from kombu.exceptions import OperationalError

from certificates.jobs import issue_orders
from certificates.services import place_order
from notifications.models import Message
from portal.apps import PortalConfig
from portal.celery import HOUSEKEEPING, MAIL, SIGNING, _folder_broker, app
from tests.certificates.making import ceremony, draft, raising, submission, whole

PATIENCE = 6  # seconds


def _tasks() -> list[str]:
    app.loader.import_default_modules()
    return sorted(name for name in app.tasks if not name.startswith("celery."))


def test_every_app_s_tasks_are_found() -> None:
    apps_with_tasks = {name.split(".")[0] for name in _tasks()}
    assert {"accounts", "certificates", "notifications"} <= apps_with_tasks


@pytest.mark.parametrize(
    ("task", "queue"),
    [
        ("certificates.tasks.issue", SIGNING),
        ("certificates.tasks.publish_lists", SIGNING),
        ("notifications.tasks.deliver", MAIL),
        ("accounts.tasks.forget_expired", HOUSEKEEPING),
    ],
)
def test_a_task_goes_to_its_queue(task: str, queue: str) -> None:
    assert task in _tasks()
    assert app.amqp.router.route({}, task)["queue"].name == queue


def test_messages_are_json_and_survive_a_killed_worker() -> None:
    assert app.conf.task_serializer == "json"
    assert app.conf.accept_content == ["json"]
    assert app.conf.task_acks_late
    assert not app.conf.worker_enable_remote_control


def test_services_queue_through_our_app() -> None:
    portal = apps.get_app_config("portal")
    assert isinstance(portal, PortalConfig)
    assert portal.celery is app
    assert current_app.main == app.main


def test_django_alone_brings_our_app() -> None:
    """A management command or the web process that never names portal.celery must not queue into the void."""
    code = "import django; django.setup(); from celery import current_app; print(current_app.main)"
    result = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert result.stdout.strip() == "sigillum"


def test_a_broker_that_hangs_lets_the_page_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """Something listens and never answers; with the retries of a library this page would wait for ever."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("CELERY_BROKER_URL", f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        hanging = Celery("hanging", set_as_current=False)
        names = ("broker_transport_options", "task_publish_retry_policy", "task_serializer")
        hanging.conf.update({name: app.conf[name] for name in names})
        begin = time.monotonic()
        with pytest.raises(OperationalError):
            hanging.send_task("certificates.tasks.issue", [[1]])
        assert time.monotonic() - begin < PATIENCE


@pytest.mark.django_db(transaction=True)
def test_what_cannot_be_queued_is_placed_and_left_to_the_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    ceremony()
    order = draft()
    gone = raising(OperationalError)
    monkeypatch.setattr("certificates.tasks.issue.delay", gone)
    monkeypatch.setattr("notifications.tasks.deliver.delay", gone)
    assert place_order(order=order, submission=submission()).state == "placed"
    issue_orders([order.pk])
    whole(order)
    assert Message.objects.get(event="certificate-issued").state == "queued"


def test_the_folder_of_messages_is_ours_alone(tmp_path: Path) -> None:
    options = _folder_broker(tmp_path / "broker")
    assert stat.S_IMODE((tmp_path / "broker").stat().st_mode) == 0o700
    assert options == {"folder": str(tmp_path / "broker"), "polling_interval": 0.05}
