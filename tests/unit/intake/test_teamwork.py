"""Working together leaves status, turn and ETag as they are; who is asked may read and answer."""

from dataclasses import replace

import pytest

from services.intake.domain.authority import Author, is_asked
from services.intake.domain.commands import Command
from services.intake.domain.state import FiledState, NotFiled
from services.intake.domain.team import Callback, Step, Team
from services.intake.domain.teamwork import MOST_OPEN
from services.intake.domain.teamwork_commands import (
    AskForHelp,
    GiveHelp,
    HandOverComplaint,
    MakeCallback,
    PromiseCallback,
    RecordStep,
)
from shared.events.complaints import ContactMade
from shared.events.personal import Personal
from shared.events.teamwork import (
    CallbackMade,
    CallbackPromised,
    ComplaintHandedOver,
    HelpAsked,
    HelpGiven,
    StepRecorded,
    TeamworkFact,
)
from shared.events.vocabulary import Role, Status, Turn, UnassignReason
from tests.unit.intake.story import (
    CLOSED,
    COLLEAGUE,
    CONSUMER,
    EXTERNAL,
    FILED,
    IN_PROGRESS,
    MERCHANT,
    NOW,
    REOPENED,
    RESOLVED,
    SPECIALIST,
    SUPERVISOR,
    Story,
    assignment,
    contact,
    given,
    later,
    release,
    reopening,
)

ELSEWHERE = Author(role=Role.SUPERVISOR, id="far", team_id="t9")
STEP = RecordStep(now=NOW, by=SPECIALIST, step="verify_order", playbook_version="counterfeit@1")
HELP = AskForHelp(now=NOW, by=SPECIALIST, collaborator_id="s2", question="Is the label right?")
ANSWER = GiveHelp(now=NOW, by=COLLEAGUE, n=1, answer="It is not.")
PROMISE = PromiseCallback(now=NOW, by=SPECIALIST, promised_for=later(hours=3))
HANDOVER = HandOverComplaint(now=NOW, by=SPECIALIST, summary="She wants money back.", to="s2")
MADE = MakeCallback(now=NOW, by=SPECIALIST, n=1)


def filed(story: Story) -> FiledState:
    """The complaint of a story."""
    assert not isinstance(story.state, NotFiled)
    return story.state


ACTS: tuple[RecordStep | AskForHelp | PromiseCallback, ...] = (STEP, HELP, PROMISE)


@pytest.mark.parametrize("act", ACTS)
def test_working_together_moves_nothing(act: Command) -> None:
    before = filed(given(*IN_PROGRESS))
    after = given(*IN_PROGRESS).when(act).complaint
    assert (type(after), after.case.version) == (type(before), before.case.version)
    assert after.case.length == before.case.length + 1


@pytest.mark.parametrize("act", ACTS)
def test_it_is_done_by_whoever_has_the_complaint_while_it_is_open(
    act: RecordStep | AskForHelp | PromiseCallback,
) -> None:
    for party in (CONSUMER, MERCHANT):
        given(*IN_PROGRESS).when(replace(act, by=party)).refused("forbidden")
    given(*IN_PROGRESS).when(replace(act, by=COLLEAGUE)).refused("not_assigned")
    given(*RESOLVED).when(act).refused("wrong_status")


@pytest.mark.parametrize("act", ACTS)
def test_while_a_body_outside_has_it_colleagues_go_on_working_together(act: Command) -> None:
    told = given(*EXTERNAL).when(act)
    assert told.complaint.case.cycle.team != Team()
    assert isinstance(told.events[0], TeamworkFact)
    assert told.events[0].status is Status.EXTERNAL


def test_a_step_is_taken_once_in_a_cycle() -> None:
    told = given(*IN_PROGRESS).when(STEP)
    told.then(
        StepRecorded, step="verify_order", playbook_version="counterfeit@1", turn=Turn.SPECIALIST
    )
    assert told.complaint.case.cycle.team.steps == (Step("verify_order", "counterfeit@1", NOW),)
    given(*IN_PROGRESS, STEP).when(STEP).nothing()
    given(*IN_PROGRESS, STEP).when(replace(STEP, playbook_version="counterfeit@2")).then(
        StepRecorded
    )


def test_a_colleague_is_asked_and_answers() -> None:
    told = given(*IN_PROGRESS).when(HELP)
    told.then(
        HelpAsked,
        n=1,
        collaborator_id="s2",
        question=Personal("u1", "Is the label right?"),
        status=Status.IN_PROGRESS,
    )
    answered = given(*IN_PROGRESS, HELP).when(ANSWER)
    answered.then(HelpGiven, n=1, answer=Personal("u1", "It is not."))
    assert answered.complaint.case.cycle.team.helps == ()
    given(*IN_PROGRESS, HELP, ANSWER).when(HELP).then(HelpAsked, n=2)


def test_who_was_asked_may_read_until_they_have_answered_and_do_nothing_else() -> None:
    asked = given(*IN_PROGRESS, HELP)
    state = filed(asked)
    assert is_asked(Role.SPECIALIST, "s2", state)
    assert is_asked(Role.SUPERVISOR, "s2", state)
    assert not is_asked(Role.CONSUMER, "s2", state)
    assert not is_asked(Role.SPECIALIST, "s3", state)
    asked.when(contact(COLLEAGUE)).refused("not_assigned")
    asked.when(replace(HELP, by=COLLEAGUE, collaborator_id="s3")).refused("not_assigned")
    after = given(*IN_PROGRESS, HELP).when(ANSWER).complaint
    assert not is_asked(Role.SPECIALIST, "s2", after)
    given(*IN_PROGRESS, HELP, ANSWER).when(ANSWER).refused("not_assigned")


