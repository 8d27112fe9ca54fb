"""Facts of other services become mails and inbox items, once each, whatever order they come in."""

from datetime import timedelta
from typing import Any

import pytest

from services.notify.application import Cause
from services.notify.domain.case import opened
from services.notify.domain.complaint_notices import notices
from services.notify.settings import NotifySettings
from services.notify.smtp import NullTransport
from shared.events import complaints as c
from shared.events.assignments import AssignmentDecided
from shared.events.followups import NotificationFailed, NotificationSent
from shared.events.personal import Personal
from shared.events.vocabulary import (
    Audience,
    ClockKind,
    NotificationChannel,
    Outcome,
    Party,
    Role,
)
from shared.service import MailRefused, MailUnavailable
from shared.unit_of_work import UnitOfWork, transact
from tests.integration.notify.upstream import Notify, assigned, complaint, filed, started

TEXT = Personal("u1", "what was the parcel number?")
HOUR = timedelta(hours=1)


async def test_a_filing_is_acknowledged_by_mail_in_its_language_and_intake_learns_of_it() -> None:
    async with Notify() as notify:
        cause = await notify.happens(filed(notify.time.now()))
        [mail] = notify.mailbox.mails
        assert mail.recipient == "u1@example.com"
        assert "c1" in mail.text
        assert "质量问题" in mail.text
        [sent] = await notify.published()
        assert isinstance(sent, NotificationSent)
        assert sent.template == "acknowledgement@1"
        assert sent.cause_id == cause.id
        assert mail.message["Message-ID"] == f"<{sent.notification_id}@amends.example>"


@pytest.mark.parametrize("contact", [None, "13800138000"])
async def test_without_an_address_the_inbox_gets_it_at_once(contact: str | None) -> None:
    async with Notify() as notify:
        await notify.happens(filed(notify.time.now(), contact=contact, language="en"))
        assert notify.mailbox.mails == []
        [sent] = await notify.published()
        assert isinstance(sent, NotificationSent)
        assert sent.channel is NotificationChannel.INBOX
        async with notify.client("consumer", "u1") as consumer:
            [item] = (await consumer.get("/v1/inbox")).json()["items"]
        assert item["kind"] == "acknowledgement"
        assert "poor quality" in item["text"]


async def test_without_a_mail_host_everything_goes_to_the_inbox() -> None:
    async with Notify(mail=NullTransport()) as notify:
        await notify.happens(filed(notify.time.now()))
        assert await notify.outcomes() == [("consumer", "acknowledgement", "sent/inbox")]


async def test_a_mail_queued_before_the_host_was_taken_away_ends_in_the_inbox() -> None:
    async with Notify() as notify:
        notify.mailbox.fails = [MailRefused("no mail host is configured")]
        await notify.happens(filed(notify.time.now()))
        assert await notify.outcomes() == [
            ("consumer", "acknowledgement", "dead/email"),
            ("consumer", "acknowledgement", "sent/inbox"),
        ]


async def test_a_failed_mail_is_tried_again_with_the_same_message_id() -> None:
    async with Notify() as notify:
        sent = notify.mailbox.mails
        notify.mailbox.fails = [MailUnavailable("smtp_451"), MailUnavailable("smtp_451")]
        await notify.happens(filed(notify.time.now()))
        assert sent == []
        await notify.advance(timedelta(minutes=2))
        [mail] = sent
        assert mail.message["Message-ID"]
        assert await notify.outcomes() == [("consumer", "acknowledgement", "sent/email")]


