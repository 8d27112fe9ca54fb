"""Who sees which event, and whose words in clear."""

from typing import Any

import msgspec
import pytest

from services.dashboard.audience import (
    MASKED,
    Case,
    audiences,
    masked,
    openable,
    own_subjects,
    reads_personal,
)
from services.dashboard.feed_copy import BEGINNING, envelope_of
from services.dashboard.feed_reading import Entry
from services.dashboard.stream import data_for, heartbeat, message
from shared.auth import Principal
from shared.clock import EPOCH
from shared.codec import encode
from shared.events import Actor, Event, Personal, checking, complaints, violations
from shared.events.personal import UNREADABLE
from shared.events.vocabulary import (
    Audience,
    ContactChannel,
    OrderCheckResult,
    OrderDifference,
    RiskFlag,
    Role,
    Status,
    Turn,
    ViolationKind,
    ViolationOutcome,
)
from tests.unit.dashboard.world import Sources, assigned, filed, moved

CASE = Case(consumer_id="u1", merchant_id="m1", specialist_id="s1", team_id="t1")
TEAMLESS = Case(consumer_id="u1", merchant_id="m1", specialist_id=None, team_id=None)


def who(role: str, subject: str, team: str | None = None, merchant: str | None = None) -> Principal:
    """Somebody."""
    return Principal(role=Role(role), subject=subject, team_id=team, merchant_id=merchant)


def shown(reader: Principal, event: Event, **options: bool) -> dict[str, object]:
    """The JSON a reader gets of an event."""
    actor = Actor(role=Role.SPECIALIST, id="s1")
    record = Sources()(event, actor=actor)
    entry = Entry(
        BEGINNING, record.type, msgspec.json.encode(envelope_of(record)), record.data, CASE
    )
    lines = message(entry, data_for(entry, reader, **options), reader).decode().splitlines()
    (data,) = (line.removeprefix("data: ") for line in lines if line.startswith("data: "))
    found: dict[str, object] = msgspec.json.decode(data)
    return found


VIOLATION: dict[str, Any] = {
    "occurred_at": EPOCH,
    "violation_id": "v1",
    "complaint_id": "c1",
    "merchant_id": "m1",
    "kind": ViolationKind.COUNTERFEIT,
    "severity": 2,
}


def held(found_by: str, recorded_by: str | None) -> violations.ViolationRecorded:
    return violations.ViolationRecorded(
        **VIOLATION,
        evidence_ids=(),
        found_by=found_by,
        recorded_by=recorded_by,
        appeal_ends_at=EPOCH,
        summary=Personal("m1", "their own words"),
    )


def data_shown(reader: Principal, event: Event) -> dict[str, Any]:
    data = shown(reader, event)["data"]
    assert isinstance(data, dict)
    return data


def test_a_consumer_learns_that_an_order_differs_but_not_whose_it_is() -> None:
    event = checking.OrderChecked(
        occurred_at=EPOCH,
        complaint_id="c1",
        cycle=1,
        status=Status.ACCEPTED,
        turn=Turn.PLATFORM,
        order_id="o1",
        result=OrderCheckResult.DIFFERS,
        source="order_system",
        differences=(OrderDifference.OTHER_CONSUMER,),
    )
    assert Audience.MERCHANT not in audiences(event)
    own = data_shown(who("consumer", "u1"), event)
    assert (own["result"], own["differences"]) == ("differs", [])
    assert data_shown(who("specialist", "s1"), event)["differences"] == ["other_consumer"]


def test_of_signs_of_bad_faith_no_party_learns() -> None:
    event = checking.RiskFlagged(
        occurred_at=EPOCH,
        complaint_id="c1",
        cycle=1,
        status=Status.ACCEPTED,
        turn=Turn.PLATFORM,
        flags=(RiskFlag.REVIEW_THREAT,),
        reasons=(),
    )
    assert audiences(event) == {Audience.STAFF}


