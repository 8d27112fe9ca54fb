"""Version 0009 finds out from the log which files complaints had referred to before it."""

from typing import Any

from amends.migrations.schemas import Wanted, migrate
from services.intake.views import project
from shared.eventlog.ports import Append, Commit
from shared.eventlog.postgres import PostgresEventLog
from shared.events.casework import EvidenceAdded
from shared.events.personal import Personal
from shared.events.vocabulary import Audience, EvidenceKind, Role, Status, Turn
from shared.observability import Metrics
from tests.support.databases import Databases, connection_to, silent
from tests.support.stores import TESTER
from tests.support.time import CountingIds, VirtualTime

PLACED = (("c1", "aa"), ("c2", "aa"), ("c1", "bb"), ("c1", "aa"))
"""Which complaint refers to which content, in this order."""


def added(time: VirtualTime, complaint_id: str, sha256: str) -> EvidenceAdded:
    return EvidenceAdded(
        occurred_at=time.now(),
        complaint_id=complaint_id,
        cycle=1,
        status=Status.ACCEPTED,
        turn=Turn.PLATFORM,
        evidence_id=sha256,
        sha256=sha256 * 32,
        kind=EvidenceKind.OTHER,
        bytes=1,
        media_type="text/plain",
        by_role=Role.CONSUMER,
        visible_to=(Audience.STAFF,),
        completeness=0.5,
        label=Personal("u1", "发票 \\ \"'.png"),
    )


async def files(url: str) -> list[Any]:
    async with connection_to(url) as connection:
        rows = await connection.fetch(
            "SELECT sha256, complaint_id, gpos FROM intake.evidence_file ORDER BY 1, 2"
        )
        return [tuple(row) for row in rows]


async def test_files_of_older_complaints_are_known(databases: Databases, time: VirtualTime) -> None:
    url, versions = await databases.migrated(), dict[str, int]()
    log = await PostgresEventLog.open(
        url, source="intake", clock=time, ids=CountingIds(), metrics=Metrics(), projection=project
    )
    for complaint_id, sha256 in PLACED:
        stream = f"complaint-{complaint_id}"
        one = Append(
            stream=stream,
            expected_version=versions.get(stream, 0),
            key=complaint_id,
            events=(added(time, complaint_id, sha256),),
            actor=TESTER,
            correlation_id="c",
        )
        await log.commit(Commit(appends=(one,)))
        versions[stream] = one.expected_version + 1
    await log.close()
    before = await files(url)
    assert [row[:2] for row in before] == [("aa" * 32, "c1"), ("aa" * 32, "c2"), ("bb" * 32, "c1")]
    async with connection_to(url) as connection:
        await connection.execute(
            "DROP TABLE intake.evidence_file, intake.erased_subject;"
            "UPDATE intake.alembic_version SET version_num = '0008'"
        )
    await migrate(url, Wanted(schemas={"intake"}), silent)
    assert await files(url) == before
