"""What each person does next, given what they see: pure, so that a run can be told in advance.

Times are hours of business time since the play began. An act carries the hour from which its
author does it; before that, they are busy with something else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from amends.demo.cases import Case
from amends.demo.temper import Answer, Temper
from amends.demo.words import say
from shared.events.vocabulary import DemandKind, Payer, Stance, Status

_STAFF_REMEDY_HOURS: Final = 10.0
_REVIEW_HOURS: Final = 2.0
_SECOND_TRY: Final = 0.25
"""After something went wrong everybody is quicker: this share of the first time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A complaint as one of its people sees it, in its present cycle.

    `since`: hour at which it was first seen like this. `filed_hour`: hour of filing.
    `merchant_had_its_turn`: it answered, or its time ran out. `open_solution` is n of what the
    consumer is to decide on, or of what is being remedied. `remedied` n was carried out.
    """

    id: str
    status: Status
    version: int
    cycle: int
    since: float
    filed_hour: float = 0.0
    calls_missed: int = 0
    merchant_had_its_turn: bool = False
    stance: Stance | None = None
    solutions: int = 0
    open_solution: int | None = None
    payer: Payer | None = None
    remedied: int | None = None
    remedy_failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something to be posted. `guarded` acts name the version that was seen."""

    path: str
    due: float
    body: Mapping[str, Any] = field(default_factory=dict)
    guarded: bool = False


def specialist_act(seen: Seen, case: Case, temper: Temper) -> Act | None:
    """Reach the consumer, ask the merchant, propose, and see the remedy done."""
    match seen.status:
        case Status.ASSIGNED:
            return _reach_consumer(seen, case, temper)
        case Status.IN_PROGRESS:
            return _work_on(seen, case, temper)
        case Status.REMEDYING if seen.payer is Payer.PLATFORM:
            reference = f"payout-{case.id}-{seen.open_solution}"
            body = {"n": seen.open_solution, "reference": reference}
            return Act(path="remedies", due=seen.since + _STAFF_REMEDY_HOURS, body=body)
        case _:
            return None


def _reach_consumer(seen: Seen, case: Case, temper: Temper) -> Act:
    hours = temper.contact_hours * (_SECOND_TRY if seen.cycle > 1 else 1.0)
    if temper.misses_first_call and seen.cycle == 1 and seen.calls_missed == 0:
        missed = {"channel": "call", "two_way": False, "outcome": "no_answer"}
        return Act(path="contacts", due=seen.since + hours / 2, body=missed)
    body = {
        "channel": "call",
        "two_way": True,
        "outcome": "reached",
        "note": say("contact_note", case.language),
    }
    return Act(path="contacts", due=seen.since + hours, body=body)


def _work_on(seen: Seen, case: Case, temper: Temper) -> Act:
    due = seen.since + temper.work_hours
    if seen.remedied is not None:
        outcome = say("outcome", case.language)
        return Act(path="resolution", due=due, body={"outcome": outcome}, guarded=True)
    if not seen.merchant_had_its_turn and seen.cycle == 1:
        body = {"questions": say("questions", case.language, orders=", ".join(case.order_ids))}
        return Act(path="merchant-requests", due=due, body=body)
    return Act(path="solutions", due=due, body=_solution(seen, case))


def _solution(seen: Seen, case: Case) -> dict[str, Any]:
    """What the consumer demands, paid by the merchant; by the platform where it will not.

    A second proposal adds a tenth to the first.
    """
    refused = seen.stance is Stance.REFUSES or not seen.merchant_had_its_turn
    payer = Payer.PLATFORM if refused or seen.remedy_failed else Payer.MERCHANT
    if case.demand is DemandKind.APOLOGY:
        payer = Payer.NOBODY if seen.stance is Stance.AGREES else Payer.MERCHANT
    reason = "reasons_silent" if seen.stance is None else f"reasons_{seen.stance}"
    body: dict[str, Any] = {
        "remedy": case.demand,
        "payer": payer,
        "reasons": say(reason, case.language),
    }
    if case.amount_minor is not None:
        share = 0.8 if seen.stance is Stance.COUNTERS and seen.solutions == 0 else 1.0
        body["amount_minor"] = max(1, round(case.amount_minor * share * (1 + seen.solutions / 10)))
        body["currency"] = case.currency
    return body


