"""Every figure, defined once: the page, the API and the gauges all read them here.

One query reads all of them, so that they belong to one moment.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from shared.clock import to_ms
from shared.eventlog.ports import EventLog, Row, Statement

_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
AGES: Final[tuple[tuple[str, timedelta], ...]] = (
    ("under_1d", timedelta(0)),
    ("1d_to_3d", timedelta(days=1)),
    ("3d_to_7d", timedelta(days=3)),
    ("7d_to_15d", timedelta(days=7)),
    ("over_15d", timedelta(days=15)),
)
"""Ages of open complaints, with the lower bound of each."""

NO_BAND: Final = "unassessed"

# What a breached clock waited for is owed until it ends, its request lapses (the wait is given up),
# or its complaint is over or in another cycle.
_OWED: Final = (
    "l.clock_id IS NULL AND (c.complaint_id IS NULL OR (c.cycle = k.cycle "
    "AND c.status NOT IN ('rejected', 'duplicate', 'closed', 'withdrawn')))"
)

_SELECTS: Final[Mapping[str, str]] = {
    # Open complaints: every status except rejected, duplicate, resolved, closed, withdrawn.
    "open": "SELECT 'open' AS figure, status AS a, turn AS b, COUNT(*) AS value "
    "FROM dashboard_complaint WHERE is_open = 1 GROUP BY status, turn",
    "band": "SELECT 'band', COALESCE(band, 'unassessed'), '', COUNT(*) "
    "FROM dashboard_complaint WHERE is_open = 1 GROUP BY band",
    # Age: business time since filing.
    "age": "SELECT 'age', bucket, '', COUNT(*) FROM (SELECT CASE "
    "WHEN filed_at > :after_1d THEN 'under_1d' WHEN filed_at > :after_3d THEN '1d_to_3d' "
    "WHEN filed_at > :after_7d THEN '3d_to_7d' WHEN filed_at > :after_15d THEN '7d_to_15d' "
    "ELSE 'over_15d' END AS bucket FROM dashboard_complaint WHERE is_open = 1) AS aged "
    "GROUP BY bucket",
    # Due: a running clock whose time is up within the span, overdue ones not yet marked included.
    "due": "SELECT 'due', CASE WHEN due_at <= :in_1h THEN '1h' ELSE '24h' END, '', COUNT(*) "
    "FROM dashboard_clock WHERE state = 'running' AND due_at <= :in_24h GROUP BY 2",
    # Breaches: targets missed and not withdrawn since. Window clocks only open a window.
    "breach": "SELECT 'breach', kind, party, COUNT(*) FROM dashboard_clock "
    "WHERE state = 'breached' AND kind NOT IN ('survey_window', 'appeal_window') "
    "GROUP BY kind, party",
    # Of these, those whose act is still owed.
    "breach_unmet": "SELECT 'breach_unmet', '', '', COUNT(*) FROM dashboard_clock k "  # noqa: S608 - constants
    "LEFT JOIN dashboard_complaint c ON c.complaint_id = k.complaint_id "
    "LEFT JOIN dashboard_lapse l ON l.clock_id = k.clock_id "
    "WHERE k.state = 'breached' AND k.kind NOT IN ('survey_window', 'appeal_window') "
    "AND k.ended IS NULL AND " + _OWED,
    "breach_withdrawn": "SELECT 'breach_withdrawn', '', '', COUNT(*) FROM dashboard_clock "
    "WHERE withdrawn = 1",
    # First contact: in time if the clock was met, late once its target was missed.
    "first_contact": "SELECT 'first_contact', state, '', COUNT(*) FROM dashboard_clock "
    "WHERE kind = 'first_contact' AND state IN ('met', 'breached') GROUP BY state",
    # Without a specialist: what routing last said, if it said so of this cycle.
    "unassigned": "SELECT 'unassigned', r.outcome, '', COUNT(*) FROM dashboard_complaint c "
    "JOIN dashboard_routing r ON r.complaint_id = c.complaint_id "
    "AND r.decided_cycle = c.cycle "
    "WHERE c.is_open = 1 AND c.specialist_id IS NULL AND r.outcome IN ('waiting', 'unroutable') "
    "GROUP BY r.outcome",
    "counter": "SELECT 'counter', name, label, count FROM dashboard_counter",
}
_FIGURES: Final = " UNION ALL ".join(_SELECTS.values())

_LOAD: Final = Statement(
    # Load: the open complaints a specialist has, whoever has the turn; and what they weigh in
    # units of capacity, as routing weighed them.
    "SELECT s.specialist_id, s.team_id, s.tier, s.capacity, s.online, "
    "COUNT(c.complaint_id) AS load, "
    "SUM(CASE WHEN c.complaint_id IS NULL THEN 0 ELSE COALESCE(r.weight, 1) END) AS weight "
    "FROM dashboard_specialist s "
    "LEFT JOIN dashboard_complaint c ON c.specialist_id = s.specialist_id AND c.is_open = 1 "
    "LEFT JOIN dashboard_routing r ON r.complaint_id = c.complaint_id "
    "GROUP BY s.specialist_id, s.team_id, s.tier, s.capacity, s.online "
    "ORDER BY weight DESC, load DESC, s.specialist_id"
)
_DUE_SOONEST: Final = (
    "SELECT clock_id, complaint_id, kind, n, party, responsible_id, due_at, warned_percent "
    "FROM dashboard_clock WHERE state = 'running' AND due_at IS NOT NULL "
    "ORDER BY due_at, clock_id LIMIT :limit"
)
_LATEST_BREACHES: Final = (
    "SELECT k.clock_id, k.complaint_id, k.kind, k.n, k.party, k.responsible_id, k.breached_at, "
    "k.ended_at, CASE WHEN k.ended = 'met' THEN 'met' "
    "WHEN k.ended IS NULL AND " + _OWED + " THEN 'owed' ELSE 'dropped' END AS since "
    "FROM dashboard_clock k "
    "LEFT JOIN dashboard_complaint c ON c.complaint_id = k.complaint_id "
    "LEFT JOIN dashboard_lapse l ON l.clock_id = k.clock_id "
    "WHERE k.state = 'breached' AND k.kind NOT IN ('survey_window', 'appeal_window') "
    "ORDER BY k.breached_at DESC, k.clock_id LIMIT :limit"
)
_BREACHES_BY_MERCHANT: Final = (
    "SELECT c.merchant_id, COUNT(*) AS breaches FROM dashboard_clock k "
    "JOIN dashboard_complaint c ON c.complaint_id = k.complaint_id "
    "WHERE k.state = 'breached' AND k.party = 'merchant' "
    "GROUP BY c.merchant_id ORDER BY breaches DESC, c.merchant_id LIMIT :limit"
)
_LIMIT: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What ops watch, at one moment of business time.

    Counts by words are dictionaries that leave out zeros. `totals` counts what happened since the
    beginning; everything else is how things stand.
    """

    at: datetime
    open_by: dict[tuple[str, str], int] = field(default_factory=dict)
    open_by_band: dict[str, int] = field(default_factory=dict)
    open_by_age: dict[str, int] = field(default_factory=dict)
    due_in_1h: int = 0
    due_in_24h: int = 0
    breaches_by: dict[tuple[str, str], int] = field(default_factory=dict)
    breaches_unmet: int = 0
    breaches_withdrawn: int = 0
    first_contact_in_time: int = 0
    first_contact_late: int = 0
    waiting: int = 0
    unroutable: int = 0
    totals: dict[str, dict[str, int]] = field(default_factory=dict)
    load: tuple[Row, ...] = ()

    @property
    def open(self) -> int:
        """Open complaints."""
        return sum(self.open_by.values())

    @property
    def breaches(self) -> int:
        """Targets missed and not withdrawn."""
        return sum(self.breaches_by.values())

    def total(self, name: str) -> int:
        """How often something happened, whatever its label."""
        return sum(self.totals.get(name, {}).values())

    @property
    def first_contact_share(self) -> float | None:
        """Share (0 to 1) of first contacts made in time; None before the first is known."""
        return share(self.first_contact_in_time, self.first_contact_late)

    @property
    def satisfied_share(self) -> float | None:
        """Share (0 to 1) of survey answers that say satisfied; None before the first."""
        return share(self.total("satisfied"), self.total("objections"))


