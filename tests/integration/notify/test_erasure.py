"""Nothing of an erased person can be read any more, in events, documents, lists or the file."""

import asyncio
import sqlite3
from base64 import b64encode
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from typer.testing import CliRunner

from amends.cli import app
from services.notify.domain.events import SubjectForgotten
from services.notify.views import TABLES, project
from shared.codec import fact
from shared.crypto.ports import SUBJECT_KEY
from shared.eventlog.ports import Commit, EventLog, Statement, one_by_one
from shared.eventlog.rebuild import rebuild
from shared.eventlog.subject_keys import stored_key
from shared.events import complaints as c
from shared.events.personal import UNREADABLE
from shared.events.vocabulary import (
    ReopenReason,
    Role,
    Status,
)
from tests.integration.notify.erasing import (
    HOUR,
    MARK,
    closes,
    inbox,
    parked,
    recipients,
    said,
    says,
    stored,
    ways,
    words,
)
from tests.integration.notify.upstream import Notify, assigned, complaint, filed, resolved


@ways
async def test_nothing_that_notify_keeps_holds_a_persons_words_in_clear(*, sealed: bool) -> None:
    async with Notify(sealed=sealed) as notify:
        await notify.knows_merchant(f"{MARK}@m.example")
        await notify.knows_specialist(f"{MARK}@s.example", "en")
        asked = c.MerchantAsked(**complaint(notify.time.now()), n=1, questions=words())
        contact = f"{MARK}@example.com"
        await notify.happens(
            filed(notify.time.now(), contact=contact), assigned(notify.time.now()), asked
        )
        await notify.happens(says(notify))
        assert f"{MARK}@s.example" in notify.subjects()
        assert contact in notify.subjects()
        assert any(MARK in mail.text for mail in notify.mailbox.mails)
        assert MARK.encode() not in await stored(notify)


@ways
async def test_after_an_erasure_nobody_reads_what_the_person_wrote(*, sealed: bool) -> None:
    async with Notify(sealed=sealed) as notify:
        await notify.knows_specialist(None, "en")
        now = notify.time.now()
        await notify.happens(filed(now, contact=None), assigned(now), says(notify), closes(notify))
        assert MARK in (await inbox(notify, "specialist", "s1"))[1]["text"]
        assert len(await inbox(notify, "consumer", "u1")) == 3
        notify.time.move(HOUR)
        await notify.erase()
        await notify.settle()
        assert await inbox(notify, "consumer", "u1") == []
        texts = [item["text"] for item in await inbox(notify, "specialist", "s1")]
        assert texts == [UNREADABLE] * 2
        assert "u1" not in await recipients(notify)
        assert {event.text.text for event in await said(notify)} == {UNREADABLE}
        assert parked(notify) == frozenset()


async def test_staff_see_that_it_was_said_but_not_to_whom() -> None:
    async with Notify(sealed=True) as notify:
        await notify.happens(filed(notify.time.now()), assigned(notify.time.now()))
        notify.time.move(HOUR)
        await notify.erase()
        await notify.settle()
        async with notify.client("ops", "o1") as ops:
            items = (await ops.get("/v1/notifications?complaint_id=c1")).json()["items"]
        told = {item["template"]: item["recipient_id"] for item in items}
        assert told == {
            "acknowledgement@1": UNREADABLE,
            "specialist_assigned@1": UNREADABLE,
            "assigned_to_you@1": "s1",
        }
        assert {item["state"] for item in items if item["recipient_role"] == "consumer"} == {"sent"}


async def test_words_of_a_merchant_go_with_the_merchant_and_the_consumers_stay() -> None:
    async with Notify(sealed=True) as notify:
        now = notify.time.now()
        await notify.happens(filed(now, contact=None, language="en"))
        await notify.happens(says(notify, Role.MERCHANT), closes(notify))
        notify.time.move(HOUR)
        await notify.erase("m1")
        await notify.settle()
        texts = {item["kind"]: item["text"] for item in await inbox(notify, "consumer", "u1")}
        assert texts["message"] == UNREADABLE
        assert "c1" in texts["closed"]


async def test_an_address_is_forgotten_with_its_person() -> None:
    async with Notify(sealed=True) as notify:
        await notify.knows_specialist("s1@example.com", "en")
        await notify.happens(filed(notify.time.now()))
        notify.time.move(HOUR)
        await notify.erase("s1")
        await notify.settle()
        notify.time.move(HOUR)
        await notify.happens(assigned(notify.time.now()))
        assert "s1@example.com" not in notify.subjects()
        assert ("specialist", "assigned_to_you", "sent/inbox") in await notify.outcomes()


async def test_a_specialist_who_registers_again_is_reached_again() -> None:
    async with Notify(sealed=True) as notify:
        await notify.erase("s1")
        await notify.settle()
        notify.time.move(HOUR)
        await notify.knows_specialist("s1@example.com", "en")
        await notify.happens(filed(notify.time.now()), assigned(notify.time.now()))
        assert "s1@example.com" in notify.subjects()
        await notify.erase("s2")  # whom notify never heard of
        await notify.settle()
        assert parked(notify) == frozenset()


