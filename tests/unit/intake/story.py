"""A language for stories about a complaint: `given(...).when(...).then(...)`.

What is given are commands too: they are decided and folded, so no history is told that could not
have happened. Every event is checked to state the status and turn it leads to.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.intake.domain.authority import Author
from services.intake.domain.commands import (
    AcceptSolution,
    AnswerForConsumer,
    AskConsumer,
    AskMerchant,
    Command,
    ConfirmRemedy,
    FileComplaint,
    ProposeSolution,
    RecordContact,
    RejectSolution,
    ReopenComplaint,
    ResolveComplaint,
    WithdrawComplaint,
)
from services.intake.domain.decide import complaint_decider
from services.intake.domain.escalation_commands import (
    ApproveSolution,
    DecideSuperiorReview,
    EndReferral,
    ReferComplaint,
    RequestSuperiorReview,
    Terms,
)
from services.intake.domain.policy import Policy
from services.intake.domain.reports import (
    LapseConsumerReply,
    LapseMerchantRequest,
    LapseRemedy,
    NoteAssignment,
    NoteRelease,
    TakeSurveyAnswer,
)
from services.intake.domain.state import FiledState, NotFiled, State, standing
from shared.decider import Refused
from shared.events.complaints import ComplaintEvent, Demand
from shared.events.envelope import Event
from shared.events.vocabulary import (
    Category,
    Channel,
    ContactChannel,
    DemandKind,
    Payer,
    ReferralBody,
    ReopenReason,
    ReviewOutcome,
    Role,
    SurveyResult,
    UnassignReason,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
POLICY = Policy()
LARGE = 200_001

CONSUMER = Author(role=Role.CONSUMER, id="u1")
STRANGER = Author(role=Role.CONSUMER, id="u2")
MERCHANT = Author(role=Role.MERCHANT, id="clerk", merchant_id="m1")
SPECIALIST = Author(role=Role.SPECIALIST, id="s1", team_id="t1")
COLLEAGUE = Author(role=Role.SPECIALIST, id="s2", team_id="t1")
SUPERVISOR = Author(role=Role.SUPERVISOR, id="boss", team_id="t1")
OPS = Author(role=Role.OPS, id="ops")


def later(**delta: float) -> datetime:
    """So long after the beginning of the story."""
    return NOW + timedelta(**delta)


def filing(**change: Any) -> FileComplaint:
    """A hotline filing, accepted at once."""
    given: dict[str, Any] = {
        "now": NOW,
        "by": SPECIALIST,
        "complaint_id": "c1",
        "channel": Channel.HOTLINE,
        "consumer_id": "u1",
        "merchant_id": "m1",
        "order_ids": ("o1",),
        "category": Category.COUNTERFEIT,
        "description": "It is a fake.",
        "demand": Demand(kind=DemandKind.REFUND, amount_minor=12_900, currency="CNY"),
        "language": "en",
    }
    return FileComplaint(**(given | change))


def form(**change: Any) -> FileComplaint:
    """A form filled in by the consumer."""
    return filing(**({"channel": Channel.FORM, "by": CONSUMER} | change))


def assignment(n: int = 1, *, specialist_id: str = "s1", cycle: int = 1) -> NoteAssignment:
    """Routing decided for a specialist of team t1."""
    return NoteAssignment(
        now=NOW,
        cycle=cycle,
        n=n,
        specialist_id=specialist_id,
        team_id="t1",
        decision_id=f"d{n}",
    )


def release(
    n: int = 1, *, cycle: int = 1, reason: UnassignReason = UnassignReason.ABSENT
) -> NoteRelease:
    """Routing released the specialist of decision n."""
    return NoteRelease(now=NOW, cycle=cycle, n=n, specialist_id="s1", reason=reason)


def contact(by: Author = SPECIALIST, *, two_way: bool = True, **change: Any) -> RecordContact:
    """The consumer was called."""
    return RecordContact(
        now=change.pop("now", NOW),
        by=by,
        channel=ContactChannel.CALL,
        two_way=two_way,
        outcome="reached" if two_way else "no_answer",
        **change,
    )


def solution(payer: Payer = Payer.MERCHANT, by: Author = SPECIALIST) -> ProposeSolution:
    """A refund is proposed."""
    return ProposeSolution(
        now=NOW,
        by=by,
        remedy=DemandKind.REFUND,
        payer=payer,
        reasons="The test report says fake.",
        amount_minor=12_900,
        currency="CNY",
    )


def draft(by: Author = SPECIALIST) -> ProposeSolution:
    """A refund that goes above what a specialist promises alone."""
    return replace(solution(by=by), amount_minor=LARGE)


def approval(n: int = 1, by: Author = SUPERVISOR, drafted_by: str = "s1") -> ApproveSolution:
    """A supervisor approves draft n."""
    return ApproveSolution(now=NOW, by=by, n=n, drafted_by=drafted_by)


def superior(by: Author = CONSUMER, **change: Any) -> RequestSuperiorReview:
    """A superior's review is asked for."""
    return RequestSuperiorReview(now=NOW, by=by, **({"ground": None} | change))


