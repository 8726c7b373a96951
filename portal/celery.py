"""Queues and clockwork. Messages carry ids; work lives in rows; a sweep finds what a lost message left behind."""

import os
from pathlib import Path
from typing import Any

from celery import Celery
from celery.signals import setup_logging
from django.conf import settings
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

TRANSPORT_ALIASES["folder"] = "portal.broker:Transport"
SIGNING, MAIL, HOUSEKEEPING = "signing", "mail", "housekeeping"


# A broker that hangs must not hang the page that has something for it: the row is safe, a sweep queues it later.
_SECONDS_FOR_BROKER = 2
_NETWORK_BROKER = {"socket_timeout": _SECONDS_FOR_BROKER, "socket_connect_timeout": _SECONDS_FOR_BROKER}


def _folder_broker(folder: Path) -> dict[str, Any]:
    """Options of the folder broker: one folder, ours alone, asked twenty times a second."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return {"folder": str(folder), "polling_interval": 0.05}


app = Celery("sigillum")
app.conf.update(
    broker_url=settings.CELERY_BROKER_URL,
    broker_transport_options=_folder_broker(settings.BROKER_DIR) if settings.BROKER_DIR else _NETWORK_BROKER,
    task_publish_retry_policy={"max_retries": 1, "interval_start": 0, "interval_step": 0.2},
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,  # a broker may be away for as long as it likes
    task_serializer="json",
    accept_content=["json"],
    task_ignore_result=True,
    task_acks_late=True,
    task_default_queue=HOUSEKEEPING,
    task_create_missing_queues=True,
    task_routes={
        "certificates.tasks.*": {"queue": SIGNING},
        "notifications.tasks.*": {"queue": MAIL},
    },
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    worker_enable_remote_control=False,  # nobody steers a worker by messages
    timezone="UTC",
    beat_schedule={
        "take up orders left behind": {"task": "certificates.tasks.sweep_orders", "schedule": 20.0},
        "publish revocation lists": {"task": "certificates.tasks.publish_lists", "schedule": 15.0},
        "take up mails left behind": {"task": "notifications.tasks.sweep", "schedule": 20.0},
        "bring failed mails before the desk": {"task": "desk.tasks.open_mail_cases", "schedule": 60.0},
        "forget what failed mails would have opened": {"task": "notifications.tasks.wipe_secrets", "schedule": 3600.0},
        "tell of certificates that end": {"task": "renewal.tasks.send_notices", "schedule": 3600.0},
        "tell offices of certificates that end": {"task": "renewal.tasks.escalate", "schedule": 3600.0},
        "tell the desk what is overdue": {"task": "cases.tasks.escalate", "schedule": 300.0},
        "forget what has expired": {"task": "accounts.tasks.forget_expired", "schedule": 3600.0},
    },
)
app.autodiscover_tasks()


@setup_logging.connect
def _keep_django_logging(**_: object) -> None:
    """Leave logging as the settings have it."""
