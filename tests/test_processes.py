"""Processes: the same set in the Procfile, the compose file and `make stack`; started, and ended without a trace."""

import json
import os
import re
import shutil
import signal
import socket
import ssl
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml

from deploy import servers
from portal.celery import HOUSEKEEPING, MAIL, SIGNING, app
from tests import house
from tests.judges import judge
from tests.processes import Site, free_port, procfile

ROOT = house.ROOT
OURS = {"web", "status", "signing", "mail", "scheduler"}
SERVERS = {"postgresql", "redis", "mailcatcher", "front"}
SECONDS_TO_START = 60


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return loaded


def _mentions(service: dict[str, Any]) -> str:
    """Everything that a service of the compose file is given, as one text."""
    return json.dumps({name: service.get(name) for name in ("environment", "secrets", "volumes")})


def test_the_compose_file_has_every_process(compose: dict[str, Any]) -> None:
    assert set(procfile()) == OURS
    assert set(compose["services"]) == OURS | SERVERS | {"prepare"}
    for name in OURS:
        assert compose["services"][name]["command"] == ["honcho", "start", "--no-prefix", name]


def test_only_the_signing_worker_is_given_the_ca_key(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert ("signing-keys" in _mentions(service)) == (name == "signing")
        assert ("signing_passphrase" in _mentions(service)) == (name == "signing")
        assert "CA_KEY" not in _mentions(service)
    for name, command in procfile().items():
        assert ("CA_KEY_DIR" in command and "SIGNING_KEYS" in command) == (name == "signing")
        assert ("CA_KEY" in command or "SIGNING_" in command) == (name == "signing")


def test_only_the_status_process_is_given_the_status_key(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert ("status-keys" in _mentions(service)) == (name == "status")
        assert ("status_passphrase" in _mentions(service)) == (name == "status")
    for name, command in procfile().items():
        assert ("STATUS_KEY" in command) == (name == "status")


def test_only_the_mail_worker_is_given_the_mail_key(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert ("mail-keys" in _mentions(service)) == (name == "mail")
        assert ("mail_passphrase" in _mentions(service)) == (name == "mail")
    for name, command in procfile().items():
        assert ("MAIL_KEY" in command) == (name == "mail")


def test_keys_are_mounted_read_only_and_their_holders_are_users_of_their_own(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert services["signing"]["volumes"] == ["signing-keys:/keys/signing:ro"]
    assert services["status"]["volumes"] == ["status-keys:/keys/status:ro"]
    assert services["mail"]["volumes"] == ["mail-keys:/keys/mail:ro"]
    users = [services[name].get("user", "portal-web") for name in ("web", "status", "signing", "mail")]
    assert len(set(users)) == len(users)
    for name in OURS:
        assert services[name]["read_only"]
        assert services[name]["cap_drop"] == ["ALL"]


def test_every_secret_is_a_file(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        for secret in service.get("secrets", []):
            assert "file" in compose["secrets"][secret]
        variables = service.get("environment", {})
        assert not {"SECRET_KEY", "FIELD_KEYS", "DATABASE_URL", "POSTGRES_PASSWORD"} & set(variables)


@pytest.mark.parametrize("name", sorted(OURS))
def test_every_process_is_given_what_it_reads(compose: dict[str, Any], name: str) -> None:
    settings = (ROOT / "portal" / "settings.py").read_text(encoding="utf-8")
    demanded = set(re.findall(r'env\.\w+\("([A-Z_]+)"\)', settings))
    named = set(re.findall(r"\$([A-Z_]+)", procfile()[name]))  # those with a default stand in ${…:-…}
    given = set(compose["services"][name]["environment"])
    assert demanded | named <= given | {variable.removesuffix("_FILE") for variable in given}


def test_every_queue_has_one_worker() -> None:
    queues = [queue for command in procfile().values() for queue in _queues(command)]
    assert sorted(queues) == sorted({SIGNING, MAIL, HOUSEKEEPING})
    assert {route["queue"] for route in app.conf.task_routes.values()} <= set(queues)
    assert app.conf.task_default_queue in queues


def _queues(command: str) -> list[str]:
    found = re.search(r"--queues (\S+)", command)
    return found[1].split(",") if found else []


def test_every_beat_entry_is_a_task() -> None:
    app.loader.import_default_modules()
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(app.tasks)


# ---- started for real ----


def _as_a_terminal_does() -> None:
    """Heed Ctrl-C and a closed terminal, also where the tests themselves run under nohup or in the background."""
    for heeded in (signal.SIGINT, signal.SIGHUP):
        signal.signal(heeded, signal.SIG_DFL)


class Run:
    """A `make` target in the foreground, as a person starts it."""

    def __init__(self, command: list[str], folder: Path, log: Path) -> None:
        """Start it in a process group of its own, as a terminal does."""
        self.log = log
        self.began = time.monotonic()
        environment = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_as_a_terminal_does,  # noqa: PLW1509 - sets two signals, and takes no lock
            )

    def family(self) -> list[psutil.Process]:
        """The process and all that it started."""
        process = psutil.Process(self._process.pid)
        children: list[psutil.Process] = process.children(recursive=True)
        return [process, *children]

    def wait_for(self, address: str) -> float:
        """Wait until the address answers; gives the seconds since the start."""
        while not _answers(address):
            if self._process.poll() is not None or time.monotonic() - self.began > SECONDS_TO_START:
                raise AssertionError(f"{address} does not answer:\n{self.text()}")
            time.sleep(0.05)
        return time.monotonic() - self.began

    def interrupt(self) -> list[psutil.Process]:
        """Press Ctrl-C and wait for the end; gives what is left running."""
        family = self.family()
        os.killpg(self._process.pid, signal.SIGINT)
        return self._left_over(family)

    def kill(self) -> list[psutil.Process]:
        """Close the terminal; gives what is left running."""
        family = self.family()
        os.killpg(self._process.pid, signal.SIGHUP)
        return self._left_over(family)

    def _left_over(self, family: list[psutil.Process]) -> list[psutil.Process]:
        self._process.wait(30)
        alive: list[psutil.Process] = psutil.wait_procs(family, timeout=15)[1]
        return alive

    def text(self) -> str:
        """What it has printed so far."""
        return self.log.read_text(errors="replace")


def _answers(address: str) -> bool:
    trust_all = ssl._create_unverified_context()  # the front's certificate is self-signed
    try:
        urllib.request.urlopen(address, timeout=5, context=trust_all).close()
    except urllib.error.HTTPError as error:
        return error.code != 502
    except OSError:
        return False
    return True


@contextmanager
def _run(command: list[str], folder: Path, log: Path) -> Iterator[Run]:
    """Run it for as long as the block lasts; whatever is left of it at the end is killed."""
    run = Run(command, folder, log)
    family: list[psutil.Process] = []
    try:
        yield run
    finally:
        try:
            family = run.family()
        except psutil.NoSuchProcess:
            family = []
        for process in family:
            process.kill()


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the house with nothing under var/, on the same virtual environment."""
    folder = tmp_path_factory.mktemp("clone")
    for path in house.tracked():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, folder / path)
    (folder / ".venv").symlink_to(Path(sys.prefix))
    return folder


def _serve(port: int) -> list[str]:
    return ["make", "-o", ".venv/base.stamp", "serve", f"PORT={port}"]


@pytest.mark.xdist_group("serve")
def test_make_serve_starts_twice_and_ends_without_a_trace(clone: Path, tmp_path: Path) -> None:
    port = free_port()
    with _run(_serve(port), clone, tmp_path / "first.log") as first:
        first.wait_for(f"http://127.0.0.1:{port}/healthz")
        sign_ins = clone / "var" / "demo.json"
        before = json.loads(sign_ins.read_text(encoding="utf-8"))
        assert stat.S_IMODE(sign_ins.stat().st_mode) == 0o600
        assert stat.S_IMODE((clone / "var" / "demo.env").stat().st_mode) == 0o600
        assert before["url"] == f"http://127.0.0.1:{port}"
        assert set(before["subscriber"]) >= {"account", "passcode"}
        assert all({"username", "password", "totp_secret"} <= set(officer) for officer in before["officers"])
        for secret in (before["subscriber"]["passcode"], before["officers"][0]["totp_secret"], before["url"]):
            assert secret in first.text()
        commands = [" ".join(process.cmdline()) for process in first.family()]
        assert sum("celery" in command and "--queues signing" in command for command in commands) == 1
        assert first.interrupt() == []
    with _run(_serve(port), clone, tmp_path / "second.log") as second:
        seconds = second.wait_for(f"http://127.0.0.1:{port}/healthz")
        assert json.loads(sign_ins.read_text(encoding="utf-8")) == before
        assert second.kill() == []
    # Five seconds on a quiet machine: other tests and other people's work share this one.
    assert seconds < 5 * max(1, os.getloadavg()[0] / (os.cpu_count() or 1))


@pytest.mark.xdist_group("serve")
def test_a_taken_port_is_said_plainly(clone: Path) -> None:
    with _listening(port := free_port()):
        result = subprocess.run(_serve(port), cwd=clone, check=False, capture_output=True, text=True, timeout=60)
    assert result.returncode != 0
    assert f"Port {port} on 127.0.0.1 is taken" in result.stderr
    assert "Traceback" not in result.stderr


@contextmanager
def _listening(port: int) -> Iterator[None]:
    with socket.create_server(("127.0.0.1", port)):
        yield


@pytest.mark.xdist_group("stack")
def test_make_stack_starts_every_process(tmp_path: Path) -> None:
    for program in ("postgres", "redis-server", "nginx"):
        judge(program)
    port, status_port = free_port(), free_port()
    command = [sys.executable, "-m", "deploy.stack", "--var", str(tmp_path / "stack")]
    command += ["--port", str(port), "--status-port", str(status_port)]
    with _run(command, ROOT, tmp_path / "stack.log") as stack:
        stack.wait_for(f"https://127.0.0.1:{port}/healthz")
        stack.wait_for(f"http://127.0.0.1:{status_port}/")
        commands = [" ".join(process.cmdline()) for process in stack.family()]
        for sign in ("postgres", "redis-server", "nginx", "aiosmtpd", "gunicorn portal.wsgi", "gunicorn portal.status"):
            assert any(sign in command for command in commands), f"{sign} is not among {commands}"
        for sign in ("--queues signing", "--queues mail,housekeeping", " beat "):
            assert any(sign in command for command in commands), f"{sign} is not among {commands}"
        assert stack.interrupt() == []
    shutil.rmtree(servers.cluster_folder(tmp_path / "stack" / "postgresql"))


@pytest.mark.xdist_group("site")
def test_only_the_signing_process_sees_the_ca_key(site: Site) -> None:
    for name, process in site.running.items():
        for member in [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]:
            variables = member.environ()
            assert ("CA_KEY_DIR" in variables) == (name == "signing")
            assert ("STATUS_KEY_DIR" in variables) == (name == "status")
            assert ("MAIL_KEY_DIR" in variables) == (name == "mail")
