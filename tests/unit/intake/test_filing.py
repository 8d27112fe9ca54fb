"""Filing: who may, through which channel, and what is accepted at once."""

from typing import Any

import pytest

from services.intake.domain.authority import Author
from services.intake.domain.commands import AcceptComplaint
from services.intake.domain.policy import Policy, looks_personal
from shared.events.complaints import ComplaintAccepted, ComplaintFiled, Demand
from shared.events.vocabulary import Category, Channel, DemandKind, Priority, Role
from tests.unit.intake.story import (
    CONSUMER,
    FILED,
    MERCHANT,
    NOW,
    OPS,
    SPECIALIST,
    STRANGER,
    SUBMITTED,
    SUPERVISOR,
    filing,
    form,
    given,
    later,
)

REGULATOR = Author(role=Role.SERVICE, id="12315", scopes=frozenset({"regulator"}))
MEDIA = Author(role=Role.SERVICE, id="tv", scopes=frozenset({"media", "association"}))
REVIEW = AcceptComplaint(now=later(hours=2), by=SUPERVISOR)


def demand(amount_minor: int | None, currency: str | None = "CNY") -> Demand:
    return Demand(
        kind=DemandKind.REFUND,
        amount_minor=amount_minor,
        currency=None if amount_minor is None else currency,
    )


def test_a_hotline_filing_is_accepted_at_once_with_the_rule() -> None:
    told = given().when(filing())
    told.then(ComplaintFiled, ComplaintAccepted, priority=Priority.NORMAL, cycle=1)
    accepted = told.events[1]
    assert isinstance(accepted, ComplaintAccepted)
    assert (accepted.rule, accepted.merchant_class) == ("hotline_at_once", "standard")


@pytest.mark.parametrize(
    ("channel", "category", "priority"),
    [
        (Channel.REGULATOR, Category.QUALITY, Priority.HIGH),
        (Channel.ASSOCIATION, Category.SAFETY, Priority.HIGH),
        (Channel.MEDIA, Category.QUALITY, Priority.HIGH),
        (Channel.MEDIA, Category.SAFETY, Priority.URGENT),
    ],
)
def test_external_filings_are_accepted_at_once_with_priority(
    channel: Channel, category: Category, priority: Priority
) -> None:
    by = REGULATOR if channel is Channel.REGULATOR else MEDIA
    told = given().when(filing(by=by, channel=channel, category=category))
    told.then(ComplaintFiled, ComplaintAccepted, priority=priority)


@pytest.mark.parametrize(
    ("asked", "rule"),
    [
        (demand(500_000), "within_auto_accept_limit"),
        (demand(None), "no_amount_demanded"),
    ],
)
def test_a_harmless_form_is_accepted_by_rule(asked: Demand, rule: str) -> None:
    told = given().when(form(demand=asked))
    told.then(ComplaintFiled, ComplaintAccepted)
    accepted = told.events[1]
    assert isinstance(accepted, ComplaintAccepted)
    assert accepted.rule == rule


@pytest.mark.parametrize(
    "change",
    [
        {"category": Category.SAFETY},
        {"category": Category.PRIVACY},
        {"demand": demand(500_001)},
        {"demand": demand(1, "XAU")},
    ],
)
def test_what_no_rule_accepts_waits_for_a_review(change: dict[str, Any]) -> None:
    given().when(form(**change)).then(ComplaintFiled)


def test_a_marketplace_sets_its_own_limit() -> None:
    strict = Policy(auto_accept_limit={"CNY": 100})
    given(policy=strict).when(form()).then(ComplaintFiled)


def test_a_supervisor_accepts_after_review() -> None:
    given(*SUBMITTED).when(REVIEW).then(
        ComplaintAccepted, reviewer_id="boss", rule=None, occurred_at=later(hours=2)
    )


def test_there_is_nothing_to_review_twice() -> None:
    given(*FILED).when(REVIEW).refused("review_not_open")


def test_only_a_supervisor_reviews() -> None:
    given(*SUBMITTED).when(AcceptComplaint(now=NOW, by=CONSUMER)).refused("forbidden")


@pytest.mark.parametrize(
    ("by", "channel"),
    [
        (CONSUMER, Channel.HOTLINE),
        (CONSUMER, Channel.REGULATOR),
        (STRANGER, Channel.FORM),
        (SPECIALIST, Channel.FORM),
        (SUPERVISOR, Channel.MEDIA),
        (REGULATOR, Channel.MEDIA),
        (REGULATOR, Channel.APP),
        (MERCHANT, Channel.FORM),
        (OPS, Channel.HOTLINE),
    ],
)
def test_nobody_files_through_a_channel_that_is_not_theirs(by: Author, channel: Channel) -> None:
    given().when(filing(by=by, channel=channel)).refused("forbidden")


def test_an_id_is_filed_once() -> None:
    given(*FILED).when(filing()).refused("wrong_status")


@pytest.mark.parametrize(
    "consumer_id",
    [
        "li@example.com",
        "13800138000",
        "+8613800138000",
        "138-0013-8000",
        "+1 415 555 0123",
        "(010) 6552-9988",
        "4155550123",
    ],
)
def test_an_id_that_looks_like_a_person_s_address_is_refused(consumer_id: str) -> None:
    given().when(filing(consumer_id=consumer_id)).refused("consumer_id_is_personal")


@pytest.mark.parametrize(
    "consumer_id",
    [
        "u1",
        "7391204",
        "018f6f0e-7a3c-7d3e-9d8e-2f6b3c1a9f10",
        "12345678-1234-1234-1234-123456789012",
        "user.name",
        "a@b",
    ],
)
def test_opaque_ids_are_fine(consumer_id: str) -> None:
    assert not looks_personal(consumer_id)


def test_a_hotline_filing_may_say_when_the_call_was() -> None:
    told = given().when(filing(occurred_at=later(minutes=-15)))
    told.then(ComplaintFiled, ComplaintAccepted, occurred_at=later(minutes=-15))
    assert told.events[1].occurred_at == NOW


def test_a_filing_dated_back_further_needs_a_supervisor() -> None:
    long_ago = later(minutes=-15, milliseconds=-1)
    given().when(filing(occurred_at=long_ago)).refused("backdated_too_far")
    given().when(filing(by=SUPERVISOR, occurred_at=long_ago)).then(
        ComplaintFiled, ComplaintAccepted, occurred_at=long_ago
    )


def test_a_form_is_filed_when_it_is_filed() -> None:
    given().when(form(occurred_at=NOW)).refused("validation_failed")


def test_trouble_to_come_is_no_complaint() -> None:
    given().when(filing(happened_at=later(seconds=1))).refused("occurred_in_future")
    given().when(filing(occurred_at=later(seconds=1))).refused("occurred_in_future")


def test_contact_and_words_belong_to_the_consumer() -> None:
    filed = given().when(filing(contact="li@example.com")).events[0]
    assert isinstance(filed, ComplaintFiled)
    assert filed.contact is not None
    assert (filed.contact.subject, filed.contact.text) == ("u1", "li@example.com")
    assert filed.description.subject == "u1"