def supervisor_act(seen: Seen) -> Act | None:
    """Take on what no rule accepted; approve what a specialist may not promise alone."""
    due = seen.since + _REVIEW_HOURS
    match seen.status:
        case Status.SUBMITTED:
            return Act(path="reviews", due=due, body={"decision": "accept"})
        case Status.SOLUTION_DRAFTED:
            path = f"solutions/{seen.open_solution}/approval"
            return Act(path=path, due=due, body={"decision": "approve"}, guarded=True)
        case _:
            return None


def merchant_act(seen: Seen, case: Case, temper: Temper) -> Act | None:
    """Answer what is asked, unless stalling; carry out what was agreed."""
    match seen.status:
        case Status.AWAITING_MERCHANT if temper.merchant_hours is not None:
            body: dict[str, Any] = {
                "stance": temper.stance,
                "text": say(f"answer_{temper.stance}", case.language),
            }
            if temper.stance is Stance.AGREES and case.amount_minor is not None:
                body["offer"] = {
                    "kind": case.demand,
                    "amount_minor": case.amount_minor,
                    "currency": case.currency,
                }
            return Act(path="merchant-responses", due=seen.since + temper.merchant_hours, body=body)
        case Status.REMEDYING if seen.payer is Payer.MERCHANT:
            hours = temper.remedy_hours * (_SECOND_TRY if seen.cycle > 1 else 1.0)
            return Act(
                path=f"remedies/{seen.open_solution}/confirmation",
                due=seen.since + hours,
                body={"reference": f"done-{case.id}-{seen.open_solution}"},
            )
        case _:
            return None


def consumer_act(seen: Seen, case: Case, temper: Temper) -> Act | None:
    """Decide on a solution; some lose patience with the whole thing first."""
    match seen.status:
        case Status.SUBMITTED | Status.ACCEPTED | Status.ASSIGNED | Status.IN_PROGRESS:
            if temper.withdraw_hours is None or seen.cycle > 1:
                return None
            body = {"reason": say("withdraw", case.language)}
            due = max(seen.since, seen.filed_hour + temper.withdraw_hours)
            return Act(path="withdrawal", due=due, body=body, guarded=True)
        case Status.SOLUTION_PROPOSED if temper.decide_hours is not None:
            due = seen.since + temper.decide_hours
            path = f"solutions/{seen.open_solution}/"
            if seen.cycle == 1 and seen.solutions <= temper.patience:
                body = {"reason": say("reject", case.language)}
                return Act(path=path + "rejection", due=due, body=body, guarded=True)
            return Act(path=path + "acceptance", due=due, guarded=True)
        case _:
            return None


def survey_answer(cycle: int, case: Case, temper: Temper) -> dict[str, Any] | None:
    """What the consumer answers to a survey; None: nothing. One objection is enough for everyone.

    Speed, attitude and outcome are rated 1 to 5.
    """
    answer = temper.survey
    if cycle > 1 and answer is Answer.OBJECTION:
        answer = Answer.SATISFIED
    quick = temper.contact_hours <= 24  # noqa: PLR2004 - a day
    match answer:
        case Answer.SATISFIED:
            return {
                "result": "satisfied",
                "speed": 5 if quick else 3,
                "attitude": 5,
                "outcome": 4,
            }
        case Answer.OBJECTION:
            return {
                "result": "objection",
                "speed": 3 if quick else 1,
                "attitude": 3,
                "outcome": 1,
                "text": say("objection", case.language),
            }
        case Answer.SILENT:
            return None
