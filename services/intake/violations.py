"""Use cases of violations: load the stream, let the domain decide, keep the result."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Final

from services.intake.domain.authority import Author
from services.intake.domain.violations.commands import (
    AppealViolation,
    DecideViolation,
    RecordViolation,
    ViolationCommand,
)
from services.intake.domain.violations.deciding import violation_decider
from services.intake.domain.violations.findings import Finding
from services.intake.domain.violations.language import find_abuse
from services.intake.domain.violations.policy import REPORTED_SEVERITY, ViolationPolicy
from services.intake.domain.violations.states import KnownState, NotRecorded, State
from services.intake.domain.violations.steering import find_steering
from services.intake.domain.violations.watch import Suspicion, findings_note, suspicions
from services.intake.violation_views import earlier_confirmed, violations_in
from shared.codec import decode, pack
from shared.eventlog.ports import EventLog
from shared.events.complaints import ComplaintFiled
from shared.events.envelope import Actor, Recorded
from shared.events.personal import Personal
from shared.events.vocabulary import Role, ViolationKind
from shared.ids import Ids, derived_id
from shared.problems import Problem
from shared.unit_of_work import Loaded, UnitOfWork

CHAT_RULES: Final = Author(role=Role.SYSTEM, id="chat-rules")
"""Who records what rules find in a merchant's words."""

FILING: Final = Author(role=Role.SYSTEM, id="filing")
"""Who records what was reported together with a complaint."""

_LAST_DECIDED: Final = "last_violation_decided"
"""Kind of the documents that let decisions about one merchant and kind come one after the other."""

Detector = Callable[[Sequence[str]], Sequence[Finding]]
"""Looks at consecutive messages of one sender, oldest first, and says what it finds in which."""


def _abuse(texts: Sequence[str]) -> Sequence[Finding]:
    last = len(texts) - 1
    return [replace(finding, message=last) for finding in find_abuse(texts[last])]


DETECTORS: Final[Mapping[ViolationKind, Detector]] = MappingProxyType(
    {
        ViolationKind.OFF_PLATFORM_STEERING: find_steering,
        ViolationKind.ABUSIVE_LANGUAGE: _abuse,
    }
)
"""What a merchant's words are searched for."""


def violation_stream(violation_id: str) -> str:
    """The stream of a violation."""
    return f"violation-{violation_id}"


@dataclass(frozen=True, slots=True)
class Violation:
    """A violation as it is (or was) when its stream had `version` events: its ETag."""

    state: KnownState
    version: int

    @property
    def id(self) -> str:
        """The violation's id."""
        return self.state.recorded.violation_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a merchant wrote: `texts`, oldest first, of which the last is new.

    It is event `version` of the complaint's stream.
    """

    now: datetime
    filed: ComplaintFiled
    texts: Sequence[str]
    version: int
    reached_consumer: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a consumer says the merchant has done, beside the complaint."""

    kind: ViolationKind
    text: str


