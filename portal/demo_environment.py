"""The demo's environment: random secrets of this machine in var/demo.env, addresses for this start.

Run by `make serve` before anything of Django, with the standard library alone:
`python portal/demo_environment.py --port 8000 --status-port 8001`.
"""

import argparse
import base64
import os
import secrets
import shlex
import socket
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Write var/demo.env, or say plainly why the demo cannot start here."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--port", type=int, required=True)
    options.add_argument("--status-port", type=int, required=True)
    options.add_argument("--var", type=Path, default=ROOT / "var")
    given = options.parse_args()
    for port in (given.port, given.status_port):
        if not is_free(port):
            sys.stderr.write(
                f"Port {port} on 127.0.0.1 is taken by another program. "
                f"End that program, or choose another port: make serve PORT={given.port + 1000}\n"
            )
            return 1
    write(given.var, port=given.port, status_port=given.status_port)
    return 0


def write(var: Path, *, port: int, status_port: int) -> dict[str, str]:
    """Write `var`/demo.env, readable for its owner alone, and give back what it says.

    Secrets are made once and kept; addresses are those of this start.
    """
    file = var / "demo.env"
    for folder in (var, var / "keys", var / "broker", var / "mail", var / "static"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    made, before = _new_secrets(var), _read(file)
    kept = {name: before.get(name, value) for name, value in made.items()}
    values = {**kept, **_places(var), **_addresses(port, status_port)}
    text = "".join(f"{name}={shlex.quote(value)}\n" for name, value in values.items())
    _write_private(file, text)
    return values


def with_keys(values: dict[str, str]) -> dict[str, str]:
    """The environment of the one act that is given all keys, the ceremony that makes them."""
    return {
        **values,
        "CA_KEY_DIR": values["SIGNING_KEYS"],
        "CA_KEY_PASSPHRASE_FILE": values["SIGNING_PASSPHRASE"],
        "STATUS_KEY_DIR": values["STATUS_KEYS"],
        "STATUS_KEY_PASSPHRASE_FILE": values["STATUS_PASSPHRASE"],
        "MAIL_KEY_DIR": values["MAIL_KEYS"],
        "MAIL_KEY_PASSPHRASE_FILE": values["MAIL_PASSPHRASE"],
    }


def _new_secrets(var: Path) -> dict[str, str]:
    for name in ("root", "signing", "status", "mail"):
        passphrase = var / "keys" / f"{name}.passphrase"
        if not passphrase.exists():
            _write_private(passphrase, secrets.token_urlsafe(32))
    return {
        "SECRET_KEY": secrets.token_urlsafe(64),
        "FIELD_KEYS": f"k1:{base64.b64encode(secrets.token_bytes(32)).decode()}",
    }


def _places(var: Path) -> dict[str, str]:
    keys = var / "keys"
    return {
        "DEMO": "1",
        "STATIC_ROOT": str(var / "static"),
        "DATABASE_URL": f"sqlite:///{var / 'portal.sqlite3'}",
        "CELERY_BROKER_URL": "folder://localhost",
        "BROKER_DIR": str(var / "broker"),
        "SCHEDULE_FILE": str(var / "schedule"),
        "EMAIL_URL": "smtp://127.0.0.1:25",
        "MAIL_DIR": str(var / "mail"),
        "MAIL_FROM": "noreply@sigillum.example",
        "SIGNING_KEYS": str(keys / "signing"),
        "SIGNING_PASSPHRASE": str(keys / "signing.passphrase"),
        "STATUS_KEYS": str(keys / "status"),
        "STATUS_PASSPHRASE": str(keys / "status.passphrase"),
        "MAIL_KEYS": str(keys / "mail"),
        "MAIL_PASSPHRASE": str(keys / "mail.passphrase"),
    }


def _addresses(port: int, status_port: int) -> dict[str, str]:
    return {
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "STATUS_URL": f"http://127.0.0.1:{status_port}",
        "WEB_BIND": f"127.0.0.1:{port}",
        "STATUS_BIND": f"127.0.0.1:{status_port}",
    }


def _read(file: Path) -> dict[str, str]:
    """What was written before: the secrets that must stay as long as the data."""
    if not file.exists():
        return {}
    lines = (shlex.split(line)[0] for line in file.read_text().splitlines())
    return dict(line.split("=", 1) for line in lines)


def _write_private(path: Path, text: str) -> None:
    """Write a file that nobody else can read, whole or not at all."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)


def is_free(port: int) -> bool:
    """Whether nobody listens on this port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


if __name__ == "__main__":
    sys.exit(main())
