"""A person is erased, as far as other services hear of it."""

from shared.events.subjects import SubjectErased
from shared.unit_of_work import UnitOfWork
from tests.support.stores import commit
from tests.support.system import System


async def erase(system: System, subject: str) -> None:
    """Destroy intake's key of a person, say so, and let everybody hear of it."""
    log = system.service("intake").log
    work = UnitOfWork(log)
    await work.destroy_key(subject)
    await work.commit()
    erased = SubjectErased(
        occurred_at=system.time.now(), subject_id=subject, legal_basis="PIPL Art. 47"
    )
    version = len(await log.read(subject))
    await log.commit(commit(subject, version, erased, key=subject))
    await system.settle()
