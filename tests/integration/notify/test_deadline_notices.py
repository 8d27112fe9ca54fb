"""Clocks become messages: requests with their deadline, warnings, breaches and their withdrawal."""

from datetime import timedelta
from typing import Any

import pytest

from shared.events import complaints as c
from shared.events.clocks import ClockBreached, ClockCorrected, ClockStopped, ClockWarned
from shared.events.followups import NotificationFailed, NotificationSent
from shared.events.personal import Personal
from shared.events.vocabulary import (
    ClockKind,
    CorrectionReason,
    DemandKind,
    Party,
    Payer,
)
from tests.integration.notify.upstream import Notify, assigned, complaint, filed, started

TEXT = Personal("u1", "what was the parcel number?")
HOUR = timedelta(hours=1)


def clock(notify: Notify, kind: ClockKind, party: Party, **more: Any) -> dict[str, Any]:
    """The fields every event of this clock of c1 has."""
    return {
        "occurred_at": notify.time.now(),
        "complaint_id": "c1",
        "cycle": 1,
        "clock_id": f"{kind}-1",
        "kind": kind,
        "n": 1,
        "party": party,
        **more,
    }


def warned(notify: Notify, kind: ClockKind, party: Party) -> ClockWarned:
    """Half the time of a clock has gone by."""
    due_at = notify.time.now() + HOUR
    return ClockWarned(
        **clock(notify, kind, party), share_percent=50, due_at=due_at, responsible_id=None
    )


@pytest.mark.parametrize("clock_first", [False, True])
async def test_a_request_goes_out_when_its_deadline_is_known_in_either_order(
    clock_first: bool,
) -> None:
    async with Notify() as notify:
        now = notify.time.now()
        await notify.knows_merchant("m1@example.com")
        asked = c.MerchantAsked(**complaint(now), n=1, questions=TEXT)
        await notify.happens(filed(now))
        [cause] = await notify.record("intake", "c1", asked)
        if not clock_first:
            await notify.settle()
            assert "m1@example.com" not in notify.subjects()
        start = started(now, ClockKind.MERCHANT_RESPONSE, Party.MERCHANT, cause.id)
        started_record = await notify.clock(start)
        await notify.settle()
        [mail] = [mail for mail in notify.mailbox.mails if mail.recipient == "m1@example.com"]
        assert "2026-03-04 17:00" in mail.text
        sent = [event for event in await notify.published() if isinstance(event, NotificationSent)]
        assert sent[-1].cause_id == started_record.id


async def test_a_clock_started_again_by_the_same_cause_says_nothing_and_holds_up_nothing() -> None:
    async with Notify() as notify:
        now = notify.time.now()
        await notify.knows_merchant("m1@example.com")
        asked = c.MerchantAsked(**complaint(now), n=1, questions=TEXT)
        cause = await notify.happens(filed(now), asked)
        start = started(now, ClockKind.MERCHANT_RESPONSE, Party.MERCHANT, cause.id)
        await notify.clock(start, start, warned(notify, ClockKind.RESOLUTION, Party.SPECIALIST))
        assert notify.subjects().count("m1@example.com") == 1
        assert ("supervisor", "clock_warning", "sent/inbox") in await notify.outcomes()


async def test_a_clock_that_comes_before_its_complaint_waits_for_it() -> None:
    async with Notify() as notify:
        await notify.clock(warned(notify, ClockKind.FIRST_CONTACT, Party.SPECIALIST))
        assert await notify.outcomes() == []
        await notify.happens(filed(notify.time.now()))
        assert ("supervisor", "clock_warning", "sent/inbox") in await notify.outcomes()


