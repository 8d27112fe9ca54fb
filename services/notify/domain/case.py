"""What notify remembers of a complaint: who is in it, in which language, and where it stands."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Final

from shared.events.casework import ComplaintLinked
from shared.events.complaints import (
    ComplaintAssigned,
    ComplaintEvent,
    ComplaintFiled,
    ComplaintUnassigned,
    ConsumerAnswered,
    ContactMade,
    MerchantAnswered,
    MerchantAsked,
    RemedyDone,
    SolutionAccepted,
    SolutionProposed,
    SolutionRejected,
)
from shared.events.escalation import (
    ReferralEnded,
    SolutionApproved,
    SolutionReturned,
    SuperiorReviewDecided,
)
from shared.events.personal import Personal
from shared.events.vocabulary import (
    NOT_OPEN,
    Category,
    ClockKind,
    DemandKind,
    LinkRelation,
    Payer,
    Status,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """The solution proposed last in this cycle. `amount_minor` is in minor units of `currency`."""

    n: int
    remedy: DemandKind
    payer: Payer
    amount_minor: int | None
    currency: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A complaint as far as telling people about it needs it.

    `met` names what clocks waited for and what has come in this cycle: `kind:n`, or `kind:*`
    where any n is meant. `tracks` are the violations that were reported with it. `recorded_at` is
    when intake recorded the filing: whoever was erased after that is nobody to be told any more.
    """

    complaint_id: str
    cycle: int
    status: Status
    language: str
    category: Category
    order_ids: tuple[str, ...]
    consumer_id: str
    contact: Personal | None
    merchant_id: str
    merchant_involved: bool = False
    specialist_id: str | None = None
    team_id: str | None = None
    solution: Solution | None = None
    met: tuple[str, ...] = ()
    tracks: tuple[str, ...] = ()
    recorded_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether anything is still owed."""
        return self.status not in NOT_OPEN

    def has_met(self, kind: ClockKind, n: int) -> bool:
        """Whether what this clock of the current cycle waits for has come."""
        return f"{kind}:{n}" in self.met or f"{kind}:*" in self.met


def opened(event: ComplaintFiled, recorded_at: datetime | None = None) -> Case:
    """The case that a filing begins, which was recorded at `recorded_at`."""
    return Case(
        complaint_id=event.complaint_id,
        cycle=event.cycle,
        status=event.status,
        language=event.language,
        category=event.category,
        order_ids=event.order_ids,
        consumer_id=event.consumer_id,
        contact=event.contact,
        merchant_id=event.merchant_id,
        recorded_at=recorded_at,
    )


def after(case: Case, event: ComplaintEvent) -> Case:
    """The case after one more event of its stream.

    An echo may carry an earlier cycle than the complaint has reached; the cycle never goes back.
    """
    case = replace(case, status=event.status)
    if event.cycle > case.cycle:
        case = replace(case, cycle=event.cycle, met=(), solution=None)
    if isinstance(event, ComplaintAssigned):
        return replace(case, specialist_id=event.specialist_id, team_id=event.team_id)
    if isinstance(event, ComplaintUnassigned):
        return replace(case, specialist_id=None)
    if isinstance(event, MerchantAsked):
        return replace(case, merchant_involved=True)
    if isinstance(event, ComplaintLinked) and event.relation is LinkRelation.TRACK:
        return replace(case, tracks=(*case.tracks, event.other_id))
    if isinstance(event, SolutionProposed):
        return replace(case, solution=_solution(event))
    if isinstance(event, SuperiorReviewDecided | ReferralEnded):
        case = _imposed(case, event)
    met = _met_by(event)
    return replace(case, met=(*case.met, met)) if met and met not in case.met else case


def _solution(event: SolutionProposed) -> Solution:
    return Solution(
        n=event.n,
        remedy=event.remedy,
        payer=event.payer,
        amount_minor=event.amount_minor,
        currency=event.currency,
    )


def _imposed(case: Case, event: SuperiorReviewDecided | ReferralEnded) -> Case:
    if event.solution_n is None or event.remedy is None or event.payer is None:
        return case
    solution = Solution(
        n=event.solution_n,
        remedy=event.remedy,
        payer=event.payer,
        amount_minor=event.amount_minor,
        currency=event.currency,
    )
    involved = case.merchant_involved or event.payer is Payer.MERCHANT
    return replace(case, solution=solution, merchant_involved=involved)


_MEETS: Final[Mapping[type[ComplaintEvent], ClockKind]] = MappingProxyType(
    {
        MerchantAnswered: ClockKind.MERCHANT_RESPONSE,
        ConsumerAnswered: ClockKind.CONSUMER_REPLY,
        SolutionAccepted: ClockKind.CONSUMER_REPLY,
        SolutionRejected: ClockKind.CONSUMER_REPLY,
        SolutionApproved: ClockKind.APPROVAL,
        SolutionReturned: ClockKind.APPROVAL,
        SuperiorReviewDecided: ClockKind.SUPERIOR_REVIEW,
        RemedyDone: ClockKind.REMEDY,
    }
)


def _met_by(event: ComplaintEvent) -> str | None:
    kind = _MEETS.get(type(event))
    n: int | None = getattr(event, "n", None)
    if kind is not None:
        return f"{kind}:{n}"
    if isinstance(event, ContactMade) and event.two_way:
        return f"{ClockKind.FIRST_CONTACT}:*"
    return None
