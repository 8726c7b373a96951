"""The house's rules bite: each is shown a planted fault, and the house itself has none."""

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import Model

from tests import house

ROOT = house.ROOT
LINTER = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
PACKAGES: list[str] = LINTER["root_packages"]
APPS, INSIDE, NO_WEB, ONE_ROAD = (contract["name"] for contract in LINTER["contracts"])

# contract -> files that break it, each with the line that does
PLANTED = [
    (APPS, "cases/rules.py", "import enrollment.models"),
    (APPS, "enrollment/rules.py", "import renewal"),
    (APPS, "accounts/rules.py", "from portal import settings"),
    (APPS, "ca/names.py", "import audit.models"),
    (INSIDE, "notifications/models.py", "import notifications.services"),
    (INSIDE, "cases/jobs.py", "import cases.services"),
    (INSIDE, "enrollment/utils.py", ""),
    (INSIDE, "accounts/helpers.py", ""),
    (NO_WEB, "ca/csr.py", "import django.conf"),
    (NO_WEB, "ca/lint.py", "from celery import shared_task"),
    (ONE_ROAD, "enrollment/rules.py", "import ca.service"),
    (ONE_ROAD, "portal/views.py", "import ca.status"),
    (ONE_ROAD, "certificates/services.py", "from ca.keys.file import FileSigner"),
    (ONE_ROAD, "desk/views/queue.py", "import ca.ceremony"),
]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages without their data, to plant faults in."""
    folder = tmp_path_factory.mktemp("house")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def _broken_contracts(folder: Path) -> list[str]:
    """The names of the contracts that the import linter finds broken there."""
    result = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
        env={"PATH": "", "NO_COLOR": "1", "COLUMNS": "300"},
    )
    broken = re.findall(r"^(.+?) BROKEN\b", result.stdout, re.M)
    assert (result.returncode == 0) == (not broken), result.stdout + result.stderr
    return broken


def test_the_house_keeps_its_contracts(copy: Path) -> None:
    assert _broken_contracts(copy) == []


@pytest.mark.parametrize(("contract", "file", "line"), PLANTED)
def test_a_contract_bites(copy: Path, contract: str, file: str, line: str) -> None:
    path = copy / file
    before = path.read_text(encoding="utf-8") if path.exists() else None
    path.write_text(f"{before or ''}\n{line}\n", encoding="utf-8")
    try:
        assert contract in _broken_contracts(copy)
    finally:
        path.unlink() if before is None else path.write_text(before, encoding="utf-8")


def test_every_contract_has_a_planted_fault() -> None:
    assert {contract["name"] for contract in LINTER["contracts"]} == {contract for contract, _, _ in PLANTED}


def _floors() -> dict[str, int]:
    """On which floor each app lives, the lowest being 0."""
    layers = next(contract for contract in LINTER["contracts"] if contract["name"] == APPS)["layers"]
    return {app.strip(): floor for floor, layer in enumerate(reversed(layers)) for app in layer.split("|")}


def _points_up(relations: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Of pairs (app of a model, app of the model it names), those that point upwards or sideways."""
    floor = _floors()
    return [
        (source, target)
        for source, target in relations
        if source != target and {source, target} <= floor.keys() and floor[source] <= floor[target]
    ]


def _relations(model: type[Model]) -> Iterable[tuple[str, str]]:
    for field in model._meta.get_fields(include_hidden=True):
        if field.is_relation and field.concrete and isinstance(field.related_model, type):
            yield model._meta.app_label, field.related_model._meta.app_label


def test_no_foreign_key_points_up() -> None:
    """A foreign key named by a string escapes the import linter."""
    assert _points_up(pair for model in apps.get_models(include_auto_created=True) for pair in _relations(model)) == []


@pytest.mark.parametrize("pair", [("audit", "accounts"), ("enrollment", "renewal"), ("cases", "certificates")])
def test_a_foreign_key_that_points_up_is_seen(pair: tuple[str, str]) -> None:
    assert _points_up([pair]) == [pair]


def test_relations_are_read_from_the_models() -> None:
    assert ("enrollment", "cases") in _relations(apps.get_model("enrollment", "Registration"))


def test_the_house_keeps_its_rules() -> None:
    assert house.faults() == []


