"""Remedies that a merchant owes and is late with, again and again, are a violation."""

from datetime import datetime, timedelta
from typing import Any

from shared.events.clocks import ClockBreached, ClockCorrected
from shared.events.vocabulary import ClockKind, CorrectionReason, Party
from tests.crossings.calm import nothing_in_limbo
from tests.crossings.cases import DAY, SETTLED, Case, file, in_progress, introduce_merchant
from tests.integration.intake.alone import FILING, IntakeAlone
from tests.support.system import System


async def owing(system: System, case: Case) -> None:
    """The merchant owes a remedy."""
    await case.contact()
    await case.accept(await case.propose())
    await system.settle()


async def three_late(system: System) -> list[Case]:
    """Three complaints whose remedies are overdue, a day apart."""
    cases = [await in_progress(system)]
    await introduce_merchant(system)
    await cases[0].accept(await cases[0].propose())
    for number in (2, 3):
        await system.advance(DAY)
        case = await file(system, order_ids=[f"o{number}"])
        await system.settle()
        await owing(system, case)
        cases.append(case)
    await system.advance(3 * DAY + SETTLED)
    return cases


async def listed(system: System, **asked: Any) -> list[Any]:
    found: list[Any] = (await system.as_("ops", "o").get("/v1/violations", **asked))["items"]
    return found


async def test_the_third_overdue_remedy_within_thirty_days_is_a_violation() -> None:
    async with System() as system:
        cases = await three_late(system)
        [found] = await listed(system, kind="remedy_overdue")
        assert (found["complaint_id"], found["merchant_id"]) == (cases[-1].id, "m1")
        shown = await cases[0].merchant.get(f"/v1/violations/{found['id']}")
        assert (shown["found_by"], shown["severity"]) == ("repeated_late_clocks", 1)
        clocks = [(await case.clock(ClockKind.REMEDY))["id"] for case in cases]
        assert shown["clock_ids"] == clocks
        assert await cases[-1].said("violation_recorded") == ["sent"]
        await nothing_in_limbo(system)


CLOCK: dict[str, Any] = {"cycle": 1, "n": 1, "party": Party.MERCHANT}


class Merchants:
    """One merchant's complaints in intake alone; clocks are told as a test says."""

    def __init__(self, intake: IntakeAlone) -> None:
        self.intake = intake
        self.complaints: dict[str, str] = {}

    async def breached(
        self, clock: str, due_at: datetime, kind: ClockKind = ClockKind.REMEDY, **change: Any
    ) -> None:
        """A deadline of a complaint of its own was missed."""
        if clock not in self.complaints:
            filed = await self.intake.specialist.post("", FILING)
            self.complaints[clock] = filed["id"]
        about = {**CLOCK, "kind": kind, "clock_id": clock, **change}
        event = ClockBreached(
            **about,
            complaint_id=self.complaints[clock],
            occurred_at=due_at,
            due_at=due_at,
            responsible_id="m1",
        )
        await self.intake.learn(event, self.complaints[clock])

    async def met_after_all(self, clock: str, due_at: datetime) -> None:
        """The breach is withdrawn."""
        event = ClockCorrected(
            **CLOCK,
            kind=ClockKind.REMEDY,
            clock_id=clock,
            complaint_id=self.complaints[clock],
            occurred_at=due_at,
            cause_id="e",
            reason=CorrectionReason.LATE_FACT,
            target="72h",
            due_at=due_at,
            warn_at=(),
            breach_withdrawn=True,
        )
        await self.intake.learn(event, self.complaints[clock])

    async def violations(self) -> list[Any]:
        """All of them, newest first."""
        response = await self.intake.ops.http.get("/v1/violations")
        found: list[Any] = response.json()["items"]
        return found

    async def notes(self) -> list[str]:
        """What staff were told, in any of the complaints."""
        found = []
        for complaint in self.complaints.values():
            told = (await self.intake.ops.get(f"/{complaint}/events"))["items"]
            found += [e["data"]["text"] for e in told if e["type"].endswith("note_added.v1")]
        return found


async def test_a_breach_that_comes_twice_counts_once() -> None:
    async with IntakeAlone() as intake:
        merchants, now = Merchants(intake), intake.time.now()
        for clock in ("a", "b", "a", "b", "a"):
            await merchants.breached(clock, now)
        assert await merchants.violations() == []
        for _ in range(2):
            await merchants.breached("c", now)
        assert len(await merchants.violations()) == 1
        for clock in ("d", "e"):
            await merchants.breached(clock, now)
        assert len(await merchants.violations()) == 1
        await merchants.breached("f", now)
        assert len(await merchants.violations()) == 2


async def test_the_time_to_appeal_begins_when_it_is_recorded_however_late_that_is() -> None:
    async with IntakeAlone() as intake:
        merchants, now = Merchants(intake), intake.time.now()
        for clock in ("a", "b", "c"):
            await merchants.breached(clock, now - timedelta(days=20))
        [found] = await merchants.violations()
        ends = datetime.fromisoformat(found["appeal_ends_at"])
        assert ends == now + timedelta(days=15)


async def test_a_withdrawn_breach_does_not_count() -> None:
    async with IntakeAlone() as intake:
        merchants, now = Merchants(intake), intake.time.now()
        await merchants.breached("a", now)
        await merchants.breached("b", now)
        await merchants.met_after_all("b", now)
        await merchants.breached("c", now)
        assert await merchants.violations() == []
        assert await merchants.notes() == []
        await merchants.breached("d", now)
        [found] = await merchants.violations()
        shown = (await intake.ops.http.get(f"/v1/violations/{found['id']}")).json()
        assert shown["clock_ids"] == ["a", "c", "d"]


async def test_a_breach_withdrawn_afterwards_is_told_to_staff_who_decide() -> None:
    async with IntakeAlone() as intake:
        merchants, now = Merchants(intake), intake.time.now()
        for clock in ("a", "b", "c"):
            await merchants.breached(clock, now)
        await merchants.met_after_all("a", now)
        [found] = await merchants.violations()
        assert found["state"] == "recorded"
        [note] = await merchants.notes()
        assert found["id"] in note
        assert " a," in note


async def test_other_clocks_and_other_parties_are_no_violation_of_a_merchant() -> None:
    async with IntakeAlone() as intake:
        merchants, now = Merchants(intake), intake.time.now()
        for clock in ("a", "b", "c"):
            await merchants.breached(clock, now, kind=ClockKind.MERCHANT_RESPONSE)
        for clock in ("d", "e", "f"):
            await merchants.breached(clock, now, party=Party.PLATFORM)
        assert await merchants.violations() == []
