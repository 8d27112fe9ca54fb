"""What erasing must not do: lose a file that came just then, or claim what it cannot."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from services.intake.files import EvidenceFiles, ObjectFiles
from services.intake.files_of_erased import FilesOfErased, keep_content
from shared.codec import decode
from shared.crypto.finding import personal_in
from shared.eventlog.ports import Append, Commit, VersionConflict
from shared.events.complaints import ComplaintEvent
from shared.events.vocabulary import Role
from shared.unit_of_work import UnitOfWork
from tests.integration.intake.alone import FILING, IntakeAlone
from tests.integration.intake.test_erasing import (
    PNG,
    download,
    ended,
    erase,
    hand_in,
    refusal,
    with_files,
)

SHARED = PNG + b"of two"
Meanwhile = Callable[[], Awaitable[None]]


class SlowFiles(ObjectFiles):
    """Something happens just before a content is deleted."""

    meanwhile: Meanwhile

    async def remove(self, sha256: str) -> None:
        """See `EvidenceFiles.remove`."""
        await self.meanwhile()
        await super().remove(sha256)


def worker(intake: IntakeAlone, files: EvidenceFiles) -> FilesOfErased:
    """Deletes files of who was erased."""
    return FilesOfErased(intake.service.log, files, intake.time)


async def erased_with_a_file(intake: IntakeAlone) -> None:
    """u1 was erased, and their file is still to be deleted."""
    complaint_id = await intake.filed()
    await hand_in(intake, complaint_id, SHARED)
    version = (await intake.consumer.get(f"/{complaint_id}"))["version"]
    await intake.consumer.post(f"/{complaint_id}/withdrawal", {}, match=version)
    assert (await erase(intake)).status_code == 200


async def filed_by_another(intake: IntakeAlone) -> str:
    """u2 complains too; the id."""
    answer = await intake.specialist.post("", {**FILING, "consumer_id": "u2"})
    return str(answer["id"])


async def test_who_hands_in_the_same_file_while_it_is_deleted_is_told_to_send_it_again(
    tmp_path: Path,
) -> None:
    async with with_files(tmp_path) as intake:
        await erased_with_a_file(intake)
        other = await filed_by_another(intake)
        files = SlowFiles((tmp_path / "evidence").as_uri())
        answers = list[int]()

        async def meanwhile() -> None:
            answer = await intake.as_(Role.CONSUMER, "u2").http.post(
                f"/v1/complaints/{other}/evidence?kind=other", content=SHARED
            )
            answers.append(answer.status_code)

        files.meanwhile = meanwhile
        await worker(intake, files).step()
        assert answers == [503]
        again = await hand_in(intake, other, SHARED, "u2")
        assert (await download(intake, other, again["id"])).content == SHARED


async def test_a_file_that_came_before_it_was_looked_a_last_time_stays(tmp_path: Path) -> None:
    async with with_files(tmp_path) as intake:
        await erased_with_a_file(intake)
        other = await filed_by_another(intake)
        kept = await hand_in(intake, other, SHARED, "u2")
        await worker(intake, ObjectFiles((tmp_path / "evidence").as_uri())).step()
        assert (await download(intake, other, kept["id"])).content == SHARED


async def test_who_looked_before_a_deletion_cannot_record_after_it(tmp_path: Path) -> None:
    async with with_files(tmp_path) as intake:
        await erased_with_a_file(intake)
        files = ObjectFiles((tmp_path / "evidence").as_uri())
        digest = next((tmp_path / "evidence" / "sha256").glob("*/*")).name
        slow = UnitOfWork(intake.service.log)
        await keep_content(slow, digest, files)
        await slow.put("something", "else", b"")
        await worker(intake, files).step()
        with pytest.raises(VersionConflict):
            await slow.commit()


async def test_a_person_whose_words_lie_in_the_log_in_clear_is_not_called_erased() -> None:
    """As a version before keys recorded them."""
    async with IntakeAlone() as intake:
        log = intake.service.log
        complaint_id = await ended(intake, "u5")
        records = await log.read(f"complaint-{complaint_id}")
        told = [decode(record) for record in records]
        await log.keys.open(told)
        for text in personal_in(told):
            text.sealed = None
        events = [replace(e, complaint_id="old") for e in told if isinstance(e, ComplaintEvent)]
        await log.commit(
            Commit(
                appends=(
                    Append(
                        stream="complaint-old",
                        expected_version=0,
                        key="old",
                        events=tuple(events),
                        actor=records[0].actor,
                        correlation_id="c",
                    ),
                )
            )
        )
        assert refusal(await erase(intake, "u5")) == (409, "recorded_in_clear")
        assert (await intake.ops.get(f"/{complaint_id}"))["description"] == FILING["description"]
        assert (await erase(intake, "m1")).status_code == 200
