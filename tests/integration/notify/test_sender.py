"""Sending: outside transactions, several at once, never lost, a double recognisable."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from services.notify.settings import NotifySettings
from shared.eventlog.ports import StorageUnavailable
from shared.events.complaints import ComplaintFiled
from tests.integration.notify.upstream import Notify, filed
from tests.support.system import Mailbox


async def test_a_crash_after_acceptance_repeats_the_mail_with_the_same_message_id() -> None:
    class AcceptsAndDies(Mailbox):
        """The server takes the mail; our process does not live to record it, the first time."""

        dies = True

        async def send(self, *, sender: str, recipient: str, message: bytes) -> None:
            await super().send(sender=sender, recipient=recipient, message=message)
            if self.dies:
                self.dies = False
                raise StorageUnavailable("killed")

    server = AcceptsAndDies()
    async with Notify(mail=server) as notify:
        with pytest.raises(StorageUnavailable):
            await notify.happens(filed(notify.time.now()))
        await notify.settle()
        first, second = server.mails
        assert first.message.as_bytes() == second.message.as_bytes()
        assert await notify.outcomes() == [("consumer", "acknowledgement", "sent/email")]


async def test_several_mails_are_sent_at_once_but_not_more_than_set() -> None:
    class Slow(Mailbox):
        """Counts how many sends are in hand at the same time."""

        now = most = 0

        async def send(self, *, sender: str, recipient: str, message: bytes) -> None:
            self.now += 1
            self.most = max(self.most, self.now)
            for _ in range(500):
                if self.most == 3:
                    break  # the others have come, as far as they are let
                await asyncio.sleep(0.001)
            for _ in range(10):
                await asyncio.sleep(0)
            self.now -= 1
            await super().send(sender=sender, recipient=recipient, message=message)

    server = Slow()
    async with Notify(mail=server, settings=NotifySettings(concurrency=3)) as notify:
        for number in range(20):
            await notify.record("intake", f"k{number}", filed_as(notify, f"k{number}"))
        await notify.settle()
        assert len(server.mails) == 20
        assert server.most == 3


def filed_as(notify: Notify, complaint_id: str) -> ComplaintFiled:
    """A filing of another complaint."""
    return replace(filed(notify.time.now()), complaint_id=complaint_id)


async def test_a_mail_that_cannot_be_made_holds_up_no_other_and_ends_as_a_dead_letter() -> None:
    class Broken(Mailbox):
        """Fails in a way nobody expected, for one recipient."""

        async def send(self, *, sender: str, recipient: str, message: bytes) -> None:
            if recipient == "bad@example.com":
                raise RuntimeError("unexpected")
            await super().send(sender=sender, recipient=recipient, message=message)

    server = Broken()
    async with Notify(mail=server) as notify:
        bad = replace(filed(notify.time.now(), contact="bad@example.com"), complaint_id="c2")
        await notify.record("intake", "c2", bad)
        await notify.happens(filed(notify.time.now()))
        assert [mail.recipient for mail in server.mails] == ["u1@example.com"]
        await notify.advance(timedelta(days=1))
        [letter] = await notify.facade.dead_mails()
        assert (letter["complaint_id"], letter["reason"]) == ("c2", "RuntimeError")


async def test_the_sender_waits_for_news_or_for_the_next_attempt() -> None:
    async with Notify() as notify:
        [sender] = [one for one in notify.service.all_workers if one.name == "notify.mail"]
        assert not await sender.step()
        waiting = asyncio.create_task(sender.wait())
        await notify.record("intake", "c1", filed(notify.time.now()))
        await notify.read()
        await asyncio.wait_for(waiting, 5)
        await asyncio.wait_for(sender.wait(), 5)
        assert await sender.step()
        assert len(notify.mailbox.mails) == 1
