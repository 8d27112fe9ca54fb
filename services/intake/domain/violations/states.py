"""Where a violation stands: one class per state, so that an illegal one cannot be written."""

from dataclasses import dataclass
from datetime import datetime

from shared.events.personal import Personal
from shared.events.violations import PenaltyRecommended, ViolationDecided, ViolationRecorded


@dataclass(frozen=True, slots=True)
class NotRecorded:
    """Nothing is held against anybody under this id."""


@dataclass(frozen=True, slots=True)
class Known:
    """Any violation that was recorded."""

    recorded: ViolationRecorded


@dataclass(frozen=True, slots=True)
class Recorded(Known):
    """Open to the merchant's appeal, until the time that the record says."""


@dataclass(frozen=True, slots=True)
class Appealed(Known):
    """The merchant has been heard; a supervisor is to decide."""

    appealed_at: datetime
    appeal: Personal


@dataclass(frozen=True, slots=True)
class Decided(Known):
    """Over. `penalty` is what was recommended, None if it was withdrawn."""

    appealed_at: datetime | None
    appeal: Personal | None
    decision: ViolationDecided
    penalty: PenaltyRecommended | None = None


KnownState = Recorded | Appealed | Decided
State = NotRecorded | KnownState
