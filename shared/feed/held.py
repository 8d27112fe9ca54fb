"""Facts that cannot be handled yet: behind a poison event (parked) or before their cause (pending).

The rows are the truth; this is their mirror in memory, changed only after the rows are committed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shared.codec import pack, unpack
from shared.eventlog.ports import EventLog, Statement
from shared.events.envelope import Recorded

_Place = tuple[str, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRecord:
    """One record as a consumer has it in hand, or keeps it back.

    `waits_for` is None for one that is not pending. `position` is where it lies in its partition,
    None for one that was kept before that was noted.
    """

    record: Recorded
    source: str
    partition: int
    position: int | None
    waits_for: str | None = None

    @property
    def place(self) -> _Place:
        """What tells it from all others of a consumer."""
        return self.source, self.partition, self.record.gpos


class Changes:
    """What one attempt keeps back and lets go: of each record the last word counts."""

    def __init__(self) -> None:
        self._words: dict[_Place, HeldRecord | None] = {}

    @property
    def words(self) -> Mapping[_Place, HeldRecord | None]:
        """What is kept by its place, None for what is let go."""
        return self._words

    def keep(self, held: HeldRecord) -> None:
        """Keep it back, as it now is."""
        self._words[held.place] = held

    def let_go(self, held: HeldRecord) -> None:
        """It is handled, or dropped."""
        self._words[held.place] = None


class Held:
    """What one consumer keeps back, in the order it came."""

    def __init__(self, consumer: str, log: EventLog) -> None:
        self._consumer = consumer
        self._log = log
        self._records: dict[_Place, HeldRecord] = {}
        self._parked: frozenset[str] = frozenset()

    async def load(self) -> None:
        """Read the rows, at the start and whenever others may have changed them."""
        rows = await self._log.fetch(
            Statement(
                "SELECT source, partition, position, waits_for, record FROM held "
                "WHERE consumer = :consumer ORDER BY seq",
                {"consumer": self._consumer},
            )
        )
        found = [
            HeldRecord(
                record=unpack(row["record"], Recorded),
                source=row["source"],
                partition=row["partition"],
                position=row["position"],
                waits_for=row["waits_for"],
            )
            for row in rows
        ]
        self._records = {held.place: held for held in found}
        self._note_parked()

    @property
    def parked(self) -> frozenset[str]:
        """Keys behind a poison event."""
        return self._parked

    @property
    def pending_count(self) -> int:
        """How many records wait for their cause."""
        return sum(1 for held in self._records.values() if held.waits_for is not None)

    def records_of(self, key: str) -> list[HeldRecord]:
        """The parked records of a key, in the order they came."""
        return [h for h in self._records.values() if h.waits_for is None and h.record.key == key]

    def first_of_each_key(self) -> dict[str, HeldRecord]:
        """By parked key its first record: the one that is in the way of the others."""
        first: dict[str, HeldRecord] = {}
        for held in self._records.values():
            if held.waits_for is None:
                first.setdefault(held.record.key, held)
        return first

    def waits_behind(self, later: HeldRecord, changes: Changes) -> str | None:
        """What an earlier record of the same source and key waits for: this one queues behind."""
        for held in self._now(changes):
            same = (held.source, held.record.key) == (later.source, later.record.key)
            if held.waits_for is not None and same and held.record.gpos < later.record.gpos:
                return held.waits_for
        return None

    def waiting_for(self, names: Iterable[str], changes: Changes) -> list[HeldRecord]:
        """The pending records that one of these arrivals sets free."""
        wanted = set(names)
        return [held for held in self._now(changes) if held.waits_for in wanted]

    def _now(self, changes: Changes) -> list[HeldRecord]:
        if not self._records and not changes.words:
            return []
        # A record that is kept on keeps its place in the order.
        now: dict[_Place, HeldRecord | None] = {**self._records, **changes.words}
        return [held for held in now.values() if held is not None]

    def statements(self, changes: Changes) -> list[Statement]:
        """The rows of these changes. Record and release in one attempt cancel out."""
        found = []
        for place, held in changes.words.items():
            there = self._records.get(place)
            if held is None:
                found += [] if there is None else [self._delete(there)]
            else:
                found.append(self._insert(held) if there is None else self._update(held))
        return found

    def apply(self, changes: Changes) -> None:
        """The changes are committed."""
        if changes.words:
            self._records = {held.place: held for held in self._now(changes)}
            self._note_parked()

    def _note_parked(self) -> None:
        self._parked = frozenset(self.first_of_each_key())

    def _insert(self, held: HeldRecord) -> Statement:
        return Statement(
            "INSERT INTO held (consumer, source, partition, gpos, key, waits_for, record, "
            "position) VALUES (:consumer, :source, :partition, :gpos, :key, :waits_for, :record, "
            ":position)",
            {
                **self._row(held),
                "key": held.record.key,
                "waits_for": held.waits_for,
                "record": pack(held.record),
                "position": held.position,
            },
        )

    def _update(self, held: HeldRecord) -> Statement:
        return Statement(
            "UPDATE held SET waits_for = :waits_for WHERE consumer = :consumer "
            "AND source = :source AND partition = :partition AND gpos = :gpos",
            {**self._row(held), "waits_for": held.waits_for},
        )

    def _delete(self, held: HeldRecord) -> Statement:
        return Statement(
            "DELETE FROM held WHERE consumer = :consumer AND source = :source "
            "AND partition = :partition AND gpos = :gpos",
            self._row(held),
        )

    def _row(self, held: HeldRecord) -> dict[str, object]:
        return {
            "consumer": self._consumer,
            "source": held.source,
            "partition": held.partition,
            "gpos": held.record.gpos,
        }
