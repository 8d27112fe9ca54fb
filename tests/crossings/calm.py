"""Nothing is in limbo: after a crossing every service agrees on where every complaint stands."""

from typing import Any, Final

from services.routing.documents import LOAD, Load
from services.sla.application import CASE
from services.sla.domain.case import Case as SlaCase
from services.sla.domain.firing import fire
from services.sla.domain.observing import SETTLE, LaterFact, observe, opened
from shared.codec import decode, unpack
from shared.eventlog.ports import Statement
from shared.events.complaints import ComplaintFiled
from tests.support.system import Client, System

BEFORE: Final = frozenset({"submitted", "needs_information"})
"""Not accepted yet: nobody has it, and nobody should."""

ENDED: Final = frozenset({"rejected", "duplicate", "resolved", "closed", "withdrawn"})
_AFTER_THE_END: Final = {
    "rejected": {"appeal_window"},
    "duplicate": set[str](),
    "resolved": {"follow_up", "survey_window"},
    "closed": set[str](),
    "withdrawn": set[str](),
}
_RUNS: Final = frozenset({"running", "paused"})


async def nothing_in_limbo(system: System) -> None:
    """Fails unless no fact is kept back anywhere and all services tell the same story."""
    await system.settle()
    ops = system.as_("ops", "auditor")
    for service in system.services:
        assert await service.log.fetch(Statement("SELECT * FROM held")) == [], service.name
    assert (await ops.get("/v1/dead-letters"))["items"] == []
    queue = {one["complaint_id"]: one for one in (await ops.get("/v1/queue"))["items"]}
    for complaint in (await ops.get("/v1/complaints"))["items"]:
        full = await ops.get(f"/v1/complaints/{complaint['id']}")
        assert {k: full[k] for k in ("status", "turn", "version", "cycle")} == {
            k: complaint[k] for k in ("status", "turn", "version", "cycle")
        }
        await _somebody_has_it_or_it_waits(ops, full, queue)
        await _clocks_fit(ops, full)
        await _surveys_fit(ops, full)
    await _capacity_is_taken_by_whom_it_says(system, ops)
    await _ledgers_are_as_if_nobody_had_been_late(system)
    await _everybody_was_told(ops)


async def _capacity_is_taken_by_whom_it_says(system: System, ops: Client) -> None:
    expected: dict[str, set[str]] = {}
    for complaint in (await ops.get("/v1/complaints"))["items"]:
        assignment = await ops.get(f"/v1/assignments/{complaint['id']}")
        if assignment["specialist_id"] is not None:
            expected.setdefault(assignment["specialist_id"], set()).add(complaint["id"])
    loads = await system.service("routing").log.documents(LOAD)
    carried = {one.key: set(unpack(one.data, Load).cases) for one in loads if one.data is not None}
    assert {who: cases for who, cases in carried.items() if cases} == expected


async def _ledgers_are_as_if_nobody_had_been_late(system: System) -> None:
    """Every case that sla keeps is what its facts give when read at once, in their order."""
    intake, sla = system.service("intake").log, system.service("sla").log
    for one in await sla.documents(CASE):
        assert one.data is not None
        case: SlaCase | None = None
        for record in await intake.read(f"complaint-{one.key}"):
            event, recorded_at = decode(record), record.recorded_at
            if isinstance(event, ComplaintFiled):
                case, _ = opened(event, recorded_at=recorded_at, cause_id=record.id)
            else:
                assert isinstance(event, LaterFact)
                assert case is not None
                case, _ = observe(case, event, recorded_at=recorded_at, cause_id=record.id)
        assert case is not None
        case, _ = fire(case, system.time.now() - SETTLE)
        assert case == unpack(one.data, SlaCase)


async def _somebody_has_it_or_it_waits(ops: Client, complaint: Any, queue: dict[str, Any]) -> None:
    assignment = await ops.get(f"/v1/assignments/{complaint['id']}")
    holder = assignment["specialist_id"]
    if complaint["status"] in ENDED:
        assert (holder, complaint["id"] in queue) == (None, False)
        return
    if complaint["status"] in BEFORE:
        return
    given = [d for d in assignment["decisions"] if d["cycle"] == complaint["cycle"]]
    if any(decision["specialist_id"] for decision in given):
        assert holder == complaint["specialist_id"]
    if holder is None:
        assert queue[complaint["id"]]["cycle"] == complaint["cycle"]
    else:
        assert complaint["id"] not in queue
    numbers = [(one["cycle"], one["n"]) for one in assignment["decisions"]]
    assert numbers == sorted(set(numbers)), "each decision has a number of its own"


async def _clocks_fit(ops: Client, complaint: Any) -> None:
    asked = {"complaint_id": complaint["id"], "limit": 200}
    clocks = (await ops.get("/v1/clocks", **asked))["items"]
    running = {c["kind"] for c in clocks if c["state"] in _RUNS}
    assert {c["cycle"] for c in clocks if c["state"] in _RUNS} <= {complaint["cycle"]}
    status = complaint["status"]
    if status in ENDED:
        assert running <= _AFTER_THE_END[status]
        return
    known = {c["kind"] for c in clocks if c["cycle"] == complaint["cycle"]}
    assert {"assignment", "first_contact", "resolution"} <= known or status in BEFORE
    waits = {
        "needs_information": "consumer_reply",
        "awaiting_consumer": "consumer_reply",
        "awaiting_merchant": "merchant_response",
        "solution_drafted": "approval",
        "solution_proposed": "consumer_reply",
        "under_superior_review": "superior_review",
    }
    assert status not in waits or waits[status] in running
    assert status != "remedying" or "remedy" in running
    unassigned = complaint["specialist_id"] is None and status == "accepted"
    late = {c["kind"] for c in clocks if c["state"] == "breached"}
    assert not unassigned or "assignment" in running | late


async def _surveys_fit(ops: Client, complaint: Any) -> None:
    """Only the survey of the last cycle can still be on its way; overtaken ones take ratings."""
    surveys = (await ops.get("/v1/follow-ups", complaint_id=complaint["id"]))["items"]
    waiting = {s["cycle"] for s in surveys if s["state"] in {"scheduled", "queued"}}
    expected = {complaint["cycle"]} if complaint["status"] == "resolved" else set()
    assert waiting <= expected


async def _everybody_was_told(ops: Client) -> None:
    waiting = (await ops.get("/v1/notifications", state="queued", limit=200))["items"]
    assert waiting == []
