"""Tells other programs what a service could not handle, and what became of it.

Each change of a dead letter goes to `amends.<service>.dead` as a CloudEvent in binary mode. What
changed twice before it was published is told once, as it then is. A crash between Kafka's
acknowledgement and the note of it publishes a change again, under the same `ce_id`.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from aiokafka.errors import KafkaError

from shared.clock import MonotonicClock, rfc3339
from shared.codec import pack
from shared.eventlog.ports import Commit, EventLog, Statement
from shared.events.registry import event_types
from shared.feed.dead_letters import DeadLetter, LetterState, letter_of
from shared.kafka.outage import Outage
from shared.kafka.producer import abandon, new_producer
from shared.kafka.records import JSON, NOT_AN_EVENT, SPECVERSION
from shared.kafka.settings import KafkaSettings
from shared.observability import Metrics

CHANGED: Final = "amends.dead_letter.changed.v1"
"""The `ce_type` of all records of these topics."""

_PORTION: Final = 200
_LOOK_SECONDS: Final = 1.0
_ANSWER_SECONDS: Final = 10.0

_UNPUBLISHED: Final = Statement(
    "SELECT * FROM dead_letters WHERE published < revision ORDER BY failed_at, id LIMIT :most",
    {"most": _PORTION},
)


def dead_topic(service: str) -> str:
    """The topic that tells of a service's dead letters."""
    return f"amends.{service}.dead"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetterChanged:
    """What a service could not handle, as it is now: a greater revision of the same id counts more.

    The record itself is not repeated, since people may have written in it: it lies at `position`
    (the offset) of `partition` of `topic`, and its bytes have the digest `payload_sha256`. These
    are null where they were not noted. `key` and `event_id` are null if it is none of our events,
    `type` then says what is wrong with it. `reason` is the kind of error; the service's own list
    holds its words. Times are real time.
    """

    id: str
    revision: int
    state: LetterState
    changed_at: datetime
    service: str
    consumer: str
    topic: str
    partition: int | None
    position: int | None
    key: str | None
    event_id: str | None
    type: str
    payload_sha256: str | None
    reason: str
    attempts: int
    failed_at: datetime


def told(letter: DeadLetter) -> DeadLetterChanged:
    """What others may know of a letter: nothing that a stranger's record could have put there."""
    ours = letter.type in {entry.full_name for entry in event_types()}
    safe = ours or letter.type.startswith(NOT_AN_EVENT)
    return DeadLetterChanged(
        id=letter.id,
        revision=letter.revision,
        state=letter.state,
        changed_at=letter.changed_at,
        service=letter.service,
        consumer=letter.consumer,
        topic=letter.source,
        partition=letter.partition,
        position=letter.position,
        key=letter.key if ours else None,
        event_id=letter.event_id if ours else None,
        type=letter.type if safe else "unknown",
        payload_sha256=letter.payload_sha256,
        reason=letter.fault,
        attempts=letter.attempts,
        failed_at=letter.failed_at,
    )


def headers_of(letter: DeadLetter) -> list[tuple[str, bytes]]:
    """The headers of its record."""
    attributes = {
        "specversion": SPECVERSION,
        "id": f"{letter.id}/{letter.revision}",
        "source": letter.service,
        "type": CHANGED,
        "time": rfc3339(letter.changed_at),
        "subject": letter.id,
        "partitionkey": letter.id,
    }
    return [
        ("content-type", JSON),
        *((f"ce_{name}", value.encode()) for name, value in attributes.items()),
    ]


class DeadLetterRelay:
    """A `Worker`: one is enough for a service, a second one would only publish things twice."""

    def __init__(
        self,
        store: EventLog,
        *,
        settings: KafkaSettings,
        monotonic: MonotonicClock,
        metrics: Metrics,
    ) -> None:
        self._store = store
        self._settings = settings
        self._monotonic = monotonic
        self._topic = settings.topic(dead_topic(store.source))
        self._outage = Outage(self.name, metrics)
        self._producer: Any = None

    @property
    def name(self) -> str:
        """For logs, and the name of its lease."""
        return f"{self._store.source}-dead-letters"

    async def step(self) -> bool:
        """Publish a portion. False: everything is published, or Kafka is away."""
        rows = await self._store.fetch(_UNPUBLISHED)
        if not rows:
            return False
        changed = [letter_of(self._store.source, row) for row in rows]
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                await self._publish(changed)
        except (KafkaError, OSError, TimeoutError) as error:
            self._outage.began(error)
            await self.close()
            return False
        self._outage.ended()
        await self._store.commit(Commit(statements=tuple(map(_noted, changed))))
        return True

    async def _publish(self, changed: Sequence[DeadLetter]) -> None:
        """Returns when all is acknowledged. Raises when not: some of it may be there even so."""
        if self._producer is None:
            self._producer = new_producer(self._settings)
            await self._producer.start()
        acknowledged = [
            await self._producer.send(
                self._topic,
                pack(told(letter)),
                key=letter.id.encode(),
                headers=headers_of(letter),
            )
            for letter in changed
        ]
        await asyncio.gather(*acknowledged)

    async def wait(self) -> None:
        """See `Worker.wait`. Nobody is in a hurry: a letter is for people to read."""
        await self._monotonic.sleep(_LOOK_SECONDS)

    async def close(self) -> None:
        """Disconnect. It connects again when there is something to publish."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await abandon(producer)


def _noted(letter: DeadLetter) -> Statement:
    return Statement(
        "UPDATE dead_letters SET published = :revision WHERE id = :id AND published < :revision",
        {"revision": letter.revision, "id": letter.id},
        row=letter.id,
    )
