"""Row 28: somebody is to be erased while a complaint of theirs is open, or opens just then.

Whoever opens one is held against who erases at every place where the one can come between the
steps of the other: an erasure announces itself, looks for complaints, and destroys the key.
"""

from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest

from services.intake.application import Intake, author_of
from services.intake.domain.commands import FileComplaint
from services.intake.domain.reports import TakeSurveyAnswer
from services.intake.erasing import Erasure
from shared.auth import Principal
from shared.crypto.keyring import KeyRing
from shared.decider import Refused
from shared.eventlog.ports import EventLog, Row, Statement, VersionConflict
from shared.eventlog.subject_keys import DocumentKeys
from shared.events.complaints import Demand
from shared.events.personal import UNREADABLE
from shared.events.vocabulary import Category, Channel, DemandKind, Role, Status, SurveyResult
from shared.unit_of_work import UnitOfWork
from tests.crossings.cases import SPECIALIST, assigned, file
from tests.integration.intake.alone import FILING, IntakeAlone
from tests.integration.intake.test_erasing import GROUND, ask, ended, erase, refusal
from tests.support.system import System

Meanwhile = Callable[[], Awaitable[None]]


class _Interrupted:
    """A log on which something happens right after the first look at open complaints."""

    def __init__(self, log: EventLog, meanwhile: Meanwhile) -> None:
        self._log = log
        self._meanwhile: Meanwhile | None = meanwhile

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    async def fetch(self, query: Statement, *, brief: bool = False) -> list[Row]:
        """Rows as they are; then it happens."""
        found = await self._log.fetch(query, brief=brief)
        if "facet &" in query.sql and "specialist_id" in query.sql and self._meanwhile:
            meanwhile, self._meanwhile = self._meanwhile, None
            await meanwhile()
        return found


