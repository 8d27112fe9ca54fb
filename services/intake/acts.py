"""Acts on a complaint: one sub-resource each."""

from fastapi import APIRouter, Response

from services.intake.answering import ComplaintId, Number, UseCases, act
from services.intake.application import author_of
from services.intake.bodies import (
    AcceptanceBody,
    AppealBody,
    ConfirmationBody,
    ConsumerRequestBody,
    ConsumerResponseBody,
    ContactBody,
    FailureBody,
    MerchantRequestBody,
    MerchantResponseBody,
    MessageBody,
    RejectionBody,
    RemedyBody,
    ReopeningBody,
    ResolutionBody,
    ReviewBody,
    SolutionBody,
    WithdrawalBody,
)
from services.intake.domain.commands import (
    AcceptComplaint,
    AcceptSolution,
    AnswerForConsumer,
    AnswerForMerchant,
    AppealRejection,
    AskConsumer,
    AskMerchant,
    ConfirmRemedy,
    PostMessage,
    ProposeSolution,
    RecordContact,
    RecordRemedy,
    RecordRemedyFailure,
    RejectComplaint,
    RejectSolution,
    ReopenComplaint,
    ResolveComplaint,
    WithdrawComplaint,
)
from shared.http import Command
from shared.routes import StrictRoute

router = APIRouter(
    route_class=StrictRoute, prefix="/v1/complaints/{complaint_id}", tags=["complaints"]
)


@router.post("/reviews")
async def review(
    complaint_id: ComplaintId, call: Command, intake: UseCases, body: ReviewBody | None = None
) -> Response:
    """A supervisor accepts what no rule accepts, or rejects it with a reason."""
    now, by = intake.now(), author_of(call.caller)
    reason = body.reason_code if body else None
    if reason is not None:
        rejection = RejectComplaint(now=now, by=by, reason=reason)
        return await act(call, intake, complaint_id, rejection)
    return await act(call, intake, complaint_id, AcceptComplaint(now=now, by=by))


@router.post("/appeals")
async def appeal(
    complaint_id: ComplaintId, body: AppealBody, call: Command, intake: UseCases
) -> Response:
    """The consumer has a rejection reviewed again."""
    command = AppealRejection(now=intake.now(), by=author_of(call.caller), text=body.text)
    return await act(call, intake, complaint_id, command)


@router.post("/consumer-requests")
async def ask_consumer(
    complaint_id: ComplaintId, body: ConsumerRequestBody, call: Command, intake: UseCases
) -> Response:
    """Ask the consumer for all that is missing; the answer shows it as `open_question`."""
    command = AskConsumer(
        now=intake.now(), by=author_of(call.caller), items=body.items, reason=body.reason
    )
    return await act(call, intake, complaint_id, command)


@router.post("/merchant-requests")
async def ask_merchant(
    complaint_id: ComplaintId, body: MerchantRequestBody, call: Command, intake: UseCases
) -> Response:
    """Ask the merchant; the answer names the request as `open_request.n`."""
    command = AskMerchant(
        now=intake.now(),
        by=author_of(call.caller),
        questions=body.questions,
        evidence_ids=body.evidence_ids,
    )
    return await act(call, intake, complaint_id, command)


@router.post("/merchant-responses")
async def answer_for_merchant(
    complaint_id: ComplaintId, body: MerchantResponseBody, call: Command, intake: UseCases
) -> Response:
    """The merchant answers, in time or late."""
    offer = body.offer
    command = AnswerForMerchant(
        now=intake.now(),
        by=author_of(call.caller),
        stance=body.stance,
        text=body.text,
        n=body.n,
        offer=offer.kind if offer else None,
        offer_amount_minor=offer.amount_minor if offer else None,
        offer_currency=offer.currency if offer else None,
    )
    return await act(call, intake, complaint_id, command)


@router.post("/contacts")
async def record_contact(
    complaint_id: ComplaintId, body: ContactBody, call: Command, intake: UseCases
) -> Response:
    """The consumer was reached both ways, or an attempt was made."""
    command = RecordContact(
        now=intake.now(),
        by=author_of(call.caller),
        channel=body.channel,
        two_way=body.two_way,
        outcome=body.outcome or ("reached" if body.two_way else "no_answer"),
        note=body.note,
        occurred_at=body.occurred_at,
    )
    return await act(call, intake, complaint_id, command)


@router.post("/messages")
async def post_message(
    complaint_id: ComplaintId, body: MessageBody, call: Command, intake: UseCases
) -> Response:
    """Write to another party."""
    command = PostMessage(
        now=intake.now(),
        by=author_of(call.caller),
        text=body.text,
        to=None if body.to is None else frozenset(body.to),
    )
    return await act(call, intake, complaint_id, command)


