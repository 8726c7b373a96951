"""A site with a real broker that can be stopped and a real mail server that misbehaves."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from deploy import servers
from tests.judges import judge
from tests.mail_server import MailServer, mail_server
from tests.processes import ROOT, Site, free_port, new_site


class Broker:
    """A Redis of its own, which a drill stops and starts; its messages lie on disk."""

    def __init__(self, folder: Path) -> None:
        """Start it on a free port."""
        self.folder, self.port = folder, free_port()
        self._running = ExitStack()
        self.start()

    def start(self) -> None:
        """Start it, with what was written down before."""
        self._running.enter_context(servers.redis(self.folder, self.port))

    def stop(self) -> None:
        """End it; whoever is connected loses the connection."""
        self._running.close()


class Drill:
    """The site under drill."""

    def __init__(self, site: Site, broker: Broker) -> None:
        """The mail server runs; nothing of the site is started yet."""
        self.site, self.broker = site, broker
        self._running = ExitStack()
        self.mails: MailServer = self._running.enter_context(mail_server())

    def stop_mail_server(self) -> None:
        """From now on nobody answers on its port."""
        self._running.close()

    def act(self, name: str, number: int = 0) -> Any:
        """Do something inside of the site; see tests/drills/acts.py."""
        command = [sys.executable, "-m", "tests.drills.acts", name, str(number)]
        environment = {**self.site.environment, "DJANGO_SETTINGS_MODULE": "portal.settings"}
        done = subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True, timeout=60)
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout)

    def wait_until(self, holds: Callable[[dict[str, Any]], bool], seconds: float) -> dict[str, Any]:
        """How the site stands once `holds` says so; fails after so many seconds."""
        # The machine may be shared with other tests: a process takes as much longer as others wait for a processor.
        end = time.monotonic() + seconds * max(1, os.getloadavg()[0] / (os.cpu_count() or 1))
        found: dict[str, Any] = self.act("look")
        while not holds(found):
            logs = "".join(self.site.log(name).read_text()[-2000:] for name in self.site.running)
            assert time.monotonic() < end, f"{found}\n{logs}"
            time.sleep(0.5)
            found = self.act("look")
        return found

    def all_alive(self) -> bool:
        """Whether every process that was started still runs."""
        return all(process.poll() is None for process in self.site.running.values())


@pytest.fixture
def drill(tmp_path: Path) -> Iterator[Drill]:
    """A site on Redis and SMTP, its CA made, nothing started."""
    judge("redis-server")
    with ExitStack() as ending:
        broker = Broker(tmp_path / "redis")
        ending.callback(broker.stop)
        changes = {"CELERY_BROKER_URL": f"redis://127.0.0.1:{broker.port}/0"}
        site = new_site(tmp_path, changes=changes, without=("BROKER_DIR", "MAIL_DIR"))
        ready = Drill(site, broker)
        ending.callback(ready.stop_mail_server)
        site.environment["EMAIL_URL"] = f"{ready.mails.url}?timeout=5"
        site.manage("demo", "--var", str(tmp_path / "var"), "--without-people")
        ending.callback(site.stop)
        yield ready
