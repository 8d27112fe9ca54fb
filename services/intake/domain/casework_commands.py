"""What people may do on a case without moving it."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from services.intake.domain.asked import Act
from services.intake.domain.authority import HANDLERS, PARTIES_AND_HANDLERS
from shared.events.complaints import Demand
from shared.events.vocabulary import Category, EvidenceKind, LinkRelation, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseworkAct(Act):
    """Work on a complaint that changes neither its status nor whose turn it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddNote(CaseworkAct):
    """Write something down for staff; possible after the end too."""

    ROLES: ClassVar = HANDLERS

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteFindings(CaseworkAct):
    """Rules found something in a merchant's words: staff are told, and judge."""

    ROLES: ClassVar = frozenset({Role.SYSTEM})

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reclassify(CaseworkAct):
    """Say what an open complaint is about; what is None stays as it is."""

    ROLES: ClassVar = HANDLERS

    reason: str
    category: Category | None = None
    demand: Demand | None = None
    order_ids: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddEvidence(CaseworkAct):
    """Add a file whose content is stored under `sha256` already. `bytes` is its length."""

    ROLES: ClassVar = PARTIES_AND_HANDLERS

    evidence_id: str
    sha256: str
    kind: EvidenceKind
    media_type: str
    bytes: int
    label: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkComplaint(CaseworkAct):
    """What was filed with the complaint has a track of its own, `other_id`."""

    ROLES: ClassVar = frozenset({Role.SYSTEM})

    other_id: str
    relation: LinkRelation


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRegulatorReply(CaseworkAct):
    """The regulator's letter was answered, at `answered_at` (None: now), under `reference`."""

    ROLES: ClassVar = HANDLERS

    reference: str
    answered_at: datetime | None = None


CaseworkCommand = (
    AddNote | NoteFindings | Reclassify | AddEvidence | LinkComplaint | RecordRegulatorReply
)
