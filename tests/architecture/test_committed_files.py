"""What is committed works on every machine and gives away nothing about one."""

import re

import pytest

from tests.architecture.sources import ROOT, listed, project_files, shown

DOWNLOAD_ADDRESS = re.compile(
    r"index[-_]url\s*=?\s*\"?https?:"
    r"|files\.pythonhosted\.org|pypi\.org/simple|pypi\.[a-z.-]+/simple"
    r"|registry\.(npmjs|yarnpkg)|repo1?\.maven|\"resolved\":\s*\"https?:"
    r"|//[^/\s\"@]+:[^/\s\"@]+@",
    re.IGNORECASE,
)
PLACE_ON_ONE_MACHINE = re.compile(r"(?<![\w.~$}-])/(home/[a-z_]\w*|Users/[A-Za-z]\w*|root)/")
TEXT = (
    "", ".awk", ".cfg", ".css", ".html", ".ini", ".j2", ".js", ".json", ".md", ".py", ".sh",
    ".toml", ".txt", ".xml", ".yaml", ".yml",
)  # fmt: skip

# The examples below are put together here, so that this file holds none of what it forbids.
HTTPS = "https:" + "//"
INDEX = "--index" + "-url"
PYTHON_HOST, NODE_HOST = ".".join(["pythonhosted", "org"]), ".".join(["npmjs", "org"])
SUPERUSER = "".join(["ro", "ot"])


def offences(text: str) -> list[str]:
    """Download addresses, passwords in addresses and places of one machine, by line."""
    return [
        f"{number}: {found.group()}"
        for number, line in enumerate(text.splitlines(), start=1)
        for pattern in (DOWNLOAD_ADDRESS, PLACE_ON_ONE_MACHINE)
        if (found := pattern.search(line))
    ]


def test_no_committed_file_names_a_registry_or_a_place_on_one_machine() -> None:
    found = [
        f"{shown(path)}:{offence}"
        for path in project_files(*TEXT)
        if path.name != "test_committed_files.py"
        for offence in offences(path.read_text())
    ]
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        f"{INDEX} {HTTPS}mirror.example/simple",
        f'index_url = "{HTTPS}mirror.example/simple"',
        f"scipy @ {HTTPS}files.{PYTHON_HOST}/packages/scipy.whl",
        f'"resolved": "{HTTPS}registry.{NODE_HOST}/x"',
        "see /home/ada/amends/README.md",
        "cd /Users/Ada/amends && make",
        f'open("/{SUPERUSER}/.config")',
        "postgresql://ada:secret@db/amends",
    ],
)
def test_an_address_or_a_place_is_noticed(line: str) -> None:
    assert offences(line) != []


@pytest.mark.parametrize(
    "line",
    ["emit_index_url = false", "cd ~/amends", f"$HOME/{SUPERUSER}/x", "a/home/b/c"],
)
def test_what_is_the_same_everywhere_is_left_alone(line: str) -> None:
    assert offences(line) == []


def left_out(names: list[str]) -> list[str]:
    """Ignored files in source folders that no tool leaves there: somebody would miss them."""
    folders = (
        "amends/",
        "bench/",
        "deploy/",
        "docs/",
        "scripts/",
        "services/",
        "shared/",
        "tests/",
    )
    return [n for n in names if n.startswith(folders) and "__pycache__" not in n]


def test_no_source_file_is_ignored_by_accident() -> None:
    ignored = listed("--others", "--ignored", "--exclude-standard", "--directory")
    assert left_out([path.relative_to(ROOT).as_posix() for path in ignored]) == []


def test_an_ignored_source_file_is_noticed() -> None:
    names = [".venv/", "amends/__pycache__/", "amends-data/", "amends/demo/data/cfpb.csv"]
    assert left_out(names) == ["amends/demo/data/cfpb.csv"]