class _OtherProcess:
    """The same store in a process that has read its keys by itself, some time ago."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self.keys = KeyRing(log.source, {log.source: DocumentKeys(log)}.get)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)


def interrupted(intake: IntakeAlone, meanwhile: Meanwhile) -> EventLog:
    return cast("EventLog", _Interrupted(intake.service.log, meanwhile))


async def erased(log: EventLog, intake: IntakeAlone) -> None:
    """Erase u1 on this log, decided anew after conflicts as over HTTP. Raises `Refused`."""
    for _ in range(5):
        work = UnitOfWork(log)
        await Erasure(log).erase(work, "u1", GROUND["legal_basis"], intake.time.now())
        try:
            await work.commit()
        except VersionConflict:
            continue
        return
    raise AssertionError("it never ends")


async def text_of(intake: IntakeAlone, complaint_id: str) -> str:
    return str((await intake.ops.get(f"/{complaint_id}"))["description"])


def use_cases(intake: IntakeAlone) -> Intake:
    assert isinstance(intake.service.facade, Intake)
    return intake.service.facade


def filing(intake: IntakeAlone, complaint_id: str = "c-new") -> FileComplaint:
    """u1 is about to file."""
    return FileComplaint(
        now=intake.time.now(),
        by=author_of(Principal(role=Role.SPECIALIST, subject="s1")),
        complaint_id=complaint_id,
        channel=Channel.HOTLINE,
        consumer_id="u1",
        merchant_id="m1",
        order_ids=("o1",),
        category=Category.COUNTERFEIT,
        description=FILING["description"],
        demand=Demand(kind=DemandKind.REFUND),
        language="zh-CN",
    )


async def survey_answered(intake: IntakeAlone, work: UnitOfWork, complaint_id: str) -> None:
    """u1 objects with one click, without a word: the complaint is open again."""
    [*_, cause] = await intake.service.log.read(f"complaint-{complaint_id}")
    command = TakeSurveyAnswer(
        now=intake.time.now(),
        cycle=1,
        follow_up_id="f1",
        result=SurveyResult.OBJECTION,
        text=None,
        ratings_only=False,
    )
    assert await use_cases(intake).react(work, complaint_id, command, cause)


async def resolved(intake: IntakeAlone) -> str:
    """A complaint that is resolved, and could be reopened; its id."""
    complaint_id = await intake.in_progress()
    version = (await intake.specialist.get(f"/{complaint_id}"))["version"]
    body = {"outcome": "explained"}
    await intake.specialist.post(f"/{complaint_id}/resolution", body, match=version)
    return complaint_id


async def test_28_who_has_an_open_complaint_is_erased_once_it_has_ended() -> None:
    async with System() as system:
        case = await assigned(system)
        path = "/v1/subjects/u1/erasure"
        assert await case.ops.refused(path, GROUND) == (409, "subject_has_open_complaints")
        assert (await case.now())["description"] != UNREADABLE
        await case.withdraw()
        await system.settle()
        await case.ops.post(path, GROUND)
        await system.settle()
        assert (await case.now())["description"] == UNREADABLE
        assert (await case.ops.get("/v1/dead-letters"))["items"] == []
        other = await file(system, consumer_id="u2")
        await system.settle()
        assert (await other.now())["description"] != UNREADABLE
        assert (await other.now())["specialist_id"] == "s1", SPECIALIST


async def test_28_a_legal_hold_outlasts_every_complaint() -> None:
    async with IntakeAlone() as intake:
        complaint_id = await ended(intake)
        await ask(intake, "PUT", "/u1/legal-holds/court-1", {"reason": "In court."})
        assert refusal(await erase(intake)) == (409, "legal_hold")
        assert await text_of(intake, complaint_id) == FILING["description"]
        await ask(intake, "DELETE", "/u1/legal-holds/court-1")
        assert (await erase(intake)).status_code == 200
        assert await text_of(intake, complaint_id) == UNREADABLE


async def test_28_who_files_while_being_erased_calls_it_off() -> None:
    async with IntakeAlone() as intake:
        before = await ended(intake)

        async def files() -> None:
            await intake.filed()

        with pytest.raises(Refused) as refused:
            await erased(interrupted(intake, files), intake)
        assert refused.value.code == "subject_has_open_complaints"
        assert await text_of(intake, before) == FILING["description"]


async def test_28_a_hold_that_is_placed_while_they_are_erased_stands() -> None:
    async with IntakeAlone() as intake:
        before = await ended(intake)

        async def held() -> None:
            await ask(intake, "PUT", "/u1/legal-holds/court-1", {"reason": "In court."})

        with pytest.raises(Refused) as refused:
            await erased(interrupted(intake, held), intake)
        assert refused.value.code == "legal_hold"
        assert await text_of(intake, before) == FILING["description"]


async def test_28_who_opens_it_again_without_a_word_calls_it_off() -> None:
    async with IntakeAlone() as intake:
        complaint_id = await resolved(intake)

        async def objects() -> None:
            work = UnitOfWork(intake.service.log)
            await survey_answered(intake, work, complaint_id)
            await work.commit()

        with pytest.raises(Refused) as refused:
            await erased(interrupted(intake, objects), intake)
        assert refused.value.code == "subject_has_open_complaints"
        assert await text_of(intake, complaint_id) == FILING["description"]


async def test_28_who_objects_to_what_was_erased_decides_that_anew() -> None:
    async with IntakeAlone() as intake:
        complaint_id = await resolved(intake)
        late = UnitOfWork(intake.service.log)
        await survey_answered(intake, late, complaint_id)
        assert (await erase(intake)).status_code == 200
        with pytest.raises(VersionConflict):
            await late.commit()
        again = UnitOfWork(intake.service.log)
        await survey_answered(intake, again, complaint_id)
        await again.commit()
        assert (await intake.ops.get(f"/{complaint_id}"))["status"] == Status.ACCEPTED
        assert await text_of(intake, complaint_id) == UNREADABLE


async def test_28_what_was_sealed_before_the_erasure_is_not_recorded_after_it() -> None:
    async with IntakeAlone() as intake:
        before = await ended(intake)
        late = UnitOfWork(intake.service.log)
        await use_cases(intake).file(late, filing(intake))
        assert (await erase(intake)).status_code == 200
        with pytest.raises(VersionConflict):
            await late.commit()
        again = UnitOfWork(intake.service.log)
        await use_cases(intake).file(again, filing(intake))
        await again.commit()
        assert await text_of(intake, "c-new") == FILING["description"]
        assert await text_of(intake, before) == UNREADABLE


async def test_28_what_was_sealed_before_it_was_announced_calls_it_off_too() -> None:
    async with IntakeAlone() as intake:
        before = await ended(intake)
        late = UnitOfWork(intake.service.log)
        await use_cases(intake).file(late, filing(intake))

        async def files() -> None:
            with pytest.raises(VersionConflict):
                await late.commit()
            again = UnitOfWork(intake.service.log)
            await use_cases(intake).file(again, filing(intake))
            await again.commit()

        with pytest.raises(Refused) as refused:
            await erased(interrupted(intake, files), intake)
        assert refused.value.code == "subject_has_open_complaints"
        assert await text_of(intake, "c-new") == FILING["description"]
        assert await text_of(intake, before) == FILING["description"]


async def test_28_of_two_who_erase_at_once_one_does() -> None:
    async with IntakeAlone() as intake:
        complaint_id = await ended(intake)

        async def somebody_else_does() -> None:
            assert (await erase(intake)).status_code == 200

        await erased(interrupted(intake, somebody_else_does), intake)
        assert await text_of(intake, complaint_id) == UNREADABLE
        assert len(await intake.service.log.read("subject-u1")) == 1


async def test_28_another_process_with_an_old_key_seals_with_a_new_one() -> None:
    async with IntakeAlone() as intake:
        before = await ended(intake)
        other = cast("EventLog", _OtherProcess(intake.service.log))
        first = UnitOfWork(other)
        await use_cases(intake).file(first, filing(intake, "c-1"))
        await erase(intake)  # the other process has not heard of it
        for conflict in (True, False):
            work = UnitOfWork(other)
            await use_cases(intake).file(work, filing(intake, "c-2"))
            if conflict:
                with pytest.raises(VersionConflict):
                    await work.commit()
            else:
                await work.commit()
        assert await text_of(intake, "c-2") == FILING["description"]
        assert await text_of(intake, before) == UNREADABLE


async def test_28_a_process_that_ends_after_the_announcement_does_no_harm() -> None:
    async with IntakeAlone() as intake:
        before = await ended(intake)
        announced = UnitOfWork(intake.service.log)
        await announced.suspend_key("u1")
        await announced.commit()
        assert await text_of(intake, before) == FILING["description"]
        await intake.filed()
        assert refusal(await erase(intake)) == (409, "subject_has_open_complaints")
