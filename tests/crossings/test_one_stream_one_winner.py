"""Rows 11, 12 and 27: two acts on one complaint, of which one has to yield."""

import asyncio

from shared.events.complaints import ComplaintFiled, ComplaintWithdrawn, SolutionAccepted
from shared.events.registry import COMPLAINTS
from tests.crossings.calm import nothing_in_limbo
from tests.crossings.cases import FILING, Case, hire, in_progress
from tests.support.system import System


async def proposed(system: System) -> tuple[Case, int, int]:
    case = await in_progress(system)
    n = await case.propose()
    await system.settle()
    return case, n, await case.version()


async def test_11_accepted_first_then_the_withdrawal_is_stale() -> None:
    async with System() as system:
        case, n, seen = await proposed(system)
        await case.act(case.consumer, f"solutions/{n}/acceptance", match=seen)
        refused = await case.refused(case.consumer, "withdrawal", match=seen)
        assert refused == (412, "version_mismatch")
        assert await case.status() == "remedying"
        await nothing_in_limbo(system)


async def test_11_withdrawn_first_then_the_acceptance_is_stale() -> None:
    async with System() as system:
        case, n, seen = await proposed(system)
        await case.act(case.consumer, "withdrawal", match=seen)
        refused = await case.refused(case.consumer, f"solutions/{n}/acceptance", match=seen)
        assert refused == (412, "version_mismatch")
        assert await case.told(SolutionAccepted) == []
        assert await case.status() == "withdrawn"
        await nothing_in_limbo(system)


async def test_11_both_in_one_commit_batch_only_one_is_recorded() -> None:
    async with System() as system:
        for first, second in ((0, 1), (1, 0)):
            case, n, seen = await proposed_again(system, first)
            acts = [f"solutions/{n}/acceptance", "withdrawal"]
            answers = await asyncio.gather(
                case.answer_to(case.consumer, acts[first], {}, seen),
                case.answer_to(case.consumer, acts[second], {}, seen),
            )
            assert sorted(answer.status_code for answer in answers) == [200, 412]
            recorded = [*await case.told(SolutionAccepted), *await case.told(ComplaintWithdrawn)]
            assert len(recorded) == 1
        await nothing_in_limbo(system)


async def proposed_again(system: System, index: int) -> tuple[Case, int, int]:
    if index == 0:
        return await proposed(system)
    caller = system.as_("specialist", "hotline")
    case = Case(system, (await caller.post("/v1/complaints", FILING))["id"])
    await system.settle()
    await case.contact()
    n = await case.propose()
    await system.settle()
    return case, n, await case.version()


async def superseded(system: System) -> tuple[Case, int, int]:
    """A complaint with a second solution; the version at which its consumer saw the first."""
    case, n, seen = await proposed(system)
    await case.act(case.consumer, f"solutions/{n}/rejection", {"reason": "too little"})
    await case.propose(amount_minor=20000)
    await system.settle()
    return case, n, seen


async def test_12_the_old_solution_with_the_version_it_was_seen_at_is_stale() -> None:
    async with System() as system:
        case, n, seen = await superseded(system)
        refused = await case.refused(case.consumer, f"solutions/{n}/acceptance", match=seen)
        assert refused == (412, "version_mismatch")
        await nothing_in_limbo(system)


async def test_12_the_old_solution_with_the_version_of_now_is_superseded() -> None:
    async with System() as system:
        case, n, _ = await superseded(system)
        refused = await case.refused(case.consumer, f"solutions/{n}/acceptance")
        assert refused == (409, "solution_superseded")
        assert await case.told(SolutionAccepted) == []
        assert await case.status() == "solution_proposed"
        await nothing_in_limbo(system)


async def test_12_accepted_first_a_second_solution_cannot_be_proposed() -> None:
    async with System() as system:
        case, n, _ = await proposed(system)
        await case.accept(n)
        body = {"remedy": "apology", "payer": "nobody", "reasons": "on top"}
        assert await case.refused(case.specialist, "solutions", body) == (409, "wrong_status")
        await nothing_in_limbo(system)


async def filings(system: System) -> list[ComplaintFiled]:
    events = await system.events(COMPLAINTS)
    return [event for event in events if isinstance(event, ComplaintFiled)]


async def test_27_two_posts_with_one_key_in_one_batch_have_one_answer() -> None:
    async with System() as system:
        await hire(system)
        caller = system.as_("specialist", "hotline")
        first, second = await asyncio.gather(
            caller.request("POST", "/v1/complaints", FILING, key="k1"),
            caller.request("POST", "/v1/complaints", FILING, key="k1"),
        )
        assert (first.status_code, second.status_code) == (201, 201)
        assert first.json() == second.json()
        assert first.headers["ETag"] == second.headers["ETag"]
        assert len(await filings(system)) == 1
        await nothing_in_limbo(system)


async def test_27_one_key_for_two_bodies_in_one_batch_takes_the_first() -> None:
    async with System() as system:
        await hire(system)
        other = {**FILING, "description": "Something else."}
        for one, two in ((FILING, other), (other, FILING)):
            before = len(await filings(system))
            caller = system.as_("specialist", f"hotline-{before}")
            answers = await asyncio.gather(
                caller.request("POST", "/v1/complaints", one, key="k1"),
                caller.request("POST", "/v1/complaints", two, key="k1"),
            )
            assert sorted(answer.status_code for answer in answers) == [201, 422]
            [refused] = [a.json() for a in answers if a.status_code == 422]
            assert refused["code"] == "idempotency_key_reused"
            assert len(await filings(system)) == before + 1
        await nothing_in_limbo(system)


async def test_27_two_acts_with_one_key_in_one_batch_are_recorded_once() -> None:
    async with System() as system:
        case, n, seen = await proposed(system)
        path = f"{case.path}/solutions/{n}/acceptance"
        answers = await asyncio.gather(
            *(case.consumer.request("POST", path, {}, match=seen, key="yes") for _ in range(3))
        )
        assert [answer.status_code for answer in answers] == [200, 200, 200]
        assert len({answer.text for answer in answers}) == 1
        assert len(await case.told(SolutionAccepted)) == 1
        await nothing_in_limbo(system)