def verdict(
    outcome: ReviewOutcome = ReviewOutcome.UPHELD, n: int = 1, **change: Any
) -> DecideSuperiorReview:
    """The superior decides."""
    given: dict[str, Any] = {"now": NOW, "by": SUPERVISOR, "reasons": "I read it all."}
    return DecideSuperiorReview(**(given | {"n": n, "outcome": outcome} | change))


def referral(body: ReferralBody = ReferralBody.MEDIATION, **change: Any) -> ReferComplaint:
    """It is taken to a body outside."""
    return ReferComplaint(now=NOW, by=change.pop("by", CONSUMER), body=body, **change)


def referral_outcome(n: int = 1, terms: Terms | None = None, **change: Any) -> EndReferral:
    """Referral n ends; with terms it binds."""
    given: dict[str, Any] = {"now": NOW, "by": SPECIALIST, "outcome": "settled"}
    return EndReferral(**(given | {"n": n, "binding": terms is not None, "terms": terms} | change))


def consent(n: int = 1, by: Author = CONSUMER) -> AcceptSolution:
    """The consumer accepts solution n."""
    how = None if by.role is Role.CONSUMER else "by telephone"
    return AcceptSolution(now=NOW, by=by, n=n, consent_how=how)


def rejection(n: int = 1) -> RejectSolution:
    """The consumer rejects solution n."""
    return RejectSolution(now=NOW, by=CONSUMER, n=n, reason="Too little.")


def done(n: int = 1, **change: Any) -> ConfirmRemedy:
    """The merchant carried out the remedy of solution n."""
    return ConfirmRemedy(now=NOW, by=change.pop("by", MERCHANT), n=n, reference="R-1", **change)


def resolution(by: Author = SPECIALIST) -> ResolveComplaint:
    """The specialist resolves."""
    return ResolveComplaint(now=NOW, by=by, outcome="refunded")


def withdrawal(by: Author = CONSUMER) -> WithdrawComplaint:
    """The complaint is taken back."""
    return WithdrawComplaint(now=NOW, by=by)


def reopening(by: Author = CONSUMER, now: datetime = NOW) -> ReopenComplaint:
    """The consumer objects."""
    return ReopenComplaint(now=now, by=by, reason=ReopenReason.OBJECTION, text="Still fake.")


def survey(
    result: SurveyResult,
    *,
    cycle: int = 1,
    text: str | None = None,
    ratings_only: bool = False,
    now: datetime = NOW,
) -> TakeSurveyAnswer:
    """The consumer answered the survey of a cycle."""
    return TakeSurveyAnswer(
        now=now,
        cycle=cycle,
        follow_up_id=f"f{cycle}",
        result=result,
        text=text,
        ratings_only=ratings_only,
    )


def ask_consumer(*items: str, by: Author = SPECIALIST) -> AskConsumer:
    """The consumer is asked for what is missing."""
    asked = items or ("A photo of the label",)
    return AskConsumer(now=NOW, by=by, items=asked, reason="It shows whether it is genuine.")


