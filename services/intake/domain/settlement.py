"""Solutions, the consumer's consent, and the remedy."""

from datetime import datetime, timedelta

from services.intake.domain.authority import Author
from services.intake.domain.case import OWED_STILL, Case, Solution
from services.intake.domain.commands import (
    AcceptSolution,
    ConfirmRemedy,
    ProposeSolution,
    RecordRemedy,
    RecordRemedyFailure,
    RejectSolution,
    SettlementCommand,
)
from services.intake.domain.evidence import check_known
from services.intake.domain.policy import Policy, act_time, needs_approval
from services.intake.domain.stamp import stamp, wrong_status
from services.intake.domain.state import (
    RESOLVED,
    SOLUTION_DRAFTED,
    SOLUTION_PROPOSED,
    Filed,
    InProgress,
    Open,
    OpenState,
    Remedying,
    SolutionProposed,
    Standing,
    State,
    back_to_specialist,
    remedying,
    standing,
)
from shared.decider import Refused
from shared.events.complaints import (
    ComplaintResolved,
    RemedyDone,
    RemedyFailed,
    SolutionAccepted,
    SolutionRejected,
)
from shared.events.complaints import (
    SolutionProposed as SolutionWasProposed,
)
from shared.events.envelope import Event
from shared.events.personal import Personal
from shared.events.vocabulary import Payer, Role


def settle(command: SettlementCommand, state: State, policy: Policy) -> list[Event]:
    """Decide an act about a solution and its remedy."""
    match command:
        case ProposeSolution():
            return _propose(command, state, policy)
        case AcceptSolution():
            return _accept(command, state)
        case RejectSolution():
            return _reject(command, state)
        case RecordRemedy() | ConfirmRemedy():
            return _remedy_done(command, state, policy)
        case RecordRemedyFailure():
            return _remedy_failed(command, state)


def _propose(command: ProposeSolution, state: State, policy: Policy) -> list[Event]:
    if not isinstance(state, InProgress):
        raise wrong_status(state, "Proposing a solution")
    case = state.case
    _check_merchant_first(command, case, policy)
    check_known(case, command.evidence_ids)
    dear = needs_approval(policy, command.amount_minor, command.currency)
    return [
        SolutionWasProposed(
            **stamp(case, command.now, SOLUTION_DRAFTED if dear else SOLUTION_PROPOSED),
            n=case.cycle.last_n + 1,
            remedy=command.remedy,
            payer=command.payer,
            reasons=Personal(case.filed.consumer_id, command.reasons),
            needs_approval=dear,
            amount_minor=command.amount_minor,
            currency=command.currency,
            evidence_ids=command.evidence_ids,
        )
    ]


def _check_merchant_first(command: ProposeSolution, case: Case, policy: Policy) -> None:
    """A marketplace may want the merchant heard, or at least asked, before anything is proposed."""
    cycle = case.cycle
    since = cycle.started_at if cycle.number > 1 else case.accepted_at or cycle.started_at
    asked = cycle.answered | cycle.lapsed | cycle.given_up
    if not asked and command.now - since < policy.merchant_first:
        hours = policy.merchant_first / timedelta(hours=1)
        raise Refused("merchant_first", f"Ask the merchant first, in the first {hours:g} hours.")


def _accept(command: AcceptSolution, state: State) -> list[Event]:
    """With nobody to carry out a remedy, consent resolves the complaint at once."""
    proposed = _proposed(state, command.n, "Accepting a solution")
    solution = proposed.solution
    case = proposed.case
    owed = solution.payer is not Payer.NOBODY
    after = remedying(solution) if owed else back_to_specialist(proposed.assignment)
    accepted = SolutionAccepted(
        **stamp(case, command.now, after),
        n=command.n,
        consent_by=command.by.id,
        consent_how=_consent_how(command),
    )
    if owed:
        return [accepted]
    resolved = ComplaintResolved(
        **stamp(case, command.now, RESOLVED), outcome="agreed", solution_n=command.n
    )
    return [accepted, resolved]


def _consent_how(command: AcceptSolution) -> str:
    """Consent is the consumer's own act; anybody else says how it was given to them."""
    if command.by.role is Role.CONSUMER:
        return "in_person"
    if command.consent_how is None:
        raise Refused("validation_failed", "Say how the consumer gave consent: consent_how.")
    return command.consent_how


def _reject(command: RejectSolution, state: State) -> list[Event]:
    proposed = _proposed(state, command.n, "Rejecting a solution")
    case = proposed.case
    return [
        SolutionRejected(
            **stamp(case, command.now, back_to_specialist(proposed.assignment)),
            n=command.n,
            reason=Personal(case.filed.consumer_id, command.reason),
        )
    ]


def _proposed(state: State, n: int, act: str) -> SolutionProposed:
    """The state in which solution n waits for the consumer; refuses any other (crossing 12)."""
    if not isinstance(state, SolutionProposed):
        raise wrong_status(state, act)
    if n == state.solution.n:
        return state
    if any(past.solution.n == n for past in state.case.cycle.past):
        raise Refused("solution_superseded", f"Solution {state.solution.n} has taken its place.")
    raise Refused("not_found", f"There is no solution {n} in this cycle.")


def _remedy_done(
    command: RecordRemedy | ConfirmRemedy, state: State, policy: Policy
) -> list[Event]:
    """In time, or after the remedy was found overdue: then it changes nothing else."""
    if not isinstance(state, Open):
        raise wrong_status(state, "Confirming a remedy")
    solution, after = _owed_remedy(state, command.n)
    _check_payer(command.by, solution)
    occurred_at = act_time(policy, command.by, command.occurred_at, command.now).occurred_at
    if occurred_at < state.case.cycle.started_at:
        raise Refused("validation_failed", "The remedy took place before this cycle began.")
    return [_done(command, state, solution, after, occurred_at)]


def _done(
    command: RecordRemedy | ConfirmRemedy,
    state: Filed,
    solution: Solution,
    after: Standing,
    occurred_at: datetime,
) -> RemedyDone:
    return RemedyDone(
        **stamp(state.case, occurred_at, after),
        n=solution.n,
        kind=solution.remedy,
        reference=command.reference,
        by_role=command.by.role,
    )


def _owed_remedy(state: OpenState, n: int) -> tuple[Solution, Standing]:
    if isinstance(state, Remedying) and state.solution.n == n:
        return state.solution, back_to_specialist(state.assignment)
    for past in state.case.cycle.past:
        if past.solution.n == n and past.outcome in OWED_STILL:
            return past.solution, standing(state)
    raise wrong_status(state, f"Confirming remedy {n}")


def _check_payer(by: Author, solution: Solution) -> None:
    if by.role is Role.MERCHANT and solution.payer is not Payer.MERCHANT:
        raise Refused("forbidden", "The platform carries out this remedy.")


def _remedy_failed(command: RecordRemedyFailure, state: State) -> list[Event]:
    if not isinstance(state, Remedying) or state.solution.n != command.n:
        raise wrong_status(state, f"Reporting remedy {command.n} as failed")
    disputed = command.disputed or command.by.role is Role.CONSUMER
    return [
        RemedyFailed(
            **stamp(state.case, command.now, back_to_specialist(state.assignment)),
            n=command.n,
            reason="disputed" if disputed else "failed",
        )
    ]
