"""What a clock makes notify say, and to whom."""

from datetime import datetime
from typing import Final

from services.notify.domain.case import Case
from services.notify.domain.notices import (
    Nature,
    Notice,
    Recipient,
    consumer,
    merchant,
    specialist,
    supervisors,
)
from shared.events.clocks import ClockBreached, ClockCorrected, ClockWarned
from shared.events.vocabulary import ClockKind, Party, Role

WINDOWS: Final = frozenset({ClockKind.SURVEY_WINDOW, ClockKind.APPEAL_WINDOW})
"""Clocks that only end a possibility: nobody is late when they run out."""

OWN: Final = frozenset({ClockKind.ACKNOWLEDGEMENT, ClockKind.FOLLOW_UP})
"""Clocks that wait for notify itself: a warning would only be one more mail in the same queue."""


def warning(event: ClockWarned, case: Case) -> list[Notice]:
    """Tell whoever has to act that time is running out."""
    if event.kind in WINDOWS or event.kind in OWN:
        return []
    return [
        Notice(
            template="clock_warning",
            to=responsible(event.party, event.responsible_id, case),
            nature=Nature.WARNING,
            values={"clock": event.kind, "share": str(event.share_percent)},
            due_at=event.due_at,
            overtaken=overtaken(event, case),
        )
    ]


def breach(event: ClockBreached, case: Case) -> list[Notice]:
    """Tell whoever was responsible, and the team's supervisors."""
    if event.kind in WINDOWS:
        return []
    values = {"clock": event.kind, "party": str(event.party)}
    notices = [
        Notice(
            template="clock_breached_team",
            to=supervisors(case),
            nature=Nature.ALERT,
            values=values,
            due_at=event.due_at,
        )
    ]
    to = responsible(event.party, event.responsible_id, case)
    if to.role is not Role.SUPERVISOR:
        notices.append(
            Notice(
                template="clock_breached",
                to=to,
                nature=Nature.ALERT,
                values=values,
                due_at=event.due_at,
            )
        )
    return notices


def correction(event: ClockCorrected, to: Recipient, told_due_at: datetime | None) -> Notice | None:
    """Put right what a recipient was told of this clock, if it is wrong now."""
    values = {"clock": str(event.kind)}
    if event.breach_withdrawn:
        return Notice(template="breach_withdrawn", to=to, nature=Nature.OUTCOME, values=values)
    if event.due_at is None or event.due_at == told_due_at:
        return None
    return Notice(
        template="deadline_changed",
        to=to,
        nature=Nature.REQUEST,
        values=values,
        due_at=event.due_at,
    )


def responsible(party: Party, responsible_id: str | None, case: Case) -> Recipient:
    """The person behind a party; the supervisors for the platform's own part."""
    match party:
        case Party.CONSUMER:
            return consumer(case)
        case Party.MERCHANT:
            return merchant(case)
        case Party.SPECIALIST:
            if responsible_id is None:
                return specialist(case)
            return Recipient(role=Role.SPECIALIST, id=responsible_id)
        case Party.SUPERVISOR | Party.PLATFORM | Party.REGULATOR:
            return supervisors(case)


def overtaken(event: ClockWarned, case: Case) -> str | None:
    """Why a warning is pointless by now, or None."""
    if event.cycle < case.cycle:
        return "cycle_over"
    if not case.is_open:
        return "complaint_over"
    return "clock_met" if case.has_met(event.kind, event.n) else None
