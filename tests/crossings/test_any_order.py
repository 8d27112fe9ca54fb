"""Whatever happens while whoever is behind: in the end all services tell the same story."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from random import Random
from typing import Final

import pytest

from shared.service import MailUnavailable
from tests.crossings.calm import nothing_in_limbo
from tests.crossings.cases import (
    CALL,
    DAY,
    HOUR,
    MINUTE,
    REFUND,
    Case,
    file,
    hire,
    introduce_merchant,
    presence,
    survey_link,
)
from tests.support.system import System

Step = Callable[[Case, Random], Awaitable[None]]

WAITS: Final = (
    timedelta(seconds=1),
    MINUTE,
    20 * MINUTE,
    HOUR,
    5 * HOUR,
    DAY,
    2 * DAY,
    7 * DAY,
)
BEHIND: Final = ("intake", "routing", "routing.matcher", "sla", "notify", "notify.mail")


async def anybody_acts(case: Case, dice: Random) -> None:
    """One act by one person, which may well be refused."""
    n = ((await case.now())["solutions"] or [{"n": 1}])[-1]["n"] - (dice.random() < 0.1)
    who, act, body = dice.choice(
        (
            (case.specialist, "contacts", CALL),
            (case.supervisor, "contacts", CALL),
            (case.supervisor, "merchant-requests", {"questions": "Is it real?"}),
            (case.supervisor, "consumer-requests", {"items": ["a photo"], "reason": "why"}),
            (case.merchant, "merchant-responses", {"stance": "informs", "text": "It is."}),
            (case.supervisor, "solutions", REFUND),
            (case.supervisor, "solutions", {**REFUND, "payer": "platform"}),
            (
                case.supervisor,
                "solutions",
                {"remedy": "apology", "payer": "nobody", "reasons": "s"},
            ),
            (case.consumer, f"solutions/{n}/acceptance", {}),
            (case.consumer, f"solutions/{n}/acceptance", {}),
            (case.consumer, f"solutions/{n}/rejection", {"reason": "no"}),
            (case.supervisor, "remedies", {"n": n, "reference": "r1"}),
            (case.consumer, f"remedies/{n}/failure", {}),
            (case.supervisor, "resolution", {}),
            (case.supervisor, "resolution", {}),
            (case.consumer, "consumer-responses", {"text": "I was away."}),
            (case.consumer, "reopening", {"reason": "objection", "text": "No."}),
            (case.supervisor, "reopening", {"reason": "new_problem"}),
            (case.consumer, "messages", {"text": "Hello?"}),
        )
    )
    answer = await case.answer_to(who, act, body, await case.version())
    assert answer.status_code < 500, answer.text


async def withdrawn(case: Case, dice: Random) -> None:
    if dice.random() < 0.1:
        await case.answer_to(case.consumer, "withdrawal", {}, await case.version())


async def somebody_comes_or_goes(case: Case, dice: Random) -> None:
    await presence(case.system, dice.choice(("s1", "s2")), online=dice.random() < 0.6)


async def reassigned(case: Case, dice: Random) -> None:
    body = {"specialist_id": dice.choice(("s1", "s2")), "reason": "better so"}
    path = f"/v1/assignments/{case.id}/reassignment"
    answer = await case.supervisor.request("POST", path, body)
    assert answer.status_code < 500, answer.text


async def declined(case: Case, dice: Random) -> None:
    who = case.system.as_("specialist", dice.choice(("s1", "s2")))
    path = f"/v1/assignments/{case.id}/decline"
    answer = await who.request("POST", path, {"reason": "not for me"})
    assert answer.status_code < 500, answer.text


async def survey_answered(case: Case, dice: Random) -> None:
    if not any("/v1/surveys/" in mail.text for mail in case.system.mails):
        return
    body = dice.choice(({"result": "satisfied"}, {"result": "objection", "text": "No."}))
    answer = await case.system.http.request("POST", survey_link(case.system), body)
    assert answer.status_code < 500, answer.text


async def time_goes_by(case: Case, dice: Random) -> None:
    await case.system.advance(dice.choice(WAITS))


async def somebody_falls_behind(case: Case, dice: Random) -> None:
    case.system.paused.add(dice.choice(BEHIND))


async def somebody_catches_up(case: Case, dice: Random) -> None:
    if case.system.paused:
        case.system.paused.remove(dice.choice(sorted(case.system.paused)))


async def one_worker_works(case: Case, dice: Random) -> None:
    """The finest interleaving there is: one batch of one worker, whoever else is behind."""
    workers = [worker for service in case.system.services for worker in service.all_workers]
    await dice.choice(workers).step()


async def time_goes_by_unnoticed(case: Case, dice: Random) -> None:
    """Nobody works meanwhile: as if every process were down."""
    case.system.time.move(dice.choice(WAITS))


async def mail_fails(case: Case, _: Random) -> None:
    if not case.system.mailbox.fails:
        case.system.mailbox.fails.append(MailUnavailable("later"))


async def everything_is_read(case: Case, _: Random) -> None:
    await case.system.settle()


STEPS: Final[tuple[Step, ...]] = (
    *(anybody_acts,) * 12,
    withdrawn,
    somebody_comes_or_goes,
    reassigned,
    declined,
    *(survey_answered,) * 2,
    *(time_goes_by,) * 2,
    time_goes_by_unnoticed,
    *(one_worker_works,) * 12,
    mail_fails,
    *(somebody_falls_behind,) * 3,
    *(somebody_catches_up,) * 3,
    *(everything_is_read,) * 3,
)


@pytest.mark.parametrize("seed", range(40))
async def test_in_the_end_all_services_agree(seed: int) -> None:
    dice = Random(seed)
    async with System() as system:
        await introduce_merchant(system)
        await hire(system, "s1")
        await hire(system, "s2")
        case = await file(system)
        other = await file(system)
        for _ in range(40):
            await dice.choice(STEPS)(dice.choice((case, case, other)), dice)
        system.paused.clear()
        system.mailbox.fails.clear()
        await system.advance(2 * MINUTE)
        await nothing_in_limbo(system)
