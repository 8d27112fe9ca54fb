"""The survey after a resolution, and everything that can cross it."""

from datetime import timedelta

import pytest

from shared.events import complaints as c
from shared.events.clocks import ClockBreached
from shared.events.followups import FollowUpAnswered, FollowUpLapsed, FollowUpSent
from shared.events.vocabulary import (
    ClockKind,
    CloseReason,
    Party,
    ReopenReason,
    Status,
    SurveyResult,
)
from shared.service import MailUnavailable
from tests.integration.notify.upstream import (
    Notify,
    assigned,
    complaint,
    filed,
    resolved,
    started,
)

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SATISFIED = {"result": "satisfied", "speed": 5, "attitude": 4, "outcome": 3}
HTML = {"accept": "text/html,application/xhtml+xml"}


async def sent_survey(notify: Notify, language: str = "en") -> str:
    """Resolve a complaint and let the survey go out; the path of its link."""
    now = notify.time.now()
    await notify.happens(filed(now, language=language), assigned(now), resolved(now))
    await notify.advance(HOUR)
    return notify.survey_path()


async def open_window(notify: Notify) -> None:
    """Intake echoes the sending, sla starts the survey window of seven days."""
    echo = c.ComplaintFollowUpSent(
        **complaint(notify.time.now(), status=Status.RESOLVED), follow_up_id="c1-1"
    )
    cause = await notify.happens(echo)
    await notify.clock(
        started(
            notify.time.now(), ClockKind.SURVEY_WINDOW, Party.CONSUMER, cause.id, timedelta(days=7)
        )
    )


async def reopen(notify: Notify) -> None:
    """A second cycle begins."""
    await notify.happens(
        c.ComplaintReopened(
            **complaint(notify.time.now(), 2, Status.ACCEPTED),
            reason=ReopenReason.NEW_PROBLEM,
            text=None,
            previous_specialist_id="s1",
            offer_superior_review=False,
        )
    )


def closes(notify: Notify) -> c.ComplaintClosed:
    """The complaint is closed."""
    return c.ComplaintClosed(
        **complaint(notify.time.now(), status=Status.CLOSED), reason=CloseReason.SATISFIED
    )


def window_over(notify: Notify) -> ClockBreached:
    """The survey window has run out."""
    return ClockBreached(
        occurred_at=notify.time.now(),
        complaint_id="c1",
        cycle=1,
        clock_id="survey_window-1",
        kind=ClockKind.SURVEY_WINDOW,
        n=1,
        party=Party.CONSUMER,
        responsible_id="u1",
        due_at=notify.time.now(),
    )


async def followed_up(notify: Notify) -> list[str]:
    """Names of the follow-up events that were published, in order."""
    kinds = (FollowUpSent, FollowUpAnswered, FollowUpLapsed)
    return [type(event).__name__ for event in await notify.published() if isinstance(event, kinds)]


async def test_the_survey_goes_out_an_hour_after_the_resolution() -> None:
    async with Notify() as notify:
        now = notify.time.now()
        await notify.happens(filed(now), resolved(now))
        await notify.advance(HOUR - timedelta(seconds=1))
        assert await followed_up(notify) == []
        await notify.advance(timedelta(seconds=1))
        assert await followed_up(notify) == ["FollowUpSent"]


async def test_without_an_address_the_survey_is_sent_to_the_inbox() -> None:
    async with Notify() as notify:
        now = notify.time.now()
        await notify.happens(filed(now, contact=None), resolved(now))
        await notify.advance(HOUR)
        assert await followed_up(notify) == ["FollowUpSent"]
        async with notify.client("consumer", "u1") as consumer:
            items = (await consumer.get("/v1/inbox")).json()["items"]
        assert "http://test/v1/surveys/" in items[0]["text"]


async def test_a_survey_whose_mail_dies_is_sent_by_the_inbox_and_once_only() -> None:
    async with Notify() as notify:
        now = notify.time.now()
        await notify.happens(filed(now), resolved(now))
        notify.mailbox.fails = [MailUnavailable("smtp_451") for _ in range(8)]
        await notify.advance(DAY)
        assert await followed_up(notify) == ["FollowUpSent"]
        [letter] = await notify.facade.dead_mails()
        await notify.facade.redrive_mail(letter["id"])
        await notify.settle()
        assert notify.survey_path()
        assert await followed_up(notify) == ["FollowUpSent"]


@pytest.mark.parametrize(("language", "words"), [("zh-CN", "投诉回访"), ("en", "How did we do?")])
async def test_the_page_speaks_the_complaints_language_and_needs_nothing_from_outside(
    language: str, words: str
) -> None:
    async with Notify() as notify:
        path = await sent_survey(notify, language)
        async with notify.client() as consumer:
            page = await consumer.get(path, headers=HTML)
        assert page.status_code == 200
        assert words in page.text
        assert f'lang="{language}"' in page.text
        assert "http" not in page.text
        assert "<script" not in page.text
        assert page.headers["referrer-policy"] == "no-referrer"
        assert page.headers["cache-control"] == "no-store"


