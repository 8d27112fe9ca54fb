"""Evidence: what settles a complaint, who may add it, and who sees it."""

from dataclasses import replace

import pytest

from services.intake.domain.authority import Author
from services.intake.domain.casework_commands import AddEvidence, Reclassify
from services.intake.domain.commands import Command
from services.intake.domain.evidence import (
    CHECKLIST,
    MOST_BYTES,
    MOST_FILES,
    WORDS,
    completeness,
    missing,
    words,
)
from shared.events.casework import EvidenceAdded
from shared.events.complaints import ConsumerAsked, MerchantAsked
from shared.events.vocabulary import Audience, Category, EvidenceKind
from tests.unit.intake.state_space import REJECTED
from tests.unit.intake.story import (
    ASK,
    CLOSED,
    CONSUMER,
    IN_PROGRESS,
    MERCHANT,
    NOW,
    SPECIALIST,
    STRANGER,
    SUPERVISOR,
    answer_question,
    approval,
    ask_consumer,
    draft,
    filing,
    given,
    solution,
)


def evidence(
    number: int = 1,
    by: Author = CONSUMER,
    kind: EvidenceKind = EvidenceKind.PRODUCT_PHOTO,
    size: int = 1000,
) -> AddEvidence:
    return AddEvidence(
        now=NOW,
        by=by,
        evidence_id=f"e{number}",
        sha256=f"{number:064x}",
        kind=kind,
        media_type="image/jpeg",
        bytes=size,
        label="label.jpg",
    )


NAMED = ask_consumer()
OPEN_QUESTION = replace(NAMED, items=())


def seen_by(past: tuple[Command, ...]) -> frozenset[Audience]:
    return given(*past).when(evidence(99)).complaint.case.evidence[0].visible_to


def test_every_category_has_a_checklist_and_every_kind_its_words() -> None:
    assert set(CHECKLIST) == set(Category)
    assert set(WORDS) == set(EvidenceKind)
    assert words(EvidenceKind.INVOICE, "zh-TW") == "发票或购物凭证"
    assert words(EvidenceKind.INVOICE, "fr") == "the invoice or receipt"


def test_a_file_says_how_much_of_the_checklist_is_there_then() -> None:
    told = given(*IN_PROGRESS).when(evidence())
    told.then(EvidenceAdded, evidence_id="e1", completeness=0.33)
    case = told.complaint.case
    assert missing(case) == (EvidenceKind.ORDER_SCREENSHOT, EvidenceKind.TEST_REPORT)
    assert completeness(case) == 0.33
    other = Reclassify(now=NOW, by=SPECIALIST, reason="Heard.", category=Category.OTHER)
    assert completeness(given(*IN_PROGRESS).when(other).complaint.case) == 1.0


@pytest.mark.parametrize(
    ("by", "audience"),
    [(CONSUMER, Audience.CONSUMER), (MERCHANT, Audience.MERCHANT), (SPECIALIST, Audience.STAFF)],
)
def test_parties_see_their_own_and_staff_everything(by: Author, audience: Audience) -> None:
    assert seen_by((*IN_PROGRESS, evidence(by=by))) == {audience, Audience.STAFF}


def test_the_same_content_twice_is_one_piece() -> None:
    first = (*IN_PROGRESS, evidence())
    given(*first).when(replace(evidence(), evidence_id="e2")).nothing()
    theirs = replace(evidence(by=MERCHANT), evidence_id="e2")
    given(*first).when(theirs).then(EvidenceAdded)  # the merchant does not learn of the consumer's


def test_what_is_shown_in_a_question_or_solution_is_seen_by_whom_it_is_shown_to() -> None:
    added = (*IN_PROGRESS, evidence())
    asked = replace(ASK, evidence_ids=("e1",))
    assert Audience.MERCHANT in seen_by((*added, asked))
    report = (*IN_PROGRESS, evidence(by=SPECIALIST))
    assert Audience.CONSUMER not in seen_by(report)
    shown = replace(solution(), evidence_ids=("e1",))
    assert {Audience.CONSUMER, Audience.MERCHANT} <= seen_by((*report, shown))
    drafted = (*report, replace(draft(), evidence_ids=("e1",)))
    assert Audience.CONSUMER not in seen_by(drafted)
    assert Audience.CONSUMER in seen_by((*drafted, approval()))


def test_evidence_that_is_named_has_to_be_there() -> None:
    asked = replace(ASK, evidence_ids=("e7",))
    given(*IN_PROGRESS).when(asked).refused("unknown_evidence")
    given(*IN_PROGRESS).when(replace(solution(), evidence_ids=("e7",))).refused("unknown_evidence")
    given(*IN_PROGRESS, NAMED).when(answer_question(evidence=("e7",))).refused("unknown_evidence")
    known = (*IN_PROGRESS, evidence())
    given(*known).when(replace(ASK, evidence_ids=("e1",))).then(MerchantAsked)


def test_without_items_everything_missing_is_asked_for_in_the_readers_language() -> None:
    told = given(*IN_PROGRESS).when(OPEN_QUESTION)
    told.then(
        ConsumerAsked,
        items=("a screenshot of the order", "photos of the goods", "a test report"),
    )
    kinds = CHECKLIST[Category.COUNTERFEIT]
    complete = tuple(evidence(n, kind=kind) for n, kind in enumerate(kinds, start=1))
    given(*IN_PROGRESS, *complete).when(OPEN_QUESTION).refused("nothing_missing")


def test_there_is_room_for_so_much() -> None:
    full = tuple(evidence(n) for n in range(1, MOST_FILES + 1))
    given(*IN_PROGRESS, *full).when(evidence(1000)).refused("evidence_limit_reached")
    heavy = evidence(1, size=MOST_BYTES)
    given(*IN_PROGRESS, heavy).when(evidence(2)).refused("evidence_limit_reached")


def test_who_may_add_and_until_when() -> None:
    given(*IN_PROGRESS).when(evidence(by=STRANGER)).refused("not_found")
    given(*CLOSED).when(evidence()).refused("wrong_status")
    given(filing()).when(evidence(by=SUPERVISOR)).then(EvidenceAdded)
    given(*REJECTED).when(evidence()).then(EvidenceAdded)  # for the appeal
