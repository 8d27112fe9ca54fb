"""Persons over HTTP: holds, erasing, and what nobody finds or reads afterwards."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from services.intake.search_index import SearchIndex
from services.intake.settings import IntakeSettings
from shared.events.personal import UNREADABLE
from shared.events.subjects import SubjectErased
from shared.events.vocabulary import Role
from tests.integration.intake.alone import FILING, IntakeAlone

GROUND = {"legal_basis": "PIPL Art. 47"}
PNG = b"\x89PNG\r\n\x1a\n"


async def ask(
    intake: IntakeAlone, method: str, path: str, body: Any = None, key: str | None = None
) -> httpx.Response:
    """Ops ask something about a person."""
    headers = {} if key is None else {"Idempotency-Key": key}
    return await intake.ops.http.request(method, f"/v1/subjects{path}", json=body, headers=headers)


async def erase(intake: IntakeAlone, subject_id: str = "u1", **options: Any) -> httpx.Response:
    return await ask(intake, "POST", f"/{subject_id}/erasure", GROUND, **options)


def refusal(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


async def ended(intake: IntakeAlone, consumer_id: str = "u1", **changes: Any) -> str:
    """A complaint that its consumer has withdrawn; its id."""
    filing = {**FILING, "channel": "app", "consumer_id": consumer_id, **changes}
    consumer = intake.as_(Role.CONSUMER, consumer_id)
    filed = await consumer.post("", filing)
    await consumer.post(f"/{filed['id']}/withdrawal", {"reason": "算了"}, match=filed["version"])
    return str(filed["id"])


async def hand_in(intake: IntakeAlone, complaint_id: str, content: bytes, who: str = "u1") -> Any:
    """The consumer hands in a file; its entry in the complaint."""
    response = await intake.as_(Role.CONSUMER, who).http.post(
        f"/v1/complaints/{complaint_id}/evidence?kind=other", content=content
    )
    assert response.status_code == 201, response.text
    return response.json()["evidence"][-1]


async def found(intake: IntakeAlone, asked: str) -> list[str]:
    """Complaints that a search finds."""
    response = await intake.ops.http.get("/v1/complaints", params={"q": asked})
    assert response.status_code == 200, response.text
    return [one["id"] for one in response.json()["items"]]


async def clean(intake: IntakeAlone) -> None:
    """What is to be deleted is deleted."""
    [worker] = [one for one in intake.service.exclusive if one.name == "intake.files-of-erased"]
    while await worker.step():
        pass


async def test_who_is_erased_cannot_be_read_any_more() -> None:
    async with IntakeAlone() as intake:
        complaint_id = await ended(intake)
        response = await erase(intake)
        assert response.status_code == 200, response.text
        body = response.json()
        assert (body["legal_basis"], body["legal_holds"]) == ("PIPL Art. 47", [])
        assert body["erased_at"] is not None
        assert (await intake.ops.get(f"/{complaint_id}"))["description"] == UNREADABLE
        assert await found(intake, "袋子") == []
        assert (await ask(intake, "GET", "/u1")).json() == body | {
            "open_complaints": [],
            "more_open_complaints": False,
        }


async def test_a_person_is_erased_once() -> None:
    async with IntakeAlone() as intake:
        await ended(intake)
        first = await erase(intake, key="k1")
        assert (await erase(intake, key="k1")).json() == first.json()
        intake.time.move_to(intake.time.now() + timedelta(days=1))
        assert (await erase(intake)).json() == first.json()
        records = await intake.service.log.read("subject-u1")
        assert [record.type for record in records] == [SubjectErased.TYPE]


async def test_who_files_again_is_read_again_until_erased_again() -> None:
    async with IntakeAlone() as intake:
        first = await ended(intake)
        await erase(intake)
        second = await ended(intake, description="快递丢了")
        assert await found(intake, "快递") == [second]
        assert (await intake.ops.get(f"/{first}"))["description"] == UNREADABLE
        assert (await erase(intake)).json()["version"] == 2
        assert (await intake.ops.get(f"/{second}"))["description"] == UNREADABLE
        assert await found(intake, "快递") == []


async def test_an_open_complaint_of_any_party_stands_in_the_way() -> None:
    async with IntakeAlone() as intake:
        complaint_id = await intake.in_progress()
        for subject_id in ("u1", "m1", "s1"):
            response = await erase(intake, subject_id)
            assert refusal(response) == (409, "subject_has_open_complaints")
            assert complaint_id in response.json()["detail"]
            read = (await ask(intake, "GET", f"/{subject_id}")).json()
            assert (read["open_complaints"], read["erased_at"]) == ([complaint_id], None)
        assert (await intake.ops.get(f"/{complaint_id}"))["description"] == FILING["description"]


async def test_of_many_open_complaints_some_are_named() -> None:
    async with IntakeAlone() as intake:
        for _ in range(21):
            await intake.filed()
        read = (await ask(intake, "GET", "/u1")).json()
        assert (len(read["open_complaints"]), read["more_open_complaints"]) == (20, True)
        assert refusal(await erase(intake)) == (409, "subject_has_open_complaints")


async def test_a_hold_stands_in_the_way_until_it_is_released() -> None:
    async with IntakeAlone() as intake:
        complaint_id = await ended(intake)
        placed = await ask(intake, "PUT", "/u1/legal-holds/court-1", {"reason": "In court."})
        assert placed.status_code == 200, placed.text
        [hold] = placed.json()["legal_holds"]
        assert (hold["id"], hold["reason"]) == ("court-1", "In court.")
        again = await ask(intake, "PUT", "/u1/legal-holds/court-1", {"reason": "In court."})
        assert again.json() == placed.json()
        assert refusal(await erase(intake)) == (409, "legal_hold")
        assert (await intake.ops.get(f"/{complaint_id}"))["description"] == FILING["description"]
        wrong = await ask(intake, "DELETE", "/u1/legal-holds/court-2")
        assert refusal(wrong) == (409, "no_such_legal_hold")
        released = await ask(intake, "DELETE", "/u1/legal-holds/court-1")
        assert released.json()["legal_holds"] == []
        assert (await erase(intake)).status_code == 200


async def test_the_reason_of_a_hold_is_sealed() -> None:
    async with IntakeAlone() as intake:
        await ask(intake, "PUT", "/u1/legal-holds/court-1", {"reason": "In court."})
        [record] = await intake.service.log.read("subject-u1")
        assert b"In court." not in record.data


async def test_nobody_knows_who_was_never_heard_of() -> None:
    async with IntakeAlone() as intake:
        assert refusal(await erase(intake, "u9")) == (404, "not_found")
        assert refusal(await ask(intake, "GET", "/u9")) == (404, "not_found")
        refused = await ask(intake, "PUT", "/13812345678/legal-holds/h", {"reason": "x"})
        assert refusal(refused) == (422, "subject_id_is_personal")


async def test_a_refused_erasure_leaves_no_trace() -> None:
    async with IntakeAlone() as intake:
        await intake.filed()
        await erase(intake)
        stored = (await intake.service.log.keys.own("u1")).key
        assert stored is not None
        assert not stored.closing
        assert await intake.service.log.read("subject-u1") == []


async def test_a_merchant_is_erased_by_its_own_id_alone() -> None:
    async with IntakeAlone() as intake:
        complaint_id = await ended(intake)
        assert (await erase(intake, "m1")).status_code == 200
        assert (await intake.ops.get(f"/{complaint_id}"))["description"] == FILING["description"]
        assert await found(intake, "袋子") == [complaint_id]


def with_files(path: Path) -> IntakeAlone:
    return IntakeAlone(IntakeSettings(evidence_url=(path / "evidence").as_uri()))


async def download(intake: IntakeAlone, complaint_id: str, evidence_id: str) -> httpx.Response:
    """The content, by a link."""
    link = await intake.ops.get(f"/{complaint_id}/evidence/{evidence_id}")
    return await intake.ops.http.get(link["url"])


async def test_the_files_of_the_erased_go(tmp_path: Path) -> None:
    async with with_files(tmp_path) as intake:
        complaint_id = await intake.filed()
        file = await hand_in(intake, complaint_id, PNG + b"mine")
        shared = await hand_in(intake, complaint_id, PNG + b"of two")
        other = (await intake.specialist.post("", {**FILING, "consumer_id": "u2"}))["id"]
        of_other = await hand_in(intake, other, PNG + b"of two", "u2")
        version = (await intake.consumer.get(f"/{complaint_id}"))["version"]
        await intake.consumer.post(f"/{complaint_id}/withdrawal", {}, match=version)
        await clean(intake)
        assert (await download(intake, complaint_id, file["id"])).status_code == 200
        assert (await erase(intake)).status_code == 200
        await clean(intake)
        gone = await download(intake, complaint_id, file["id"])
        assert refusal(gone) == (404, "not_found")
        assert (await download(intake, complaint_id, shared["id"])).status_code == 200
        assert (await download(intake, other, of_other["id"])).content == PNG + b"of two"
        version = (await intake.as_(Role.CONSUMER, "u2").get(f"/{other}"))["version"]
        await intake.as_(Role.CONSUMER, "u2").post(f"/{other}/withdrawal", {}, match=version)
        await erase(intake, "u2")
        await clean(intake)
        assert (await download(intake, other, of_other["id"])).status_code == 404


async def test_a_file_that_is_handed_in_again_stays(tmp_path: Path) -> None:
    async with with_files(tmp_path) as intake:
        first = await intake.filed()
        await hand_in(intake, first, PNG + b"mine")
        version = (await intake.consumer.get(f"/{first}"))["version"]
        await intake.consumer.post(f"/{first}/withdrawal", {}, match=version)
        await erase(intake)
        second = await intake.filed()
        file = await hand_in(intake, second, PNG + b"mine")
        await clean(intake)
        assert (await download(intake, second, file["id"])).status_code == 200


async def test_files_wait_for_their_store(tmp_path: Path) -> None:
    async with with_files(tmp_path) as intake:
        complaint_id = await intake.filed()
        file = await hand_in(intake, complaint_id, PNG + b"mine")
        version = (await intake.consumer.get(f"/{complaint_id}"))["version"]
        await intake.consumer.post(f"/{complaint_id}/withdrawal", {}, match=version)
        await erase(intake)
        places = tmp_path / "evidence" / "sha256"
        places.rename(tmp_path / "away")
        places.write_text("not a folder")
        await clean(intake)
        places.unlink()
        (tmp_path / "away").rename(places)
        assert (await download(intake, complaint_id, file["id"])).status_code == 200
        await clean(intake)
        assert (await download(intake, complaint_id, file["id"])).status_code == 404


MARKER = "kaleidoscope"


def holding(folder: Path, marker: bytes) -> list[str]:
    """Files in which a text can be read."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return sorted(path.name for path in files if marker in path.read_bytes())


async def test_no_byte_of_the_erased_is_left_on_the_disk(tmp_path: Path) -> None:
    settings = IntakeSettings(evidence_url=(tmp_path / "evidence").as_uri())
    async with IntakeAlone(settings, data=tmp_path) as intake:
        marker = MARKER.encode()
        first = await intake.specialist.post(
            "", {**FILING, "description": f"My {MARKER} is broken. " * 40}
        )
        await hand_in(intake, first["id"], f"My {MARKER} is broken.".encode())
        for number in range(3):
            await ended(intake, "u2", description=f"别的{number}")
        await SearchIndex(intake.service.log, intake.time, size=2).fill()
        version = (await intake.consumer.get(f"/{first['id']}"))["version"]
        await intake.consumer.post(
            f"/{first['id']}/withdrawal", {"reason": f"No {MARKER} any more"}, match=version
        )
        assert await found(intake, MARKER) == [first["id"]]
        assert len(holding(tmp_path, marker)) >= 2
        assert (await erase(intake)).status_code == 200
        await clean(intake)
        assert holding(tmp_path, marker) == []
    assert holding(tmp_path, marker) == []