def answer_question(n: int | None = None, evidence: tuple[str, ...] = ()) -> AnswerForConsumer:
    """The consumer answers."""
    return AnswerForConsumer(now=NOW, by=CONSUMER, text="Here it is.", n=n, evidence_ids=evidence)


def merchant_silent(n: int = 1, *, cycle: int = 1) -> LapseMerchantRequest:
    """`merchant_response` n was breached."""
    return LapseMerchantRequest(now=NOW, cycle=cycle, n=n, clock_id="k")


def consumer_silent(n: int = 1, *, cycle: int = 1) -> LapseConsumerReply:
    """`consumer_reply` n was breached."""
    return LapseConsumerReply(now=NOW, cycle=cycle, n=n, clock_id="k")


def remedy_overdue(n: int = 1, *, cycle: int = 1) -> LapseRemedy:
    """`remedy` n was breached."""
    return LapseRemedy(now=NOW, cycle=cycle, n=n, clock_id="k")


ASK = AskMerchant(now=NOW, by=SPECIALIST, questions="Where does it come from?")

REFUND = Terms(remedy=DemandKind.REFUND, payer=Payer.MERCHANT, amount_minor=12_900, currency="CNY")

FILED = (filing(),)
SUBMITTED = (form(category=Category.SAFETY),)
ASSIGNED = (*FILED, assignment())
IN_PROGRESS = (*ASSIGNED, contact())
ASKED = (*IN_PROGRESS, ASK)
PROPOSED = (*IN_PROGRESS, solution())
DRAFTED = (*IN_PROGRESS, draft())
UNDER_REVIEW = (*PROPOSED, superior())
EXTERNAL = (*IN_PROGRESS, referral())
REMEDYING = (*PROPOSED, consent())
RESOLVED = (*REMEDYING, done(), resolution())
CLOSED = (*RESOLVED, survey(SurveyResult.SATISFIED))
WITHDRAWN = (*ASSIGNED, withdrawal())
REOPENED = (*RESOLVED, reopening())


@dataclass(frozen=True)
class Told:
    """What came of the last command."""

    events: list[Event]
    state: State
    refusal: Refused | None

    def then(self, *expected: type[Event], **fields: Any) -> "Told":
        """These events, in this order; `fields` are those of the first."""
        assert self.refusal is None, self.refusal
        assert [type(event) for event in self.events] == list(expected)
        found = {name: getattr(self.events[0], name) for name in fields}
        assert found == fields
        return self

    def nothing(self) -> "Told":
        """Already so, or overtaken."""
        assert self.refusal is None, self.refusal
        assert self.events == []
        return self

    def refused(self, code: str) -> None:
        """A rule says no, with this code."""
        assert self.refusal is not None, self.events
        assert self.refusal.code == code
        assert self.refusal.detail

    @property
    def complaint(self) -> FiledState:
        """The complaint afterwards."""
        assert not isinstance(self.state, NotFiled)
        return self.state


@dataclass(frozen=True)
class Story:
    """A complaint with a past."""

    state: State
    policy: Policy = POLICY

    def when(self, command: Command) -> Told:
        """Something is asked of it."""
        decider = complaint_decider(self.policy)
        try:
            events = decider.decide(command, self.state)
        except Refused as refusal:
            return Told([], self.state, refusal)
        return Told(events, fold(self.state, events), None)


def fold(state: State, events: list[Event]) -> State:
    """Fold, checking that each event says where it leads."""
    decider = complaint_decider(POLICY)
    for event in events:
        before = state
        state = decider.evolve(state, event)
        assert not isinstance(state, NotFiled)
        assert isinstance(event, ComplaintEvent)
        assert (event.status, event.turn) == standing(state), event
        assert state.case.length == (1 if isinstance(before, NotFiled) else before.case.length + 1)
    return state


def given(*commands: Command, policy: Policy = POLICY) -> Story:
    """What happened so far. Every command must have led to something."""
    state: State = NotFiled()
    for command in commands:
        told = Story(state, policy).when(command)
        if told.refusal is not None or not told.events:
            pytest.fail(f"the story cannot begin like this: {command} → {told.refusal}")
        state = told.state
    return Story(state, policy)