@ways
async def test_a_profile_that_comes_after_the_erasure_is_no_address(*, sealed: bool) -> None:
    async with Notify(sealed=sealed) as notify:
        await notify.erase("s1")
        await notify.settle()
        await notify.knows_specialist("s1@example.com", "en")  # it was recorded before
        await notify.destroy_key("routing", "s1")
        notify.time.move(HOUR)
        await notify.happens(filed(notify.time.now()), assigned(notify.time.now()))
        assert "s1@example.com" not in notify.subjects()


async def test_views_made_anew_after_an_erasure_are_what_they_were() -> None:
    async with Notify(sealed=True) as notify:
        now = notify.time.now()
        await notify.happens(filed(now), assigned(now), says(notify), resolved(now))
        notify.time.move(timedelta(minutes=1))
        await notify.erase()
        await notify.happens(says(notify, Role.MERCHANT), closes(notify))
        await notify.happens(
            c.ComplaintReopened(
                **complaint(notify.time.now(), 2, Status.ACCEPTED),
                reason=ReopenReason.NEW_PROBLEM,
                text=None,
                previous_specialist_id="s1",
                offer_superior_review=False,
            )
        )
        log = notify.service.log
        queries = [
            Statement(f"SELECT * FROM {table.__tablename__} ORDER BY 1")  # noqa: S608
            for table in TABLES
        ]
        before = [await log.fetch(query) for query in queries]
        assert all(before)
        await rebuild(log, one_by_one(project), TABLES)
        assert [await log.fetch(query) for query in queries] == before
        # Shards are read one after the other, so that the erasure may be read first.
        await erasure_first(log)
        assert [await log.fetch(query) for query in queries] == before


async def erasure_first(log: EventLog) -> None:
    """Make the views anew as if the erasure lay in the first shard."""
    facts = [
        fact(entry) for shard in range(log.shards) for entry in await log.tail(shard, 0, limit=1000)
    ]
    facts.sort(key=lambda one: not isinstance(one.event, SubjectForgotten))
    emptied = [Statement(f"DELETE FROM {table.__tablename__}") for table in TABLES]  # noqa: S608
    changes = [change for one in facts for change in project(one)]
    await log.commit(Commit(statements=(*emptied, *changes)))


@ways
async def test_the_file_of_the_store_holds_nothing_of_who_was_erased(
    tmp_path: Path, *, sealed: bool
) -> None:
    async with Notify(sealed=sealed, data=tmp_path) as notify:
        now = notify.time.now()
        contact = f"{MARK}@example.com"
        complaint_filed = replace(filed(now, contact=contact), description=words())
        await notify.happens(complaint_filed, assigned(now), says(notify))
        assert contact in notify.subjects()
        assert any(MARK in event.text.text for event in await said(notify))
        key = stored_key(await notify.service.log.document(SUBJECT_KEY, "u1")).key
        assert key is not None
        assert key.key is not None
        secret = b64encode(key.key)
        assert in_files(tmp_path, secret)
        notify.time.move(timedelta(minutes=1))
        await notify.erase()
        await notify.settle()
    assert not in_files(tmp_path, secret)
    assert not in_files(tmp_path, MARK.encode())
    assert in_files(tmp_path, b"subject.forgotten")


def in_files(folder: Path, part: bytes) -> bool:
    """Whether a file of notify's store holds these bytes, its log of writes included."""
    return any(part in path.read_bytes() for path in folder.glob("notify.sqlite3*"))


def views_in(path: Path) -> list[list[tuple[object, ...]]]:
    """The rows of notify's views in a file."""
    connection = sqlite3.connect(path)
    try:
        return [
            connection.execute(f"SELECT * FROM {table.__tablename__} ORDER BY 1").fetchall()  # noqa: S608
            for table in TABLES
        ]
    finally:
        connection.close()


async def forgotten_office(folder: Path) -> list[list[tuple[object, ...]]]:
    """A store in a file whose consumer was erased; the rows of its views."""
    async with Notify(sealed=True, data=folder) as notify:
        now = notify.time.now()
        await notify.happens(filed(now), assigned(now), says(notify), resolved(now))
        notify.time.move(timedelta(minutes=1))
        await notify.erase()
        await notify.settle()
    rows = views_in(folder / "notify.sqlite3")
    assert all(rows)
    return rows


async def test_the_command_makes_the_views_anew_with_who_was_forgotten(tmp_path: Path) -> None:
    before = await forgotten_office(tmp_path)
    wanted = ["rebuild", "notify", "--data", str(tmp_path)]
    result = await asyncio.to_thread(CliRunner().invoke, app, wanted)
    assert result.exit_code == 0, result.output
    assert views_in(tmp_path / "notify.sqlite3") == before


async def test_a_store_of_a_version_without_them_makes_its_views_anew(tmp_path: Path) -> None:
    before = await forgotten_office(tmp_path)
    connection = sqlite3.connect(tmp_path / "notify.sqlite3")
    connection.execute("DROP TABLE forgotten_subjects")
    connection.execute("UPDATE notifications SET recipient_id = 'u1'")
    connection.commit()
    connection.close()
    async with Notify(data=tmp_path):
        pass
    assert views_in(tmp_path / "notify.sqlite3") == before
