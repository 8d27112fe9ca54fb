"""What routing keeps beside its log, by key: read and replaced whole, guarded by a version."""

from dataclasses import dataclass, field
from typing import Final, TypeVar

from services.routing.domain.assignment_terms import Held, Queued
from services.routing.domain.case import Case
from services.routing.domain.cooperation import Request
from services.routing.domain.eligibility import Objection
from services.routing.domain.merchants import Merchant
from services.routing.domain.specialists import Specialist
from shared.codec import pack, unpack
from shared.unit_of_work import UnitOfWork

CASE: Final = "case"
LOAD: Final = "load"
SPECIALIST: Final = "specialist"
MERCHANT: Final = "merchant"
CONSUMER: Final = "consumer"
REQUEST: Final = "request"

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDocument:
    """All that is needed to decide about one complaint.

    `queued` or `held` copy the state of its assignment (neither: nothing to decide);
    `positions` tell how far each topic had been read when it last changed the case.
    """

    case: Case
    queued: Queued | None = None
    held: Held | None = None
    positions: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a specialist carries: the weight of each complaint, in units of capacity."""

    cases: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """All of it."""
        return sum(self.cases.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumer:
    """What a consumer said of specialists."""

    objections: tuple[Objection, ...] = ()


async def _read(work: UnitOfWork, kind: str, key: str, cls: type[T]) -> T | None:
    data = await work.document(kind, key)
    return None if data is None else unpack(data, cls)


async def read_case(work: UnitOfWork, complaint_id: str) -> CaseDocument | None:
    """The case, or None if its filing was not seen yet."""
    return await _read(work, CASE, complaint_id, CaseDocument)


async def put_case(work: UnitOfWork, document: CaseDocument) -> None:
    """Replace the case."""
    await work.put(CASE, document.case.complaint_id, pack(document))


async def read_load(work: UnitOfWork, specialist_id: str) -> Load:
    """What the specialist carries; nothing if they never had a case."""
    return await _read(work, LOAD, specialist_id, Load) or Load()


async def put_load(work: UnitOfWork, specialist_id: str, load: Load) -> None:
    """Replace what the specialist carries. Whoever read it before and puts it later conflicts."""
    await work.put(LOAD, specialist_id, pack(load))


async def read_specialist(work: UnitOfWork, specialist_id: str) -> Specialist | None:
    """The specialist, if registered."""
    return await _read(work, SPECIALIST, specialist_id, Specialist)


async def put_specialist(work: UnitOfWork, specialist: Specialist) -> None:
    """Replace the specialist."""
    await work.put(SPECIALIST, specialist.specialist_id, pack(specialist))


async def read_merchant(work: UnitOfWork, merchant_id: str) -> Merchant:
    """The merchant; one that nothing is known of, if nothing is."""
    return await _read(work, MERCHANT, merchant_id, Merchant) or Merchant()


async def put_merchant(work: UnitOfWork, merchant_id: str, merchant: Merchant) -> None:
    """Replace the merchant."""
    await work.put(MERCHANT, merchant_id, pack(merchant))


async def read_consumer(work: UnitOfWork, consumer_id: str) -> Consumer:
    """The consumer's objections."""
    return await _read(work, CONSUMER, consumer_id, Consumer) or Consumer()


async def put_consumer(work: UnitOfWork, consumer_id: str, consumer: Consumer) -> None:
    """Replace the consumer's objections."""
    await work.put(CONSUMER, consumer_id, pack(consumer))


async def read_request(work: UnitOfWork, clock_id: str) -> Request:
    """What is known of one request to a merchant."""
    return await _read(work, REQUEST, clock_id, Request) or Request()


async def put_request(work: UnitOfWork, clock_id: str, request: Request) -> None:
    """Replace what is known of one request."""
    await work.put(REQUEST, clock_id, pack(request))
