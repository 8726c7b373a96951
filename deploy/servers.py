"""The servers of `make stack`: PostgreSQL, Redis and nginx, started from Debian's packages."""

import contextlib
import datetime
import hashlib
import ipaddress
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import quote

import psycopg
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_TEMPLATE = Path(__file__).with_name("nginx.conf.template")
_SECONDS_TO_START = 20
_SECONDS_TO_END = 15
_NGINX = """\
daemon off;
pid ${folder}/pid;
error_log ${folder}/error.log warn;
${user}
events { worker_connections 512; }
http {
    client_body_temp_path ${folder}/body;
    proxy_temp_path ${folder}/proxy;
    fastcgi_temp_path ${folder}/fastcgi;
    uwsgi_temp_path ${folder}/uwsgi;
    scgi_temp_path ${folder}/scgi;
    include ${folder}/site.conf;
}
"""


def find(program: str) -> str | None:
    """The path of a program, also where Debian keeps it beside the ordinary search path."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    beside = os.pathsep.join(map(str, ["/usr/sbin", "/sbin", *reversed(versions)]))
    return shutil.which(program) or shutil.which(program, path=beside)


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """A PostgreSQL server on a Unix socket, its cluster in `folder`; gives the address of its one database.

    It refuses to run as root, who lends it to Debian's user `postgres`. That user cannot pass through root's folders,
    so that root's cluster lies where `cluster_folder` says.
    """
    owner = _database_user()
    folder.mkdir(mode=0o700, exist_ok=True)
    log = folder / "postgresql.log"
    folder = cluster_folder(folder)
    sockets, data = folder / "run", folder / "data"
    for path in (folder, sockets, data):
        path.mkdir(mode=0o700, exist_ok=True)
        if owner:
            shutil.chown(path, owner["user"], owner["group"])
    if not (data / "PG_VERSION").exists():
        initdb = [_program("initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8"]
        subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, cwd=folder, **owner)
    command = [_program("postgres"), "-D", str(data), "-k", str(sockets), "-h", ""]
    with _running(command, log, stop_by=signal.SIGINT, cwd=folder, **owner):
        _wait(lambda: _has_database(sockets), log)
        yield f"postgresql://postgres@{quote(str(sockets), safe='')}/sigillum"


def cluster_folder(folder: Path) -> Path:
    """Where the cluster meant for `folder` lies: there, or for root in a folder of its own in `postgres`'s home."""
    if os.geteuid() != 0:
        return folder
    name = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:12]
    return Path(pwd.getpwnam("postgres").pw_dir) / f"sigillum-stack-{name}"


def _has_database(sockets: Path) -> bool:
    """Whether the server answers and has our database, which is made where it is missing."""
    try:
        with psycopg.connect(host=str(sockets), user="postgres", dbname="postgres", autocommit=True) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = 'sigillum'").fetchone()
            if found is None:
                connection.execute("CREATE DATABASE sigillum")
    except psycopg.OperationalError:
        return False
    return True


@contextlib.contextmanager
def redis(folder: Path, port: int) -> Iterator[None]:
    """A Redis server on loopback that writes each message down before it is asked for."""
    folder.mkdir(mode=0o700, exist_ok=True)
    command = [
        *(_program("redis-server"), "--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder)),
        *("--appendonly", "yes", "--save", "", "--daemonize", "no"),
    ]
    log = folder / "redis.log"
    with _running(command, log, stop_by=signal.SIGTERM):
        _wait(lambda: _listens(port), log)
        yield


def write_front(folder: Path, values: Mapping[str, str]) -> str:
    """Write the TLS front's configuration and a self-signed certificate; gives back the command that starts it."""
    folder.mkdir(mode=0o700, exist_ok=True)
    certificate, key = folder / "tls.pem", folder / "tls.key"
    if not certificate.exists():
        _self_signed(certificate, key)
    site = Template(_TEMPLATE.read_text(encoding="utf-8")).safe_substitute(
        values, TLS_CERTIFICATE=certificate, TLS_KEY=key
    )
    (folder / "site.conf").write_text(site, encoding="utf-8")
    user = "user root;" if os.geteuid() == 0 else ""  # its folder is closed to others
    (folder / "nginx.conf").write_text(Template(_NGINX).substitute(folder=folder, user=user), encoding="utf-8")
    return f"exec setpriv --pdeathsig TERM {_program('nginx')} -e stderr -c {folder}/nginx.conf"


def _self_signed(certificate: Path, key: Path) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, private.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(days=365))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(private, hashes.SHA256())
    )
    key.touch(mode=0o600)
    key.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))


def _program(name: str) -> str:
    found = find(name)
    if found is None:
        raise FileNotFoundError(name)
    return found


def _database_user() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    entry = pwd.getpwnam("postgres")
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


@contextlib.contextmanager
def _running(command: list[str], log: Path, *, stop_by: signal.Signals, **options: Any) -> Iterator[None]:
    """A server for as long as the block lasts. It ends with this process even if this process is killed."""
    with log.open("ab") as output:
        server = subprocess.Popen(
            ["setpriv", "--pdeathsig", stop_by.name.removeprefix("SIG"), *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches the portal's processes first
            **options,
        )
    try:
        yield
    finally:
        server.send_signal(stop_by)
        try:
            server.wait(_SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            server.kill()


def _wait(is_ready: Callable[[], bool], log: Path) -> None:
    end = time.monotonic() + _SECONDS_TO_START
    while not is_ready():
        if time.monotonic() > end:
            raise TimeoutError(log.read_text(errors="replace"))
        time.sleep(0.1)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
