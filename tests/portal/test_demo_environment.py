"""The demo's environment: secrets made once, private, and complete."""

import shlex
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from portal import demo_environment


def _written(var: Path) -> dict[str, str]:
    lines = (shlex.split(line)[0] for line in (var / "demo.env").read_text().splitlines())
    return dict(line.split("=", 1) for line in lines)


def test_secrets_stay_and_addresses_follow(tmp_path: Path) -> None:
    first = demo_environment.write(tmp_path / "a b", port=8000, status_port=8001)
    second = demo_environment.write(tmp_path / "a b", port=9000, status_port=9001)
    assert first["PUBLIC_URL"] == "http://127.0.0.1:8000"
    assert second["PUBLIC_URL"] == "http://127.0.0.1:9000"
    assert _written(tmp_path / "a b") == second
    moving = {"PUBLIC_URL", "STATUS_URL", "WEB_BIND", "STATUS_BIND"}
    assert {name for name in first if first[name] != second[name]} == moving


def test_two_machines_have_other_secrets(tmp_path: Path) -> None:
    one, other = (demo_environment.write(tmp_path / name, port=1, status_port=2) for name in ("one", "other"))
    assert all(one[name] != other[name] for name in ("SECRET_KEY", "FIELD_KEYS"))
    for name in ("root", "signing", "status", "mail"):
        passphrases = {(tmp_path / folder / "keys" / f"{name}.passphrase").read_text() for folder in ("one", "other")}
        assert len(passphrases) == 2


def test_nobody_else_reads_it(tmp_path: Path) -> None:
    demo_environment.write(tmp_path / "var", port=1, status_port=2)
    for path in (tmp_path / "var").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_only_the_ceremony_has_all_keys(tmp_path: Path) -> None:
    values = demo_environment.write(tmp_path, port=1, status_port=2)
    assert not {"CA_KEY_DIR", "STATUS_KEY_DIR", "MAIL_KEY_DIR"} & set(values)
    keys = demo_environment.with_keys(values)
    assert keys["CA_KEY_DIR"] == values["SIGNING_KEYS"]
    assert keys["STATUS_KEY_DIR"] == values["STATUS_KEYS"]
    assert keys["MAIL_KEY_DIR"] == values["MAIL_KEYS"]


@pytest.mark.parametrize("taken_is_status", [False, True])
def test_a_taken_port_is_said(tmp_path: Path, taken_is_status: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_server(("127.0.0.1", 0)) as probe:
        taken, free = server.getsockname()[1], probe.getsockname()[1]
        probe.close()
        ports = (free, taken) if taken_is_status else (taken, free)
        script = Path(demo_environment.__file__)
        command = [sys.executable, "-I", str(script), "--var", str(tmp_path / "var")]
        command += ["--port", str(ports[0]), "--status-port", str(ports[1])]
        result = subprocess.run(command, check=False, capture_output=True, text=True)
    assert result.returncode == 1
    assert f"Port {taken} on 127.0.0.1 is taken" in result.stderr
    assert not (tmp_path / "var").exists()


def test_it_runs_on_the_standard_library_alone(tmp_path: Path) -> None:
    command = [sys.executable, "-I", "-S", demo_environment.__file__, "--var", str(tmp_path / "var")]
    ports = ["--port", "0", "--status-port", "0"]
    assert subprocess.run([*command, *ports], check=False).returncode == 0
    assert (tmp_path / "var" / "demo.env").exists()


def test_a_port_is_free_or_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert not demo_environment.is_free(port)
    assert demo_environment.is_free(port)
