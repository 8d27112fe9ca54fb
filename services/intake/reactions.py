"""Facts of routing, sla and notify, and what they ask of a complaint."""

from collections.abc import Awaitable, Callable
from typing import Final, TypeGuard

from services.intake.application import Intake
from services.intake.deadlines import note_breach
from services.intake.domain.reports import (
    ClockCommand,
    CloseSilently,
    LapseConsumerReply,
    LapseMerchantRequest,
    LapseRemedy,
    NoteAcknowledgement,
    NoteAssessment,
    NoteAssignment,
    NoteFollowUpSent,
    NoteRelease,
    ReactionCommand,
    TakeSurveyAnswer,
)
from services.intake.due_dates import note_due
from services.intake.lateness import note_lateness
from shared.events.assignments import AssignmentAssessed, AssignmentDecided, AssignmentReleased
from shared.events.clocks import ClockBreached, ClockCorrected, ClockEvent
from shared.events.envelope import Event, Fact
from shared.events.followups import (
    FollowUpAnswered,
    FollowUpLapsed,
    FollowUpSent,
    NotificationSent,
)
from shared.events.profiles import MerchantChanged, MerchantRegistered
from shared.events.registry import ASSIGNMENTS, CLOCKS, FOLLOWUPS, MERCHANTS
from shared.events.vocabulary import ClockKind, Outcome, Role, UnassignReason
from shared.observability import Metrics
from shared.unit_of_work import UnitOfWork

TOPICS: Final = (ASSIGNMENTS, CLOCKS, FOLLOWUPS, MERCHANTS)
"""What intake reads of others."""

ACKNOWLEDGEMENT: Final = "acknowledgement"
"""Name of the template whose sending stops the acknowledgement clock."""


def react(event: Event) -> ReactionCommand | None:
    """What a fact asks for; None if it is none of intake's business."""
    if isinstance(event, AssignmentAssessed | AssignmentDecided | AssignmentReleased):
        return _of_routing(event)
    if isinstance(event, ClockBreached):
        return _of_clock(event)
    if isinstance(event, NotificationSent | FollowUpSent | FollowUpAnswered | FollowUpLapsed):
        return _of_follow_up(event)
    return None


def _of_routing(
    event: AssignmentAssessed | AssignmentDecided | AssignmentReleased,
) -> ReactionCommand | None:
    match event:
        case AssignmentAssessed():
            return NoteAssessment(
                now=event.occurred_at,
                cycle=event.cycle,
                score=event.score,
                band=event.band,
                needed_tier=event.needed_tier,
                policy_version=event.policy_version,
            )
        case AssignmentDecided():
            return _decided(event)
        case AssignmentReleased():
            return _released(event)


def _decided(event: AssignmentDecided) -> NoteAssignment | None:
    if event.outcome is not Outcome.ASSIGNED or event.specialist_id is None:
        return None
    return NoteAssignment(
        now=event.occurred_at,
        cycle=event.cycle,
        n=event.n,
        specialist_id=event.specialist_id,
        team_id=event.team_id,
        decision_id=event.decision_id,
    )


def _released(event: AssignmentReleased) -> NoteRelease | None:
    if event.reason is UnassignReason.TERMINAL:
        return None
    return NoteRelease(
        now=event.occurred_at,
        cycle=event.cycle,
        n=event.n,
        specialist_id=event.specialist_id,
        reason=event.reason,
    )


_LAPSES: Final[dict[ClockKind, type[ClockCommand]]] = {
    ClockKind.MERCHANT_RESPONSE: LapseMerchantRequest,
    ClockKind.CONSUMER_REPLY: LapseConsumerReply,
    ClockKind.REMEDY: LapseRemedy,
}


def _of_clock(event: ClockBreached) -> ReactionCommand | None:
    lapse = _LAPSES.get(event.kind)
    if lapse is None:
        return None
    return lapse(now=event.occurred_at, cycle=event.cycle, n=event.n, clock_id=event.clock_id)


def missed_or_not(event: Event) -> TypeGuard[ClockBreached | ClockCorrected]:
    """Whether the fact says that a deadline was missed, or that it was not after all."""
    if isinstance(event, ClockBreached):
        return event.kind not in _WINDOWS
    return isinstance(event, ClockCorrected) and event.breach_withdrawn


_WINDOWS: Final = frozenset({ClockKind.SURVEY_WINDOW, ClockKind.APPEAL_WINDOW})


def _of_follow_up(
    event: NotificationSent | FollowUpSent | FollowUpAnswered | FollowUpLapsed,
) -> ReactionCommand | None:
    match event:
        case NotificationSent():
            return _sent(event)
        case FollowUpSent():
            return NoteFollowUpSent(
                now=event.occurred_at, cycle=event.cycle, follow_up_id=event.follow_up_id
            )
        case FollowUpAnswered():
            return TakeSurveyAnswer(
                now=event.occurred_at,
                cycle=event.cycle,
                follow_up_id=event.follow_up_id,
                result=event.result,
                text=None if event.text is None else event.text.text,
                ratings_only=event.ratings_only,
            )
        case FollowUpLapsed():
            return CloseSilently(now=event.occurred_at, cycle=event.cycle)


def _sent(event: NotificationSent) -> NoteAcknowledgement | None:
    name = event.template.partition("@")[0]
    if name != ACKNOWLEDGEMENT or event.recipient_role is not Role.CONSUMER:
        return None
    return NoteAcknowledgement(
        now=event.occurred_at, cycle=event.cycle, notification_id=event.notification_id
    )


def handler(
    intake: Intake, metrics: Metrics
) -> Callable[[Fact[Event], UnitOfWork], Awaitable[None]]:
    """What the consumer does with each fact."""

    async def handle(fact: Fact[Event], work: UnitOfWork) -> None:
        event = fact.event
        if isinstance(event, MerchantRegistered | MerchantChanged):
            await intake.know_merchant(work, event)
            return
        if isinstance(event, ClockEvent):
            await note_due(work, event)
        if missed_or_not(event):
            await note_breach(work, event)
            await note_lateness(intake, work, event, fact.recorded)
        if isinstance(event, FollowUpAnswered):
            await work.log.keys.open(event)  # what an objection says is recorded as intake's own
        command = react(event)
        if command is None:
            return
        if not await intake.react(work, fact.recorded.key, command, fact.recorded):
            metrics.stale_reactions.labels(intake.log.source).inc()

    return handle
