"""Events that could not be handled, visible to ops with the reason, and what became of them."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from shared.clock import Clock, from_ms, rfc3339, to_ms
from shared.eventlog.ports import EventLog, Row, Statement
from shared.events.envelope import Recorded
from shared.feed.held import HeldRecord
from shared.feed.requests import Drop
from shared.ids import derived_id

_LONGEST_REASON: Final = 500


class LetterState(StrEnum):
    """What became of a dead letter so far."""

    PARKED = "parked"
    REDRIVEN = "redriven"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A record that `consumer` of `service` could not handle. Times are real time.

    It lies at `position` (offset, in a log gpos) of `partition` of the topic `source`; these and
    the digest of its payload are None in a letter that was written before they were noted.
    `reason` is for ops alone: an error may quote what it stumbled over. `revision` grows with
    every change.
    """

    id: str
    service: str
    consumer: str
    source: str
    partition: int | None
    position: int | None
    key: str
    event_id: str
    type: str
    payload_sha256: str | None
    reason: str
    attempts: int
    failed_at: datetime
    redriven_at: datetime | None
    dropped_at: datetime | None
    dropped_by: str | None
    drop_reason: str | None
    revision: int

    @property
    def state(self) -> LetterState:
        """What became of it."""
        if self.dropped_at is not None:
            return LetterState.DROPPED
        return LetterState.PARKED if self.redriven_at is None else LetterState.REDRIVEN

    @property
    def changed_at(self) -> datetime:
        """Since when its state is what it is."""
        return self.dropped_at or self.redriven_at or self.failed_at

    @property
    def fault(self) -> str:
        """The kind of error, which quotes nothing."""
        kind = self.reason.partition(":")[0]
        return kind if kind.isidentifier() else "unknown"

    def listed(self) -> dict[str, Any]:
        """As ops see it, over HTTP and on the command line."""
        shown: dict[str, Any] = {
            "id": self.id,
            "service": self.service,
            "consumer": self.consumer,
            "source": self.source,
            "partition": self.partition,
            "position": self.position,
            "key": self.key,
            "event_id": self.event_id,
            "type": self.type,
            "payload_sha256": self.payload_sha256,
            "reason": self.reason,
            "attempts": self.attempts,
            "failed_at": rfc3339(self.failed_at),
            "state": self.state.value,
        }
        if self.redriven_at is not None:
            shown["redriven_at"] = rfc3339(self.redriven_at)
        if self.dropped_at is not None:
            shown |= {
                "dropped_at": rfc3339(self.dropped_at),
                "dropped_by": self.dropped_by,
                "drop_reason": self.drop_reason,
            }
        return shown


def letter_id(consumer: str, record: Recorded) -> str:
    """The one dead letter that a record can have with a consumer."""
    return derived_id("dead", consumer, record.id)


@dataclass(frozen=True, slots=True)
class DeadLetters:
    """Writes the dead letters of one service."""

    real: Clock

    def parked(self, consumer: str, held: HeldRecord, reason: str, attempts: int) -> Statement:
        """The row of a record that failed after so many attempts, or failed again."""
        record = held.record
        return Statement(
            "INSERT INTO dead_letters (id, consumer, source, key, event_id, type, reason, "
            "attempts, failed_at, partition, position, payload_sha256) VALUES (:id, :consumer, "
            ":source, :key, :event_id, :type, :reason, :attempts, :failed_at, :partition, "
            ":position, :payload_sha256) ON CONFLICT (id) DO UPDATE SET "
            "reason = excluded.reason, failed_at = excluded.failed_at, "
            "attempts = dead_letters.attempts + excluded.attempts, "
            "redriven_at = NULL, dropped_at = NULL, dropped_by = NULL, drop_reason = NULL, "
            "revision = dead_letters.revision + 1",
            {
                "id": letter_id(consumer, record),
                "consumer": consumer,
                "source": held.source,
                "key": record.key,
                "event_id": record.id,
                "type": record.type,
                "reason": _storable(reason)[:_LONGEST_REASON],
                "attempts": attempts,
                "failed_at": to_ms(self.real.now()),
                "partition": held.partition,
                "position": held.position,
                "payload_sha256": hashlib.sha256(record.data).hexdigest(),
            },
        )

    def redriven(self, consumer: str, record: Recorded) -> Statement:
        """Mark a letter as handled after all. No effect where none is open."""
        return Statement(
            "UPDATE dead_letters SET redriven_at = :now, revision = revision + 1 "
            "WHERE id = :id AND redriven_at IS NULL AND dropped_at IS NULL",
            {"now": to_ms(self.real.now()), "id": letter_id(consumer, record)},
        )

    def dropped(self, drop: Drop) -> Statement:
        """Mark a letter as dropped. Write it together with the end of its parked record."""
        return Statement(
            "UPDATE dead_letters SET dropped_at = :now, dropped_by = :by, drop_reason = :reason, "
            "revision = revision + 1 WHERE id = :id",
            {
                "now": to_ms(self.real.now()),
                "by": _storable(drop.by),
                "reason": _storable(drop.reason),
                "id": drop.letter,
            },
        )


def _storable(text: str) -> str:
    """Without what no text of PostgreSQL can hold."""
    return text.encode(errors="replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")


_IN_STATE: Final = {
    LetterState.PARKED: "redriven_at IS NULL AND dropped_at IS NULL",
    LetterState.REDRIVEN: "redriven_at IS NOT NULL AND dropped_at IS NULL",
    LetterState.DROPPED: "dropped_at IS NOT NULL",
}


async def letters(log: EventLog, state: LetterState = LetterState.PARKED) -> list[DeadLetter]:
    """The dead letters of a service in one state, oldest first."""
    query = f"SELECT * FROM dead_letters WHERE {_IN_STATE[state]} ORDER BY failed_at, id"  # noqa: S608
    return [letter_of(log.source, row) for row in await log.fetch(Statement(query))]


async def letter(log: EventLog, wanted: str) -> DeadLetter | None:
    """The dead letter of this id, whatever its state, if the service has it."""
    rows = await log.fetch(Statement("SELECT * FROM dead_letters WHERE id = :id", {"id": wanted}))
    return letter_of(log.source, rows[0]) if rows else None


def letter_of(service: str, row: Row) -> DeadLetter:
    """A letter from a row."""
    return DeadLetter(
        id=row["id"],
        service=service,
        consumer=row["consumer"],
        source=row["source"],
        partition=row["partition"],
        position=row["position"],
        key=row["key"],
        event_id=row["event_id"],
        type=row["type"],
        payload_sha256=row["payload_sha256"],
        reason=row["reason"],
        attempts=row["attempts"],
        failed_at=from_ms(row["failed_at"]),
        redriven_at=_time(row["redriven_at"]),
        dropped_at=_time(row["dropped_at"]),
        dropped_by=row["dropped_by"],
        drop_reason=row["drop_reason"],
        revision=row["revision"],
    )


def _time(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else from_ms(milliseconds)
