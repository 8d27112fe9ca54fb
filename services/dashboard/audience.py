"""Who may see which event of the live stream, and which personal texts in it in clear.

Staff see every event. A consumer and a merchant see the events of their own complaints that are
meant for them. Personal texts are in clear for ops; for a supervisor within the team; for a
specialist on their own cases; for the consumer; a merchant reads only its own words.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from shared.access import may_see
from shared.auth import Principal
from shared.events.casework import EvidenceAdded
from shared.events.checking import OrderChecked
from shared.events.complaints import ContactMade, MessagePosted, SolutionProposed
from shared.events.envelope import Event
from shared.events.escalation import SolutionApproved
from shared.events.personal import SEALED_FIELDS, Personal
from shared.events.registry import event_type
from shared.events.violations import ViolationDecided, ViolationRecorded
from shared.events.vocabulary import Audience, Role

Json = Any
"""What a JSON decoder gives."""

MASKED: Final = "⟨masked⟩"
"""What stands in place of a personal text that the reader may not see."""

TRIMMED: Final[Mapping[str, Mapping[str, Json]]] = MappingProxyType(
    {
        OrderChecked.TYPE: {"differences": []},
        ContactMade.TYPE: {"note": None},
        SolutionApproved.TYPE: {"reason": None},
    }
)
"""What a party gets in place of fields that are for staff: whose an order is, what staff note about
a call, what a supervisor tells the specialist."""

_PERSONAL_SHAPES: Final = (frozenset({"s", "v"}), SEALED_FIELDS)


def audiences(event: Event) -> frozenset[Audience]:
    """Who may see an event: as its type declares, narrowed where the event itself says so."""
    declared = event_type(event.TYPE).visible_to
    if isinstance(event, MessagePosted | EvidenceAdded):
        return declared & (frozenset(event.visible_to) | {Audience.STAFF})
    if isinstance(event, SolutionProposed) and event.needs_approval:
        return declared & {Audience.STAFF}
    return declared


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Whose complaint an event is about."""

    consumer_id: str
    merchant_id: str
    specialist_id: str | None
    team_id: str | None


def reads_personal(reader: Principal, case: Case | None) -> bool:
    """Whether personal texts of others are shown to the reader in clear.

    `case` is None for an event about no complaint (a profile) or about one not yet known here.
    """
    match reader.role:
        case Role.OPS | Role.SERVICE:
            return True
        case Role.MERCHANT | Role.SYSTEM:
            return False
        case Role.SUPERVISOR | Role.SPECIALIST | Role.CONSUMER:
            if case is None:
                return reader.role is Role.SUPERVISOR
            return may_see(
                reader,
                consumer_id=case.consumer_id,
                merchant_id=case.merchant_id,
                specialist_id=case.specialist_id,
                team_id=case.team_id,
            )


def masked(value: Json, own_subjects: frozenset[str]) -> Json:
    """Decoded JSON with every personal text replaced, except those of the given subjects."""
    if isinstance(value, dict):
        if frozenset(value) in _PERSONAL_SHAPES:
            if value["s"] in own_subjects:
                return value
            return {"s": value["s"], "v": MASKED}
        return {name: masked(part, own_subjects) for name, part in value.items()}
    if isinstance(value, list):
        return [masked(part, own_subjects) for part in value]
    return value


def openable(value: Json) -> Json:
    """Decoded JSON with every sealed text as a `Personal`, for a keyring to open."""
    if isinstance(value, dict):
        if frozenset(value) == SEALED_FIELDS:
            return Personal.from_wire(value)
        return {name: openable(part) for name, part in value.items()}
    if isinstance(value, list):
        return [openable(part) for part in value]
    return value


def for_outside(type_name: str, data: dict[str, Json]) -> dict[str, Json]:
    """The data of an event for a party, without what is for staff alone, as in its timeline.

    Which rule found a violation stays: the merchant may answer that.
    """
    if type_name in TRIMMED:
        return {**data, **TRIMMED[type_name]}
    if type_name == ViolationRecorded.TYPE and data.get("recorded_by") is not None:
        return {**data, "found_by": None, "recorded_by": None}
    if type_name == ViolationDecided.TYPE:
        return {**data, "supervisor_id": None}
    return data


def own_subjects(reader: Principal) -> frozenset[str]:
    """The subjects of personal data that are the reader's own."""
    own = {reader.subject}
    if reader.merchant_id is not None:
        own.add(reader.merchant_id)
    return frozenset(own)
