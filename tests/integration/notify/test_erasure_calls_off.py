"""What was still to be sent to a person is called off when they are erased, surveys included."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.notify.domain.notification import NOTIFICATION, RecordFailure, stream_of
from services.notify.domain.retry import RetryPolicy
from shared.eventlog.ports import Append, Commit, Statement
from shared.events import complaints as c
from shared.events.envelope import Actor
from shared.events.followups import FollowUpAnswered, FollowUpSent
from shared.events.personal import UNREADABLE, Personal
from shared.events.vocabulary import (
    ClockKind,
    Party,
    Role,
    Status,
    SurveyResult,
)
from shared.service import MailRefused, MailUnavailable
from tests.integration.notify.erasing import (
    DAY,
    HOUR,
    MARK,
    follow_up,
    inbox,
    reasons,
    said,
    says,
    ways,
    words,
)
from tests.integration.notify.upstream import Notify, assigned, complaint, filed, resolved, started


@ways
async def test_a_mail_still_to_be_sent_is_called_off(*, sealed: bool) -> None:
    async with Notify(sealed=sealed) as notify:
        await notify.record("intake", "c1", filed(notify.time.now()), assigned(notify.time.now()))
        await notify.read()
        notify.time.move(timedelta(seconds=1))
        await notify.erase()
        await notify.read()
        assert await reasons(notify, "suppressed") == [
            ("acknowledgement", "erased"),
            ("specialist_assigned", "erased"),
        ]
        await notify.advance(DAY)
        assert "u1@example.com" not in notify.subjects()
        assert await reasons(notify, "suppressed") == [
            ("acknowledgement", "erased"),
            ("assigned_to_you", "erased"),  # it is about them: nobody can read it any more
            ("specialist_assigned", "erased"),
        ]
        assert await reasons(notify, "dead") == []


@ways
@pytest.mark.parametrize("told", [True, False], ids=["and read", "unread"])
async def test_a_mail_is_not_sent_to_who_was_erased_after_it_was_tried(
    *, sealed: bool, told: bool
) -> None:
    async with Notify(sealed=sealed) as notify:
        notify.mailbox.fails = [MailUnavailable("smtp_451")]
        await notify.happens(filed(notify.time.now()))
        assert await notify.outcomes() == [("consumer", "acknowledgement", "queued/email")]
        notify.time.move(timedelta(seconds=1))
        # The mail is due before, or while, notify reads of the erasure: in one batch with more.
        await notify.record("intake", "c1", says(notify, Role.SPECIALIST))
        await notify.erase()
        if told:
            await notify.read()
        await notify.advance(DAY)
        assert notify.subjects() == []
        assert {reason for _, reason in await reasons(notify, "suppressed")} == {"erased"}
        assert await inbox(notify, "consumer", "u1") == []


async def test_a_mail_with_words_that_are_gone_is_sent_to_nobody() -> None:
    async with Notify(sealed=True) as notify:
        await notify.knows_specialist("s1@example.com", "en")
        await notify.happens(filed(notify.time.now()), assigned(notify.time.now()))
        sent = len(notify.mailbox.mails)
        notify.mailbox.fails = [MailUnavailable("smtp_451")]
        await notify.happens(says(notify))
        notify.time.move(timedelta(seconds=1))
        await notify.erase()
        await notify.read()
        await notify.advance(DAY)
        assert len(notify.mailbox.mails) == sent
        assert ("message", "erased") in await reasons(notify, "suppressed")


async def test_a_dead_mail_to_who_was_erased_is_not_sent_when_it_is_redriven() -> None:
    async with Notify(sealed=True) as notify:
        notify.mailbox.fails = [MailRefused("smtp_550")]
        await notify.happens(filed(notify.time.now()))
        [letter] = await notify.facade.dead_mails()
        notify.time.move(timedelta(seconds=1))
        await notify.erase()
        await notify.settle()
        assert await notify.facade.redrive_mail(letter["id"])
        await notify.settle()
        assert notify.mailbox.mails == []
        assert await reasons(notify, "suppressed") == [("acknowledgement", "erased")]
        assert await notify.facade.dead_mails() == []


async def dead_in_clear(notify: Notify) -> None:
    """A dead mail as a version recorded it that did not seal any text."""
    [sealed] = await said(notify)
    title = Personal("u1", "Hello")
    queued = replace(sealed, notification_id="old", subject=title, text=words())
    failure = RecordFailure(
        now=queued.occurred_at,
        real_now=queued.occurred_at,
        reason="smtp_550",
        permanent=True,
        policy=RetryPolicy(attempts=1, first=HOUR, longest=HOUR),
    )
    events = (queued, *NOTIFICATION.decide(failure, NOTIFICATION.fold([queued])))
    append = Append(
        stream=stream_of("old"),
        expected_version=0,
        key="c1",
        events=events,
        actor=Actor(role=Role.SYSTEM, id="notify"),
        correlation_id="c1",
    )
    await notify.service.log.commit(Commit(appends=(append,)))


async def test_a_dead_mail_of_an_older_version_is_not_sent_either_nor_put_in_the_inbox() -> None:
    async with Notify(sealed=True) as notify:
        await notify.happens(filed(notify.time.now()))
        await dead_in_clear(notify)
        sent = len(notify.mailbox.mails)
        notify.time.move(timedelta(seconds=1))
        await notify.erase()
        await notify.settle()
        assert await notify.facade.redrive_mail("old")
        await notify.settle()
        assert len(notify.mailbox.mails) == sent
        assert await reasons(notify, "suppressed") == [("acknowledgement", "erased")]
        assert len(await said(notify)) == 2


async def test_a_survey_that_was_scheduled_is_cancelled() -> None:
    async with Notify(sealed=True) as notify:
        await notify.happens(filed(notify.time.now()), resolved(notify.time.now()))
        notify.time.move(timedelta(seconds=1))
        await notify.erase()
        await notify.settle()
        assert await follow_up(notify) == ("cancelled", "erased")
        await notify.advance(DAY)
        assert [one for one in await notify.published() if isinstance(one, FollowUpSent)] == []


async def test_a_survey_whose_mail_waits_is_cancelled_with_its_mail() -> None:
    async with Notify(sealed=True) as notify:
        await notify.happens(filed(notify.time.now()), resolved(notify.time.now()))
        notify.mailbox.fails = [MailUnavailable("smtp_451")]
        await notify.advance(HOUR)
        await notify.erase()
        await notify.settle()
        assert await follow_up(notify) == ("cancelled", "erased")
        assert await reasons(notify, "suppressed") == [("survey", "erased")]


async def test_a_survey_found_to_be_unsendable_when_it_is_due_is_cancelled() -> None:
    async with Notify(sealed=True) as notify:
        now = notify.time.now()
        # All in one batch: what is scheduled in it is not to be found yet when it is called off.
        await notify.record("intake", "c1", filed(now), resolved(now))
        await notify.erase()
        await notify.settle()
        assert await follow_up(notify) == ("scheduled", None)
        await notify.advance(DAY)
        assert await follow_up(notify) == ("cancelled", "erased")


async def test_a_survey_mail_that_is_found_unreadable_cancels_its_survey() -> None:
    async with Notify(sealed=True) as notify:
        await notify.happens(filed(notify.time.now()), resolved(notify.time.now()))
        notify.mailbox.fails = [MailUnavailable("smtp_451")]
        await notify.advance(HOUR)
        await notify.destroy_key("notify", "u1")
        await notify.advance(DAY)
        assert await follow_up(notify) == ("cancelled", "erased")
        assert ("survey", "erased") in await reasons(notify, "suppressed")


async def survey_of(notify: Notify) -> str:
    """A survey is sent; the path of its link."""
    now = notify.time.now()
    await notify.happens(filed(now, language="en"), resolved(now))
    await notify.advance(HOUR)
    return notify.survey_path()


async def window_opens(notify: Notify) -> None:
    """The time for answering the survey runs."""
    echo = c.ComplaintFollowUpSent(
        **complaint(notify.time.now(), status=Status.RESOLVED), follow_up_id="c1-1"
    )
    cause = await notify.happens(echo)
    window = started(
        notify.time.now(), ClockKind.SURVEY_WINDOW, Party.CONSUMER, cause.id, timedelta(days=7)
    )
    await notify.clock(window)


@pytest.mark.parametrize("running", [True, False], ids=["window runs", "window runs later"])
async def test_nobody_is_reminded_of_a_survey_after_the_erasure(*, running: bool) -> None:
    async with Notify(sealed=True) as notify:
        await survey_of(notify)
        sent = len(notify.mailbox.mails)
        if running:
            await window_opens(notify)
        notify.time.move(timedelta(seconds=1))
        await notify.erase()
        await notify.settle()
        if not running:
            await window_opens(notify)
        await notify.advance(7 * DAY)
        assert len(notify.mailbox.mails) == sent
        rows = await notify.service.log.fetch(Statement("SELECT reminded FROM follow_ups"))
        assert [bool(row["reminded"]) for row in rows] == [False]


async def test_the_link_of_a_survey_opens_nothing_after_the_erasure() -> None:
    async with Notify(sealed=True) as notify:
        path = await survey_of(notify)
        answer = {"result": "objection", "text": MARK}
        notify.time.move(timedelta(seconds=1))
        await notify.erase()
        await notify.settle()
        async with notify.client() as stranger:
            shown = await stranger.get(path, headers={"accept": "application/json"})
            assert (shown.status_code, shown.json()["code"]) == (409, "survey_closed")
            refused = await stranger.post(path, json=answer)
            assert (refused.status_code, refused.json()["code"]) == (409, "survey_closed")


async def test_what_a_survey_said_goes_with_its_consumer_and_the_ratings_stay() -> None:
    async with Notify(sealed=True) as notify:
        path = await survey_of(notify)
        async with notify.client() as consumer:
            answer = {"result": "objection", "text": MARK, "speed": 2}
            assert (await consumer.post(path, json=answer)).status_code == 200
        notify.time.move(timedelta(seconds=1))
        await notify.erase()
        await notify.settle()
        answered = (await notify.published())[-1]
        assert isinstance(answered, FollowUpAnswered)
        assert answered.text is not None
        assert answered.text.text == UNREADABLE
        async with notify.client("ops", "o1") as ops:
            [item] = (await ops.get("/v1/follow-ups")).json()["items"]
        assert (item["result"], item["speed"]) == (SurveyResult.OBJECTION, 2)
