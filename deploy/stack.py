"""`make stack`: the full set of processes without containers, on Debian's PostgreSQL, Redis and nginx.

PostgreSQL, Redis, a mail catcher and the TLS front are started here, on free loopback ports and with their data
under var/stack; then the demo is filled and the processes of the Procfile join them. Ctrl-C ends all.
"""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

from honcho.environ import parse_procfile
from honcho.manager import Manager

from deploy import servers
from portal import demo_environment

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
NEEDED = {"postgres": "postgresql", "redis-server": "redis-server", "nginx": "nginx-light"}


def main() -> int:
    """Start everything, wait for Ctrl-C, end everything."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--var", type=Path, default=ROOT / "var" / "stack")
    options.add_argument("--port", type=int, default=8443)
    options.add_argument("--status-port", type=int, default=8080)
    given = options.parse_args()
    missing = [package for program, package in NEEDED.items() if not servers.find(program)]
    if missing:
        sys.stderr.write(f"make stack needs: apt-get install --no-install-recommends {' '.join(missing)}\n")
        return 1
    taken = [port for port in (given.port, given.status_port) if not demo_environment.is_free(port)]
    if taken:
        sys.stderr.write(f"Port {taken[0]} on 127.0.0.1 is taken by another program.\n")
        return 1
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with contextlib.suppress(KeyboardInterrupt), contextlib.ExitStack() as running:
        return _run(given, running)
    return 130


def _run(given: argparse.Namespace, running: contextlib.ExitStack) -> int:
    var: Path = given.var
    var.mkdir(mode=0o700, parents=True, exist_ok=True)
    web, status, mail = servers.free_port(), servers.free_port(), servers.free_port()
    redis = servers.free_port()
    database = running.enter_context(servers.postgresql(var / "postgresql"))
    running.enter_context(servers.redis(var / "redis", redis))
    environment = {
        **demo_environment.write(var, port=web, status_port=status),
        "DATABASE_URL": database,
        "CELERY_BROKER_URL": f"redis://127.0.0.1:{redis}/0",
        "EMAIL_URL": f"smtp://127.0.0.1:{mail}",
        "PUBLIC_URL": f"https://127.0.0.1:{given.port}",
        "STATUS_URL": f"http://127.0.0.1:{given.status_port}",
        "BEHIND_PROXY": "1",
    }
    mails = environment.pop("MAIL_DIR")  # mails go through the mail server here; only the mailbox page reads them
    environment.pop("BROKER_DIR")
    _fill(environment, var)
    front = servers.write_front(
        var / "front",
        {
            "TLS_LISTEN": f"127.0.0.1:{given.port}",
            "STATUS_LISTEN": f"127.0.0.1:{given.status_port}",
            "WEB_ADDRESS": environment["WEB_BIND"],
            "STATUS_ADDRESS": environment["STATUS_BIND"],
            "PUBLIC_HOST": "127.0.0.1",
            "STATUS_HOST": "127.0.0.1",
        },
    )
    return _together(environment, mails, {"front": front, "mailcatcher": _mail_catcher(mails, mail)})


def _fill(environment: dict[str, str], var: Path) -> None:
    variables = {**os.environ, **demo_environment.with_keys(environment)}
    subprocess.run([PYTHON, "manage.py", "demo", "--var", str(var)], check=True, env=variables, cwd=ROOT)


def _mail_catcher(mails: str, port: int) -> str:
    catcher = f"{PYTHON} -m aiosmtpd -n -c deploy.mail_catcher.Folder {mails} -l 127.0.0.1:{port}"
    return f"exec setpriv --pdeathsig TERM {catcher}"


def _together(environment: dict[str, str], mails: str, besides: dict[str, str]) -> int:
    """Run the Procfile's processes and those besides until one ends or Ctrl-C comes."""
    manager = Manager()
    path = f"{Path(PYTHON).parent}{os.pathsep}{os.environ['PATH']}"
    processes = {**parse_procfile((ROOT / "Procfile").read_text(encoding="utf-8")).processes, **besides}
    for name, command in processes.items():
        own = {"MAIL_DIR": mails} if name == "web" else {}
        manager.add_process(name, command, env={**os.environ, **environment, **own, "PATH": path}, cwd=str(ROOT))
    manager.loop()
    return int(manager.returncode or 0)


if __name__ == "__main__":
    sys.exit(main())
