"""The environment of a test run, set before Django reads it (pyproject.toml loads this as an early plugin).

TEST_DATABASE says on which database the run stands: `sqlite` (a file) or `postgresql` (a server started here,
once for all workers of the run). Everything is written under one temporary folder, removed at the end.
"""

import atexit
import base64
import os
import secrets
import shutil
import tempfile
from pathlib import Path

from tests.postgresql import PostgreSQL, url

_OWN = "SIGILLUM_TEST_"  # variables that the controller hands to its xdist workers
POSTGRESQL = os.environ.get("TEST_DATABASE", "sqlite") == "postgresql"


def _run_folder() -> Path:
    """The folder of this run; a worker's lies inside its controller's."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker:
        return Path(os.environ[_OWN + "VAR"]) / worker
    folder = Path(tempfile.mkdtemp(prefix="sigillum-test-"))
    os.environ[_OWN + "VAR"] = str(folder)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _database_url() -> str:
    if not POSTGRESQL:
        return f"sqlite:///{VAR / 'database.sqlite3'}"
    if "PYTEST_XDIST_WORKER" not in os.environ:
        server = PostgreSQL()
        os.environ[_OWN + "POSTGRESQL"] = str(server.folder)
        atexit.register(server.stop)
    return url(server_folder(), "sigillum")


def server_folder() -> Path:
    """The folder of the run's PostgreSQL server, for tests that need a database of their own on it."""
    return Path(os.environ[_OWN + "POSTGRESQL"])


def _secret_file(name: str) -> str:
    path = VAR / name
    path.write_text(secrets.token_urlsafe(24))
    path.chmod(0o600)
    return str(path)


VAR = _run_folder()
VAR.mkdir(mode=0o700, exist_ok=True)
for _folder in ("ca-keys", "status-keys", "static"):
    (VAR / _folder).mkdir(mode=0o700)
for _left_over in (
    "BROKER_DIR",
    "MAIL_DIR",
    "BEHIND_PROXY",
    "EXTRA_HOSTS",
    "SITE_FILE",
    "TIME_ZONE",
    "MAIL_KEY_DIR",
    "BOUNCE_ADDRESS",
):
    os.environ.pop(_left_over, None)
os.environ.update(
    # Playwright keeps an event loop in the thread of the tests, which Django takes for asynchronous code.
    DJANGO_ALLOW_ASYNC_UNSAFE="1",
    DJANGO_SETTINGS_MODULE="portal.settings",
    PUBLIC_URL="http://portal.sigillum.example",
    STATUS_URL="http://status.sigillum.example",
    SECRET_KEY=secrets.token_urlsafe(48),
    FIELD_KEYS=f"test:{base64.b64encode(secrets.token_bytes(32)).decode()}",
    DATABASE_URL=_database_url(),
    CELERY_BROKER_URL="memory://",  # messages stay in this process; a test runs the jobs itself
    EMAIL_URL="smtp://127.0.0.1:1",  # Django's test runner keeps mails in django.core.mail.outbox
    MAIL_FROM="Sigillum <noreply@sigillum.example>",
    CA_KEY_DIR=str(VAR / "ca-keys"),
    CA_KEY_PASSPHRASE_FILE=_secret_file("ca-passphrase"),
    STATUS_KEY_DIR=str(VAR / "status-keys"),
    STATUS_KEY_PASSPHRASE_FILE=_secret_file("status-passphrase"),
    STATIC_ROOT=str(VAR / "static"),
    LANGUAGE_CODE="en",
    DEMO="0",
    LOG_LEVEL="WARNING",
    HYPOTHESIS_STORAGE_DIRECTORY=str(Path(__file__).resolve().parent.parent / ".cache" / "hypothesis"),
)
