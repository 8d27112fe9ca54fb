"""Events that could not be handled, visible to ops with the reason, and what became of them."""

from dataclasses import dataclass

from shared.clock import Clock, from_ms, rfc3339, to_ms
from shared.eventlog.ports import EventLog, Row, Statement
from shared.events.envelope import Recorded
from shared.ids import derived_id


@dataclass(frozen=True, slots=True)
class DeadLetters:
    """Writes and reads the dead letters of one service. Times are real time."""

    real: Clock

    def statement(
        self, consumer: str, source: str, record: Recorded, reason: str, attempts: int
    ) -> Statement:
        """The row of a new dead letter. The reason never holds the event's data."""
        return Statement(
            "INSERT INTO dead_letters (id, consumer, source, key, event_id, type, reason, "
            "attempts, failed_at) VALUES (:id, :consumer, :source, :key, :event_id, :type, "
            ":reason, :attempts, :failed_at) ON CONFLICT (id) DO UPDATE SET "
            "reason = excluded.reason, failed_at = excluded.failed_at, redriven_at = NULL",
            {
                "id": derived_id("dead", consumer, record.id),
                "consumer": consumer,
                "source": source,
                "key": record.key,
                "event_id": record.id,
                "type": record.type,
                "reason": reason[:500],
                "attempts": attempts,
                "failed_at": to_ms(self.real.now()),
            },
        )

    def redriven(self, consumer: str, record: Recorded) -> Statement:
        """Mark a letter as handled after all. No effect where none exists."""
        return Statement(
            "UPDATE dead_letters SET redriven_at = :now WHERE id = :id",
            {"now": to_ms(self.real.now()), "id": derived_id("dead", consumer, record.id)},
        )


async def open_letters(log: EventLog) -> list[dict[str, object]]:
    """The dead letters of a service that nobody has redriven yet, oldest first."""
    rows = await log.fetch(
        Statement("SELECT * FROM dead_letters WHERE redriven_at IS NULL ORDER BY failed_at, id")
    )
    return [_letter(log.source, row) for row in rows]


def _letter(service: str, row: Row) -> dict[str, object]:
    return {
        "id": row["id"],
        "service": service,
        "consumer": row["consumer"],
        "source": row["source"],
        "key": row["key"],
        "event_id": row["event_id"],
        "type": row["type"],
        "reason": row["reason"],
        "attempts": row["attempts"],
        "failed_at": rfc3339(from_ms(row["failed_at"])),
    }
