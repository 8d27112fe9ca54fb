"""Facts above the specialist or outside the platform, and where they lead."""

from dataclasses import replace

from services.intake.domain.case import (
    Case,
    Draft,
    PastSolution,
    Referral,
    Solution,
    SolutionOutcome,
    SuperiorReview,
)
from services.intake.domain.evidence import shown_to
from services.intake.domain.progress import returned
from services.intake.domain.state import (
    Accepted,
    Assigned,
    External,
    Filed,
    FiledState,
    InsideState,
    Remedying,
    SolutionDrafted,
    SolutionProposed,
    UnderSuperiorReview,
    assignment_of,
    inside_of,
    open_request,
)
from shared.events.complaints import SolutionProposed as SolutionWasProposed
from shared.events.escalation import (
    ComplaintReferred,
    EscalationFact,
    ReferralEnded,
    SolutionApproved,
    SolutionReturned,
    SuperiorReviewDecided,
    SuperiorReviewRequested,
)
from shared.events.vocabulary import Audience, DemandKind, Payer, Status


def drafted(
    state: FiledState, case: Case, event: SolutionWasProposed, solution: Solution
) -> FiledState:
    """A solution waits for approval; `case` has counted it."""
    draft = Draft(solution=solution, reasons=event.reasons, evidence_ids=event.evidence_ids)
    return SolutionDrafted(case, assignment_of(state), draft)


def evolve_escalation(state: FiledState, case: Case, event: EscalationFact) -> FiledState:
    """The state after a fact above the specialist or outside; `case` has counted it."""
    match event:
        case SolutionApproved():
            case = shown_to(case, event.evidence_ids, Audience.CONSUMER, Audience.MERCHANT)
            return SolutionProposed(case, assignment_of(state), _terms(event, event.n))
        case SolutionReturned():
            return returned(_not_approved(state, case), assignment_of(state))
        case SuperiorReviewRequested():
            return _under_review(state, case, event)
        case SuperiorReviewDecided():
            return _review_decided(state, case, event)
        case ComplaintReferred():
            return _referred(state, case, event)
        case ReferralEnded():
            return _referral_ended(state, case, event)


def _not_approved(state: Filed, case: Case) -> Case:
    if not isinstance(state, SolutionDrafted):
        return case
    past = PastSolution(state.draft.solution, SolutionOutcome.NOT_APPROVED)
    return _with_past(case, past)


def _with_past(case: Case, past: PastSolution) -> Case:
    return replace(case, cycle=replace(case.cycle, past=(*case.cycle.past, past)))


def _under_review(state: FiledState, case: Case, event: SuperiorReviewRequested) -> FiledState:
    inside = inside_of(state)
    contacted = not isinstance(inside, Assigned) and (
        not isinstance(inside, Accepted) or inside.contacted
    )
    case = waits_given_up(state, case)
    case = replace(case, cycle=replace(case.cycle, reviews=event.n))
    review = SuperiorReview(event.n, event.ground, event.by_role)
    return UnderSuperiorReview(case, assignment_of(state), contacted, review)


def waits_given_up(state: FiledState, case: Case) -> Case:
    """The case once nobody waits for a party any more: what was open is over, as it stood."""
    inside = inside_of(state)
    request = open_request(state)
    if request is not None:
        given_up = case.cycle.given_up | {request}
        case = replace(case, cycle=replace(case.cycle, given_up=given_up))
    if isinstance(inside, SolutionProposed):
        return _with_past(case, PastSolution(inside.solution, SolutionOutcome.REVIEWED))
    if isinstance(inside, Remedying):
        return _with_past(case, PastSolution(inside.solution, SolutionOutcome.INTERRUPTED))
    return _not_approved(inside, case)


def _review_decided(state: FiledState, case: Case, event: SuperiorReviewDecided) -> FiledState:
    if event.solution_n is not None:
        imposed = _terms(event, event.solution_n)
        past = tuple(one for one in case.cycle.past if one.solution.n != imposed.n)
        last_n = max(case.cycle.last_n, imposed.n)
        case = replace(case, cycle=replace(case.cycle, past=past, last_n=last_n))
        if imposed.payer is not Payer.NOBODY:
            return Remedying(case, assignment_of(state), imposed)
        case = _with_past(case, PastSolution(imposed, SolutionOutcome.AGREED))
    assignment = assignment_of(state)
    if assignment is None and isinstance(state, UnderSuperiorReview):
        return Accepted(case, contacted=state.contacted)
    return returned(case, assignment)


def _terms(event: SolutionApproved | SuperiorReviewDecided | ReferralEnded, n: int) -> Solution:
    return Solution(
        n=n,
        remedy=event.remedy or DemandKind.OTHER,
        payer=event.payer or Payer.NOBODY,
        amount_minor=event.amount_minor,
        currency=event.currency,
    )


def _referred(state: FiledState, case: Case, event: ComplaintReferred) -> FiledState:
    referral = Referral(
        n=event.n, body=event.body, referred_at=event.occurred_at, reference=event.reference
    )
    case = replace(case, referrals=(*case.referrals, referral))
    inside = inside_of(state)
    return External(case, replace(inside, case=case)) if isinstance(inside, InsideState) else state


def _referral_ended(state: FiledState, case: Case, event: ReferralEnded) -> FiledState:
    case = replace(
        case,
        referrals=tuple(
            replace(one, outcome=event.outcome, binding=event.binding) if one.n == event.n else one
            for one in case.referrals
        ),
    )
    if event.solution_n is not None:
        solution = _terms(event, event.solution_n)
        case = waits_given_up(state, case)
        case = replace(case, cycle=replace(case.cycle, last_n=solution.n))
        return Remedying(case, assignment_of(state), solution)
    if isinstance(state, External) and event.status is Status.EXTERNAL:
        return External(case, replace(state.before, case=case))
    return replace(inside_of(state), case=case)
