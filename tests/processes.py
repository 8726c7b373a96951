"""The portal's processes, started for real: exactly the Procfile's commands, in a temporary folder, on free ports."""

import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from portal import demo_environment
from tests import environment, postgresql

ROOT = Path(__file__).resolve().parent.parent
_COMMAND = re.compile(r"^([a-z]+): (.+)$", re.M)
_SECONDS_TO_ANSWER = 30
_SECONDS_TO_END = 15
_PASSED_ON = ("HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "USER")  # nothing of the tests' own settings


def procfile() -> dict[str, str]:
    """The processes of the portal by name, and their commands."""
    return dict(_COMMAND.findall((ROOT / "Procfile").read_text(encoding="utf-8")))


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Site:
    """One portal in a folder of its own: web, status, signing, mail, scheduler, each a process group."""

    def __init__(self, folder: Path, *, changes: Mapping[str, str] | None = None) -> None:
        """Prepare the environment; `changes` are variables that differ from the demo's. Starts nothing."""
        self.folder = folder
        values = demo_environment.write(folder / "var", port=free_port(), status_port=free_port())
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        self.environment = {**passed_on, "PATH": path, **values, **(changes or {})}
        self.url = self.environment["PUBLIC_URL"]
        self.status_url = self.environment["STATUS_URL"]
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.moved_days = 0

    @property
    def demo(self) -> dict[str, Any]:
        """The sign-ins of the demo, as var/demo.json has them."""
        found: dict[str, Any] = json.loads((self.folder / "var" / "demo.json").read_text(encoding="utf-8"))
        return found

    def manage(self, *arguments: str) -> str:
        """Run a management command in this site's environment, with all keys, and give back its output."""
        command = [sys.executable, "manage.py", *arguments]
        result = subprocess.run(
            command,
            cwd=ROOT,
            env=demo_environment.with_keys(self.environment),
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
        )
        if result.returncode != 0:
            raise RuntimeError(f"manage.py {' '.join(arguments)}:\n{result.stdout}{result.stderr}")
        return result.stdout

    def start(self, *names: str) -> None:
        """Start these processes (all, if none is named) and wait until web and status answer."""
        commands = procfile()
        for name in names or commands:
            with self.log(name).open("ab") as log:
                self.running[name] = subprocess.Popen(
                    commands[name],
                    shell=True,
                    cwd=ROOT,
                    env=self.environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
        for name, address in (("web", f"{self.url}/healthz"), ("status", self.status_url)):
            if name in self.running and name in (names or commands):
                self._wait_for(name, address)

    def move_clock(self, days: int) -> None:
        """Let it be `days` after today for the whole site, which is started anew."""
        self.stop()
        self.moved_days = days
        self.environment |= {"DJANGO_SETTINGS_MODULE": "tests.moved.settings", "MOVED_DAYS": str(days)}
        self.start()

    def log(self, name: str) -> Path:
        """Where a process writes."""
        return self.folder / f"{name}.log"

    def stop(self, *names: str, by: signal.Signals = signal.SIGTERM) -> None:
        """End these processes (all, if none is named) with all their children."""
        ending = {name: self.running.pop(name) for name in names or tuple(self.running)}
        for process in ending.values():
            _signal_group(process, by)
        for process in ending.values():
            try:
                process.wait(_SECONDS_TO_END)
            except subprocess.TimeoutExpired:
                _signal_group(process, signal.SIGKILL)
                process.wait()

    def _wait_for(self, name: str, address: str) -> None:
        end = time.monotonic() + _SECONDS_TO_ANSWER
        while not _answers(address):
            if self.running[name].poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{name} does not answer at {address}:\n{self.log(name).read_text()}")
            time.sleep(0.1)


def demo_site(folder: Path) -> Site:
    """A site filled by the demo on the database of this test run, not started yet."""
    site = new_site(folder)
    site.manage("demo", "--var", str(folder / "var"))
    return site


def new_site(folder: Path, *, changes: Mapping[str, str] | None = None, without: Sequence[str] = ()) -> Site:
    """An empty site on a database like that of this test run; `without` names variables of the demo to leave out."""
    own = dict(changes or {})
    if environment.POSTGRESQL:
        name = f"site_{secrets.token_hex(4)}"
        own["DATABASE_URL"] = postgresql.create_database(environment.server_folder(), name)
    site = Site(folder, changes=own)
    for name in without:
        del site.environment[name]
    return site


def _signal_group(process: subprocess.Popen[bytes], by: signal.Signals) -> None:
    try:
        os.killpg(process.pid, by)
    except ProcessLookupError:
        return


def _answers(address: str) -> bool:
    """Whether an HTTP server answers there, whatever it says."""
    try:
        urllib.request.urlopen(address, timeout=5).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True
