"""The project's own files and their syntax trees, for tests that read code, not run it."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def project_files(*suffixes: str) -> list[Path]:
    """Files that are, or are about to be, committed; all of them or those with such a suffix."""
    paths = listed("--cached", "--others", "--exclude-standard")
    return [p for p in paths if p.is_file() and (not suffixes or p.suffix in suffixes)]


def listed(*options: str) -> list[Path]:
    """What `git ls-files` lists with these options."""
    command = ["git", "ls-files", "-z", *options]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [ROOT / name for name in names.split("\0") if name]


def python_files(*folders: str) -> list[Path]:
    """Python files of these top-level folders, or of all."""
    files = project_files(".py")
    return [p for p in files if not folders or p.relative_to(ROOT).parts[0] in folders]


def domain_files() -> list[Path]:
    """Python files of every service's pure domain."""
    return [p for p in python_files("services") if "domain" in p.relative_to(ROOT).parts]


def shown(path: Path) -> str:
    """The path as a reader of the project knows it."""
    return path.relative_to(ROOT).as_posix()


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and full name of every module, or name in a module, that is imported."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield node.lineno, f"{'.' * node.level}{node.module or ''}.{alias.name}"


def names_in_scope(tree: ast.AST) -> dict[str, str]:
    """What each imported local name stands for: `{"dt": "datetime.datetime"}`."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                name = alias.asname or alias.name.partition(".")[0]
                found[name] = alias.name if alias.asname else name
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                found[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return found


def dotted(node: ast.expr, scope: dict[str, str]) -> str | None:
    """The full name an expression stands for, if it is an imported name or an attribute of one."""
    if isinstance(node, ast.Name):
        return scope.get(node.id)
    if isinstance(node, ast.Attribute):
        owner = dotted(node.value, scope)
        return None if owner is None else f"{owner}.{node.attr}"
    return None