async def test_after_the_last_attempt_a_dead_letter_and_the_inbox_and_redriving_mails_it() -> None:
    async with Notify(settings=NotifySettings(attempts=3)) as notify:
        notify.mailbox.fails = [MailUnavailable("smtp_451") for _ in range(3)]
        await notify.happens(filed(notify.time.now()))
        await notify.advance(HOUR)
        failed, delivered = await notify.published()
        assert isinstance(failed, NotificationFailed)
        assert (failed.attempts, failed.reason, failed.suppressed) == (3, "smtp_451", False)
        assert isinstance(delivered, NotificationSent)
        assert delivered.channel is NotificationChannel.INBOX
        [letter] = await notify.facade.dead_mails()
        assert (letter["complaint_id"], letter["reason"]) == ("c1", "smtp_451")
        assert await notify.facade.redrive_mail(letter["id"])
        await notify.settle()
        assert len(notify.mailbox.mails) == 1
        assert await notify.facade.dead_mails() == []
        assert not await notify.facade.redrive_mail(letter["id"])
        assert not await notify.facade.redrive_mail("unknown")


async def test_the_same_cause_says_the_same_thing_once() -> None:
    async with Notify() as notify:
        cause = await notify.happens(filed(notify.time.now()))
        case = opened(filed(notify.time.now()))
        [notice] = notices(filed(notify.time.now()), case)

        async def again(work: UnitOfWork) -> str:
            about = Cause(id=cause.id, cycle=1, occurred_at=cause.occurred_at, recorded=cause)
            return (await notify.facade.post.announce(work, notice, case, about)).notification_id

        first = await transact(notify.service.log, again)
        await notify.settle()
        assert await transact(notify.service.log, again) == first
        assert await notify.outcomes() == [("consumer", "acknowledgement", "sent/email")]
        assert len(notify.mailbox.mails) == 1


async def test_one_recipients_trouble_does_not_hold_up_another() -> None:
    async with Notify() as notify:
        await notify.knows_specialist("s1@example.com", "en")
        notify.mailbox.fails = [MailUnavailable("smtp_451")]
        await notify.happens(filed(notify.time.now()), assigned(notify.time.now()))
        assert len(notify.mailbox.mails) == 2


async def test_an_assignment_is_told_in_the_specialists_language() -> None:
    async with Notify() as notify:
        await notify.knows_specialist("Wang <s1@example.com>", "en")
        await notify.happens(filed(notify.time.now()), assigned(notify.time.now()))
        mails = {mail.recipient: mail.text for mail in notify.mailbox.mails}
        assert "is assigned to you" in mails["s1@example.com"]
        assert [what for _, what, _ in await notify.outcomes()] == [
            "acknowledgement",
            "assigned_to_you",
            "specialist_assigned",
        ]


async def test_a_profile_that_comes_late_is_waited_for() -> None:
    async with Notify() as notify:
        await notify.happens(filed(notify.time.now()), assigned(notify.time.now()))
        assert ("specialist", "assigned_to_you", "queued/email") in await notify.outcomes()
        await notify.knows_specialist("s1@example.com", "zh-CN")
        await notify.advance(timedelta(minutes=2))
        assert "s1@example.com" in notify.subjects()


async def test_a_profile_that_never_comes_ends_as_dead_letter_and_inbox_item() -> None:
    async with Notify() as notify:
        await notify.happens(filed(notify.time.now()), assigned(notify.time.now()))
        await notify.advance(timedelta(days=1))
        [letter] = await notify.facade.dead_mails()
        assert letter["reason"] == "no_address_yet"
        async with notify.client("specialist", "s1") as specialist:
            [item] = (await specialist.get("/v1/inbox")).json()["items"]
        assert item["kind"] == "assigned_to_you"


async def test_a_profile_without_a_mail_address_means_the_inbox_at_once() -> None:
    async with Notify() as notify:
        await notify.knows_merchant("call 010 1234")
        asked = c.MerchantAsked(**complaint(notify.time.now()), n=1, questions=TEXT)
        cause = await notify.happens(filed(notify.time.now()), asked)
        await notify.clock(
            started(notify.time.now(), ClockKind.MERCHANT_RESPONSE, Party.MERCHANT, cause.id)
        )
        async with notify.client("merchant", "clerk", merchant_id="m1") as merchant:
            [item] = (await merchant.get("/v1/inbox")).json()["items"]
        assert "2026-03-04 17:00" in item["text"]
        assert "what was the parcel number?" in item["text"]


