"""Each import contract fails when it is broken, and none of them has a gap.

The tree it is tried on has every module of the project, emptied, so that the one import a test
plants is the only one there.
"""

import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, domain_files, python_files, shown

CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text())
CONTRACTS = {c["id"]: c for c in CONFIG["tool"]["importlinter"]["contracts"]}
LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")

OFFENCES = [
    ("layers", "shared/codec.py", "services.intake.domain"),
    ("layers", "services/intake/main.py", "amends.cli"),
    ("layers", "amends/cli.py", "deploy.local.kafka"),
    ("layers", "deploy/local/kafka.py", "tests.architecture.sources"),
    ("independence", "services/notify/main.py", "services.intake.views"),
    ("independence", "services/dashboard/views.py", "services.routing.views"),
    ("anatomy", "services/intake/domain/__init__.py", "services.intake.application"),
    ("anatomy", "services/routing/application.py", "services.routing.api"),
    ("anatomy", "services/sla/reactions.py", "services.sla.main"),
    ("anatomy", "services/notify/views.py", "services.notify.reactions"),
    ("purity", "services/routing/domain/__init__.py", "shared.clock"),
    ("purity", "services/intake/domain/__init__.py", "shared.eventlog.ports"),
    ("events", "shared/events/registry.py", "shared.codec"),
    ("ports", "services/intake/application.py", "shared.eventlog.sqlite"),
    ("ports", "services/sla/main.py", "shared.feed.embedded"),
    ("ports", "services/sla/main.py", "shared.kafka.feed"),
    ("ports", "services/dashboard/viewer.py", "shared.oidc.tokens"),
]


@dataclass(frozen=True)
class Tree:
    """A copy of the project's modules without their contents."""

    root: Path

    def plant(self, file: str, module: str) -> None:
        """Add the module if the project lacks it, and the import."""
        wanted = self.root / Path(*module.split("."))
        for path in (self.root / file, wanted.with_suffix(".py")):
            if not path.exists() and not (path.with_suffix("") / "__init__.py").exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch()
        for folder in {(self.root / file).parent, wanted.parent}:
            (folder / "__init__.py").touch()
        (self.root / file).write_text(f"import {module}\n")

    def lint(self, *contracts: str) -> subprocess.CompletedProcess[str]:
        """Check these contracts, or all."""
        chosen = [part for contract in contracts for part in ("--contract", contract)]
        command = [str(LINT_IMPORTS), "--no-cache", *chosen]
        return subprocess.run(command, cwd=self.root, check=False, capture_output=True, text=True)


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    for path in python_files(*CONFIG["tool"]["importlinter"]["root_packages"]):
        copy = tmp_path / shown(path)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.touch()
    (tmp_path / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    return Tree(tmp_path)


@pytest.mark.parametrize(("contract", "file", "module"), OFFENCES)
def test_a_broken_contract_is_noticed(tree: Tree, contract: str, file: str, module: str) -> None:
    tree.plant(file, module)
    result = tree.lint(contract)
    assert result.returncode == 1, result.stdout + result.stderr
    assert f"{CONTRACTS[contract]['name']} BROKEN" in result.stdout


def test_an_empty_tree_keeps_every_contract(tree: Tree) -> None:
    result = tree.lint()
    assert result.returncode == 0, result.stdout + result.stderr
    assert f"Contracts: {len(CONTRACTS)} kept, 0 broken." in result.stdout


def test_every_contract_is_broken_once() -> None:
    assert {contract for contract, _, _ in OFFENCES} == set(CONTRACTS)


def shared_modules() -> set[str]:
    parts = {path.relative_to(ROOT / "shared").parts[0] for path in python_files("shared")}
    return {f"shared.{part.removesuffix('.py')}" for part in parts} - {"shared.__init__"}


def test_contracts_forbid_all_of_shared_but_what_they_allow() -> None:
    allowed = {"purity": {"shared.events", "shared.decider"}, "events": {"shared.events"}}
    for contract, kept in allowed.items():
        assert set(CONTRACTS[contract]["forbidden_modules"]) == shared_modules() - kept


def test_contracts_name_every_service() -> None:
    services = {
        f"services.{path.relative_to(ROOT / 'services').parts[0]}"
        for path in python_files("services")
        if len(path.relative_to(ROOT / "services").parts) > 1
    }
    assert set(CONTRACTS["independence"]["modules"]) == services
    assert set(CONTRACTS["anatomy"]["containers"]) == services


def test_coverage_is_asked_of_every_domain() -> None:
    domains = {shown(path).partition("/domain/")[0] + "/domain" for path in domain_files()}
    assert set(CONFIG["tool"]["coverage"]["run"]["source"]) == domains
