"""Waiting cases matched together, in rounds of at most one case per specialist.

Who is served at all is decided strictly by the order of the queue (urgency, then age, then id); at
what cost is decided jointly. Rows are admitted in queue order as long as all admitted rows can be
served at once, each by another specialist (augmenting paths; the sets that can be served form a
transversal matroid, so taking rows greedily is optimal). Then the assignment of least total cost
is found for exactly those rows. Work is limited by rows and columns, never by time, so that a
round can be computed again from its inputs.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.routing.domain.case import urgency
from services.routing.domain.eligibility import Waiting, has_room, removed_by, unavailable_for
from services.routing.domain.policy import RoutingPolicy
from services.routing.domain.scoring import Cost, cost
from services.routing.domain.specialists import Specialist

Solver = Callable[[Sequence[Sequence[float]]], Sequence[int]]
"""Gives, for a cost matrix with no more rows than columns, the column of each row in an
assignment of least total cost."""

_FORBIDDEN = 1e12
_TIE = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Staffing:
    """Who could be given work: specialists by id and what each carries, in units of capacity."""

    specialists: Mapping[str, Specialist]
    loads: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One case for one specialist. `round` counts from 1; `load` is what they carried before."""

    waiting: Waiting
    specialist: Specialist
    cost: Cost
    round: int
    load: int


def in_order(queue: Sequence[Waiting], now: datetime, policy: RoutingPolicy) -> list[Waiting]:
    """The queue: the most urgent first, among equals the oldest, then by complaint id."""
    return sorted(
        queue,
        key=lambda w: (
            -urgency(w.case, w.queued.needs.band, now, policy),
            w.queued.since,
            w.case.complaint_id,
        ),
    )


def one_round(
    queue: Sequence[Waiting],
    staffing: Staffing,
    now: datetime,
    policy: RoutingPolicy,
    solver: Solver,
    number: int = 1,
) -> list[Match]:
    """The matches of one round for a queue in order; empty when nothing moves.

    Only who is there and has room is a column: with everybody busy a long queue costs nothing.
    """
    columns = _columns(staffing, now)
    rows: list[Waiting] = []
    edges: list[list[int]] = []
    taken: dict[int, int] = {}
    for waiting in queue:
        if len(rows) == min(len(columns), policy.most_rows):
            break
        reach = [
            at
            for at, name in enumerate(columns)
            if removed_by(waiting, staffing.specialists[name], staffing.loads.get(name, 0), now)
            is None
        ]
        edges.append(reach)
        if _admit(len(edges) - 1, edges, taken, set()):
            rows.append(waiting)
        else:
            edges.pop()
    if not rows:
        return []
    return _cheapest(_Round(rows, edges, columns, number), staffing, now, policy, solver)


def _columns(staffing: Staffing, now: datetime) -> list[str]:
    return [
        name
        for name in sorted(staffing.specialists)
        if unavailable_for(staffing.specialists[name], now) is None
        and has_room(staffing.specialists[name], staffing.loads.get(name, 0), 1)
    ]


def _admit(row: int, edges: list[list[int]], taken: dict[int, int], seen: set[int]) -> bool:
    """Find a specialist for the row, moving others aside where that is possible."""
    for column in edges[row]:
        if column in seen:
            continue
        seen.add(column)
        if column not in taken or _admit(taken[column], edges, taken, seen):
            taken[column] = row
            return True
    return False


@dataclass(frozen=True, slots=True)
class _Round:
    rows: list[Waiting]
    edges: list[list[int]]
    columns: list[str]
    number: int


def _cheapest(
    this: _Round,
    staffing: Staffing,
    now: datetime,
    policy: RoutingPolicy,
    solver: Solver,
) -> list[Match]:
    costs: dict[tuple[int, int], Cost] = {}
    matrix: list[list[float]] = []
    for row, waiting in enumerate(this.rows):
        line = [_FORBIDDEN] * len(this.columns)
        for column in this.edges[row]:
            name = this.columns[column]
            found = cost(
                waiting, staffing.specialists[name], staffing.loads.get(name, 0), now, policy
            )
            costs[row, column] = found
            line[column] = found.score + _TIE * column
        matrix.append(line)
    return [
        Match(
            waiting=this.rows[row],
            specialist=staffing.specialists[this.columns[column]],
            cost=costs[row, column],
            round=this.number,
            load=staffing.loads.get(this.columns[column], 0),
        )
        for row, column in enumerate(solver(matrix))
    ]


def after_round(
    queue: Sequence[Waiting], staffing: Staffing, matches: Sequence[Match]
) -> tuple[list[Waiting], Staffing]:
    """The queue and the loads once the matches of a round are counted."""
    served = {match.waiting.case.complaint_id for match in matches}
    loads = dict(staffing.loads)
    for match in matches:
        name = match.specialist.specialist_id
        loads[name] = loads.get(name, 0) + match.waiting.weight
    left = [waiting for waiting in queue if waiting.case.complaint_id not in served]
    return left, replace(staffing, loads=loads)


def all_rounds(
    queue: Sequence[Waiting],
    staffing: Staffing,
    now: datetime,
    policy: RoutingPolicy,
    solver: Solver,
) -> list[Match]:
    """Round after round until nothing moves."""
    found: list[Match] = []
    queue = in_order(queue, now, policy)
    number = 1
    while matches := one_round(queue, staffing, now, policy, solver, number):
        found += matches
        queue, staffing = after_round(queue, staffing, matches)
        number += 1
    return found