def share(part: int, rest: int) -> float | None:
    """`part` of `part` and `rest`, to four places; None of nothing."""
    return round(part / (part + rest), 4) if part + rest else None


async def read_figures(log: EventLog, now: datetime) -> Figures:
    """The figures as committed, at business time `now`."""
    by_figure: dict[str, dict[tuple[str, str], int]] = {name: {} for name in _SELECTS}
    for row in await log.fetch(Statement(_FIGURES, _bounds(now))):
        by_figure[row["figure"]][row["a"], row["b"]] = row["value"]
    load = await log.fetch(_LOAD)
    first_contact, unassigned = by_figure["first_contact"], by_figure["unassigned"]
    due = by_figure["due"]
    in_1h = due.get(("1h", ""), 0)
    totals: dict[str, dict[str, int]] = {}
    for (name, label), count in sorted(by_figure["counter"].items()):
        totals.setdefault(name, {})[label] = count
    return Figures(
        at=now,
        open_by=by_figure["open"],
        open_by_band=_by_first(by_figure["band"]),
        open_by_age=_by_first(by_figure["age"]),
        due_in_1h=in_1h,
        due_in_24h=in_1h + due.get(("24h", ""), 0),
        breaches_by=by_figure["breach"],
        breaches_unmet=by_figure["breach_unmet"].get(("", ""), 0),
        breaches_withdrawn=by_figure["breach_withdrawn"].get(("", ""), 0),
        first_contact_in_time=first_contact.get(("met", ""), 0),
        first_contact_late=first_contact.get(("breached", ""), 0),
        waiting=unassigned.get(("waiting", ""), 0),
        unroutable=unassigned.get(("unroutable", ""), 0),
        totals=totals,
        load=tuple(load),
    )


def _bounds(now: datetime) -> dict[str, Any]:
    return {
        "in_1h": to_ms(now + _HOUR),
        "in_24h": to_ms(now + _DAY),
        "after_1d": to_ms(now - AGES[1][1]),
        "after_3d": to_ms(now - AGES[2][1]),
        "after_7d": to_ms(now - AGES[3][1]),
        "after_15d": to_ms(now - AGES[4][1]),
    }


def _by_first(counts: Mapping[tuple[str, str], int]) -> dict[str, int]:
    return {first: count for (first, _), count in counts.items()}


async def due_soonest(log: EventLog, limit: int = _LIMIT) -> list[Row]:
    """Running clocks with the earliest deadlines."""
    return await log.fetch(Statement(_DUE_SOONEST, {"limit": limit}))


async def latest_breaches(log: EventLog, limit: int = _LIMIT) -> list[Row]:
    """Standing breaches, newest first."""
    return await log.fetch(Statement(_LATEST_BREACHES, {"limit": limit}))


async def breaches_by_merchant(log: EventLog, limit: int = _LIMIT) -> list[Row]:
    """Merchants with the most standing breaches of their own clocks."""
    return await log.fetch(Statement(_BREACHES_BY_MERCHANT, {"limit": limit}))
