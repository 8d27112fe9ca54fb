"""What is said of a violation: to the merchant, and to the supervisors who decide it."""

from services.notify.domain.case import Case
from services.notify.domain.notices import Nature, Notice, Recipient, consumer, supervisors
from shared.events.personal import Personal
from shared.events.violations import (
    ViolationAppealed,
    ViolationDecided,
    ViolationEvent,
    ViolationRecorded,
)
from shared.events.vocabulary import Role


def violation_recorded(event: ViolationRecorded) -> Notice:
    """The merchant hears what it is held to have done, and until when it may appeal.

    That time is stated by the event: it is the end of a right, and nobody's clock. A consumer's
    words are not quoted to the merchant.
    """
    about = event.summary
    return Notice(
        template="violation_recorded",
        to=_merchant(event),
        nature=Nature.REQUEST,
        values=_about(event) | {"severity": str(event.severity)},
        quote=about if about and about.subject == event.merchant_id else None,
        due_at=event.appeal_ends_at,
    )


def violation_appealed(event: ViolationAppealed, case: Case) -> Notice:
    """The team's supervisors are asked to decide."""
    return Notice(
        template="violation_appealed",
        to=supervisors(case),
        nature=Nature.REQUEST,
        values=_about(event),
        quote=event.text,
    )


def violation_decided(event: ViolationDecided, case: Case) -> list[Notice]:
    """The merchant hears the outcome with its reasons; a consumer who reported it the bare outcome.

    Reasons and penalty lie between merchant and platform.
    """
    values = _about(event) | {"violation_outcome": str(event.outcome)}
    told = [
        Notice(
            template="violation_decided",
            to=_merchant(event),
            nature=Nature.OUTCOME,
            values=values,
            quote=Personal(event.merchant_id, event.reasons),
        )
    ]
    if event.violation_id in case.tracks:
        outcome = Notice(
            template="report_decided", to=consumer(case), nature=Nature.OUTCOME, values=values
        )
        told.append(outcome)
    return told


def _about(event: ViolationEvent) -> dict[str, str]:
    return {"violation": event.violation_id, "violation_kind": str(event.kind)}


def _merchant(event: ViolationEvent) -> Recipient:
    return Recipient(role=Role.MERCHANT, id=event.merchant_id)
