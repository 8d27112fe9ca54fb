"""What notify remembers between facts, in documents beside its log: texts of persons sealed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.notify.domain.addresses import mail_address
from services.notify.domain.case import Case
from services.notify.domain.notices import Held, Nature, Recipient
from shared.codec import pack, unpack
from shared.events.personal import Personal
from shared.events.vocabulary import Role
from shared.unit_of_work import UnitOfWork

_CASE: Final = "case"
_PROFILE: Final = "profile"
_HELD: Final = "held"
_TOLD: Final = "told"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How a specialist or merchant is reached. `languages` in order of preference.

    `recorded_at` is when routing recorded it; None: by a version that did not keep it.
    """

    contact: Personal | None
    languages: tuple[str, ...] = ()
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Somebody was told about a clock. `due_at` is the deadline the message stated."""

    notification_id: str
    to: Recipient
    nature: Nature
    due_at: datetime | None


async def case_of(work: UnitOfWork, complaint_id: str) -> Case | None:
    """The case, or None before its filing has been read."""
    data = await work.document(_CASE, complaint_id)
    return None if data is None else unpack(data, Case)


async def keep_case(work: UnitOfWork, case: Case) -> None:
    """Keep what is known of a case now."""
    await work.seal(case)
    await work.put(_CASE, case.complaint_id, pack(case))


async def profile_of(work: UnitOfWork, to: Recipient) -> Profile | None:
    """The profile of a specialist or merchant, or None if it has not arrived."""
    data = await work.document(_PROFILE, to.key)
    return None if data is None else unpack(data, Profile)


async def keep_profile(work: UnitOfWork, to: Recipient, profile: Profile) -> None:
    """Keep a profile, in place of an older one."""
    await work.seal(profile)
    await work.put(_PROFILE, to.key, pack(profile))


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for a clock; `held` is None if there is nothing (more) to say.

    `written_at` is when its cause was recorded; None: by a version that did not keep it.
    """

    held: Held | None
    written_at: datetime | None = None


async def hold(
    work: UnitOfWork, cause_id: str, held: Held | None, written_at: datetime | None = None
) -> None:
    """Keep a message, or that there is none, for the clock that the event `cause_id` starts."""
    await work.seal(held)
    await work.put(_HELD, cause_id, pack(Waiting(held, written_at)))


async def take_held(work: UnitOfWork, cause_id: str) -> Waiting | None:
    """What was held for this cause, which is then used up. None: the cause was not read yet."""
    data = await work.document(_HELD, cause_id)
    if data is None:
        return None
    waiting = unpack(data, Waiting)
    if waiting.held is not None:
        await hold(work, cause_id, None)
    return waiting


async def told_of(work: UnitOfWork, clock_id: str) -> tuple[Told, ...]:
    """Who was told what about a clock, oldest first."""
    data = await work.document(_TOLD, clock_id)
    return () if data is None else unpack(data, tuple[Told, ...])


async def keep_told(work: UnitOfWork, clock_id: str, told: tuple[Told, ...]) -> None:
    """Keep who was told what about a clock."""
    await work.put(_TOLD, clock_id, pack(told))


class NoAddress(Exception):
    """There is no mail address. `final`: none is on its way either."""

    def __init__(self, reason: str, *, final: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.final = final


async def address_of(work: UnitOfWork, to: Recipient, complaint_id: str) -> str:
    """The mail address of a recipient as known now. Raises `NoAddress`.

    A specialist or merchant whose profile has not arrived yet may still get an address. A contact
    that nobody can read any more holds none.
    """
    if to.role is Role.CONSUMER:
        case = await case_of(work, complaint_id)
        contact = None if case is None else case.contact
    else:
        profile = await profile_of(work, to)
        if profile is None:
            raise NoAddress("no_address_yet", final=False)
        contact = profile.contact
    await work.open(contact)
    address = mail_address(None if contact is None else contact.value)
    if address is None:
        raise NoAddress("no_address", final=True)
    return address