@pytest.mark.parametrize(
    ("path", "text", "fault"),
    [
        ("cases/services.py", "case.state = 'open'\n", "a state is set on line 1"),
        ("cases/services.py", "case.reason, case.state = '', 'open'\n", "a state is set on line 1"),
        ("cases/services.py", "Case.objects.filter(pk=1).update(state='open')\n", "a state is set on line 1"),
        ("cases/services.py", "Case.objects.bulk_update(rows, ['state'])\n", "a state is set on line 1"),
        ("cases/services.py", "setattr(case, 'state', 'open')\n", "a state is set on line 1"),
        ("cases/services.py", "print('x')\n", "print() on line 1"),
        ("cases/services.py", "# TO" + "DO: later\n", "finish it"),
        ("cases/services.py", "x = 1\n" * 401, "401 lines"),
        ("cases/services.py", "def f():\n" + "    x = 1\n" * 50, "f() has 51 lines"),
        ("frontend/src/app.ts", "x;\n" * 401, "401 lines"),
        ("docs/a.md", "see https://registry.np" + "mjs.org/x", "address of a package registry"),
        ("requirements/base.txt", "--index" + "-url http://x/\n", "address of a package registry"),
        ("docs/a.md", "in /work" + "/main/var", "path of one machine"),
        ("requirements/base.txt", "django==5.2\n", "not pinned with a hash"),
    ],
)
def test_a_house_rule_bites(path: str, text: str, fault: str) -> None:
    assert any(fault in found for found in house.text_faults(path, text))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("audit/transitions.py", "row.state = after\n"),
        ("tests/cases/test_services.py", "case.state = 'open'\n"),
        ("cases/services.py", "Case.objects.create(state='open')\nif case.state == 'open':\n    x = case.state\n"),
        ("accounts/migrations/0001_initial.py", "x = 1\n" * 401),
        ("requirements/base.txt", "django==5.2 \\\n    --hash=sha256:00\n    # via x\n"),
    ],
)
def test_a_house_rule_bites_nothing_else(path: str, text: str) -> None:
    assert list(house.text_faults(path, text)) == []


# Modules without a test of their own, and why.
WITHOUT_TEST = {
    "__init__": "holds a sentence, or gathers names for callers",
    "apps": "Django's registration of the app",
    "urls": "addresses; the tests of the views call them",
    "states": "tables; the tests of the services walk them",
    "models": "tables; the tests of the services fill them",
    "errors": "names and sentences; the tests of the services raise them",
}
WITHOUT_TEST_PATHS = {
    "portal/settings.py": "tests/test_settings.py reads it in processes of its own",
    "portal/management/commands/check_texts.py": "tests/portal/test_texts.py calls it",
    "portal/management/commands/compile_texts.py": "tests/portal/test_texts.py calls it",
    "portal/management/demo_people.py": "tests/portal/test_demo.py reads what it makes",
    "portal/wsgi.py": "two lines for gunicorn; tests/test_processes.py starts it",
}


def _untested_modules(tracked: list[str]) -> list[str]:
    """Modules without a test file of the same name, beside it or for its folder."""
    tests = set(tracked)
    return [
        path
        for path in tracked
        if path.endswith(".py")
        and path.split("/")[0] in PACKAGES
        and "/migrations/" not in path
        and Path(path).stem not in WITHOUT_TEST
        and path not in WITHOUT_TEST_PATHS
        and not tests & _tests_for(Path(path))
    ]


def _tests_for(module: Path) -> set[str]:
    """Where a module's test may lie: of a/b/c.py tests/a/b/test_c.py, or in tests/a/ test_b_c, test_b, test_c."""
    app, *inner = module.with_suffix("").parts
    places = {Path("tests", app, *inner[:-1], f"test_{inner[-1]}.py")}
    places |= {Path("tests", app, f"test_{name}.py") for name in ("_".join(inner), inner[0], inner[-1])}
    return {str(place) for place in places}


def test_every_module_has_its_test() -> None:
    assert _untested_modules(house.tracked()) == []


def test_a_module_without_test_is_seen() -> None:
    tracked = ["cases/rules.py", "cases/views/officer.py", "tests/cases/test_rules.py", "cases/apps.py"]
    assert _untested_modules(tracked) == ["cases/views/officer.py"]