async def test_the_survey_can_be_read_as_json() -> None:
    async with Notify() as notify:
        path = await sent_survey(notify)
        async with notify.client() as consumer:
            answer = (await consumer.get(path, headers={"accept": "application/json"})).json()
        assert answer["state"] == "open"
        assert not answer["ratings_only"]
        assert "consumer_id" not in answer


async def test_an_answer_by_form_counts_once() -> None:
    async with Notify() as notify:
        path = await sent_survey(notify)
        form = {"result": "objection", "speed": "1", "attitude": "", "text": "still broken"}
        async with notify.client() as consumer:
            page = await consumer.post(path, data=form, headers=HTML)
            assert "Thank you" in page.text
            again = await consumer.post(path, data=form, headers=HTML)
            assert again.status_code == 409
            assert "text/html" in again.headers["content-type"]
            assert "Thank you" in (await consumer.get(path, headers=HTML)).text
        answered = (await notify.published())[-1]
        assert isinstance(answered, FollowUpAnswered)
        assert answered.result is SurveyResult.OBJECTION
        assert (answered.speed, answered.attitude, answered.ratings_only) == (1, None, False)
        assert answered.text is not None
        assert answered.text.text == "still broken"


async def test_an_answer_by_json_counts_once() -> None:
    async with Notify() as notify:
        path = await sent_survey(notify)
        async with notify.client() as consumer:
            answer = await consumer.post(path, json=SATISFIED)
            assert answer.json()["state"] == "answered"
            again = await consumer.post(path, json=SATISFIED)
            assert (again.status_code, again.json()["code"]) == (409, "survey_closed")
        assert await followed_up(notify) == ["FollowUpSent", "FollowUpAnswered"]


async def test_an_objection_without_words_is_asked_for_them() -> None:
    async with Notify() as notify:
        path = await sent_survey(notify)
        async with notify.client() as consumer:
            page = await consumer.post(path, data={"result": "objection"}, headers=HTML)
            assert page.status_code == 422
            assert 'role="alert"' in page.text
            answer = await consumer.post(path, json={"result": "objection"})
            assert answer.json()["code"] == "validation_failed"


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        ({"json": {"result": "great"}}, 422, "validation_failed"),
        ({"json": {"result": "satisfied", "speed": 6}}, 422, "validation_failed"),
        ({"json": {"result": "satisfied", "more": 1}}, 422, "validation_failed"),
        (
            {"content": b"{", "headers": {"content-type": "application/json"}},
            400,
            "malformed_json",
        ),
        (
            {"content": b"x", "headers": {"content-type": "text/plain"}},
            415,
            "unsupported_media_type",
        ),
    ],
)
async def test_a_bad_answer_is_refused_with_its_code(
    sent: dict[str, object], status: int, code: str
) -> None:
    async with Notify() as notify:
        path = await sent_survey(notify)
        async with notify.client() as consumer:
            answer = await consumer.request("POST", path, **sent)  # type: ignore[arg-type]
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert await followed_up(notify) == ["FollowUpSent"]


@pytest.mark.parametrize(
    "body", [b"\xff=1", b"result=satisfied&speed=9", b"&".join([b"speed=1"] * 30)]
)
async def test_a_bad_form_is_shown_again(body: bytes) -> None:
    async with Notify() as notify:
        path = await sent_survey(notify)
        headers = {"content-type": "application/x-www-form-urlencoded"}
        async with notify.client() as consumer:
            page = await consumer.post(path, content=body, headers=headers)
        assert page.status_code == 422
        assert "<form" in page.text


async def test_a_made_up_link_opens_nothing() -> None:
    async with Notify() as notify, notify.client() as nobody:
        page = await nobody.get("/v1/surveys/made-up", headers=HTML)
        assert page.status_code == 404
        assert "此链接无效" in page.text
        answer = await nobody.get("/v1/surveys/x", headers={"accept": "application/json"})
        assert answer.json()["code"] == "not_found"
        answer = await nobody.post("/v1/surveys/x", json=SATISFIED)
        assert answer.json()["code"] == "not_found"
        unknown = notify.facade.links.token("c9-1", notify.time.now() + DAY)
        assert (await nobody.get(f"/v1/surveys/{unknown}")).status_code == 404


async def test_an_old_link_has_expired() -> None:
    async with Notify() as notify:
        path = await sent_survey(notify)
        await notify.advance(timedelta(days=91))
        async with notify.client() as consumer:
            page = await consumer.get(path, headers=HTML)
        assert page.status_code == 409


async def test_one_reminder_after_half_the_window_with_the_deadline() -> None:
    async with Notify() as notify:
        await sent_survey(notify)
        await open_window(notify)
        before = len(notify.mailbox.mails)
        await notify.advance(3 * DAY)
        assert len(notify.mailbox.mails) == before
        await notify.advance(4 * DAY)
        [reminder] = notify.mailbox.mails[before:]
        assert "2026-03-09" in reminder.text
        assert "/v1/surveys/" in reminder.text


