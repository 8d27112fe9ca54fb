"""What the documents tell a reader to type exists, and what they point to is there."""

import re
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, project_files, shown

CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
MAKE = re.compile(r"\bmake ([a-z][a-z-]*)")
TARGET = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)\s#]+)")


def targets() -> set[str]:
    """What `make` can make."""
    return set(TARGET.findall((ROOT / "Makefile").read_text()))


def unknown_targets(text: str) -> list[str]:
    """Targets that a document's code names and the Makefile lacks."""
    named = [name for code in CODE.findall(text) for name in MAKE.findall(code)]
    return [name for name in named if name not in targets()]


def dead_links(text: str, folder: Path) -> list[str]:
    """Relative links to files that are not there, or not in this project."""
    found = []
    for link in LINK.findall(text):
        target = (folder / link).resolve()
        if not target.exists() or not target.is_relative_to(ROOT):
            found.append(link)
    return found


def test_documents_name_only_targets_that_exist() -> None:
    found = [
        f"{shown(p)}: {t}" for p in project_files(".md") for t in unknown_targets(p.read_text())
    ]
    assert found == []


def test_documents_link_only_to_what_is_there() -> None:
    found = [
        f"{shown(path)}: {link}"
        for path in project_files(".md")
        for link in dead_links(path.read_text(), path.parent)
    ]
    assert found == []


def test_the_readme_names_the_two_commands() -> None:
    named = MAKE.findall((ROOT / "README.md").read_text())
    assert {"demo", "test"} <= set(named)


def test_every_target_is_in_the_menu_and_declared_phony() -> None:
    makefile = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: ((?:.*\\\n)*.*)", makefile, re.MULTILINE)
    assert phony is not None
    assert set(phony[1].replace("\\\n", " ").split()) == targets()
    for target in targets():
        assert re.search(rf"^{target}:.* ## .+", makefile, re.MULTILINE), target


@pytest.mark.parametrize("text", ["`make coffee`", "```\n$ make setup\n$ make coffee ARGS=2\n```"])
def test_an_unknown_target_is_noticed(text: str) -> None:
    assert unknown_targets(text) == ["coffee"]


def test_prose_and_known_targets_are_left_alone() -> None:
    assert unknown_targets("we make coffee with `make demo`") == []


def test_a_dead_link_is_noticed(tmp_path: Path) -> None:
    text = "[a](Makefile) [b](missing.md) [c](../outside.md) [d](https://example.com) [e](#here)"
    assert dead_links(text, ROOT) == ["missing.md", "../outside.md"]
    assert dead_links(f"[f]({tmp_path})", ROOT) == [str(tmp_path)]
