"""What the people of the demo do next, given what they see."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from amends.demo.cases import Case, OnRecord
from amends.demo.cast import SPECIALISTS, address_of, merchants_of
from amends.demo.command import EXAMPLES, interleaved, read_input, sample
from amends.demo.decisions import (
    Act,
    Seen,
    consumer_act,
    merchant_act,
    specialist_act,
    supervisor_act,
    survey_answer,
)
from amends.demo.play import filing
from amends.demo.temper import Answer, Manner, Temper, manner_of, temper_of
from amends.demo.words import say
from shared.events.vocabulary import Category, Channel, DemandKind, Payer, Stance, Status

CASE = Case(
    id="case-1",
    consumer_id="c-1",
    merchant_id="shop",
    merchant_name="Shop",
    order_ids=("o1",),
    category=Category.QUALITY,
    channel=Channel.FORM,
    description="It broke.",
    demand=DemandKind.REFUND,
    language="en",
    amount_minor=10_000,
    currency="USD",
)
CALM = Temper(
    contact_hours=6.0,
    misses_first_call=False,
    work_hours=2.0,
    merchant_hours=8.0,
    stance=Stance.AGREES,
    remedy_hours=12.0,
    decide_hours=10.0,
    patience=0,
    survey_hours=5.0,
    survey=Answer.SATISFIED,
    withdraw_hours=None,
)


def seen(status: Status, **more: Any) -> Seen:
    return Seen(id="x", status=status, version=3, cycle=1, since=100.0, **more)


def act(found: Act | None) -> Act:
    assert found is not None
    return found


def test_a_specialist_reaches_the_consumer_first() -> None:
    found = act(specialist_act(seen(Status.ASSIGNED), CASE, CALM))
    assert (found.path, found.due) == ("contacts", 106.0)
    assert found.body["two_way"] is True


def test_some_consumers_miss_the_first_call() -> None:
    temper = replace(CALM, misses_first_call=True)
    first = act(specialist_act(seen(Status.ASSIGNED), CASE, temper))
    second = act(specialist_act(seen(Status.ASSIGNED, calls_missed=1), CASE, temper))
    assert (first.body["two_way"], first.due) == (False, 103.0)
    assert (second.body["two_way"], second.due) == (True, 106.0)


def test_the_merchant_is_asked_before_a_solution_is_proposed() -> None:
    asked = act(specialist_act(seen(Status.IN_PROGRESS), CASE, CALM))
    assert (asked.path, asked.due) == ("merchant-requests", 102.0)
    assert "o1" in asked.body["questions"]
    heard = seen(Status.IN_PROGRESS, merchant_had_its_turn=True, stance=Stance.AGREES)
    proposed = act(specialist_act(heard, CASE, CALM))
    assert proposed.path == "solutions"
    assert proposed.body["payer"] is Payer.MERCHANT
    assert proposed.body["amount_minor"] == 10_000


@pytest.mark.parametrize(
    ("facts", "payer", "amount"),
    [
        ({"stance": Stance.REFUSES}, Payer.PLATFORM, 10_000),
        ({"stance": Stance.COUNTERS}, Payer.MERCHANT, 8_000),
        ({"stance": Stance.COUNTERS, "solutions": 1}, Payer.MERCHANT, 11_000),
        ({"stance": None}, Payer.MERCHANT, 10_000),
        ({"stance": Stance.AGREES, "remedy_failed": True}, Payer.PLATFORM, 10_000),
    ],
)
def test_who_pays_depends_on_what_the_merchant_did(
    facts: dict[str, Any], payer: Payer, amount: int
) -> None:
    heard = seen(Status.IN_PROGRESS, merchant_had_its_turn=True, **facts)
    body = act(specialist_act(heard, CASE, CALM)).body
    assert (body["payer"], body["amount_minor"]) == (payer, amount)


def test_an_apology_that_was_agreed_needs_nobody_to_pay() -> None:
    case = replace(CASE, demand=DemandKind.APOLOGY, amount_minor=None, currency=None)
    heard = seen(Status.IN_PROGRESS, merchant_had_its_turn=True, stance=Stance.AGREES)
    body = act(specialist_act(heard, case, CALM)).body
    assert body["payer"] is Payer.NOBODY
    assert "amount_minor" not in body


def test_a_remedy_done_is_followed_by_the_resolution_of_what_was_seen() -> None:
    found = act(specialist_act(seen(Status.IN_PROGRESS, remedied=2), CASE, CALM))
    assert (found.path, found.guarded) == ("resolution", True)


def test_what_the_platform_pays_is_the_specialist_s_to_see_done() -> None:
    paying = seen(Status.REMEDYING, payer=Payer.PLATFORM, open_solution=2)
    assert act(specialist_act(paying, CASE, CALM)).body["n"] == 2
    theirs = replace(paying, payer=Payer.MERCHANT)
    assert specialist_act(theirs, CASE, CALM) is None
    assert act(merchant_act(theirs, CASE, CALM)).path == "remedies/2/confirmation"
    assert merchant_act(paying, CASE, CALM) is None


def test_a_second_cycle_goes_faster_and_asks_the_merchant_no_more() -> None:
    again = replace(seen(Status.ASSIGNED), cycle=2)
    assert act(specialist_act(again, CASE, CALM)).due == 101.5
    working = replace(again, status=Status.IN_PROGRESS)
    assert act(specialist_act(working, CASE, CALM)).path == "solutions"


def test_a_merchant_answers_or_stalls() -> None:
    asked = seen(Status.AWAITING_MERCHANT)
    answer = act(merchant_act(asked, CASE, CALM))
    assert (answer.path, answer.due) == ("merchant-responses", 108.0)
    assert answer.body["offer"]["amount_minor"] == 10_000
    assert merchant_act(asked, CASE, replace(CALM, merchant_hours=None)) is None
    refusal = act(merchant_act(asked, CASE, replace(CALM, stance=Stance.REFUSES)))
    assert "offer" not in refusal.body
    assert merchant_act(seen(Status.IN_PROGRESS), CASE, CALM) is None


def test_a_consumer_decides_on_the_version_that_was_seen() -> None:
    proposed = seen(Status.SOLUTION_PROPOSED, open_solution=2, solutions=1)
    accepted = act(consumer_act(proposed, CASE, CALM))
    assert (accepted.path, accepted.guarded) == ("solutions/2/acceptance", True)
    fussy = replace(CALM, patience=1)
    assert act(consumer_act(proposed, CASE, fussy)).path == "solutions/2/rejection"
    better = replace(proposed, open_solution=3, solutions=2)
    assert act(consumer_act(better, CASE, fussy)).path == "solutions/3/acceptance"
    assert consumer_act(proposed, CASE, replace(CALM, decide_hours=None)) is None


def test_some_consumers_withdraw_while_they_wait() -> None:
    gone = replace(CALM, withdraw_hours=20.0)
    waiting = seen(Status.ASSIGNED, filed_hour=90.0)
    found = act(consumer_act(waiting, CASE, gone))
    assert (found.path, found.due, found.guarded) == ("withdrawal", 110.0, True)
    assert consumer_act(waiting, CASE, CALM) is None
    assert consumer_act(replace(waiting, cycle=2), CASE, gone) is None
    assert consumer_act(seen(Status.RESOLVED), CASE, gone) is None


def test_a_supervisor_reviews_what_was_submitted_and_nothing_else() -> None:
    assert act(supervisor_act(seen(Status.SUBMITTED))).path == "reviews"
    assert supervisor_act(seen(Status.ACCEPTED)) is None


def test_one_objection_is_enough_for_everybody() -> None:
    angry = replace(CALM, survey=Answer.OBJECTION)
    first, second = survey_answer(1, CASE, angry), survey_answer(2, CASE, angry)
    assert first is not None
    assert second is not None
    assert (first["result"], second["result"]) == ("objection", "satisfied")
    assert first["text"]
    assert survey_answer(1, CASE, replace(CALM, survey=Answer.SILENT)) is None


def test_late_contact_shows_in_the_rating_of_speed() -> None:
    quick, slow = (
        survey_answer(1, CASE, CALM),
        survey_answer(1, CASE, replace(CALM, contact_hours=30.0)),
    )
    assert quick is not None
    assert slow is not None
    assert quick["speed"] > slow["speed"]


def test_the_same_case_always_has_the_same_temper() -> None:
    assert temper_of(CASE) == temper_of(CASE)
    assert temper_of(CASE) != temper_of(replace(CASE, id="case-2"))


def test_what_is_on_record_is_what_happens() -> None:
    silent = replace(CASE, on_record=OnRecord(answered_in_time=False, disputed=True))
    prompt = replace(CASE, on_record=OnRecord(answered_in_time=True, relief=True, disputed=False))
    assert temper_of(silent).merchant_hours is None
    assert temper_of(silent).survey is Answer.OBJECTION
    hours = temper_of(prompt).merchant_hours
    assert hours is not None
    assert hours <= 40
    assert temper_of(prompt).stance is Stance.AGREES
    assert temper_of(prompt).survey is Answer.SATISFIED


def test_the_examples_show_every_outcome() -> None:
    cases = read_input(None, [], [], skip_bad=False).cases
    tempers = [temper_of(case) for case in cases]
    assert len(cases) == 342
    assert Counter(case.language for case in cases) == {"en": 300, "zh-CN": 42}
    assert {temper.survey for temper in tempers} == set(Answer)
    assert {temper.stance for temper in tempers} == set(Stance)
    assert any(temper.merchant_hours is None for temper in tempers)
    assert any(temper.decide_hours is None for temper in tempers)
    assert any(temper.withdraw_hours for temper in tempers)
    assert any(temper.patience for temper in tempers)
    assert 0.03 < sum(temper.contact_hours > 24 for temper in tempers) / len(tempers) < 0.15
    assert {case.category for case in cases} == set(Category)


def test_some_merchants_and_consumers_have_no_mail_address() -> None:
    cases = read_input(None, [], [], skip_bad=False).cases
    merchants = merchants_of(cases)
    assert {manner_of(merchant.id) for merchant in merchants} == set(Manner)
    assert 0 < sum(merchant.email is None for merchant in merchants) < len(merchants) / 5
    assert 0 < sum(address_of(case) is None for case in cases) < len(cases) / 5


def test_somebody_can_take_every_kind_of_case() -> None:
    for language in ("en", "zh-CN"):
        tiers = [s.tier for s in SPECIALISTS if language in s.languages]
        assert max(tiers) == 4
    for specialist in SPECIALISTS:
        assert set(specialist.body()["skills"]) == set(Category)


def test_a_short_run_sees_some_of_both_files() -> None:
    cases = read_input(None, [], [], skip_bad=False).cases
    few = sample(cases, 40)
    assert len({case.id for case in few}) == len(few) == 40
    assert sum(case.language == "zh-CN" for case in few) == 5
    assert len(sample(cases, 200)) == 200
    assert sample(cases, 1000) == cases
    assert len(sample(cases[:1], 1)) == 1
    assert interleaved((CASE,), ()) == (CASE,)


def test_a_case_is_filed_with_what_it_has_and_nothing_more() -> None:
    body = filing(replace(CASE, id="b"))
    assert body["demand"] == {"kind": "refund", "amount_minor": 10_000, "currency": "USD"}
    assert "happened_at" not in body
    bare = filing(replace(CASE, amount_minor=None, currency=None))
    assert bare["demand"] == {"kind": "refund"}


def test_everything_is_said_in_both_languages() -> None:
    assert say("questions", "en", orders="o1") != say("questions", "zh-CN", orders="o1")
    with pytest.raises(KeyError):
        say("nonsense", "en")


def test_the_example_files_ship_with_their_description() -> None:
    description = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert {path.name for path in Path(EXAMPLES).glob("*.csv")} == {"cfpb.csv", "zh.csv"}
    assert "`cfpb.csv`: 300" in description
    assert "`zh.csv`: 42" in description
