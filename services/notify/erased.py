"""Who was erased, and what that leaves of what there is to say.

Facts come in any order: what was recorded before a person was erased may be read after it. So it
is compared with the time of the erasure wherever a text is kept or said, and again when it is sent.
"""

from datetime import datetime
from typing import Final

from services.notify.domain.case import Case
from services.notify.domain.notices import Recipient
from services.notify.domain.subject import SUBJECT, Forgotten, Remembered, State, stream_of
from shared.events.personal import UNREADABLE, Personal
from shared.events.vocabulary import Role
from shared.unit_of_work import UnitOfWork

ERASED: Final = "erased"
"""The reason for not saying something."""

_PERSONS: Final = frozenset({Role.CONSUMER, Role.MERCHANT, Role.SPECIALIST})
"""Recipients that can be erased; the others are teams and desks."""


async def standing_of(work: UnitOfWork, subject: str) -> State:
    """Whether a person was erased, as far as notify has read."""
    return (await work.load(SUBJECT, stream_of(subject))).state


async def is_gone(work: UnitOfWork, to: Recipient, case: Case | None, since: datetime) -> bool:
    """Whether a recipient has been erased, so that there is nobody to tell.

    A consumer is who filed the case. For the others `since` counts: when what they are to be told
    took place. Whoever comes back after being erased is told of what comes after that.
    """
    if to.role not in _PERSONS:
        return False
    match await standing_of(work, to.id):
        case Remembered():
            return False
        case Forgotten() as forgotten:
            if to.role is Role.CONSUMER:
                return forgotten.covers(None if case is None else case.recorded_at)
            return forgotten.covers(since)


async def lasting(
    work: UnitOfWork, text: Personal | None, written_at: datetime | None
) -> Personal | None:
    """A text that was recorded at `written_at`, as far as it may still be known.

    The placeholder is in its place if its person was erased since: whether or not it can be opened,
    which keys in hand allow for a while, and texts in clear for ever.
    """
    if text is None:
        return None
    match await standing_of(work, text.subject):
        case Remembered():
            return text
        case Forgotten() as forgotten:
            return Personal(text.subject, UNREADABLE) if forgotten.covers(written_at) else text
