"""Who is told what because of which event."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.notify.domain.case import Case, Solution, after
from services.notify.domain.clock_notices import breach, correction, responsible, warning
from services.notify.domain.complaint_notices import SILENT, held, notices
from services.notify.domain.notices import Nature, ops, specialist, supervisors
from shared.events import complaints as c
from shared.events.envelope import Event
from shared.events.merging import ComplaintMerged, ComplaintUnmerged
from shared.events.personal import Personal
from shared.events.registry import COMPLAINTS, topics
from shared.events.teamwork import HelpAsked, HelpGiven
from shared.events.vocabulary import (
    AskStage,
    Audience,
    ClockKind,
    CloseReason,
    ContactChannel,
    DemandKind,
    Party,
    Payer,
    RejectionReason,
    ReopenReason,
    Role,
    Stance,
    Status,
    Turn,
)
from tests.unit.notify.examples import CASE, FILED, NOW, UNASSIGNED, breached, corrected, warned

TEXT = Personal("u1", "words")
AT: dict[str, Any] = {
    "occurred_at": NOW,
    "complaint_id": "c1",
    "cycle": 1,
    "status": Status.IN_PROGRESS,
    "turn": Turn.SPECIALIST,
}
ACCEPTED = c.SolutionAccepted(**AT, n=2, consent_by="u1", consent_how="app")
SOLUTION = Solution(
    n=2, remedy=DemandKind.REFUND, payer=Payer.MERCHANT, amount_minor=12900, currency="CNY"
)


def told(event: Event, case: Case = CASE) -> list[tuple[str, str]]:
    """Template and recipient of everything said because of an event."""
    return [(notice.template, notice.to.key) for notice in notices(event, case)]


def test_every_event_of_a_complaint_is_told_or_known_to_be_silent() -> None:
    every = {entry.cls for entry in topics()[COMPLAINTS]}
    spoken = {cls for cls in notices.registry if cls is not Event and cls is not object}
    assert every == spoken | SILENT
    assert not spoken & SILENT


def test_silent_events_say_nothing() -> None:
    assert told(c.ComplaintResolved(**AT, outcome="refunded")) == []


def test_a_filing_is_acknowledged_to_the_consumer() -> None:
    [notice] = notices(FILED, CASE)
    assert (notice.template, notice.to.key) == ("acknowledgement", "consumer:u1")
    assert notice.nature is Nature.ACKNOWLEDGEMENT


def test_the_consumer_hears_of_the_acceptance() -> None:
    assert told(c.ComplaintAccepted(**AT, rule="low_risk")) == [("accepted", "consumer:u1")]


def test_specialist_and_consumer_hear_of_the_assignment() -> None:
    assigned = c.ComplaintAssigned(**AT, n=1, specialist_id="s1", team_id="t1", decision_id="d")
    assert told(assigned) == [
        ("assigned_to_you", "specialist:s1"),
        ("specialist_assigned", "consumer:u1"),
    ]


def test_the_consumer_hears_that_nobody_got_through() -> None:
    attempted = c.ContactAttempted(**AT, n=1, channel=ContactChannel.CALL, outcome="no answer")
    assert told(attempted) == [("contact_attempted", "consumer:u1")]


@pytest.mark.parametrize(
    ("case", "to"), [(CASE, "specialist:s1"), (UNASSIGNED, "supervisor:team:*")]
)
def test_the_merchants_answer_goes_to_whoever_works_on_it(case: Case, to: str) -> None:
    answered = c.MerchantAnswered(
        **AT,
        n=1,
        stance=Stance.COUNTERS,
        text=TEXT,
        late=True,
        offer=DemandKind.REFUND,
        offer_amount_minor=5,
        offer_currency="CNY",
    )
    [notice] = notices(answered, case)
    assert (notice.template, notice.to.key, notice.quote) == ("merchant_answered", to, TEXT)
    assert notice.values == {
        "stance": "counters",
        "late": "yes",
        "offer": "refund",
        "amount": "5 CNY",
    }


@pytest.mark.parametrize(
    ("party", "silent", "other"),
    [
        (Party.MERCHANT, "merchant:m1", "consumer:u1"),
        (Party.CONSUMER, "consumer:u1", "merchant:m1"),
    ],
)
def test_a_lapse_is_told_to_both_parties_and_the_specialist(
    party: Party, silent: str, other: str
) -> None:
    assert told(c.RequestLapsed(**AT, n=1, party=party, clock_id="k1")) == [
        ("request_lapsed", silent),
        ("request_lapsed_other", other),
        ("request_lapsed_other", "specialist:s1"),
    ]


def test_a_merchant_never_asked_hears_nothing_of_a_lapse() -> None:
    case = replace(CASE, merchant_involved=False)
    lapsed = c.RequestLapsed(**AT, n=1, party=Party.CONSUMER, clock_id="k1")
    assert ("request_lapsed_other", "merchant:m1") not in told(lapsed, case)


@pytest.mark.parametrize(
    ("by", "readers", "recipients"),
    [
        (Role.SPECIALIST, (Audience.CONSUMER, Audience.STAFF), ["consumer:u1"]),
        (Role.SPECIALIST, (Audience.MERCHANT,), ["merchant:m1"]),
        (Role.CONSUMER, (Audience.CONSUMER, Audience.STAFF), ["specialist:s1"]),
        (Role.MERCHANT, tuple(Audience), ["consumer:u1", "specialist:s1"]),
    ],
)
def test_a_message_goes_to_those_it_is_for_but_its_author(
    by: Role, readers: tuple[Audience, ...], recipients: list[str]
) -> None:
    message = c.MessagePosted(**AT, from_role=by, visible_to=readers, text=TEXT)
    assert [to for _, to in told(message)] == recipients


def test_the_specialist_hears_of_a_rejection_and_of_a_failed_remedy() -> None:
    assert told(c.SolutionRejected(**AT, n=2, reason=TEXT)) == [
        ("solution_rejected", "specialist:s1")
    ]
    assert told(c.RemedyFailed(**AT, n=2, reason="overdue")) == [("remedy_failed", "specialist:s1")]


@pytest.mark.parametrize(
    ("event", "template"),
    [
        (c.ComplaintClosed(**AT, reason=CloseReason.SATISFIED), "closed"),
        (
            c.ComplaintReopened(
                **AT,
                reason=ReopenReason.OBJECTION,
                text=TEXT,
                previous_specialist_id="s1",
                offer_superior_review=True,
            ),
            "reopened",
        ),
    ],
)
def test_an_end_and_a_new_beginning_are_told_to_those_involved(event: Event, template: str) -> None:
    assert told(event) == [(template, "consumer:u1"), (template, "merchant:m1")]
    assert told(event, replace(CASE, merchant_involved=False)) == [(template, "consumer:u1")]


def test_a_withdrawal_is_told_to_everybody_at_work_on_it() -> None:
    withdrawn = c.ComplaintWithdrawn(**AT, by="u1")
    assert [to for _, to in told(withdrawn)] == ["consumer:u1", "merchant:m1", "specialist:s1"]
    assert [to for _, to in told(withdrawn, UNASSIGNED)] == ["consumer:u1", "merchant:m1"]


def test_a_merchant_request_waits_for_its_deadline() -> None:
    asked = c.MerchantAsked(**AT, n=1, questions=TEXT)
    waiting = held(asked, CASE)
    assert told(asked) == []
    assert waiting is not None
    notice = waiting.release(NOW)
    assert (notice.template, notice.to.key) == ("merchant_request", "merchant:m1")
    assert (notice.due_at, notice.quote, notice.values["orders"]) == (NOW, TEXT, "o1, o2")
    assert waiting.release(None).due_at is None


@pytest.mark.parametrize(
    ("needs_approval", "template", "to"),
    [(False, "solution_proposed", "consumer:u1"), (True, "approval_request", "supervisor:team:t1")],
)
def test_a_solution_waits_for_the_deadline_of_whoever_decides_first(
    needs_approval: bool, template: str, to: str
) -> None:
    proposed = c.SolutionProposed(
        **AT,
        n=2,
        remedy=DemandKind.APOLOGY,
        payer=Payer.NOBODY,
        reasons=TEXT,
        needs_approval=needs_approval,
    )
    waiting = held(proposed, CASE)
    assert waiting is not None
    assert (waiting.template, waiting.to.key) == (template, to)
    assert waiting.values == {"remedy": "apology", "amount": "", "payer": "nobody"}


@pytest.mark.parametrize(
    ("solution", "to"),
    [
        (SOLUTION, "merchant:m1"),
        (replace(SOLUTION, payer=Payer.PLATFORM), "ops:ops"),
        (replace(SOLUTION, payer=Payer.NOBODY), None),
        (None, None),
    ],
)
def test_a_consent_is_told_to_who_pays(solution: Solution | None, to: str | None) -> None:
    waiting = held(ACCEPTED, replace(CASE, solution=solution))
    assert (None if waiting is None else waiting.to.key) == to


def test_other_events_hold_nothing() -> None:
    assert held(FILED, CASE) is None


@pytest.mark.parametrize(
    ("party", "who", "to"),
    [
        (Party.CONSUMER, None, "consumer:u1"),
        (Party.MERCHANT, "m1", "merchant:m1"),
        (Party.SPECIALIST, "s9", "specialist:s9"),
        (Party.SPECIALIST, None, "specialist:s1"),
        (Party.SUPERVISOR, None, "supervisor:team:t1"),
        (Party.PLATFORM, None, "supervisor:team:t1"),
        (Party.REGULATOR, None, "supervisor:team:t1"),
    ],
)
def test_a_clock_speaks_to_the_person_behind_its_party(
    party: Party, who: str | None, to: str
) -> None:
    assert responsible(party, who, CASE).key == to


def test_a_warning_states_share_and_deadline() -> None:
    [notice] = warning(warned(ClockKind.RESOLUTION, Party.SPECIALIST, who="s1"), CASE)
    assert notice.values == {"clock": "resolution", "share": "75"}
    assert notice.due_at == NOW + timedelta(hours=1)
    assert notice.overtaken is None


@pytest.mark.parametrize("kind", [ClockKind.SURVEY_WINDOW, ClockKind.ACKNOWLEDGEMENT])
def test_windows_and_our_own_clocks_warn_nobody(kind: ClockKind) -> None:
    assert warning(warned(kind, Party.PLATFORM), CASE) == []


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        (replace(CASE, cycle=2), "cycle_over"),
        (replace(CASE, status=Status.RESOLVED), "complaint_over"),
        (replace(CASE, met=("merchant_response:1",)), "clock_met"),
        (replace(CASE, met=("merchant_response:2",)), None),
    ],
)
def test_a_warning_can_be_overtaken(case: Case, reason: str | None) -> None:
    [notice] = warning(warned(ClockKind.MERCHANT_RESPONSE, Party.MERCHANT), case)
    assert notice.overtaken == reason


def test_a_breach_is_told_to_the_responsible_and_the_team() -> None:
    event = breached(ClockKind.FIRST_CONTACT, Party.SPECIALIST, who="s1")
    assert [(n.template, n.to.key) for n in breach(event, CASE)] == [
        ("clock_breached_team", "supervisor:team:t1"),
        ("clock_breached", "specialist:s1"),
    ]


def test_a_breach_by_the_platform_is_told_to_the_team_once() -> None:
    event = breached(ClockKind.ASSIGNMENT, Party.PLATFORM)
    assert [n.to.key for n in breach(event, UNASSIGNED)] == ["supervisor:team:*"]


def test_the_end_of_a_window_is_no_breach_to_tell() -> None:
    assert breach(breached(ClockKind.SURVEY_WINDOW, Party.CONSUMER), CASE) == []


def test_a_withdrawn_breach_is_put_right() -> None:
    notice = correction(corrected(due_at=NOW, withdrawn=True), specialist(CASE), NOW)
    assert notice is not None
    assert notice.template == "breach_withdrawn"


def test_a_changed_deadline_is_told_to_who_knew_the_old_one() -> None:
    moved = corrected(due_at=NOW + timedelta(days=1), withdrawn=False)
    notice = correction(moved, specialist(CASE), NOW)
    assert notice is not None
    assert (notice.template, notice.due_at) == ("deadline_changed", NOW + timedelta(days=1))
    assert correction(corrected(due_at=NOW, withdrawn=False), specialist(CASE), NOW) is None
    assert correction(corrected(due_at=None, withdrawn=False), specialist(CASE), NOW) is None


def test_a_colleague_hears_that_help_is_asked_and_the_specialist_that_it_was_given() -> None:
    asked = HelpAsked(
        **AT, n=1, collaborator_id="v1", collaborator_role=Role.SUPERVISOR, question=TEXT
    )
    assert told(asked) == [("help_asked", "supervisor:v1")]
    assert told(HelpGiven(**AT, n=1, answer=TEXT)) == [("help_given", "specialist:s1")]


def test_desks_have_names() -> None:
    assert ops().key == "ops:ops"
    assert supervisors(UNASSIGNED).key == "supervisor:team:*"


def test_a_rejection_is_told_with_the_time_for_an_appeal() -> None:
    rejected = c.ComplaintRejected(**AT, reason_code=RejectionReason.OUT_OF_TIME, reviewer_id="v1")
    waiting = held(rejected, CASE)
    assert waiting is not None
    assert (waiting.template, waiting.to.key) == ("rejected", "consumer:u1")
    assert waiting.values == {"rejection_reason": "out_of_time"}


def test_an_appeal_is_told_to_those_who_review() -> None:
    appealed = c.RejectionAppealed(**AT, text=TEXT)
    assert told(appealed, UNASSIGNED) == [("rejection_appealed", "supervisor:team:*")]


def test_a_question_waits_for_its_clock_and_lists_all_that_is_missing() -> None:
    asked = c.ConsumerAsked(
        **AT, n=3, items=("a photo", "the parcel's number"), reason="why", stage=AskStage.CASE
    )
    waiting = held(asked, CASE)
    assert waiting is not None
    assert (waiting.template, waiting.to.key) == ("consumer_request", "consumer:u1")
    assert waiting.values == {"items": "- a photo\n- the parcel's number"}
    assert waiting.quote == Personal("u1", "why")


def test_the_specialist_hears_the_consumers_answer() -> None:
    answered = c.ConsumerAnswered(**AT, n=3, text=TEXT)
    assert told(answered) == [("consumer_answered", "specialist:s1")]
    assert after(CASE, answered).has_met(ClockKind.CONSUMER_REPLY, 3)


def test_both_sides_hear_of_a_merge_and_the_consumer_of_its_undoing() -> None:
    merged = ComplaintMerged(**AT, into_id="c2", by="v1")
    involved = replace(CASE, merchant_involved=True)
    assert told(merged, involved) == [("merged", "consumer:u1"), ("merged", "merchant:m1")]
    assert told(ComplaintUnmerged(**AT, other_id="c2", reason="no")) == [
        ("unmerged", "consumer:u1")
    ]