async def test_solution_and_remedy_state_their_deadlines_to_consumer_and_payer() -> None:
    async with Notify() as notify:
        now = notify.time.now()
        await notify.knows_merchant("m1@example.com")
        proposed = c.SolutionProposed(
            **complaint(now),
            n=1,
            remedy=DemandKind.REFUND,
            payer=Payer.MERCHANT,
            reasons=TEXT,
            needs_approval=False,
            amount_minor=12900,
            currency="CNY",
        )
        cause = await notify.happens(filed(now), proposed)
        await notify.clock(started(now, ClockKind.CONSUMER_REPLY, Party.CONSUMER, cause.id))
        assert "129.00 CNY" in notify.mailbox.mails[-1].text
        accepted = c.SolutionAccepted(**complaint(now), n=1, consent_by="u1", consent_how="app")
        cause = await notify.happens(accepted)
        await notify.clock(started(now, ClockKind.REMEDY, Party.MERCHANT, cause.id, None))
        assert notify.mailbox.mails[-1].recipient == "m1@example.com"
        assert "退款" in notify.mailbox.mails[-1].text


async def test_a_warning_read_too_late_is_suppressed_with_its_reason() -> None:
    async with Notify() as notify:
        await notify.happens(filed(notify.time.now()))
        await notify.record(
            "sla", "c1", warned(notify, ClockKind.MERCHANT_RESPONSE, Party.MERCHANT)
        )
        notify.time.move(timedelta(hours=2))
        await notify.settle()
        failed = (await notify.published())[-1]
        assert isinstance(failed, NotificationFailed)
        assert (failed.suppressed, failed.reason, failed.attempts) == (True, "stale", 0)


async def test_an_acknowledgement_is_never_too_late() -> None:
    async with Notify() as notify:
        await notify.record("intake", "c1", filed(notify.time.now()))
        notify.time.move(timedelta(days=3))
        await notify.settle()
        assert notify.subjects() == ["u1@example.com"]


async def test_a_warning_still_unsent_when_the_clock_stops_is_suppressed() -> None:
    async with Notify() as notify:
        await notify.knows_merchant("m1@example.com")
        await notify.happens(filed(notify.time.now()))
        party = Party.MERCHANT
        stopped = ClockStopped(
            **clock(notify, ClockKind.MERCHANT_RESPONSE, party),
            stopped_at=notify.time.now(),
            in_time=True,
            counted_seconds=60,
        )
        await notify.clock(warned(notify, ClockKind.MERCHANT_RESPONSE, party), stopped)
        assert ("merchant", "clock_warning", "suppressed/email") in await notify.outcomes()
        assert "m1@example.com" not in notify.subjects()


@pytest.mark.parametrize("told", [True, False])
async def test_a_withdrawn_breach_is_put_right_with_those_who_were_told(told: bool) -> None:
    async with Notify() as notify:
        await notify.knows_specialist("s1@example.com", "zh-CN")
        await notify.happens(filed(notify.time.now()), assigned(notify.time.now()))
        who = clock(notify, ClockKind.FIRST_CONTACT, Party.SPECIALIST)
        breached = ClockBreached(**who, responsible_id="s1", due_at=notify.time.now())
        corrected = ClockCorrected(
            **who,
            cause_id="e9",
            reason=CorrectionReason.LATE_FACT,
            target="24h",
            due_at=notify.time.now(),
            warn_at=(),
            breach_withdrawn=True,
        )
        if told:
            await notify.clock(breached)
        await notify.clock(*(() if told else (breached,)), corrected)
        states = [o for o in await notify.outcomes() if o[0] == "specialist"]
        if told:
            assert states[1:] == [
                ("specialist", "clock_breached", "sent/email"),
                ("specialist", "breach_withdrawn", "sent/email"),
            ]
        else:
            assert states[1:] == [("specialist", "clock_breached", "suppressed/email")]


async def test_a_breach_reaches_the_teams_supervisors_and_no_others() -> None:
    async with Notify() as notify:
        await notify.happens(filed(notify.time.now()), assigned(notify.time.now()))
        await notify.clock(
            ClockBreached(
                **clock(notify, ClockKind.RESOLUTION, Party.SPECIALIST),
                responsible_id="s1",
                due_at=notify.time.now(),
            )
        )
        async with notify.client("supervisor", "boss", team_id="t1") as boss:
            [item] = (await boss.get("/v1/inbox")).json()["items"]
        assert item["kind"] == "clock_breached_team"
        async with notify.client("supervisor", "other", team_id="t2") as other:
            assert (await other.get("/v1/inbox")).json()["items"] == []
