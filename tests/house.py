"""House rules that no linter knows: sizes, addresses of machines, words that must not appear, pinned requirements."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILE_LINES = 400
FUNCTION_LINES = 50
_WRITTEN_BY_PROGRAMS = re.compile(r"(/migrations/|^requirements/.*\.txt$|\.po$|\.svg$|package-lock\.json$|^LICENSE$)")
_CODE = (".py", ".ts", ".mjs", ".scss", ".html", ".sh")
_BINARY = (".png", ".mo", ".wav", ".woff2", ".ico")

# Addresses of package registries differ from machine to machine and belong into none of our files.
_REGISTRY = re.compile(r"https?://[^\s/\"']*(?:npm|pypi|pythonhosted)|--(?:extra-)?index-url\s|\"resolved\":", re.I)
_MACHINE = re.compile(r"(?<![\w.])/(?:work/(?:main|shared|scratch)|root/\.|home/(?!nonroot)\w+/)")
_UNDONE = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|X" r"XX)\b")
# kombu calls the memory that its channels share `state`.
_MAY_MOVE_STATES = ("audit/transitions.py", "portal/broker.py")
_WRITERS = ("setattr", "update_or_create", "bulk_update")
_PINNED = re.compile(r"^[A-Za-z0-9._-]+==\S+(?: ;.*)? \\$")


def tracked(root: Path = ROOT) -> list[str]:
    """The files that git keeps, or would keep after the next `git add`, as paths from the root."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout.splitlines()
    return sorted(path for path in listed if (root / path).is_file())


def faults(root: Path = ROOT) -> list[str]:
    """Every fault of every rule, as `path: what is wrong`."""
    found: list[str] = []
    for path in tracked(root):
        if path.endswith(_BINARY):
            continue
        text = (root / path).read_text(encoding="utf-8", errors="replace")
        found += (f"{path}: {fault}" for fault in text_faults(path, text))
    return found


def text_faults(path: str, text: str) -> Iterator[str]:
    """The faults of one file."""
    yield from _foreign(path, text)
    if path.startswith("requirements/") and path.endswith(".txt"):
        yield from _unpinned(text)
    if _WRITTEN_BY_PROGRAMS.search(path) or not path.endswith(_CODE):
        return
    lines = text.count("\n")
    if lines > FILE_LINES:
        yield f"{lines} lines; more than {FILE_LINES} hide more than one thing"
    if found := _UNDONE.search(text):
        yield f"{found[0]}: finish it, or file an issue"
    if path.endswith(".py"):
        tree = ast.parse(text)
        yield from _long_functions(tree)
        yield from _printed(tree)
        if path not in _MAY_MOVE_STATES and not path.startswith("tests/"):
            yield from _moved_states(tree)


def _foreign(path: str, text: str) -> Iterator[str]:
    for rule, what in ((_REGISTRY, "address of a package registry"), (_MACHINE, "path of one machine")):
        if path != "tests/house.py" and (found := rule.search(text)):
            yield f"{what}: {found[0]}"


def _printed(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
            yield f"print() on line {node.lineno}: log it, or write to the command's stdout"


def _moved_states(tree: ast.AST) -> Iterator[str]:
    """States that change without their audit event: only `audit.transitions` moves them."""
    for node in ast.walk(tree):
        if any(_is_state(target) for target in _targets(node)) or _updates_state(node):
            yield f"a state is set on line {getattr(node, 'lineno', 0)}: audit.transitions.advance() moves states"


def _targets(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.Assign):
        return [part for target in node.targets for part in getattr(target, "elts", [target])]
    return [node.target] if isinstance(node, ast.AugAssign | ast.AnnAssign) else []


def _is_state(target: ast.expr) -> bool:
    return isinstance(target, ast.Attribute) and target.attr == "state"


def _updates_state(node: ast.AST) -> bool:
    """`.update(state=…)`, `.update_or_create(defaults={"state": …})` and the like, `setattr(row, "state", …)`."""
    if not isinstance(node, ast.Call):
        return False
    called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if called == "update" and any(keyword.arg == "state" for keyword in node.keywords):
        return True
    texts = {inner.value for inner in ast.walk(node) if isinstance(inner, ast.Constant)}
    return called in _WRITERS and "state" in texts


def _long_functions(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES:
                yield f"{node.name}() has {lines} lines; more than {FUNCTION_LINES} are more than one step"


def _unpinned(text: str) -> Iterator[str]:
    lines = text.splitlines()
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if not line or line.lstrip().startswith(("#", "--hash=sha256:")):
            continue
        if not (_PINNED.match(line) and following.lstrip().startswith("--hash=sha256:")):
            yield f"not pinned with a hash: {line}"