async def test_no_reminder_after_an_answer() -> None:
    async with Notify() as notify:
        path = await sent_survey(notify)
        await open_window(notify)
        before = len(notify.mailbox.mails)
        async with notify.client() as consumer:
            await consumer.post(path, json=SATISFIED)
        await notify.advance(7 * DAY)
        assert len(notify.mailbox.mails) == before


@pytest.mark.parametrize("answer_first", [True, False])
async def test_exactly_one_of_answered_and_lapsed(answer_first: bool) -> None:
    async with Notify() as notify:
        path = await sent_survey(notify)
        await open_window(notify)
        async with notify.client() as consumer:
            if answer_first:
                await consumer.post(path, json=SATISFIED)
            await notify.clock(window_over(notify))
            answer = await consumer.post(path, json=SATISFIED)
            assert answer.json()["code"] == "survey_closed"
        last = "FollowUpAnswered" if answer_first else "FollowUpLapsed"
        assert await followed_up(notify) == ["FollowUpSent", last]


async def test_reopened_while_the_survey_is_not_due_cancels_it() -> None:
    async with Notify() as notify:
        now = notify.time.now()
        await notify.happens(filed(now), resolved(now))
        await reopen(notify)
        await notify.advance(DAY)
        assert await followed_up(notify) == []
        async with notify.client("ops", "o1") as ops:
            [item] = (await ops.get("/v1/follow-ups?complaint_id=c1")).json()["items"]
        assert (item["state"], item["reason"]) == ("cancelled", "reopened")


async def test_reopened_while_the_mail_waits_for_its_next_attempt_cancels_it() -> None:
    async with Notify() as notify:
        now = notify.time.now()
        await notify.happens(filed(now), resolved(now))
        notify.mailbox.fails = [MailUnavailable("smtp_451")]
        await notify.advance(HOUR)
        await reopen(notify)
        await notify.advance(DAY)
        assert await followed_up(notify) == []
        assert ("consumer", "survey", "suppressed/email") in await notify.outcomes()


class ReopensMeanwhile:
    """A mail server that takes so long that something else happens first."""

    def __init__(self) -> None:
        self.meanwhile: Notify | None = None

    async def send(self, *, sender: str, recipient: str, message: bytes) -> None:
        """Accept, after the complaint was reopened."""
        notify, self.meanwhile = self.meanwhile, None
        if notify is not None:
            await notify.record(
                "intake",
                "c1",
                c.ComplaintReopened(
                    **complaint(notify.time.now(), 2, Status.ACCEPTED),
                    reason=ReopenReason.NEW_PROBLEM,
                    text=None,
                    previous_specialist_id="s1",
                    offer_superior_review=False,
                ),
            )
            await notify.read()
            await notify.mailbox.send(sender=sender, recipient=recipient, message=message)

    async def close(self) -> None:
        """Nothing to close."""


async def test_reopened_while_the_mail_is_being_sent_leaves_ratings_only() -> None:
    server = ReopensMeanwhile()
    async with Notify(mail=server) as notify:
        now = notify.time.now()
        await notify.happens(filed(now, language="en"), resolved(now))
        server.meanwhile = notify
        await notify.advance(HOUR)
        assert await followed_up(notify) == ["FollowUpSent"]
        path = notify.survey_path()
        async with notify.client() as consumer:
            page = (await consumer.get(path, headers=HTML)).text
            assert "already been reopened" in page
            assert 'name="result"' not in page
            assert (await consumer.post(path, data={"speed": "5"})).status_code == 200
        answered = (await notify.published())[-1]
        assert isinstance(answered, FollowUpAnswered)
        assert (answered.ratings_only, answered.speed, answered.cycle) == (True, 5, 1)


async def test_reopened_after_sending_leaves_ratings_only() -> None:
    async with Notify() as notify:
        path = await sent_survey(notify)
        await reopen(notify)
        async with notify.client() as consumer:
            await consumer.post(path, json=SATISFIED)
        answered = (await notify.published())[-1]
        assert isinstance(answered, FollowUpAnswered)
        assert answered.ratings_only


async def test_closed_before_the_survey_was_due_cancels_it_and_the_next_cycle_has_its_own() -> None:
    async with Notify() as notify:
        now = notify.time.now()
        await notify.happens(filed(now), resolved(now), closes(notify))
        await notify.advance(DAY)
        assert await followed_up(notify) == []
        await reopen(notify)
        await notify.happens(resolved(notify.time.now(), 2))
        await notify.advance(HOUR)
        [sent] = [event for event in await notify.published() if isinstance(event, FollowUpSent)]
        assert (sent.follow_up_id, sent.cycle) == ("c1-2", 2)
