"""Facts about an erased person may be read before the erasure, after it, or with it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.notify.memory import Waiting, case_of, take_held
from shared.codec import pack, unpack
from shared.crypto.finding import personal_in
from shared.events import complaints as c
from shared.events.personal import UNREADABLE
from shared.events.vocabulary import (
    AskStage,
    ClockKind,
    Party,
    Role,
)
from shared.unit_of_work import UnitOfWork
from tests.integration.notify.erasing import (
    DAY,
    HOUR,
    MARK,
    closes,
    follow_up,
    inbox,
    parked,
    recipients,
    said,
    says,
    stored,
    ways,
    words,
)
from tests.integration.notify.upstream import Notify, assigned, complaint, filed, resolved, started


@ways
async def test_facts_of_a_person_that_come_after_the_erasure_tell_nobody_anything_of_them(
    *, sealed: bool
) -> None:
    async with Notify(sealed=sealed) as notify:
        await notify.knows_specialist("s1@example.com", "en")
        now = notify.time.now()
        asked = c.ConsumerAsked(
            **complaint(now), n=1, stage=AskStage.CASE, items=("label",), reason=MARK
        )
        await notify.erase()
        await notify.settle()
        late = filed(now), assigned(now), says(notify), asked
        *_, cause = await notify.record("intake", "c1", *late)
        await notify.record("intake", "c1", resolved(now))
        await notify.destroy_key("intake", "u1")
        notify.time.move(HOUR)  # so late are they read
        await notify.settle()
        log = notify.service.log
        case = await case_of(UnitOfWork(log), "c1")
        waiting = await take_held(UnitOfWork(log), cause.id)
        await log.keys.open(case, waiting)
        assert {text.text for text in personal_in((case, waiting))} == {UNREADABLE}
        await notify.clock(started(now, ClockKind.CONSUMER_REPLY, Party.CONSUMER, cause.id))
        await notify.happens(closes(notify))
        await notify.advance(DAY)
        assert set(notify.subjects()) == {"s1@example.com"}
        [quoting] = [mail for mail in notify.mailbox.mails if UNREADABLE in mail.text]
        assert MARK not in quoting.text
        assert await inbox(notify, "consumer", "u1") == []
        assert await follow_up(notify) == ("cancelled", "erased")
        assert parked(notify) == frozenset()
        assert not any(MARK in event.text.text for event in await said(notify))
        assert MARK.encode() not in await stored(notify)


@ways
async def test_facts_of_a_person_and_the_erasure_in_one_batch(*, sealed: bool) -> None:
    async with Notify(sealed=sealed) as notify:
        now = notify.time.now()
        contact = f"{MARK}@example.com"
        await notify.record("intake", "c1", filed(now, contact=contact), says(notify))
        await notify.erase()
        await notify.record("intake", "c1", assigned(now), says(notify), resolved(now))
        await notify.settle()
        await notify.advance(DAY)
        assert notify.subjects() == []
        assert await inbox(notify, "consumer", "u1") == []
        assert parked(notify) == frozenset()
        assert not any(MARK in event.text.text for event in await said(notify))
        assert MARK.encode() not in await stored(notify)


async def held_in_clear(notify: Notify, cause_id: str) -> None:
    """Words lie in a document as a version kept them that did not seal any."""
    work = UnitOfWork(notify.service.log)
    data = await work.document("held", cause_id)
    assert data is not None
    waiting = unpack(data, Waiting)
    assert waiting.held is not None
    await work.put("held", cause_id, pack(Waiting(replace(waiting.held, quote=words()))))
    await work.commit()


@pytest.mark.parametrize("older", [False, True], ids=["sealed", "by an older version"])
async def test_words_held_for_a_deadline_are_forgotten_too(*, older: bool) -> None:
    async with Notify(sealed=True) as notify:
        now = notify.time.now()
        asked = c.MerchantAsked(**complaint(now), n=1, questions=words())
        cause = await notify.happens(filed(now, contact=None), asked)
        if older:
            await held_in_clear(notify, cause.id)
        notify.time.move(timedelta(seconds=1))
        await notify.erase()
        await notify.settle()
        await notify.knows_merchant("m1@example.com")
        notify.time.move(timedelta(seconds=1))
        await notify.clock(
            started(notify.time.now(), ClockKind.MERCHANT_RESPONSE, Party.MERCHANT, cause.id)
        )
        [mail] = notify.mailbox.mails
        assert UNREADABLE in mail.text
        assert MARK not in mail.text


async def test_who_comes_back_after_an_erasure_is_told_again() -> None:
    async with Notify(sealed=True) as notify:
        await notify.happens(filed(notify.time.now()))
        notify.time.move(HOUR)
        await notify.erase()
        await notify.settle()
        notify.time.move(HOUR)
        again = filed(notify.time.now(), contact="back@example.com")
        await notify.happens(again)
        await notify.happens(says(notify, Role.SPECIALIST, "welcome"), resolved(notify.time.now()))
        await notify.advance(2 * HOUR)
        assert notify.subjects() == ["u1@example.com", *["back@example.com"] * 3]
        notify.time.move(HOUR)
        await notify.erase()
        await notify.settle()
        assert "u1" not in await recipients(notify)
