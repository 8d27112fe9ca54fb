"""The figures as Prometheus gauges, so that `/metrics` says what the page says."""

from collections.abc import Mapping
from typing import TypeVar

from prometheus_client import Gauge

from services.dashboard.figures import Figures, read_figures
from shared.clock import BusinessClock, MonotonicClock
from shared.eventlog.ports import EventLog
from shared.observability import Metrics

Labels = TypeVar("Labels", bound=tuple[str, ...])


class Gauges:
    """Holds the gauges; `show` sets them all from one reading of the figures."""

    def __init__(self, metrics: Metrics) -> None:
        def gauge(name: str, words: str, *labels: str) -> Gauge:
            return Gauge(f"amends_{name}", words, labels, registry=metrics.registry)

        self._open = gauge("open_complaints", "Open complaints", "status", "turn")
        self._band = gauge("open_complaints_by_band", "Open complaints", "band")
        self._age = gauge("open_complaints_by_age", "Open complaints", "age")
        self._due = gauge("clocks_due", "Running clocks due within the span", "within")
        self._breaches = gauge("breaches", "Targets missed, not withdrawn", "kind", "party")
        self._unmet = gauge("breaches_unmet", "Breached clocks whose act is still owed")
        self._withdrawn = gauge("breaches_withdrawn", "Breaches withdrawn by a late fact")
        self._first_contacts = gauge("first_contacts", "First contacts", "result")
        self._unassigned = gauge("unassigned_complaints", "Open, no specialist", "outcome")
        self._load = gauge("specialist_load", "Open complaints of a specialist", "specialist")
        self._weight = gauge("specialist_weight", "What the load weighs", "specialist")
        self._capacity = gauge("specialist_capacity", "Capacity of a specialist", "specialist")
        self._totals = gauge("facts", "How often it happened since the beginning", "what", "label")

    def show(self, figures: Figures) -> None:
        """Set every gauge."""
        _set_all(self._open, figures.open_by)
        _set_all(self._band, {(band,): n for band, n in figures.open_by_band.items()})
        _set_all(self._age, {(age,): n for age, n in figures.open_by_age.items()})
        _set_all(self._due, {("1h",): figures.due_in_1h, ("24h",): figures.due_in_24h})
        _set_all(self._breaches, figures.breaches_by)
        self._unmet.set(figures.breaches_unmet)
        self._withdrawn.set(figures.breaches_withdrawn)
        _set_all(
            self._first_contacts,
            {("in_time",): figures.first_contact_in_time, ("late",): figures.first_contact_late},
        )
        _set_all(
            self._unassigned,
            {("waiting",): figures.waiting, ("unroutable",): figures.unroutable},
        )
        _set_all(self._load, {(row["specialist_id"],): row["load"] for row in figures.load})
        _set_all(self._weight, {(row["specialist_id"],): row["weight"] for row in figures.load})
        _set_all(self._capacity, {(row["specialist_id"],): row["capacity"] for row in figures.load})
        totals = figures.totals.items()
        _set_all(self._totals, {(name, k): n for name, by in totals for k, n in by.items()})


def _set_all(gauge: Gauge, values: Mapping[Labels, int]) -> None:
    gauge.clear()
    for labels, value in values.items():
        gauge.labels(*labels).set(value)


class GaugesWorker:
    """Reads the figures every few seconds (monotonic) and shows them."""

    def __init__(
        self,
        log: EventLog,
        gauges: Gauges,
        business: BusinessClock,
        monotonic: MonotonicClock,
        every_seconds: float,
    ) -> None:
        self._log = log
        self._gauges = gauges
        self._business = business
        self._monotonic = monotonic
        self._every_seconds = every_seconds
        self._next = monotonic.seconds()

    @property
    def name(self) -> str:
        """For logs and metrics."""
        return "dashboard-gauges"

    async def step(self) -> bool:
        """Show the figures if they are old. Never busy."""
        if self._monotonic.seconds() >= self._next:
            self._gauges.show(await read_figures(self._log, self._business.now()))
            self._next = self._monotonic.seconds() + self._every_seconds
        return False

    async def wait(self) -> None:
        """Return when the figures are old."""
        await self._monotonic.sleep(max(0.0, self._next - self._monotonic.seconds()))
