"""Facts that cannot be handled yet: behind a poison event (parked) or before their cause (pending).

The rows are the truth; this is their mirror in memory, changed only after the rows are committed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from shared.codec import pack, unpack
from shared.eventlog.ports import EventLog, Statement
from shared.events.envelope import Recorded


@dataclass(frozen=True, slots=True)
class HeldRecord:
    """One record kept back. `waits_for` is None for a parked one."""

    record: Recorded
    source: str
    partition: int
    waits_for: str | None


@dataclass(slots=True)
class Changes:
    """What one attempt at a batch keeps back and lets go."""

    kept: list[HeldRecord] = field(default_factory=list)
    let_go: list[HeldRecord] = field(default_factory=list)


class Held:
    """What one consumer keeps back, in the order it came."""

    def __init__(self, consumer: str, log: EventLog) -> None:
        self._consumer = consumer
        self._log = log
        self._records: list[HeldRecord] = []
        self._parked: frozenset[str] = frozenset()

    async def load(self) -> None:
        """Read the rows, once at start."""
        rows = await self._log.fetch(
            Statement(
                "SELECT source, partition, waits_for, record FROM held "
                "WHERE consumer = :consumer ORDER BY seq",
                {"consumer": self._consumer},
            )
        )
        self._records = [
            HeldRecord(
                unpack(row["record"], Recorded), row["source"], row["partition"], row["waits_for"]
            )
            for row in rows
        ]
        self._note_parked()

    @property
    def parked(self) -> frozenset[str]:
        """Keys behind a poison event."""
        return self._parked

    @property
    def pending_count(self) -> int:
        """How many records wait for their cause."""
        return sum(1 for held in self._records if held.waits_for is not None)

    def records_of(self, key: str) -> list[HeldRecord]:
        """The parked records of a key, in the order they came."""
        return [h for h in self._records if h.waits_for is None and h.record.key == key]

    def waits_behind(self, source: str, key: str, changes: Changes) -> str | None:
        """What an earlier record of this source and key waits for: later ones queue behind it."""
        for held in self._now(changes):
            if held.waits_for is not None and (held.source, held.record.key) == (source, key):
                return held.waits_for
        return None

    def waiting_for(self, names: Iterable[str], changes: Changes) -> list[HeldRecord]:
        """The pending records that one of these arrivals sets free."""
        wanted = set(names)
        return [held for held in self._now(changes) if held.waits_for in wanted]

    def _now(self, changes: Changes) -> list[HeldRecord]:
        if not self._records and not changes.kept:
            return []
        gone = {(held.source, held.record.gpos) for held in changes.let_go}
        everything = [*self._records, *changes.kept]
        return [held for held in everything if (held.source, held.record.gpos) not in gone]

    def statements(self, changes: Changes) -> list[Statement]:
        """The rows of these changes. Record and release in one attempt cancel out."""
        gone = {(held.source, held.record.gpos) for held in changes.let_go}
        keep = [h for h in changes.kept if (h.source, h.record.gpos) not in gone]
        return [self._delete(held) for held in changes.let_go] + [self._insert(h) for h in keep]

    def apply(self, changes: Changes) -> None:
        """The changes are committed."""
        if changes.kept or changes.let_go:
            self._records = self._now(changes)
            self._note_parked()

    def _note_parked(self) -> None:
        self._parked = frozenset(h.record.key for h in self._records if h.waits_for is None)

    def _insert(self, held: HeldRecord) -> Statement:
        return Statement(
            "INSERT INTO held (consumer, source, partition, gpos, key, waits_for, record) "
            "VALUES (:consumer, :source, :partition, :gpos, :key, :waits_for, :record)",
            {
                "consumer": self._consumer,
                "source": held.source,
                "partition": held.partition,
                "gpos": held.record.gpos,
                "key": held.record.key,
                "waits_for": held.waits_for,
                "record": pack(held.record),
            },
        )

    def _delete(self, held: HeldRecord) -> Statement:
        return Statement(
            "DELETE FROM held WHERE consumer = :consumer AND source = :source "
            "AND partition = :partition AND gpos = :gpos",
            {
                "consumer": self._consumer,
                "source": held.source,
                "partition": held.partition,
                "gpos": held.record.gpos,
            },
        )
