"""What other services report about a complaint, as commands.

They carry the (cycle, n) they answer and yield nothing when overtaken. `now` is when the cause took
place.
"""

from dataclasses import dataclass

from services.intake.domain.asked import Asked
from shared.events.vocabulary import Band, SurveyResult, UnassignReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction(Asked):
    """What another service's fact asks for; it belongs to `cycle`."""

    cycle: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingReaction(Reaction):
    """Caused by routing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockReaction(Reaction):
    """Caused by sla."""

    n: int
    clock_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpReaction(Reaction):
    """Caused by notify."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteAssessment(RoutingReaction):
    """Echo `assignment.assessed`."""

    score: int
    band: Band
    needed_tier: int
    policy_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteAssignment(RoutingReaction):
    """Echo `assignment.decided` with outcome `assigned`."""

    n: int
    specialist_id: str
    team_id: str | None
    decision_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteRelease(RoutingReaction):
    """Echo `assignment.released`, unless the complaint is over."""

    n: int
    specialist_id: str
    reason: UnassignReason


@dataclass(frozen=True, slots=True, kw_only=True)
class LapseMerchantRequest(ClockReaction):
    """`merchant_response` n was breached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LapseConsumerReply(ClockReaction):
    """`consumer_reply` n was breached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LapseRemedy(ClockReaction):
    """`remedy` n was breached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteAcknowledgement(FollowUpReaction):
    """Echo `notification.sent` of the acknowledgement."""

    notification_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteFollowUpSent(FollowUpReaction):
    """Echo `follow_up.sent`."""

    follow_up_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeSurveyAnswer(FollowUpReaction):
    """`follow_up.answered`. `ratings_only`: the result decides nothing any more."""

    follow_up_id: str
    result: SurveyResult
    text: str | None
    ratings_only: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseSilently(FollowUpReaction):
    """`follow_up.lapsed`."""


RoutingCommand = NoteAssessment | NoteAssignment | NoteRelease
ClockCommand = LapseMerchantRequest | LapseConsumerReply | LapseRemedy
FollowUpCommand = NoteAcknowledgement | NoteFollowUpSent | TakeSurveyAnswer | CloseSilently
ReactionCommand = RoutingCommand | ClockCommand | FollowUpCommand
