"""What no template may hold: inline code, a third party's address, a picture without words."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(path for path in (ROOT / "templates").rglob("*.html") if "notifications" not in path.parts)
RULES = {
    "inline style": re.compile(r"\sstyle\s*=|<style\b"),
    "inline handler": re.compile(r"<[^>]*\son[a-z]+\s*="),
    "inline script": re.compile(r"<script\b(?![^>]*\bsrc=)"),
    "address of a third party": re.compile(r"""(?:src|href|action|poster|data)\s*=\s*["'](?:https?:)?//"""),
    "data: address": re.compile(r"""["'(]data:"""),
    "picture without words": re.compile(r"<img\b(?![^>]*\balt=)"),
}


def faults(text: str) -> list[str]:
    return [name for name, rule in RULES.items() if rule.search(text)]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_keeps_to_the_policy(path: Path) -> None:
    assert faults(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("planted", "name"),
    [
        ('<p style="color:red">', "inline style"),
        ("<button onclick='x()'>", "inline handler"),
        ("<script>x()</script>", "inline script"),
        ('<img alt="" src="https://cdn.example/x.png">', "address of a third party"),
        ('<img alt="" src="data:image/png;base64,AA">', "data: address"),
        ('<img src="/x.png">', "picture without words"),
    ],
)
def test_each_rule_bites(planted: str, name: str) -> None:
    assert faults(planted) == [name]
