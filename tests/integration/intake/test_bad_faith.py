"""Signs of bad faith through the platform: for staff alone, in nobody's way."""

from datetime import timedelta
from typing import Any, cast

from services.intake.domain.bad_faith import RiskPolicy
from services.intake.domain.decide import complaint_decider
from services.intake.domain.policy import Policy
from services.intake.settings import IntakeSettings
from services.intake.signs import Signs
from shared.eventlog.ports import EventLog, Row, Statement, StorageUnavailable
from shared.events.assignments import AssignmentDecided
from shared.events.checking import RiskFlagged
from shared.unit_of_work import UnitOfWork
from tests.crossings.calm import nothing_in_limbo
from tests.crossings.cases import FILING, Case, file, hire, in_progress, introduce_merchant
from tests.support.system import System
from tests.unit.intake.story import filing

THREAT = "The bag is a fake. Refund me or I will leave a one-star review."
TEMPLATE = (
    "On day {n} I bought goods under the order {order} on your platform, and they are not at all "
    "what the listing promised. The shop does not answer. I demand my money back at once."
)


async def flags(case: Case) -> list[str]:
    return [risk["flag"] for risk in (await case.now())["risk_flags"]]


async def form(system: System, consumer: str, description: str, **more: Any) -> Case:
    """A consumer fills in a form."""
    body = {**FILING, "channel": "form", "consumer_id": consumer, "description": description}
    found = await system.as_("consumer", consumer).post("/v1/complaints", {**body, **more})
    return Case(system, found["id"])


async def test_a_threat_in_the_filing_is_flagged_with_it_for_staff_alone() -> None:
    async with System() as system:
        await introduce_merchant(system)
        case = await form(system, "u1", THREAT)
        plain = await form(system, "u1", FILING["description"])
        assert (await case.story())[:3] == ["ComplaintFiled", "ComplaintAccepted", "RiskFlagged"]
        [risk] = (await case.now())["risk_flags"]
        assert (risk["flag"], risk["rule"]) == ("review_threat", "threat_lexicon")
        assert risk["reason"] == "In the text: “or i will leave a one-star”."
        assert risk["words"]["zh-CN"] == "以差评或曝光相威胁"
        await system.settle()
        for who in (case.consumer, case.merchant):
            seen = str(await who.get(case.path)) + str(await who.get(f"{case.path}/events"))
            seen += str(await who.get("/v1/complaints"))
            assert "risk" not in seen
            assert "threat" not in seen
        own, other = await case.consumer.get(case.path), await plain.consumer.get(plain.path)
        assert own.keys() == other.keys()
        differing = {name for name in own if own[name] != other[name]}
        assert differing == {"id", "description"}
        await nothing_in_limbo(system)


async def test_a_threat_in_a_later_message_is_flagged_too_and_a_merchants_words_are_not() -> None:
    async with System() as system:
        case = await in_progress(system)
        await case.act(case.merchant, "messages", {"text": THREAT})
        await case.act(case.specialist, "messages", {"text": THREAT})
        assert await flags(case) == []
        told = await case.act(case.consumer, "messages", {"text": "不退款就给差评"})
        assert told["status"] == "in_progress"
        assert await flags(case) == ["review_threat"]


async def test_so_many_complaints_of_one_consumer_within_the_window() -> None:
    async with System(intake=IntakeSettings(serial_claims=3, serial_window_days=10)) as system:
        cases = [await file(system, order_ids=[f"o{n}"]) for n in range(3)]
        assert [await flags(case) for case in cases] == [[], [], ["serial_claims"]]
        system.time.move(timedelta(days=11))
        assert await flags(await file(system)) == []
        assert await flags(await file(system, consumer_id="u2")) == []


async def test_the_same_text_from_several_consumers() -> None:
    async with System() as system:
        cases = [
            await form(system, f"u{n}", TEMPLATE.format(n=n, order=1000 + n), order_ids=[f"o{n}"])
            for n in range(3)
        ]
        assert [await flags(case) for case in cases] == [[], [], ["template_text"]]
        [event] = await cases[2].told(RiskFlagged)
        assert all(case.id in event.reasons[0].text.text for case in cases[:2])
        own = await form(system, "u0", TEMPLATE.format(n=9, order=9), order_ids=["o9"])
        assert await flags(own) == ["template_text"]
        system.time.move(timedelta(days=91))
        late = await form(system, "u7", TEMPLATE.format(n=9, order=9), order_ids=["o9"])
        assert await flags(late) == []


async def test_repeating_oneself_is_no_template() -> None:
    async with System() as system:
        text = TEMPLATE.format(n=1, order=1)
        cases = [await form(system, "u2", text, order_ids=["o0"])]
        cases += [await form(system, "u1", text, order_ids=[f"o{n}"]) for n in range(4)]
        assert [await flags(case) for case in cases] == [[]] * 5


async def test_a_person_raises_and_clears_with_a_reason() -> None:
    async with System() as system:
        case = await in_progress(system)
        path = f"{case.path}/risk-flags"
        before = await case.version()
        seen = await case.specialist.post(
            path, {"raised": ["template_text"], "reason": "Seen on a forum."}
        )
        [risk] = seen["risk_flags"]
        assert (risk["flag"], risk["rule"], risk["reason"]) == (
            "template_text",
            None,
            "Seen on a forum.",
        )
        cleared = {"cleared": ["template_text"], "reason": "Her own words."}
        assert (await case.supervisor.post(path, cleared))["risk_flags"] == []
        assert await case.version() == before
        assert await case.supervisor.refused(path, {"reason": "?"}) == (422, "validation_failed")
        both = {"raised": ["serial_claims"], "cleared": ["serial_claims"], "reason": "?"}
        assert await case.supervisor.refused(path, both) == (422, "validation_failed")


async def test_a_flagged_complaint_goes_to_a_senior_if_one_is_free_and_never_waits() -> None:
    async with System() as system:
        await introduce_merchant(system)
        await hire(system, "s1", tier=2)
        await hire(system, "s2", tier=4, capacity=3)
        calm = await file(system)
        await system.settle()
        assert (await calm.held_by())[0] == "s1"
        first = await file(system, consumer_id="u7", description=THREAT)
        second = await file(system, consumer_id="u8", description=THREAT)
        await system.settle()
        assert (await first.held_by())[0] == "s2"
        [decided] = await first.told(AssignmentDecided)
        chosen = {one.specialist_id: one.parts for one in decided.candidates}
        assert chosen["s2"]["senior"] == -270.0
        assert chosen["s1"]["senior"] == -90.0
        assert decided.inputs["flagged"] is True
        assert (await second.held_by())[0] == "s1"


class Away:
    """A store that answers no question."""

    async def fetch(self, query: Statement, *, brief: bool = False) -> list[Row]:
        """Raises `StorageUnavailable`."""
        raise StorageUnavailable(f"{query.sql} {brief}")


async def test_a_store_that_does_not_answer_costs_the_signs_and_not_the_filing() -> None:
    async with System() as system:
        work = UnitOfWork(system.service("intake").log)
        decider = complaint_decider(Policy())
        command = filing(description=THREAT)
        work.begin(decider, "complaint-c1")
        await work.decide(decider, "complaint-c1", "c1", command)
        await Signs(cast("EventLog", Away()), RiskPolicy()).filed(work, decider, command)
        recorded = await work.commit()
        assert [one.type for one in recorded][-1] == RiskFlagged.TYPE
        assert len(recorded) == 3
