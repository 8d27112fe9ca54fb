"""Notes are for staff: the parties' timelines do not show that there are any."""

from tests.crossings.cases import in_progress
from tests.support.system import System


async def test_a_note_stands_in_the_timeline_of_staff_alone() -> None:
    async with System() as system:
        case = await in_progress(system)
        before = await case.now()
        await case.act(case.specialist, "notes", {"text": "Prefers calls after six."})
        assert (await case.now())["version"] == before["version"]

        readers = ((case.specialist, True), (case.consumer, False), (case.merchant, False))
        for party, sees in readers:
            told = (await party.get(f"{case.path}/events"))["items"]
            notes = [entry for entry in told if entry["type"] == "amends.complaint.note_added.v1"]
            assert bool(notes) is sees
        answer = await case.refused(case.consumer, "notes", {"text": "Mine."})
        assert answer == (403, "forbidden")
