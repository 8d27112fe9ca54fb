"""While a body outside has a complaint, parties may still answer and deadlines still pass.

All that is decided on where the platform's own work stands, and leaves the status `external`.
"""

from dataclasses import replace
from typing import Final

from services.intake.domain.casework_commands import CaseworkAct
from services.intake.domain.checking_commands import CheckingAct
from services.intake.domain.commands import (
    AskConsumer,
    AskMerchant,
    ProposeSolution,
    ResolveComplaint,
    WithdrawComplaint,
)
from services.intake.domain.escalation_commands import (
    EndReferral,
    ReferComplaint,
    RequestSuperiorReview,
)
from services.intake.domain.merge_commands import MergeAct
from services.intake.domain.state import EXTERNAL
from services.intake.domain.teamwork_commands import TeamworkAct
from shared.events.complaints import ComplaintEvent, RequestLapsed
from shared.events.envelope import Event
from shared.events.vocabulary import NOT_OPEN

NOT_MEANWHILE: Final = (
    AskConsumer,
    AskMerchant,
    ProposeSolution,
    ResolveComplaint,
    WithdrawComplaint,
    RequestSuperiorReview,
    ReferComplaint,
    EndReferral,
    MergeAct,
    CaseworkAct,
    CheckingAct,
    TeamworkAct,
)
"""Acts on the complaint as a whole, and those that begin something new, which has to wait."""


def meanwhile(events: list[Event]) -> list[Event]:
    """Events decided on where the work stands, as they are recorded while it is outside.

    Nothing is closed for a consumer's silence meanwhile: only the lapse is recorded.
    """
    if events and isinstance(events[0], RequestLapsed):
        events = events[:1]
    return [_outside(event) for event in events]


def _outside(event: Event) -> Event:
    if not isinstance(event, ComplaintEvent) or event.status in NOT_OPEN:
        return event
    return replace(event, status=EXTERNAL.status, turn=EXTERNAL.turn)
