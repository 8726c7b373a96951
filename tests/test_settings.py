"""Settings: all from the environment, all documented, and wrong ones stop the process."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import house
from tests.processes import procfile

ROOT = house.ROOT
DOCUMENTED = re.findall(r"`([A-Z_]+)`", (ROOT / "docs" / "settings.md").read_text(encoding="utf-8"))
READ = re.findall(r"""env\.\w+\(\s*"([A-Z_]+)\"""", (ROOT / "portal" / "settings.py").read_text(encoding="utf-8"))


def _load(tmp_path: Path, **changes: str | None) -> subprocess.CompletedProcess[str]:
    """Load the settings in a process of its own, with this run's environment and these changes."""
    wanted = {**os.environ, **changes}
    environment = {name: value for name, value in wanted.items() if value is not None}
    code = "from django.conf import settings as s; print(s.SECRET_KEY, s.OVER_TLS, s.SESSION_COOKIE_NAME, s.FIELD_KEYS)"
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True)


def test_every_variable_is_documented() -> None:
    assert set(READ) <= set(DOCUMENTED)


def test_every_documented_variable_is_read() -> None:
    of_procfile = set(re.findall(r"\$\{?([A-Z_]+)", "\n".join(procfile().values())))
    examples = {"INFO"}
    assert set(DOCUMENTED) == set(READ) | of_procfile | examples


def test_nothing_else_reads_the_environment() -> None:
    allowed = {"accounts/management/commands/officer.py", "portal/management/commands/check_texts.py"}
    entrances = re.compile(r"os\.environ\.setdefault\(\"DJANGO_SETTINGS_MODULE\"")
    reads = re.compile(r"\bos\.(?:environ|getenv)\b")
    for path in house.tracked():
        if path.endswith(".py") and path.split("/")[0] not in ("tests", "deploy") and path not in allowed:
            text = entrances.sub("", (ROOT / path).read_text(encoding="utf-8"))
            assert not reads.search(text), path


@pytest.mark.parametrize("name", ["PUBLIC_URL", "STATUS_URL", "SECRET_KEY", "FIELD_KEYS", "DATABASE_URL", "MAIL_FROM"])
def test_a_missing_value_stops_the_process(tmp_path: Path, name: str) -> None:
    result = _load(tmp_path, **{name: None})
    assert result.returncode != 0
    assert name in result.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PUBLIC_URL", "ca.example.org"),
        ("PUBLIC_URL", "ftp://ca.example.org"),
        ("STATUS_URL", "https://status.example.org"),
        ("FIELD_KEYS", "k1:c2hvcnQ="),
        ("FIELD_KEYS", "c2hvcnQ="),
        ("DATABASE_POOL", "many"),
        ("SECRET_KEY_FILE", "/nowhere/at/all"),
    ],
)
def test_a_wrong_value_stops_the_process(tmp_path: Path, name: str, value: str) -> None:
    changes = {name: value}
    if name == "DATABASE_POOL":
        changes["DATABASE_URL"] = "postgresql://nobody@127.0.0.1/none"
    assert _load(tmp_path, **changes).returncode != 0


def test_a_secret_may_be_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from the file\n")
    result = _load(tmp_path, SECRET_KEY=None, SECRET_KEY_FILE=str(tmp_path / "secret"))
    assert result.stdout.startswith("from the file False session"), result.stderr


def test_over_tls_cookies_belong_to_one_host(tmp_path: Path) -> None:
    assert "__Host-session" in _load(tmp_path, PUBLIC_URL="https://ca.example.org").stdout


def test_over_tls_cookies_are_kept_from_scripts_and_from_plain_http() -> None:
    code = (
        "from django.conf import settings as s\n"
        "for name in ('SESSION', 'CSRF', 'LANGUAGE'):\n"
        "    print(*(getattr(s, f'{name}_COOKIE_{what}') for what in ('SECURE', 'HTTPONLY', 'SAMESITE')))\n"
        "print(s.SECURE_HSTS_SECONDS >= 31536000, s.DEBUG)\n"
    )
    environment = {**os.environ, "PUBLIC_URL": "https://ca.example.org"}
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=True, capture_output=True)
    assert result.stdout.decode().split("\n")[:4] == [*["True True Lax"] * 3, "True False"]


def test_a_mail_server_that_hangs_holds_no_worker_for_ever() -> None:
    code = "from django.conf import settings as s; print(s.EMAIL_TIMEOUT)"
    for url, seconds in (("smtp://mail.example.org:25", "30"), ("smtp://mail.example.org:25?timeout=7", "7")):
        environment = {**os.environ, "EMAIL_URL": url}
        result = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env=environment, check=True, capture_output=True
        )
        assert result.stdout.decode().strip() == seconds
