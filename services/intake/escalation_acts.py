"""What is decided above the specialist or outside the platform: one sub-resource each."""

from fastapi import APIRouter, Response

from services.intake.answering import ComplaintId, Number, UseCases, act
from services.intake.application import author_of
from services.intake.domain.escalation_commands import (
    ApproveSolution,
    DecideSuperiorReview,
    EndReferral,
    ReferComplaint,
    RequestSuperiorReview,
    ReturnSolution,
)
from services.intake.escalation_bodies import (
    ApprovalBody,
    ReferralOpening,
    ReferralOutcomeBody,
    ReviewDecisionBody,
    SuperiorReviewBody,
)
from shared.http import Command
from shared.routes import StrictRoute

router = APIRouter(
    route_class=StrictRoute, prefix="/v1/complaints/{complaint_id}", tags=["escalation"]
)


@router.post("/solutions/{n}/approval")
async def approve_solution(
    complaint_id: ComplaintId,
    n: Number,
    call: Command,
    intake: UseCases,
    body: ApprovalBody | None = None,
) -> Response:
    """A second person lets draft n be put to the consumer, or returns it. Needs `If-Match`."""
    now, by = intake.now(), author_of(call.caller)
    body = body or ApprovalBody()
    if body.decision == "return" and body.reason is not None:
        returned = ReturnSolution(now=now, by=by, n=n, reason=body.reason)
        return await act(call, intake, complaint_id, returned, match=True)
    approved = ApproveSolution(now=now, by=by, n=n, reason=body.reason)
    return await act(call, intake, complaint_id, approved, match=True)


@router.post("/superior-reviews")
async def request_superior_review(
    complaint_id: ComplaintId,
    call: Command,
    intake: UseCases,
    body: SuperiorReviewBody | None = None,
) -> Response:
    """A party has a supervisor look at everything again, once per cycle."""
    body = body or SuperiorReviewBody()
    command = RequestSuperiorReview(
        now=intake.now(), by=author_of(call.caller), ground=body.ground, reason=body.reason
    )
    return await act(call, intake, complaint_id, command)


@router.post("/superior-reviews/{n}/decision")
async def decide_superior_review(
    complaint_id: ComplaintId, n: Number, body: ReviewDecisionBody, call: Command, intake: UseCases
) -> Response:
    """The handling stands, is done anew, or a solution is imposed. Needs `If-Match`."""
    command = DecideSuperiorReview(
        now=intake.now(),
        by=author_of(call.caller),
        n=n,
        outcome=body.outcome,
        reasons=body.reasons,
        solution_n=body.solution_n,
        terms=body.solution.terms() if body.solution else None,
    )
    return await act(call, intake, complaint_id, command, match=True)


@router.post("/referrals")
async def refer(
    complaint_id: ComplaintId, body: ReferralOpening, call: Command, intake: UseCases
) -> Response:
    """Take it to a body outside; the answer lists it in `referrals`."""
    command = ReferComplaint(
        now=intake.now(),
        by=author_of(call.caller),
        body=body.body,
        reference=body.reference,
        agreement=body.agreement,
    )
    return await act(call, intake, complaint_id, command)


@router.post("/referrals/{n}/outcome")
async def end_referral(
    complaint_id: ComplaintId, n: Number, body: ReferralOutcomeBody, call: Command, intake: UseCases
) -> Response:
    """What referral n came to. A binding outcome with a remedy is carried out."""
    command = EndReferral(
        now=intake.now(),
        by=author_of(call.caller),
        n=n,
        outcome=body.outcome,
        binding=body.binding,
        terms=body.remedy.terms() if body.remedy else None,
    )
    return await act(call, intake, complaint_id, command)