def test_what_staff_note_about_a_call_is_for_staff() -> None:
    event = complaints.ContactMade(
        occurred_at=EPOCH,
        complaint_id="c1",
        cycle=1,
        status=Status.IN_PROGRESS,
        turn=Turn.SPECIALIST,
        n=1,
        channel=ContactChannel.CALL,
        two_way=True,
        note=Personal("u1", "sounded angry"),
        backdated_seconds=0,
    )
    assert data_shown(who("consumer", "u1"), event)["note"] is None
    assert "angry" in str(data_shown(who("specialist", "s1", "t1"), event))


def test_a_merchant_learns_which_rule_found_a_violation_but_not_which_person() -> None:
    merchant = who("merchant", "clerk", merchant="m1")
    by_rule = data_shown(merchant, held("wechat_name_and_id", None))
    assert by_rule["found_by"] == "wechat_name_and_id"
    assert by_rule["summary"] == {"s": "m1", "v": "their own words"}
    by_person = data_shown(merchant, held("s1", "s1"))
    assert (by_person["found_by"], by_person["recorded_by"]) == (None, None)
    decided = violations.ViolationDecided(
        **VIOLATION, outcome=ViolationOutcome.CONFIRMED, supervisor_id="v1", reasons="The report."
    )
    assert data_shown(merchant, decided)["supervisor_id"] is None
    assert data_shown(who("ops", "o"), decided)["supervisor_id"] == "v1"


def test_what_is_held_against_a_merchant_is_nothing_for_the_consumer() -> None:
    assert audiences(held("s1", "s1")) == {Audience.MERCHANT, Audience.STAFF}


def test_a_type_says_who_may_see_it() -> None:
    note = moved(
        complaints.ContactMade,
        Status.IN_PROGRESS,
        Turn.SPECIALIST,
        n=1,
        channel=ContactChannel.CALL,
        two_way=True,
        note=None,
        backdated_seconds=0,
    )
    assert audiences(filed()) == frozenset(Audience)
    assert audiences(note) == {Audience.CONSUMER, Audience.STAFF}


@pytest.mark.parametrize(
    ("addressed", "expected"),
    [
        ((Audience.CONSUMER,), {Audience.CONSUMER, Audience.STAFF}),
        ((Audience.MERCHANT, Audience.STAFF), {Audience.MERCHANT, Audience.STAFF}),
        ((), {Audience.STAFF}),
    ],
)
def test_a_message_is_for_those_it_is_addressed_to_and_staff(
    addressed: tuple[Audience, ...], expected: set[Audience]
) -> None:
    posted = moved(
        complaints.MessagePosted,
        Status.IN_PROGRESS,
        Turn.SPECIALIST,
        from_role=Role.SPECIALIST,
        visible_to=addressed,
        text=Personal("u1", "Hello"),
    )
    assert audiences(posted) == expected


@pytest.mark.parametrize(
    ("reader", "case", "reads"),
    [
        (who("ops", "o"), CASE, True),
        (who("ops", "o"), None, True),
        (who("service", "export"), CASE, True),
        (who("supervisor", "v", team="t1"), CASE, True),
        (who("supervisor", "v", team="t2"), CASE, False),
        (who("supervisor", "v", team="t2"), TEAMLESS, True),
        (who("supervisor", "v", team="t2"), None, True),
        (who("specialist", "s1"), CASE, True),
        (who("specialist", "s2"), CASE, False),
        (who("specialist", "s1"), None, False),
        (who("consumer", "u1"), CASE, True),
        (who("consumer", "u2"), CASE, False),
        (who("merchant", "m1"), CASE, False),
        (who("merchant", "x", merchant="m1"), CASE, False),
    ],
)
def test_personal_texts_are_in_clear_only_for_those_who_work_on_the_case(
    reader: Principal, case: Case | None, reads: bool
) -> None:
    assert reads_personal(reader, case) is reads


