"""What holds after any run, however often the platform was killed: nothing lost, doubled, moved."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from services.notify.messages import message_id
from services.notify.settings import NotifySettings
from tests.crash.catcher import Accepted
from tests.crash.findings import (
    Entry,
    Findings,
    copies_that_differ,
    gaps_in_streams,
    of_type,
    repeated,
    unread_in,
)

IN_DOUBT_SECONDS = 3.0
"""A mail is in doubt from when it is on its way until its outcome is recorded: far less than this.

A kill may also come first: what the platform had sent by then is read and accepted after it.
"""


@dataclass(frozen=True, slots=True)
class Disturbance:
    """A time during which a process was gone or hung, in the loop's seconds."""

    began: float
    ended: float


def every_filing_is_there_once(found: Findings, acknowledged: Mapping[str, str]) -> None:
    filed = [entry["key"] for entry in of_type(found.events["intake"], "complaint.filed")]
    assert sorted(filed) == sorted(acknowledged.values())


def every_event_counted_once_and_in_order(found: Findings) -> None:
    assert gaps_in_streams(found) == []
    assert unread_in(found) == []
    assert copies_that_differ(found) == []


def decisions_are_neither_lost_nor_doubled(found: Findings) -> None:
    intake, routing = found.events["intake"], found.events["routing"]
    accepted = {(e["key"], e["data"]["cycle"]) for e in of_type(intake, "complaint.accepted")}
    assessed = of_type(routing, "assignment.assessed")
    assert repeated((e["key"], e["data"]["cycle"], e["cause"]) for e in assessed) == []
    assert accepted <= {(e["key"], e["data"]["cycle"]) for e in assessed}
    decided = of_type(routing, "assignment.decided")
    assert repeated((e["key"], e["data"]["cycle"], e["data"]["n"]) for e in decided) == []
    won = {e["data"]["decision_id"] for e in decided if e["data"]["outcome"] == "assigned"}
    echoed = [e["data"]["decision_id"] for e in of_type(intake, "complaint.assigned")]
    assert repeated((decision,) for decision in echoed) == []
    assert set(echoed) == won
    assert accepted <= {(e["key"], e["data"]["cycle"]) for e in decided}


def clocks_are_neither_lost_nor_doubled(found: Findings) -> None:
    intake, sla = found.events["intake"], found.events["sla"]
    started = of_type(sla, "clock.started")
    assert repeated((e["data"]["clock_id"],) for e in started) == []
    kinds = Counter((e["key"], e["data"]["kind"]) for e in started)
    for filed in of_type(intake, "complaint.filed"):
        assert kinds[filed["key"], "acknowledgement"] == 1
    for accepted in of_type(intake, "complaint.accepted"):
        for kind in ("assignment", "first_contact", "resolution"):
            assert kinds[accepted["key"], kind] == 1
    for asked in of_type(intake, "complaint.merchant_asked"):
        assert kinds[asked["key"], "merchant_response"] == 1
    _once_each(sla)
    _every_running_clock_has_its_timer(found, sla)


def _once_each(sla: list[Entry]) -> None:
    """A clock warns once per share, breaches once and ends once."""
    warned = of_type(sla, "clock.warned")
    assert repeated((e["data"]["clock_id"], e["data"]["share_percent"]) for e in warned) == []
    breached = of_type(sla, "clock.breached")
    assert repeated((e["data"]["clock_id"],) for e in breached) == []
    ended = of_type(sla, "clock.stopped") + of_type(sla, "clock.cancelled")
    assert repeated((e["data"]["clock_id"],) for e in ended) == []
    assert breached, "the run was too short for any clock to be breached"


def _every_running_clock_has_its_timer(found: Findings, sla: list[Entry]) -> None:
    ended = {
        e["data"]["clock_id"]
        for name in ("clock.stopped", "clock.cancelled", "clock.breached")
        for e in of_type(sla, name)
    }
    standing: dict[str, int] = defaultdict(int)
    for entry in sla:
        if entry["type"] == "amends.clock.paused.v1":
            standing[entry["data"]["clock_id"]] += 1
        if entry["type"] == "amends.clock.resumed.v1":
            standing[entry["data"]["clock_id"]] -= 1
    running = {
        entry["key"]
        for entry in of_type(sla, "clock.started")
        if entry["data"]["clock_id"] not in ended
        and entry["data"]["due_at"] is not None
        and not standing[entry["data"]["clock_id"]]
    }
    assert running
    assert running - {key for key, _ in found.timers["sla"]} == set()


def mails_are_not_lost_and_doubles_were_in_doubt(
    found: Findings,
    accepted: Sequence[Accepted],
    disturbed: Sequence[Disturbance],
    *,
    acknowledgements: int,
) -> None:
    notify = found.events["notify"]
    sender = NotifySettings().sender
    sent = {
        message_id(e["data"]["notification_id"], sender)
        for e in of_type(notify, "notification.sent")
        if e["data"]["channel"] == "email"
    }
    assert sent == {mail.message_id for mail in accepted}
    said = [
        e for e in of_type(notify, "notification.sent")
        if e["data"]["template"].startswith("acknowledgement@")
    ]  # fmt: skip
    assert len(said) == acknowledgements
    copies: dict[str, list[float]] = defaultdict(list)
    for mail in accepted:
        copies[mail.message_id].append(mail.at)
    unexplained = [
        (before, after)
        for times in copies.values()
        for before, after in pairwise(times)
        if not any(_in_doubt(before, after, one) for one in disturbed)
    ]
    assert unexplained == [], disturbed


def _in_doubt(before: float, after: float, one: Disturbance) -> bool:
    """Whether the first acceptance may have gone unrecorded because of this disturbance."""
    return before - IN_DOUBT_SECONDS <= one.ended and one.began <= min(
        after, before + IN_DOUBT_SECONDS
    )
