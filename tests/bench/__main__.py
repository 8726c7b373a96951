"""`make bench`: measures orders, waiting, pages and revocations on this machine, in one run, and prints one table.

Each measurement has a process of its own; nothing else that is ours runs meanwhile.
"""

import contextlib
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from deploy import servers
from tests.judges import find_judge
from tests.processes import ROOT, Site, free_port

DATABASES = {"SQLite": "sqlite", "PostgreSQL": "postgresql"}
AUTHORITIES = {"p256": "P-256", "rsa4096": "RSA-4096"}
REVOKED_AT_ONCE = 10_000
ENDING = 100_000
MOST_QUERIES, MOST_MILLISECONDS = 15, 50
Figures = dict[str, Any]


def figures_of(*command: str, environment: dict[str, str]) -> list[Figures]:
    """Run a measurement and read what it tells, one JSON object a line."""
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, env=environment, check=False, capture_output=True, text=True
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}:\n{done.stdout}{done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def say(line: str = "") -> None:
    """One line of the table."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    """Lines under heads, as Markdown."""
    say("| " + " | ".join(heads) + " |")
    say("|" + "---|" * len(list(heads)))
    for row in rows:
        say("| " + " | ".join(row) + " |")
    say()


def orders() -> None:
    """Orders in a second through lint, signature, store and record."""
    rows = []
    for database, wanted in DATABASES.items():
        for key_type, name in AUTHORITIES.items():
            environment = {**os.environ, "TEST_DATABASE": wanted}
            (found,) = figures_of("tests.bench.pipeline", key_type, environment=environment)
            rows.append((database, name, f"{found['alone']:.0f}", f"{found['whole']:.0f}", f"{found['share']:.0%}"))
    say("Orders in a second; one worker process, median of 5 rounds of 100 orders; target on PostgreSQL: 40 %")
    table(("database", "CA", "lint + signature alone", "whole pipeline", "share"), rows)


@contextlib.contextmanager
def site(folder: Path, changes: dict[str, str]) -> Iterator[Site]:
    """A site of its own with its signing worker running."""
    made = Site(folder, changes=changes)
    if "CELERY_BROKER_URL" in changes:
        made.environment.pop("BROKER_DIR")
    made.manage("demo", "--var", str(folder / "var"), "--without-people")
    made.start("signing")
    try:
        yield made
    finally:
        made.stop()


def waiting() -> None:
    """Time from the press of the button to the certificate."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="sigillum-bench-") as folder:
        with site(Path(folder, "embedded"), {}) as found:
            rows.append(_waiting_row("SQLite, folder broker", found))
        if find_judge("redis-server") and find_judge("postgres"):
            port = free_port()
            with servers.postgresql(Path(folder, "postgresql")) as url, servers.redis(Path(folder, "redis"), port):
                changes = {"DATABASE_URL": url, "CELERY_BROKER_URL": f"redis://127.0.0.1:{port}/0"}
                with site(Path(folder, "stack"), changes) as found:
                    rows.append(_waiting_row("PostgreSQL, Redis", found))
        else:
            say("(Redis or PostgreSQL is not installed: the full set of processes is left out)")
    say("From submit to certificate, milliseconds, one order at a time, phrase hashed; target: p95 under 1000")
    table(("set-up", "p50", "p95"), rows)


def _waiting_row(name: str, found: Site) -> tuple[str, str, str]:
    environment = {**found.environment, "DJANGO_SETTINGS_MODULE": "portal.settings"}
    (times,) = figures_of("tests.bench.latency", environment=environment)
    return name, f"{times['p50'] * 1000:.0f}", f"{times['p95'] * 1000:.0f}"


def pages() -> None:
    """What each page of a subscriber costs."""
    found = figures_of("tests.bench.pages", environment={**os.environ, "TEST_DATABASE": "postgresql"})
    say(f"Pages on PostgreSQL, one reader; target: {MOST_QUERIES} queries, {MOST_MILLISECONDS} milliseconds")
    table(
        ("page", "queries", "milliseconds"),
        ((one["page"], str(one["queries"]), f"{one['milliseconds']:.1f}") for one in found),
    )


def revocations() -> None:
    """How soon the world knows of ten thousand revocations approved in one act."""
    environment = {**os.environ, "TEST_DATABASE": "postgresql"}
    (found,) = figures_of("tests.bench.revocations", str(REVOKED_AT_ONCE), environment=environment)
    say(
        f"{REVOKED_AT_ONCE} revocations approved in one act on PostgreSQL, seconds from the approval; "
        "target: OCSP and list within 600"
    )
    table(
        ("approval itself", "OCSP says so", "list says so", "OCSP asked for each in turn", "memory, MiB"),
        [[f"{found[name]:.1f}" for name in ("decided", "first_ocsp", "listed", "last_ocsp", "growth")]],
    )


def notices() -> None:
    """Finding and queueing the notices of certificates that end."""
    environment = {**os.environ, "TEST_DATABASE": "postgresql"}
    (found,) = figures_of("tests.bench.notices", str(ENDING), environment=environment)
    say(f"Notices on PostgreSQL, {ENDING:,} certificates that end; target: 60 seconds, flat memory, a second run none")
    heads = ("mails", "seconds", "of processors", "mails in a second", "memory grew by MiB", "second run, seconds")
    figures = (found[name] for name in ("seconds", "worked", "rate", "growth", "seconds_again"))
    table(heads, [(f"{found['mails']:,}", *(f"{one:.1f}" for one in figures))])


def main() -> None:
    """Measure everything in turn."""
    begun = time.monotonic()
    say(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    say(f"load {os.getloadavg()[0]:.1f} at the start; what else runs here takes its share")
    say()
    orders()
    waiting()
    pages()
    revocations()
    notices()
    say(f"{time.monotonic() - begun:.0f} seconds, load {os.getloadavg()[0]:.1f} at the end")


if __name__ == "__main__":
    main()