def test_masking_reaches_every_personal_text_and_nothing_else() -> None:
    value = {
        "text": {"s": "u1", "v": "secret"},
        "sealed": {"s": "u1", "k": "1", "n": "2", "c": "3"},
        "own": {"s": "m1", "v": "ours"},
        "list": [{"s": "u1", "v": "secret"}, 1, None, "u1"],
        "other": {"s": "kept", "x": "kept"},
    }
    hidden = {"s": "u1", "v": MASKED}
    assert masked(value, frozenset({"m1"})) == {
        "text": hidden,
        "sealed": hidden,
        "own": {"s": "m1", "v": "ours"},
        "list": [hidden, 1, None, "u1"],
        "other": {"s": "kept", "x": "kept"},
    }


def test_every_sealed_text_can_be_opened_and_nothing_else_changes() -> None:
    sealed = Personal("u1", None, ("intake:1", "bm9uY2U=", "c2VjcmV0"))
    value = {"list": [sealed.to_wire(), 1, None], "clear": {"s": "u1", "v": "said"}, "text": "k"}
    found = openable(value)
    assert found == {**value, "list": [sealed, 1, None]}


def test_what_was_sealed_and_does_not_open_reaches_nobody() -> None:
    event = complaints.MessagePosted(
        occurred_at=EPOCH,
        complaint_id="c1",
        cycle=1,
        status=Status.IN_PROGRESS,
        turn=Turn.SPECIALIST,
        from_role=Role.CONSUMER,
        visible_to=(Audience.MERCHANT,),
        text=Personal("u1", None, ("intake:1", "bm9uY2U=", "c2VjcmV0")),
    )
    for reader, instead in (
        (who("ops", "o"), UNREADABLE),
        (who("consumer", "u1"), UNREADABLE),
        (who("merchant", "u1"), UNREADABLE),  # under its own name
        (who("merchant", "m1"), MASKED),
        (who("specialist", "s2"), MASKED),
    ):
        assert data_shown(reader, event)["text"] == {"s": "u1", "v": instead}


def test_nothing_but_what_json_knows_and_personal_texts_is_sent() -> None:
    record = Sources()(filed())
    entry = Entry(
        BEGINNING, record.type, msgspec.json.encode(envelope_of(record)), record.data, CASE
    )
    with pytest.raises(NotImplementedError):
        message(entry, {"what": object()}, who("ops", "o"))


def test_a_merchant_reads_its_own_words_under_either_of_its_names() -> None:
    assert own_subjects(who("merchant", "clerk", merchant="m1")) == {"clerk", "m1"}
    assert own_subjects(who("merchant", "m1")) == {"m1"}


def test_staff_get_the_event_as_it_was_recorded() -> None:
    body = shown(who("ops", "o"), filed())
    assert body["data"] == msgspec.json.decode(encode(filed()))
    assert body["actor"] == {"role": "specialist", "id": "s1", "on_behalf_of": None}
    assert (body["type"], body["topic"], body["gpos"]) == (
        "amends.complaint.filed.v1",
        "amends.complaints",
        1,
    )


def test_a_merchant_gets_it_without_the_consumer_s_words_or_the_actor_s_name() -> None:
    body = shown(who("merchant", "m1"), filed())
    data = body["data"]
    assert isinstance(data, dict)
    assert data["description"] == {"s": "u1", "v": MASKED}
    assert body["actor"] == {"role": "specialist", "id": None, "on_behalf_of": None}


def test_a_party_that_acted_itself_sees_its_own_name() -> None:
    assert shown(who("consumer", "s1"), assigned())["actor"] == {
        "role": "specialist",
        "id": "s1",
        "on_behalf_of": None,
    }


def test_whoever_asks_for_no_personal_texts_gets_none() -> None:
    data = shown(who("ops", "u1"), filed(), personal=False)["data"]
    assert isinstance(data, dict)
    assert data["description"] == {"s": "u1", "v": MASKED}


def test_a_heartbeat_is_a_comment_that_moves_the_last_id() -> None:
    assert heartbeat(BEGINNING) == b": still here\nid: e30\n\n"