def test_the_end_of_the_complaint_is_the_end_of_being_asked() -> None:
    ended = given(*RESOLVED[:3], HELP, *RESOLVED[3:])
    assert not is_asked(Role.SPECIALIST, "s2", filed(ended))
    ended.when(ANSWER).refused("not_assigned")
    assert filed(given(*RESOLVED[:3], HELP, *RESOLVED[3:], reopening())).case.cycle.team == Team()


def test_a_supervisor_of_another_team_helps_too_when_asked() -> None:
    ask = replace(HELP, collaborator_id="far", collaborator_role=Role.SUPERVISOR)
    given(*IN_PROGRESS, ask).when(replace(ANSWER, by=ELSEWHERE)).then(HelpGiven)
    given(*IN_PROGRESS).when(replace(ANSWER, by=ELSEWHERE)).refused("not_found")
    given(*IN_PROGRESS, ask).when(contact(ELSEWHERE)).refused("not_found")


def test_whoever_has_the_complaint_may_write_the_answer_down() -> None:
    for by in (SPECIALIST, SUPERVISOR):
        given(*IN_PROGRESS, HELP).when(replace(ANSWER, by=by)).then(HelpGiven)


def test_nobody_answers_what_another_was_asked() -> None:
    other = replace(HELP, collaborator_id="s3")
    given(*IN_PROGRESS, HELP, other).when(replace(ANSWER, n=2)).refused("not_assigned")


def test_what_was_not_asked_or_is_answered_takes_no_answer() -> None:
    given(*IN_PROGRESS).when(replace(ANSWER, by=SPECIALIST)).refused("no_open_request")
    given(*IN_PROGRESS, HELP, ANSWER).when(replace(ANSWER, by=SPECIALIST)).refused(
        "already_answered"
    )


def test_who_has_the_complaint_is_not_asked_for_help_with_it() -> None:
    given(*IN_PROGRESS).when(replace(HELP, collaborator_id="s1")).refused("has_it_already")
    own = replace(HELP, by=SUPERVISOR, collaborator_id="boss")
    given(*IN_PROGRESS).when(own).refused("has_it_already")


def test_a_promised_call_is_made_once() -> None:
    told = given(*IN_PROGRESS).when(PROMISE)
    told.then(CallbackPromised, n=1, promised_for=later(hours=3))
    assert told.complaint.case.cycle.team.callbacks == (Callback(1, later(hours=3)),)
    made = given(*IN_PROGRESS, PROMISE).when(MADE)
    made.then(CallbackMade, n=1)
    assert made.complaint.case.cycle.team.callbacks == ()
    given(*IN_PROGRESS, PROMISE, MADE).when(MADE).nothing()
    given(*IN_PROGRESS, PROMISE, MADE).when(PROMISE).then(CallbackPromised, n=2)
    given(*IN_PROGRESS).when(MADE).refused("no_open_request")


def test_a_call_is_promised_for_a_time_to_come() -> None:
    for at in (NOW, later(hours=-1)):
        given(*IN_PROGRESS).when(replace(PROMISE, promised_for=at)).refused("promised_in_past")


def test_a_promise_outlives_the_complaint_but_not_its_cycle() -> None:
    promised = (*RESOLVED[:3], PROMISE, *RESOLVED[3:])
    given(*promised).when(MADE).then(CallbackMade)
    given(*promised, *CLOSED[len(RESOLVED) :]).when(MADE).then(CallbackMade)
    given(*REOPENED).when(replace(MADE, by=SUPERVISOR)).refused("no_open_request")


@pytest.mark.parametrize("act", [HELP, PROMISE])
def test_there_is_an_end_to_what_can_be_asked_and_promised_at_a_time(act: Command) -> None:
    given(*IN_PROGRESS, *[act] * MOST_OPEN).when(act).refused("request_open")
    assert given(*IN_PROGRESS, *[act] * (MOST_OPEN - 1)).when(act).events


def test_a_complaint_is_handed_over_with_a_summary_and_stays_until_routing_releases_it() -> None:
    told = given(*IN_PROGRESS).when(HANDOVER)
    told.then(
        ComplaintHandedOver,
        n=1,
        specialist_id="s1",
        to="s2",
        summary=Personal("u1", "She wants money back."),
        status=Status.IN_PROGRESS,
    )
    assert told.complaint.case.version == filed(given(*IN_PROGRESS)).case.version
    given(*IN_PROGRESS, HANDOVER).when(contact()).then(ContactMade)
    given(*IN_PROGRESS).when(replace(HANDOVER, by=SUPERVISOR, to=None)).then(ComplaintHandedOver)


def test_it_is_handed_over_once_by_each_who_has_it() -> None:
    given(*IN_PROGRESS, HANDOVER).when(HANDOVER).refused("already_handed_over")
    moved = (HANDOVER, release(reason=UnassignReason.REASSIGNED), assignment(2, specialist_id="s2"))
    back = replace(HANDOVER, by=COLLEAGUE, to=None)
    told = given(*IN_PROGRESS, *moved).when(back)
    told.then(ComplaintHandedOver, n=2, specialist_id="s2", to=None)


def test_only_who_has_it_or_a_supervisor_hands_it_over_and_to_somebody_else() -> None:
    given(*IN_PROGRESS).when(replace(HANDOVER, by=COLLEAGUE)).refused("not_assigned")
    given(*IN_PROGRESS).when(replace(HANDOVER, by=CONSUMER)).refused("forbidden")
    given(*IN_PROGRESS).when(replace(HANDOVER, to="s1")).refused("has_it_already")
    given(*FILED).when(replace(HANDOVER, by=SUPERVISOR)).refused("wrong_status")
    given(*RESOLVED).when(HANDOVER).refused("wrong_status")
