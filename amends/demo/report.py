"""What came of a run, in the platform's own figures."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from amends.demo.client import Client, Refusal

_EXAMPLES: Final = 4
_WINDOWS: Final = frozenset({"survey_window", "appeal_window"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One routing decision: who got a complaint, and why.

    `sentence` is the decision's own for everybody, `grounds` what staff see behind it.
    """

    complaint_id: str
    category: str
    specialist_id: str
    specialist: str
    sentence: str
    grounds: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The figures of a run. Everything was read from the API but what follows.

    `given` counts the complaints that were to be filed. `caught` counts the mails that reached the
    demo's own mail server. `answer_ms` is the median time the platform took to answer, in real
    milliseconds. `races` counts acts that came too late, by code; `troubles` says in sentences
    what should not have happened.
    """

    given: int
    filed: int
    accepted: int
    assigned: int
    waiting: int
    unroutable: int
    first_contact_in_time: int
    first_contact_late: int
    warnings: int
    breaches: int
    breaches_by_clock: dict[str, int]
    resolved: int
    reopened: int
    withdrawn: int
    closed: int
    open: int
    satisfied: int
    objections: int
    mails_sent: int
    caught: int
    inbox: int
    answer_ms: float
    days: float
    clock_rate: float
    examples: tuple[Example, ...]
    by_status: dict[str, int]
    races: dict[str, int]
    troubles: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What `/v1/complaints` and `/v1/breaches` list, counted."""

    by_status: dict[str, int]
    assigned_ids: tuple[tuple[str, str], ...]
    breaches: dict[str, int]


async def listed(client: Client, token: str) -> Listed:
    """Read the lists to their end. Raises `Refusal`."""
    by_status: dict[str, int] = {}
    assigned: list[tuple[str, str]] = []
    async for complaint in client.items(token, "/v1/complaints", limit=100):
        by_status[complaint["status"]] = by_status.get(complaint["status"], 0) + 1
        if complaint["specialist_id"] is not None:
            assigned.append((complaint["id"], complaint["category"]))
    breaches: dict[str, int] = {}
    async for breach in client.items(token, "/v1/breaches", limit=100):
        if breach["kind"] not in _WINDOWS and breach["state"] == "breached":
            breaches[breach["kind"]] = breaches.get(breach["kind"], 0) + 1
    return Listed(by_status=by_status, assigned_ids=tuple(assigned), breaches=breaches)


async def examples(
    client: Client, token: str, assigned: Sequence[tuple[str, str]]
) -> tuple[Example, ...]:
    """A few decisions about complaints of different categories."""
    one_each: dict[str, str] = {}
    for complaint_id, category in assigned:
        one_each.setdefault(category, complaint_id)
    found: list[Example] = []
    for category, complaint_id in sorted(one_each.items())[:: max(1, len(one_each) // _EXAMPLES)]:
        try:
            answer = await client.get(token, f"/v1/assignments/{complaint_id}")
        except Refusal:
            continue
        for decision in reversed(answer["decisions"]):
            if decision["outcome"] == "assigned":
                name = await _name(client, token, decision["specialist_id"])
                found.append(
                    Example(
                        complaint_id=complaint_id,
                        category=category,
                        specialist_id=decision["specialist_id"],
                        specialist=name,
                        sentence=decision["sentence"]["en"],
                        grounds=grounds_of(decision),
                    )
                )
                break
    return tuple(found[:_EXAMPLES])


async def _name(client: Client, token: str, specialist_id: str) -> str:
    return str((await client.get(token, f"/v1/specialists/{specialist_id}"))["name"])


def grounds_of(decision: Mapping[str, Any]) -> str:
    """`simple, 13 of 100; best of 4; ruled out: language 3, tier 5`."""
    complexity = decision["complexity"]
    removed = Counter(c["removed_by"] for c in decision["candidates"] if c["removed_by"])
    fit = sum(1 for c in decision["candidates"] if not c["removed_by"])
    said = [f"{complexity['band']}, {complexity['score']} of 100", f"best of {fit}"]
    if removed:
        reasons = ", ".join(f"{reason} {count}" for reason, count in sorted(removed.items()))
        said.append(f"ruled out: {reasons}")
    return "; ".join(said)


def report_of(  # noqa: PLR0913 - what a report is made of
    summary: Mapping[str, Any],
    lists: Listed,
    chosen: tuple[Example, ...],
    *,
    given: int,
    days: float,
    caught: int,
    answer_ms: float,
    races: Mapping[str, int],
    troubles: Sequence[str],
) -> Report:
    """Put a report together from `GET /v1/metrics/summary` and the lists."""
    totals = summary["totals"]
    notifications = summary["notifications"]
    return Report(
        given=given,
        filed=totals["filed"],
        accepted=totals["accepted"],
        assigned=totals["assigned"],
        waiting=summary["routing"]["waiting"],
        unroutable=summary["routing"]["unroutable"],
        first_contact_in_time=summary["first_contact"]["in_time"],
        first_contact_late=summary["first_contact"]["late"],
        warnings=totals["warnings"],
        breaches=summary["breaches"]["total"],
        breaches_by_clock=dict(summary["breaches"]["by_kind"]),
        resolved=totals["resolved"],
        reopened=summary["follow_ups"]["reopened"],
        withdrawn=totals["withdrawn"],
        closed=totals["closed"],
        open=summary["open"]["total"],
        satisfied=summary["follow_ups"]["satisfied"],
        objections=summary["follow_ups"]["objections"],
        mails_sent=notifications["mails_sent"],
        caught=caught,
        answer_ms=round(answer_ms, 1),
        inbox=notifications["sent_by_channel"].get("inbox", 0),
        days=round(days, 1),
        clock_rate=summary["rate"],
        examples=chosen,
        by_status=dict(sorted(lists.by_status.items())),
        races=dict(races),
        troubles=tuple(troubles),
    )


def disagreements(summary: Mapping[str, Any], lists: Listed, *, caught: int) -> list[str]:
    """Where the platform's own figures contradict each other, in sentences."""
    found: list[str] = []
    filed = summary["totals"]["filed"]
    total = sum(lists.by_status.values())
    if filed != total:
        found.append(f"the summary counts {filed} complaints filed, the list holds {total}")
    ended = {"closed", "withdrawn", "resolved", "rejected", "duplicate"}
    still_open = sum(n for status, n in lists.by_status.items() if status not in ended)
    if summary["open"]["total"] != still_open:
        count = summary["open"]["total"]
        found.append(f"the summary counts {count} open complaints, the list {still_open}")
    if summary["breaches"]["by_kind"] != lists.breaches:
        theirs = summary["breaches"]["by_kind"]
        found.append(f"the summary counts breaches {theirs}, /v1/breaches {lists.breaches}")
    if summary["totals"]["assigned"] > summary["totals"]["accepted"]:
        found.append("more complaints were assigned than accepted")
    if summary["notifications"]["mails_sent"] > caught:
        count = summary["notifications"]["mails_sent"]
        found.append(f"{count} mails are recorded as sent, {caught} arrived")
    return found


def read_instant(text: str) -> datetime:
    """An RFC 3339 time of the API."""
    return datetime.fromisoformat(text)