class Violations:
    """Everything that is done with violations; whose complaint it is was checked before."""

    def __init__(
        self,
        *,
        log: EventLog,
        ids: Ids,
        policy: ViolationPolicy,
        detectors: Mapping[ViolationKind, Detector] = DETECTORS,
    ) -> None:
        self.policy = policy
        self._log = log
        self._ids = ids
        self._detectors = detectors
        self._decider = violation_decider(policy)

    def new_id(self) -> str:
        """An id for a violation that is about to be recorded."""
        return self._ids.new()

    async def record(
        self,
        work: UnitOfWork,
        command: RecordViolation,
        actor: Actor,
        caused_by: Recorded | None = None,
    ) -> Violation:
        """Record it, once per id. Raises `Refused`."""
        return await self._act(work, command.violation_id, command, actor, caused_by)

    async def appeal(
        self, work: UnitOfWork, violation_id: str, command: AppealViolation, actor: Actor
    ) -> Violation:
        """The merchant's appeal. Raises `Refused`."""
        return await self._act(work, violation_id, command, actor)

    async def decide(
        self, work: UnitOfWork, violation_id: str, command: DecideViolation, actor: Actor
    ) -> Violation:
        """A supervisor's decision, graded by what was confirmed before. Raises `Refused`.

        Of two decisions at once about one merchant and kind the second is taken anew, so that
        both do not count as the first.
        """
        recorded = (await self.load(work, violation_id)).state.recorded
        key = f"{recorded.merchant_id}:{recorded.kind}"
        await work.put(_LAST_DECIDED, key, pack(violation_id))
        earlier = await earlier_confirmed(
            self._log,
            recorded.merchant_id,
            recorded.kind,
            now=command.now,
            within=self.policy.repetition_window,
        )
        return await self._act(work, violation_id, replace(command, earlier=earlier), actor)

    async def report(
        self,
        work: UnitOfWork,
        filed: ComplaintFiled,
        report: Report,
        filer: Actor,
        now: datetime,
    ) -> Violation:
        """Record what was reported in a filing, as the consumer's find."""
        command = RecordViolation(
            now=now,
            by=FILING,
            violation_id=self.new_id(),
            complaint_id=filed.complaint_id,
            merchant_id=filed.merchant_id,
            kind=report.kind,
            severity=REPORTED_SEVERITY[report.kind],
            found_by=filed.consumer_id,
            recorded_by=filer.id,
            summary=Personal(filed.consumer_id, report.text),
        )
        return await self.record(work, command, filer)

    async def watch(self, work: UnitOfWork, words: Words) -> str | None:
        """Record what rules find in a merchant's words; what staff are told, if anything.

        The words themselves stand. Each kind is recorded once per message.
        """
        found = {kind: look(words.texts) for kind, look in self._detectors.items()}
        suspected = suspicions(words.texts, found)
        for suspicion in suspected:
            await self._suspect(work, words, suspicion)
        return findings_note(suspected) if suspected else None

    async def _suspect(self, work: UnitOfWork, words: Words, suspicion: Suspicion) -> None:
        filed = words.filed
        cause = (filed.complaint_id, str(words.version), suspicion.kind)
        command = RecordViolation(
            now=words.now,
            by=CHAT_RULES,
            violation_id=derived_id("violation", *cause),
            complaint_id=filed.complaint_id,
            merchant_id=filed.merchant_id,
            kind=suspicion.kind,
            severity=suspicion.severity(reached_consumer=words.reached_consumer),
            found_by=suspicion.rule,
            summary=Personal(filed.merchant_id, findings_note([suspicion])),
            event_version=words.version,
        )
        await self.record(work, command, CHAT_RULES.actor())

    async def load(self, work: UnitOfWork, violation_id: str) -> Violation:
        """The violation as this unit of work sees it. Raises `Problem` `not_found`."""
        return _existing(await work.load(self._decider, violation_stream(violation_id)))

    async def violation(self, violation_id: str, *, up_to: int | None = None) -> Violation:
        """The violation as its stream tells it. Raises `Problem` `not_found`."""
        recorded = await self._log.read(violation_stream(violation_id), up_to=up_to)
        state = self._decider.fold(decode(entry) for entry in recorded)
        await self._log.keys.open(state)
        return _existing(Loaded(state, len(recorded)))

    async def evidence_of(self, complaint_id: str) -> set[str]:
        """The evidence that violations found in this complaint rest on."""
        found = [
            (await self.violation(violation_id)).state.recorded.evidence_ids
            for violation_id in await violations_in(self._log, complaint_id)
        ]
        return {evidence_id for ids in found for evidence_id in ids}

    async def _act(
        self,
        work: UnitOfWork,
        violation_id: str,
        command: ViolationCommand,
        actor: Actor,
        caused_by: Recorded | None = None,
    ) -> Violation:
        stream = violation_stream(violation_id)
        # The key is the complaint's: what happens to both stays in order.
        key = (
            command.complaint_id
            if isinstance(command, RecordViolation)
            else (await self.load(work, violation_id)).state.recorded.complaint_id
        )
        await work.decide(self._decider, stream, key, command, caused_by=caused_by, actor=actor)
        return await self.load(work, violation_id)


def _existing(loaded: Loaded[State]) -> Violation:
    if isinstance(loaded.state, NotRecorded):
        raise Problem("not_found", "There is no such violation, or it is not yours to see.")
    return Violation(loaded.state, loaded.version)
