"""Dead mails are listed with the dead letters, and tried again when somebody outside asks."""

import asyncio
from datetime import timedelta

import pytest

from amends.dead_letters.asking import (
    CannotBeDone,
    Outcome,
    Result,
    by_id,
    by_key,
    drop,
    listed,
    redrive,
)
from amends.dead_letters.stores import Stores
from amends.dead_letters.words import of_letter
from services.notify.redrives import MAILS
from services.notify.settings import NotifySettings
from shared.clock import ProcessClock
from shared.feed.dead_letters import LetterState
from shared.feed.requests import Asked, Drop, Requests
from shared.service import MailUnavailable
from tests.integration.notify.upstream import Notify, filed

ONE_ATTEMPT = NotifySettings(attempts=1)


async def dead_mail(notify: Notify) -> Stores:
    """The mail server refuses the one attempt there is; the store as a command sees it."""
    notify.mailbox.fails = [MailUnavailable("smtp_451")]
    await notify.happens(filed(notify.time.now()))
    return Stores({"notify": notify.service.log}, deserted=False)


async def asked_beside(notify: Notify, stores: Stores) -> list[Outcome]:
    """Ask as a command does, while the service goes about its work."""
    asking = asyncio.create_task(redrive(stores, await by_key(stores, "c1"), 30))
    while not asking.done():
        notify.time.move(timedelta(seconds=2))
        await notify.settle()
        await asyncio.sleep(0.01)
    return asking.result()


async def test_a_mail_is_tried_again_by_the_service_when_a_command_asks() -> None:
    async with Notify(settings=ONE_ATTEMPT) as notify:
        stores = await dead_mail(notify)
        [mail] = await listed(stores, LetterState.PARKED)
        assert "    mail acknowledgement@1 to consumer" in list(of_letter(mail))
        [done] = await asked_beside(notify, stores)
        assert (done.id, done.result, done.handled) == (mail["id"], Result.HANDLED, 1)
        assert len(notify.mailbox.mails) == 1
        assert await listed(stores, LetterState.PARKED) == []
        with pytest.raises(CannotBeDone, match="no dead letter"):
            await by_id(stores, [mail["id"]])


async def test_a_mail_is_tried_again_once_though_it_is_asked_for_twice() -> None:
    async with Notify(settings=ONE_ATTEMPT) as notify:
        stores = await dead_mail(notify)
        [mail] = await listed(stores, LetterState.PARKED)
        requests = Requests(MAILS, notify.service.log, ProcessClock())
        for _ in range(2):
            assert await requests.ask(Asked(mail["id"]), seconds=0) is None
            notify.time.move(timedelta(seconds=2))
            await notify.settle()
        assert len(notify.mailbox.mails) == 1
        assert await requests.open() == []


async def test_a_mail_cannot_be_dropped() -> None:
    async with Notify(settings=ONE_ATTEMPT) as notify:
        stores = await dead_mail(notify)
        [mail] = await listed(stores, LetterState.PARKED)
        with pytest.raises(CannotBeDone, match="is a mail"):
            await drop(stores, Drop(letter=mail["id"], by="me", reason="r"), 0)
