"""`make test`: the whole suite on SQLite, then on PostgreSQL, and one coverage of both.

Arguments are handed to pytest (`make test` gives none).
"""

import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache"
DATABASES = ("sqlite", "postgresql")


def main() -> int:
    """Run everything; 0 only if both runs passed and the coverage floor holds."""
    CACHE.mkdir(exist_ok=True)
    failed = [database for database in DATABASES if _run(database) != 0]
    covered = _coverage()
    counts = sum((_counts(database) for database in DATABASES), Counter[str]())
    if failed:
        sys.stdout.write(f"failed on {' and '.join(failed)}\n")
    if not covered:
        sys.stdout.write("the coverage floor does not hold\n")
    sys.stdout.write(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped\n")
    return 1 if failed or not covered else 0


def _run(database: str) -> int:
    sys.stdout.write(f"\n== the suite on {database} ==\n")
    sys.stdout.flush()
    _results(database).unlink(missing_ok=True)
    command = [
        *(sys.executable, "-m", "pytest", "-q", "-n", str(os.cpu_count() or 1), "--dist", "loadgroup"),
        *("--cov", "--cov-report=", "--cov-fail-under=0", f"--junitxml={_results(database)}"),
        *("-m", "not bench", "--durations=15"),
        *sys.argv[1:],
    ]
    environment = {**os.environ, "TEST_DATABASE": database, "COVERAGE_FILE": str(CACHE / f"coverage.{database}")}
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def _coverage() -> bool:
    """Combine the coverage of the runs and hold it against the floor in pyproject.toml."""
    environment = {**os.environ, "COVERAGE_FILE": str(CACHE / "coverage")}
    coverage = (sys.executable, "-m", "coverage")
    files = [str(CACHE / f"coverage.{database}") for database in DATABASES]
    subprocess.run([*coverage, "combine", "--quiet", *files], cwd=ROOT, env=environment, check=False)
    return subprocess.run([*coverage, "report"], cwd=ROOT, env=environment, check=False).returncode == 0


def _counts(database: str) -> Counter[str]:
    """How many tests passed, failed, were skipped, as pytest wrote them down."""
    if not _results(database).exists():
        return Counter(failed=1)
    suite = ET.parse(_results(database)).getroot()[0].attrib
    failed = int(suite["failures"]) + int(suite["errors"])
    skipped = int(suite["skipped"])
    return Counter(passed=int(suite["tests"]) - failed - skipped, failed=failed, skipped=skipped)


def _results(database: str) -> Path:
    return CACHE / f"results.{database}.xml"


if __name__ == "__main__":
    sys.exit(main())