async def test_ops_hear_of_an_unroutable_complaint_and_of_no_other_decision() -> None:
    async with Notify() as notify:
        now = notify.time.now()
        decided: dict[str, Any] = {
            "occurred_at": now,
            "complaint_id": "c1",
            "cycle": 1,
            "n": 1,
            "specialist_id": None,
            "team_id": None,
            "candidates": (),
            "inputs": {},
            "positions": {},
            "policy_version": "p@1",
            "waiting_since": now,
            "sentence": {"zh-CN": "没有人会说该语言", "en": "nobody speaks the language"},
        }
        waiting = AssignmentDecided(**decided, decision_id="d1", outcome=Outcome.WAITING)
        unroutable = AssignmentDecided(**decided, decision_id="d2", outcome=Outcome.UNROUTABLE)
        # Before the complaint itself is known: both wait for it.
        await notify.record("routing", "c1", waiting, unroutable)
        await notify.settle()
        await notify.happens(filed(now))
        async with notify.client("ops", "o1") as ops:
            [item] = (await ops.get("/v1/inbox")).json()["items"]
        assert "没有人会说该语言" in item["text"]


async def test_an_erased_contact_is_no_address_and_parks_nothing() -> None:
    async with Notify() as notify:
        sealed = Personal("u1", None, ("k", "n", "c"))
        erased = c.ComplaintFiled(
            **{
                name: getattr(filed(notify.time.now()), name)
                for name in c.ComplaintFiled.__dataclass_fields__
                if name not in {"contact", "TYPE"}
            },
            contact=sealed,
        )
        await notify.happens(erased)
        assert await notify.outcomes() == [("consumer", "acknowledgement", "sent/inbox")]
        [consumer] = notify.service.consumers
        assert consumer.parked == frozenset()


async def test_staff_list_notifications_of_their_complaints_without_texts() -> None:
    async with Notify() as notify:
        await notify.knows_specialist("s1@example.com", "zh-CN")
        await notify.happens(filed(notify.time.now()), assigned(notify.time.now()))
        path = "/v1/notifications?complaint_id=c1&limit=2"
        async with notify.client("specialist", "s1") as specialist:
            first = (await specialist.get(path)).json()
            rest = (await specialist.get(f"{path}&cursor={first['next']}")).json()
        assert len(first["items"]) == 2
        assert len(rest["items"]) == 1
        assert rest["next"] is None
        assert {item["state"] for item in first["items"] + rest["items"]} == {"sent"}
        assert "text" not in first["items"][0]
        async with notify.client("specialist", "s2") as stranger:
            assert (await stranger.get(path)).json()["items"] == []
            assert (await stranger.get("/v1/notifications?cursor=x")).status_code == 422
            assert (await stranger.get("/v1/notifications?cursor=e30")).status_code == 422
        async with notify.client("consumer", "u1") as consumer:
            assert (await consumer.get(path)).json()["code"] == "forbidden"
        async with notify.client("service", "p") as program:
            assert (await program.get("/v1/inbox")).json()["code"] == "forbidden"
        async with notify.client() as nobody:
            assert (await nobody.get("/v1/inbox")).status_code == 401


async def test_a_message_goes_to_its_addressee() -> None:
    async with Notify() as notify:
        message = c.MessagePosted(
            **complaint(notify.time.now()),
            from_role=Role.SPECIALIST,
            visible_to=(Audience.CONSUMER,),
            text=TEXT,
        )
        await notify.happens(filed(notify.time.now()), message)
        assert notify.subjects() == ["u1@example.com", "u1@example.com"]
        assert any("what was the parcel number?" in mail.text for mail in notify.mailbox.mails)
