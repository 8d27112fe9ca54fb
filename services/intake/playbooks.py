"""Use cases of playbooks: what guides the work on a category, in which version; ops edit it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from services.intake.domain.playbooks.content import Content, Kind, Passage, Playbook, faults
from services.intake.domain.playbooks.editing import (
    EditPlaybook,
    PlaybookEdited,
    content_of,
    playbook_decider,
)
from shared.codec import decode
from shared.eventlog.ports import EventLog
from shared.events.vocabulary import Category
from shared.problems import Problem
from shared.unit_of_work import UnitOfWork

_FOLDER: Final = Path(__file__).parent / "playbook_texts"


class BrokenPlaybook(ValueError):
    """A text as delivered has a fault."""


class Playbooks:
    """The playbooks of all categories: as delivered, and as ops have edited them since."""

    def __init__(self, delivered: Mapping[Category, Playbook]) -> None:
        self._delivered = delivered

    async def current(self, log: EventLog, category: Category) -> Playbook:
        """The version in use."""
        decider = playbook_decider(self._delivered[category])
        return decider.fold(decode(entry) for entry in await log.read(_stream(category)))

    async def version(self, log: EventLog, category: Category, version: int) -> Playbook:
        """A version, however old. Raises `Problem` `not_found`."""
        delivered = self._delivered[category]
        for entry in await log.read(_stream(category)):
            event = decode(entry)
            if isinstance(event, PlaybookEdited) and event.version == version:
                return Playbook(category=category, version=version, content=content_of(event))
        if delivered.version == version:
            return delivered
        raise Problem("not_found", "There is no such version of this playbook.")

    async def edit(
        self,
        work: UnitOfWork,
        category: Category,
        command: EditPlaybook,
        check_version: Callable[[int], None],
    ) -> Playbook:
        """Make the next version. Raises `Refused`, and whatever `check_version` raises."""
        decider, stream = playbook_decider(self._delivered[category]), _stream(category)
        check_version((await work.load(decider, stream)).state.version)
        await work.decide(decider, stream, str(category), command)
        return (await work.load(decider, stream)).state

    async def named(self, log: EventLog, name: str) -> Playbook | None:
        """The version of this `name`, `counterfeit@1`; None if there is none."""
        about, _, version = name.partition("@")
        if about not in set(Category):
            return None
        try:
            return await self.version(log, Category(about), int(version))
        except Problem:
            return None


def _stream(category: Category) -> str:
    return f"playbook-{category}"


def delivered_playbooks(folder: Path = _FOLDER) -> dict[Category, Playbook]:
    """The texts as delivered: those of the category between those of every case.

    Raises `BrokenPlaybook`, and `OSError` for a category without a file.
    """
    always = yaml.safe_load((folder / "every_case.yaml").read_text("utf-8"))
    return {category: _read(category, folder, always) for category in Category}


def _read(category: Category, folder: Path, always: dict[str, Any]) -> Playbook:
    own = yaml.safe_load((folder / f"{category}.yaml").read_text("utf-8"))
    content = Content(
        steps=_passages([*always["before"], *own["steps"], *always["after"]]),
        questions=_passages(own["questions"]),
        explanations=_passages([*own["explanations"], *always["explanations"]]),
    )
    found = faults(content)
    if found:
        raise BrokenPlaybook(f"{category}: {'; '.join(found)}")
    return Playbook(category=category, version=own["version"], content=content)


def _passages(entries: list[dict[str, Any]]) -> tuple[Passage, ...]:
    return tuple(
        Passage(
            id=entry["id"],
            zh=entry["zh"],
            en=entry["en"],
            kind=Kind(entry["kind"]) if "kind" in entry else None,
            sources=tuple(entry.get("sources", ())),
        )
        for entry in entries
    )
