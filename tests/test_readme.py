"""What the README says can be done and seen is there."""

import re

import pytest

from tests import house

README = (house.ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (house.ROOT / "Makefile").read_text(encoding="utf-8")
PAGES = [path for path in house.tracked() if path.startswith("docs/") and path.endswith(".md")]


def _targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):.*## ", MAKEFILE, re.M))


def test_the_two_commands_stand_alone() -> None:
    commands = re.findall(r"^    (make \w+)$", README, re.M)
    assert commands[:2] == ["make serve", "make test"]


def test_every_named_target_can_be_made() -> None:
    named = set(re.findall(r"(?:^    |`)make ([a-z]+)", README, re.M))
    assert named <= _targets()
    assert {"help", "serve", "test", "check", "bench", "stack"} <= named | {"help"}


@pytest.mark.parametrize("document", ["README.md", *PAGES])
def test_every_link_leads_somewhere(document: str) -> None:
    text = (house.ROOT / document).read_text(encoding="utf-8")
    folder = (house.ROOT / document).parent
    links = [link for link in re.findall(r"\]\(([^)#\s]+)", text) if not link.startswith("http")]
    assert [link for link in links if not (folder / link).exists()] == []


def test_the_pictures_are_those_of_the_browser_test() -> None:
    shown = set(re.findall(r"docs/images/([a-z0-9-]+)\.png", README))
    drivers = "".join(
        (house.ROOT / path).read_text(encoding="utf-8")
        for path in house.tracked()
        if path.startswith("tests/browser/") and path.endswith(".py")
    )
    assert shown <= set(re.findall(r"picture\(\"([a-z0-9-]+)\"\)", drivers))


def test_every_app_is_on_the_map() -> None:
    packages = {
        path.split("/")[0] for path in house.tracked() if path.endswith("/__init__.py") and path.count("/") == 1
    }
    packages -= {"deploy", "tests"}
    assert packages <= set(re.findall(r"^\| `([a-z]+)/` \|", README, re.M))


def test_ci_runs_the_readme_s_commands() -> None:
    script = (house.ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert re.search(r"^make test\b", script, re.M)
    assert re.search(r"^make check\b", script, re.M)
