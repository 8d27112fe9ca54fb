"""A domain decides from what it is given: it imports nothing that could tell it more."""

import ast
import sys

import pytest

from tests.architecture.sources import domain_files, imports, shown

ALLOWED = ("shared.events", "shared.decider")


def impure_imports(source: str, own_package: str) -> list[str]:
    """Imports that are neither standard library, events, decider nor the domain itself."""
    allowed = (*ALLOWED, own_package)
    return [
        f"{line}: {name}"
        for line, name in imports(ast.parse(source))
        if name.partition(".")[0] not in sys.stdlib_module_names
        and not any(f"{name}.".startswith(f"{prefix}.") for prefix in allowed)
    ]


def catch_all_arms(source: str) -> list[str]:
    """Lines of `match` arms that take whatever is left, so that a forgotten case goes unnoticed."""
    return [
        f"{case.pattern.lineno}: catch-all arm"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Match)
        for case in node.cases
        if isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None
    ]


def hidden_lines(source: str) -> list[str]:
    """Lines that ask not to be counted in coverage."""
    return [
        f"{number}: hidden from coverage"
        for number, line in enumerate(source.splitlines(), start=1)
        if "# pragma: no" in line
    ]


def test_domains_import_only_the_standard_library_events_and_the_decider() -> None:
    found = [
        f"{shown(path)}:{offence}"
        for path in domain_files()
        for offence in impure_imports(path.read_text(), ".".join(package_of(shown(path))))
    ]
    assert found == []


def package_of(path: str) -> tuple[str, ...]:
    parts = path.split("/")
    return tuple(parts[: parts.index("domain") + 1])


def test_there_are_domains_to_look_at() -> None:
    services = {shown(path).split("/")[1] for path in domain_files()}
    assert {"intake", "routing", "sla", "notify"} <= services


@pytest.mark.parametrize(
    "line",
    [
        "import msgspec",
        "from sqlmodel import Field",
        "from shared.clock import to_ms",
        "from shared import codec",
        "from shared.events_of_ours import Thing",
        "from services.intake import views",
        "from services.routing.domain import Scored",
        "from . import sibling",
        "def late():\n    import httpx",
    ],
)
def test_an_impure_import_is_noticed(line: str) -> None:
    assert impure_imports(line, "services.intake.domain") != []


@pytest.mark.parametrize(
    "line",
    [
        "from datetime import datetime",
        "from shared.events import clocks",
        "from shared.events.complaints import ComplaintFiled",
        "from shared.decider import Refused",
        "from services.intake.domain.state import Open",
    ],
)
def test_a_pure_import_is_left_alone(line: str) -> None:
    assert impure_imports(line, "services.intake.domain") == []


def test_domains_have_no_catch_all_arm() -> None:
    found = [
        f"{shown(path)}:{offence}"
        for path in domain_files()
        for offence in catch_all_arms(path.read_text())
    ]
    assert found == []


@pytest.mark.parametrize("arm", ["case _:", "case other:", "case _ if state:"])
def test_a_catch_all_arm_is_noticed(arm: str) -> None:
    source = f"match state:\n    case Open():\n        pass\n    {arm}\n        pass\n"
    assert catch_all_arms(source) == ["4: catch-all arm"]


def test_arms_that_name_what_they_take_are_left_alone() -> None:
    arms = "    case Open() as held:\n        pass\n    case Closed() | None:\n        pass\n"
    assert catch_all_arms(f"match state:\n{arms}") == []


def test_domains_hide_nothing_from_coverage() -> None:
    found = [f"{shown(p)}:{line}" for p in domain_files() for line in hidden_lines(p.read_text())]
    assert found == []


def test_a_hidden_line_is_noticed() -> None:
    assert hidden_lines("x = 1\nif x:  # pragma: no cover\n") == ["2: hidden from coverage"]
