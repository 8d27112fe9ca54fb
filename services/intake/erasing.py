"""Use cases about persons themselves: legal holds, and erasing (domain.md §8, crossing 28).

The order is what makes erasing safe. First it is announced at the person's key; only then is it
looked for open complaints; then the key is destroyed, unless somebody has called that off since. So
whatever opens a complaint of theirs either was seen, or calls it off, or finds the key gone and
begins with a new one. Nothing happens if a process ends in between.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.intake.clear_texts import lies_in_clear
from services.intake.domain.subjects.commands import EraseSubject, SubjectCommand
from services.intake.domain.subjects.deciding import SUBJECT_DECIDER, Subject
from services.intake.erasure_views import PARTIES, is_in_a_complaint, open_complaints_of
from services.intake.files_of_erased import leave_files_to_delete
from services.intake.forgetting import forget_texts
from shared.codec import decode
from shared.crypto.ports import SUBJECT_KEY
from shared.decider import Refused
from shared.eventlog.ports import EventLog, VersionConflict
from shared.problems import Problem
from shared.unit_of_work import ATTEMPTS, Loaded, UnitOfWork, transact

MOST_NAMED: Final = 20
"""So many open complaints are named at most."""


@dataclass(frozen=True, slots=True)
class Person:
    """The record of a person as it is (or was) when its stream had `version` events."""

    id: str
    state: Subject
    version: int


def subject_stream(subject_id: str) -> str:
    """The stream of a person's record."""
    return f"subject-{subject_id}"


class Erasure:
    """Holds, and what they hold up. It has no state of its own: the store has it all."""

    def __init__(self, log: EventLog) -> None:
        self._log = log

    async def act(self, work: UnitOfWork, command: SubjectCommand) -> Person:
        """Decide about a person. Raises `Refused`."""
        stream = subject_stream(command.subject_id)
        state = (await work.load(SUBJECT_DECIDER, stream)).state
        await self._log.keys.open(state)
        await work.decide(SUBJECT_DECIDER, stream, command.subject_id, command)
        return _person(command.subject_id, await work.load(SUBJECT_DECIDER, stream))

    async def erase(
        self, work: UnitOfWork, subject_id: str, legal_basis: str, now: datetime
    ) -> Person:
        """Let nobody read the person's texts any more, from the commit of this on.

        Raises `Refused`, `Problem` `not_found` for a person nobody knows, and `VersionConflict` if
        others kept calling it off.
        """
        await self._known(subject_id)
        readable, found = await self._destroyed(work, subject_id)
        command = EraseSubject(
            now=now,
            subject_id=subject_id,
            legal_basis=legal_basis,
            open_complaints=tuple(found),
            readable=readable,
            in_clear=await lies_in_clear(self._log, subject_id, PARTIES),
        )
        try:
            person = await self.act(work, command)
        except Refused:
            if readable:  # and announced: that is called off
                await transact(self._log, lambda calling_off: calling_off.rest_on_key(subject_id))
            raise
        if readable:
            await forget_texts(work, subject_id)
            await leave_files_to_delete(work, subject_id)
        return person

    async def _destroyed(self, work: UnitOfWork, subject_id: str) -> tuple[bool, list[str]]:
        """Whether there was a key to destroy, and the open complaints that speak against it.

        Nothing is destroyed before `work` is committed.
        """
        for _ in range(ATTEMPTS):
            readable = await self._announced(subject_id)
            found = await open_complaints_of(self._log, subject_id, MOST_NAMED)
            if found or not readable:
                return readable, found
            if await self._is_announced(subject_id):
                break
        # Once only: what a unit of work destroyed stays so. Somebody may be that fast all the same.
        if not await work.destroy_key(subject_id):
            raise VersionConflict(f"somebody keeps writing for {subject_stream(subject_id)}")
        return True, []

    async def _announced(self, subject_id: str) -> bool:
        """Announce it, but for a person who was erased and has written nothing since."""
        state = (await self.person(subject_id)).state
        stored = (await self._log.keys.own_anew(subject_id)).key
        if state.erasure is not None and (stored is None or stored.key is None):
            return False
        await transact(self._log, lambda announcing: announcing.suspend_key(subject_id))
        return True

    async def _is_announced(self, subject_id: str) -> bool:
        """Whether nobody has called it off so far."""
        stored = (await self._log.keys.own_anew(subject_id)).key
        return stored is not None and stored.closing

    async def person(self, subject_id: str, *, up_to: int | None = None) -> Person:
        """The record of a person as its stream tells it, its texts opened."""
        recorded = await self._log.read(subject_stream(subject_id), up_to=up_to)
        state = SUBJECT_DECIDER.fold(decode(entry) for entry in recorded)
        await self._log.keys.open(state)
        return Person(subject_id, state, len(recorded))

    async def known_person(self, subject_id: str) -> Person:
        """The same. Raises `Problem` `not_found` for a person nobody knows."""
        await self._known(subject_id)
        return await self.person(subject_id)

    async def open_complaints(self, subject_id: str) -> list[str]:
        """Complaints that speak against erasing the person, `MOST_NAMED` and one more at most."""
        return await open_complaints_of(self._log, subject_id, MOST_NAMED + 1)

    async def _known(self, subject_id: str) -> None:
        if await self._log.read(subject_stream(subject_id), up_to=1):
            return
        if (await self._log.document(SUBJECT_KEY, subject_id)).version:
            return
        if not await is_in_a_complaint(self._log, subject_id):
            raise Problem("not_found", "Nobody is known here under this id.")


def _person(subject_id: str, loaded: Loaded[Subject]) -> Person:
    return Person(subject_id, loaded.state, loaded.version)
