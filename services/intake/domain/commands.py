"""What people may ask of a complaint: acts carry `by`, and are refused where a rule forbids.

What other services report stands in `reports`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from services.intake.domain.asked import Act, Asked
from services.intake.domain.authority import (
    CONSUMER_OR_HANDLERS,
    HANDLERS,
    MERCHANT,
    MERCHANT_OR_HANDLERS,
    PARTIES_AND_HANDLERS,
    SUPERVISOR,
    Author,
)
from services.intake.domain.casework_commands import CaseworkCommand
from services.intake.domain.checking_commands import CheckingCommand
from services.intake.domain.escalation_commands import EscalationCommand
from services.intake.domain.merge_commands import MergeCommand
from services.intake.domain.reports import ReactionCommand
from services.intake.domain.teamwork_commands import TeamworkCommand
from shared.events.complaints import Demand
from shared.events.vocabulary import (
    Audience,
    Category,
    Channel,
    ContactChannel,
    DemandKind,
    Payer,
    RejectionReason,
    ReopenReason,
    Stance,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileComplaint(Asked):
    """Complain. `occurred_at` may be stated for hotline and external channels only."""

    by: Author
    complaint_id: str
    channel: Channel
    consumer_id: str
    merchant_id: str
    order_ids: tuple[str, ...]
    category: Category
    description: str
    demand: Demand
    language: str
    contact: str | None = None
    happened_at: datetime | None = None
    reply_due_at: datetime | None = None
    occurred_at: datetime | None = None
    merchant_class: str = "standard"
    region: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandlingAct(Act):
    """An act between filing and solution."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementAct(Act):
    """An act about a solution and its remedy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndingAct(Act):
    """An act that ends a complaint or begins it anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptComplaint(HandlingAct):
    """A supervisor's review of a filing that no rule accepts."""

    ROLES: ClassVar = SUPERVISOR

    merchant_class: str = "standard"
    region: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectComplaint(HandlingAct):
    """A supervisor's review finds that the complaint cannot be taken on."""

    ROLES: ClassVar = SUPERVISOR

    reason: RejectionReason


@dataclass(frozen=True, slots=True, kw_only=True)
class AskConsumer(HandlingAct):
    """Ask the consumer for all `items` that are missing: before acceptance, or in the case."""

    ROLES: ClassVar = HANDLERS

    items: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskMerchant(HandlingAct):
    """Ask the merchant to answer."""

    ROLES: ClassVar = HANDLERS

    questions: str
    evidence_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerForMerchant(HandlingAct):
    """The merchant's answer to request n (None: the open one, or else the last that lapsed)."""

    ROLES: ClassVar = MERCHANT_OR_HANDLERS

    stance: Stance
    text: str
    n: int | None = None
    offer: DemandKind | None = None
    offer_amount_minor: int | None = None
    offer_currency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordContact(HandlingAct):
    """The consumer was reached, or not. Only `two_way` is a contact."""

    ROLES: ClassVar = HANDLERS

    channel: ContactChannel
    two_way: bool
    outcome: str
    note: str | None = None
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostMessage(HandlingAct):
    """Write to another party. `to` None: parties write to staff, staff to the consumer."""

    ROLES: ClassVar = PARTIES_AND_HANDLERS

    text: str
    to: frozenset[Audience] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeSolution(SettlementAct):
    """Put a remedy to the consumer."""

    ROLES: ClassVar = HANDLERS

    remedy: DemandKind
    payer: Payer
    reasons: str
    amount_minor: int | None = None
    currency: str | None = None
    evidence_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptSolution(SettlementAct):
    """The consumer consents to solution n; staff say how consent was given."""

    ROLES: ClassVar = CONSUMER_OR_HANDLERS

    n: int
    consent_how: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectSolution(SettlementAct):
    """The consumer says no to solution n."""

    ROLES: ClassVar = CONSUMER_OR_HANDLERS

    n: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRemedy(SettlementAct):
    """Staff saw that the remedy of solution n was carried out."""

    ROLES: ClassVar = HANDLERS

    n: int
    reference: str
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmRemedy(SettlementAct):
    """The merchant says that it carried out the remedy of solution n."""

    ROLES: ClassVar = MERCHANT

    n: int
    reference: str
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRemedyFailure(SettlementAct):
    """The remedy of solution n was not carried out; a consumer can only dispute it."""

    ROLES: ClassVar = CONSUMER_OR_HANDLERS

    n: int
    disputed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveComplaint(EndingAct):
    """What was owed is done."""

    ROLES: ClassVar = HANDLERS

    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawComplaint(EndingAct):
    """Take the complaint back."""

    ROLES: ClassVar = CONSUMER_OR_HANDLERS

    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenComplaint(EndingAct):
    """Object to the result, or bring a new problem."""

    ROLES: ClassVar = CONSUMER_OR_HANDLERS

    reason: ReopenReason
    text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealRejection(EndingAct):
    """The consumer asks for another review of what was rejected."""

    ROLES: ClassVar = CONSUMER_OR_HANDLERS

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerForConsumer(EndingAct):
    """The consumer's answer to question n (None: the open one).

    Without an open question staff see it; after a lapse it reopens the complaint (crossing 9).
    """

    ROLES: ClassVar = CONSUMER_OR_HANDLERS

    text: str
    n: int | None = None
    evidence_ids: tuple[str, ...] = ()


HandlingCommand = (
    AcceptComplaint
    | RejectComplaint
    | AskConsumer
    | AskMerchant
    | AnswerForMerchant
    | RecordContact
    | PostMessage
)
SettlementCommand = (
    ProposeSolution
    | AcceptSolution
    | RejectSolution
    | RecordRemedy
    | ConfirmRemedy
    | RecordRemedyFailure
)
EndingCommand = (
    ResolveComplaint | WithdrawComplaint | ReopenComplaint | AppealRejection | AnswerForConsumer
)
WorkCommand = CaseworkCommand | CheckingCommand | TeamworkCommand
ActCommand = (
    HandlingCommand
    | SettlementCommand
    | EndingCommand
    | EscalationCommand
    | MergeCommand
    | WorkCommand
)
Command = FileComplaint | ActCommand | ReactionCommand
