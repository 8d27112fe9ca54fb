"""Nothing is in limbo: after a crossing every service agrees on where every complaint stands."""

from typing import Any, Final

from shared.eventlog.ports import Statement
from tests.support.system import Client, System

ENDED: Final = frozenset({"resolved", "closed", "withdrawn"})
_AFTER_THE_END: Final = {
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
    await _everybody_was_told(ops)


async def _somebody_has_it_or_it_waits(ops: Client, complaint: Any, queue: dict[str, Any]) -> None:
    assignment = await ops.get(f"/v1/assignments/{complaint['id']}")
    holder = assignment["specialist_id"]
    if complaint["status"] in ENDED:
        assert (holder, complaint["id"] in queue) == (None, False)
        return
    if complaint["status"] == "submitted":
        return
    assert holder == complaint["specialist_id"] or holder is None
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
    assert {"assignment", "first_contact", "resolution"} <= known or status == "submitted"
    waits = {"awaiting_merchant": "merchant_response", "solution_proposed": "consumer_reply"}
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
