"""The pinned requirements are whole on the oldest Python that the README names."""

import re
from importlib.metadata import PackageNotFoundError, requires

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests import house

DEBIAN_12 = {"python_version": "3.11", "python_full_version": "3.11.2", "extra": ""}


def _pinned(name: str) -> set[str]:
    text = (house.ROOT / "requirements" / name).read_text(encoding="utf-8")
    return {canonicalize_name(found) for found in re.findall(r"^([A-Za-z0-9._-]+)==", text, re.M)}


def _needed_by(package: str) -> set[str]:
    """What a package needs on Debian 12, its extras left aside."""
    try:
        wanted = [Requirement(text) for text in requires(package) or []]
    except PackageNotFoundError:
        return set()  # for another Python than this one
    return {canonicalize_name(one.name) for one in wanted if one.marker is None or one.marker.evaluate(DEBIAN_12)}


@pytest.mark.parametrize("name", ["base.txt", "dev.txt"])
def test_nothing_is_missing_on_debian_s_python(name: str) -> None:
    pinned = _pinned(name)
    missing = {f"{package} needs {need}" for package in pinned for need in _needed_by(package) if need not in pinned}
    assert missing == set()


def test_tests_run_on_what_runs_the_portal() -> None:
    assert _pinned("base.txt") <= _pinned("dev.txt")
