"""What a reader meets: files and functions of a size to be read, names that say something."""

import ast
from pathlib import PurePath

import pytest

from tests.architecture.sources import dotted, names_in_scope, project_files, python_files, shown

LONGEST_FILE = 400
LONGEST_FUNCTION = 60
EMPTY_NAMES = frozenset({"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"})

TIME_AND_CHANCE = (
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "datetime.date.today",
    "time",
    "random",
    "uuid.uuid1",
    "uuid.uuid4",
    "uuid_utils",
    "os.urandom",
    "secrets",
)
SEEDED = "random.Random"
MAY_READ_TIME_AND_CHANCE = (
    "shared/clock.py",
    "shared/ids.py",
    "shared/crypto/sealing.py",  # keys and nonces must not be foreseen by anybody
    "amends/data_directory.py",  # makes the secret that signs links, once per store
    "amends/demo/",  # plays people who call from outside, with watches of their own
)


def too_long(source: str) -> bool:
    """More lines than anybody reads at a sitting."""
    return len(source.splitlines()) > LONGEST_FILE


def long_functions(source: str) -> list[str]:
    """Functions with too many lines of statements; docstrings, comments and blanks are free."""
    lines = source.splitlines()
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        body = node.body[1:] if ast.get_docstring(node) is not None else node.body
        taken = {
            number
            for statement in body
            for number in range(statement.lineno, (statement.end_lineno or 0) + 1)
            if lines[number - 1].strip() and not lines[number - 1].lstrip().startswith("#")
        }
        if len(taken) > LONGEST_FUNCTION:
            found.append(f"{node.lineno}: {node.name} has {len(taken)} lines")
    return found


def empty_names(path: str) -> list[str]:
    """Parts of a path that could hold anything."""
    return [part for part in PurePath(path).with_suffix("").parts if part in EMPTY_NAMES]


class _Uses(ast.NodeVisitor):
    """Collects uses of the machine's clock or randomness."""

    def __init__(self, scope: dict[str, str]) -> None:
        self._scope = scope
        self.found: list[str] = []

    def visit_Call(self, node: ast.Call) -> None:
        """`random.Random(seed)` gives the same numbers everywhere; without a seed it does not."""
        name = dotted(node.func, self._scope)
        if name == SEEDED and not node.args:
            self.found.append(f"{node.lineno}: {name} without a seed")
        self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """Look at the whole name at once."""
        if dotted(node, self._scope) is None:
            self.generic_visit(node)
        else:
            self._look(node)

    def visit_Name(self, node: ast.Name) -> None:
        """A name imported by itself."""
        self._look(node)

    def _look(self, node: ast.Name | ast.Attribute) -> None:
        name = dotted(node, self._scope) or ""
        banned = any(f"{name}.".startswith(f"{prefix}.") for prefix in TIME_AND_CHANCE)
        if banned and name != SEEDED:
            self.found.append(f"{node.lineno}: {name}")


def time_and_chance(source: str) -> list[str]:
    """Uses of the machine's clock or randomness, by line."""
    tree = ast.parse(source)
    uses = _Uses(names_in_scope(tree))
    uses.visit(tree)
    return uses.found


def test_no_file_is_too_long() -> None:
    assert [shown(p) for p in python_files() if too_long(p.read_text())] == []


def test_a_long_file_is_noticed() -> None:
    assert not too_long("x = 1\n" * LONGEST_FILE)
    assert too_long("x = 1\n" * (LONGEST_FILE + 1))


def test_no_function_is_too_long() -> None:
    found = [f"{shown(p)}:{f}" for p in python_files() for f in long_functions(p.read_text())]
    assert found == []


def test_a_long_function_is_noticed() -> None:
    head = 'def f():\n    """Says what it does."""\n    # and why\n\n'
    assert long_functions(head + "    x = 1\n" * LONGEST_FUNCTION) == []
    assert long_functions(head + "    x = 1\n" * (LONGEST_FUNCTION + 1)) == ["1: f has 61 lines"]
    nested = "class A:\n    async def f(self):\n" + "        x = 1\n" * (LONGEST_FUNCTION + 1)
    assert long_functions(nested) == ["2: f has 61 lines"]


def test_every_name_says_something() -> None:
    assert [shown(p) for p in project_files() if empty_names(shown(p))] == []


@pytest.mark.parametrize("path", ["shared/utils.py", "services/base/x.py", "docs/common.md"])
def test_an_empty_name_is_noticed(path: str) -> None:
    assert empty_names(path) != []


def test_only_clock_and_ids_read_the_machine_s_time_and_randomness() -> None:
    found = [
        f"{shown(path)}:{use}"
        for path in python_files("shared", "services", "amends")
        if not shown(path).startswith(MAY_READ_TIME_AND_CHANCE)
        for use in time_and_chance(path.read_text())
    ]
    assert found == []


@pytest.mark.parametrize(
    "source",
    [
        "import datetime\ndatetime.datetime.now()",
        "from datetime import UTC, datetime as dt\ndt.now(UTC)",
        "import time\ntime.time()",
        "from time import monotonic\nmonotonic()",
        "import uuid\nuuid.uuid4()",
        "from uuid import uuid4 as fresh\nfresh()",
        "import random\nrandom.random()",
        "from random import choice\nchoice([1])",
        "import random\nrandom.Random()",
        "import secrets\nsecrets.token_hex()",
    ],
)
def test_reading_time_or_randomness_is_noticed(source: str) -> None:
    assert time_and_chance(source) != []


@pytest.mark.parametrize(
    "source",
    [
        "clock.now()",
        "from datetime import datetime\ndatetime.fromisoformat('2026-01-01')",
        "import random\ndef pick(dice: random.Random) -> int: ...\npick(random.Random(7))",
    ],
)
def test_time_from_a_port_and_seeded_chance_are_left_alone(source: str) -> None:
    assert time_and_chance(source) == []