@router.post("/consumer-responses")
async def answer_for_consumer(
    complaint_id: ComplaintId, body: ConsumerResponseBody, call: Command, intake: UseCases
) -> Response:
    """The consumer answers what was asked; after a lapse this reopens the complaint."""
    command = AnswerForConsumer(
        now=intake.now(),
        by=author_of(call.caller),
        text=body.text,
        n=body.n,
        evidence_ids=body.evidence_ids,
    )
    return await act(call, intake, complaint_id, command)


@router.post("/solutions")
async def propose_solution(
    complaint_id: ComplaintId, body: SolutionBody, call: Command, intake: UseCases
) -> Response:
    """Put a remedy to the consumer; the answer lists it in `solutions`."""
    command = ProposeSolution(
        now=intake.now(),
        by=author_of(call.caller),
        remedy=body.remedy,
        payer=body.payer,
        reasons=body.reasons,
        amount_minor=body.amount_minor,
        currency=body.currency,
        evidence_ids=body.evidence_ids,
    )
    return await act(call, intake, complaint_id, command)


@router.post("/solutions/{n}/acceptance")
async def accept_solution(
    complaint_id: ComplaintId,
    n: Number,
    call: Command,
    intake: UseCases,
    body: AcceptanceBody | None = None,
) -> Response:
    """Consent to solution n. Needs `If-Match`."""
    command = AcceptSolution(
        now=intake.now(),
        by=author_of(call.caller),
        n=n,
        consent_how=body.consent_how if body else None,
    )
    return await act(call, intake, complaint_id, command, match=True)


@router.post("/solutions/{n}/rejection")
async def reject_solution(
    complaint_id: ComplaintId, n: Number, body: RejectionBody, call: Command, intake: UseCases
) -> Response:
    """Say no to solution n. Needs `If-Match`."""
    command = RejectSolution(now=intake.now(), by=author_of(call.caller), n=n, reason=body.reason)
    return await act(call, intake, complaint_id, command, match=True)


@router.post("/remedies")
async def record_remedy(
    complaint_id: ComplaintId, body: RemedyBody, call: Command, intake: UseCases
) -> Response:
    """Staff saw the remedy of solution n carried out."""
    command = RecordRemedy(
        now=intake.now(),
        by=author_of(call.caller),
        n=body.n,
        reference=body.reference,
        occurred_at=body.occurred_at,
    )
    return await act(call, intake, complaint_id, command)


@router.post("/remedies/{n}/confirmation")
async def confirm_remedy(
    complaint_id: ComplaintId, n: Number, body: ConfirmationBody, call: Command, intake: UseCases
) -> Response:
    """The merchant carried out the remedy of solution n."""
    command = ConfirmRemedy(
        now=intake.now(),
        by=author_of(call.caller),
        n=n,
        reference=body.reference,
        occurred_at=body.occurred_at,
    )
    return await act(call, intake, complaint_id, command)


@router.post("/remedies/{n}/failure")
async def record_remedy_failure(
    complaint_id: ComplaintId,
    n: Number,
    call: Command,
    intake: UseCases,
    body: FailureBody | None = None,
) -> Response:
    """The remedy of solution n was not carried out, or the consumer disputes that it was."""
    command = RecordRemedyFailure(
        now=intake.now(),
        by=author_of(call.caller),
        n=n,
        disputed=body is not None and body.reason == "disputed",
    )
    return await act(call, intake, complaint_id, command)


@router.post("/resolution")
async def resolve(
    complaint_id: ComplaintId, call: Command, intake: UseCases, body: ResolutionBody | None = None
) -> Response:
    """What was owed is done. Needs `If-Match`."""
    outcome = (body or ResolutionBody()).outcome
    command = ResolveComplaint(now=intake.now(), by=author_of(call.caller), outcome=outcome)
    return await act(call, intake, complaint_id, command, match=True)


@router.post("/withdrawal")
async def withdraw(
    complaint_id: ComplaintId, call: Command, intake: UseCases, body: WithdrawalBody | None = None
) -> Response:
    """Take the complaint back. Needs `If-Match`."""
    reason = body.reason if body else None
    command = WithdrawComplaint(now=intake.now(), by=author_of(call.caller), reason=reason)
    return await act(call, intake, complaint_id, command, match=True)


@router.post("/reopening")
async def reopen(
    complaint_id: ComplaintId, call: Command, intake: UseCases, body: ReopeningBody | None = None
) -> Response:
    """Object to the result, or bring a new problem."""
    given = body or ReopeningBody()
    command = ReopenComplaint(
        now=intake.now(), by=author_of(call.caller), reason=given.reason, text=given.text
    )
    return await act(call, intake, complaint_id, command)
