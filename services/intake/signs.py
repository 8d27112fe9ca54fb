"""Looking for signs of bad faith in what is filed and said, in the transaction that records it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from services.intake.domain.authority import Author
from services.intake.domain.bad_faith import RiskPolicy, Track, review_threat, signs
from services.intake.domain.checking_commands import NoteSigns, Sign
from services.intake.domain.commands import (
    ActCommand,
    AnswerForConsumer,
    Command,
    FileComplaint,
    PostMessage,
)
from services.intake.domain.state import State
from services.intake.domain.texts import plain, sketch
from services.intake.history import filings_of, stream_of
from services.intake.similarity import similarity
from services.intake.text_views import earlier_and_alike
from shared.clock import to_ms
from shared.decider import Decider
from shared.eventlog.ports import EventLog, Row, StorageUnavailable
from shared.events.vocabulary import Role
from shared.observability import log
from shared.unit_of_work import UnitOfWork

ComplaintDecider = Decider[Command, State]

RISK_RULES: Final = Author(role=Role.SYSTEM, id="risk-rules")
"""Who records what rules find in a consumer's words."""

_MOST_ROWS: Final = 40
_MOST_COMPARED: Final = 8


class Signs:
    """Finds signs. What was recorded by then counts; filings of the same moment may miss others."""

    def __init__(self, log: EventLog, policy: RiskPolicy) -> None:
        self._log = log
        self._policy = policy

    async def filed(
        self, work: UnitOfWork, decider: ComplaintDecider, command: FileComplaint
    ) -> None:
        """Look at a complaint that is about to be recorded, and let staff know."""
        found = signs(command.description, await self._track(command), self._policy)
        await _note(work, decider, command.complaint_id, found, command.now)

    async def heard(
        self, work: UnitOfWork, decider: ComplaintDecider, complaint_id: str, command: ActCommand
    ) -> None:
        """Look at what a consumer wrote later, and let staff know."""
        if not isinstance(command, PostMessage | AnswerForConsumer):
            return
        if command.by.role is Role.CONSUMER:
            sign = review_threat(command.text)
            found = () if sign is None else (sign,)
            await _note(work, decider, complaint_id, found, command.now)

    async def _track(self, command: FileComplaint) -> Track:
        policy, text = self._policy, command.description
        try:
            earlier, rows = await earlier_and_alike(
                self._log,
                consumer_id=command.consumer_id,
                since_ms=to_ms(command.now - policy.serial_window),
                own=policy.serial_claims - 1,
                sketch=sketch(text),
                alike=_MOST_ROWS,
            )
        except StorageUnavailable as error:
            log.warning("signs_not_looked_for", reason=str(error))
            return Track(earlier=0, alike=())
        since = to_ms(command.now - policy.template_window)
        others = [
            row
            for row in rows
            if row["consumer_id"] != command.consumer_id and row["filed_at"] >= since
        ]
        return Track(earlier=earlier, alike=await self._alike(text, others))

    async def _alike(self, text: str, rows: list[Row]) -> list[str]:
        """The latest complaint of each of these consumers, where it says nearly the same."""
        if not rows:
            return []
        latest: dict[str, str] = {row["consumer_id"]: row["complaint_id"] for row in rows[::-1]}
        own, found = plain(text), list[str]()
        compared = sorted(latest.values(), reverse=True)[:_MOST_COMPARED]
        filings = await filings_of(self._log, compared)
        for complaint_id in compared:
            if len(found) == self._policy.template_others:
                break
            other = filings[complaint_id].description.value
            alike = 0.0 if other is None else similarity(own, plain(other))
            if alike >= self._policy.template_similarity:
                found.append(complaint_id)
        return found


async def _note(
    work: UnitOfWork,
    decider: ComplaintDecider,
    complaint_id: str,
    found: Sequence[Sign],
    now: datetime,
) -> None:
    if found:
        note = NoteSigns(now=now, by=RISK_RULES, signs=tuple(found))
        stream = stream_of(complaint_id)
        await work.decide(decider, stream, complaint_id, note, actor=RISK_RULES.actor())
