"""The embedded event bus: which service's log a topic lives in, within one process."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from sqlmodel import SQLModel

from shared.clock import BusinessClock
from shared.crypto.ports import KeySource
from shared.eventlog.ports import EventLog, Projection, Store
from shared.eventlog.sqlite import SqliteEventLog
from shared.eventlog.subject_keys import DocumentKeys
from shared.events import registry
from shared.feed.embedded import EmbeddedFeed
from shared.ids import Ids
from shared.observability import Metrics

OWNERS: Final[Mapping[str, str]] = {
    registry.COMPLAINTS: "intake",
    registry.ASSIGNMENTS: "routing",
    registry.MERCHANTS: "routing",
    registry.SPECIALISTS: "routing",
    registry.CLOCKS: "sla",
    registry.FOLLOWUPS: "notify",
}
"""The one writer of each topic."""


def topics_of(service: str) -> tuple[str, ...]:
    """The topics whose one writer a service is."""
    return tuple(topic for topic, owner in OWNERS.items() if owner == service)


class EmbeddedBus:
    """Opens one SQLite file per service (or memory, with `data` None) and feeds between them."""

    def __init__(
        self, data: Path | None, *, clock: BusinessClock, ids: Ids, metrics: Metrics
    ) -> None:
        self._data = data
        self._clock = clock
        self._ids = ids
        self._metrics = metrics
        self._logs: dict[str, Store] = {}

    async def open_log(
        self, service: str, projection: Projection, tables: Sequence[type[SQLModel]]
    ) -> Store:
        """The store of a service."""
        store = await SqliteEventLog.open(
            None if self._data is None else self._data / f"{service}.sqlite3",
            source=service,
            clock=self._clock,
            ids=self._ids,
            metrics=self._metrics,
            projection=projection,
            tables=tables,
            keys=self._keys_of,
        )
        self._logs[service] = store
        return store

    def _keys_of(self, service: str) -> KeySource | None:
        """The keys of persons of a service. It may be opened later."""
        log = self._logs.get(service)
        return None if log is None else DocumentKeys(log)

    def open_feed(self, _consumer: str, topics: Sequence[str], _own: EventLog) -> EmbeddedFeed:
        """A feed over these topics. Their owners may be opened later."""
        return EmbeddedFeed(topics, self._log_of, self._clock)

    def _log_of(self, topic: str) -> EventLog:
        return self._logs[OWNERS[topic]]
