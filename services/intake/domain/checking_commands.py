"""What may be asked about the orders of a complaint, and about signs of bad faith."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from services.intake.domain.asked import Act
from services.intake.domain.authority import HANDLERS
from shared.events.vocabulary import RiskFlag, Role

SYSTEM_OR_HANDLERS = HANDLERS | {Role.SYSTEM}


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckingAct(Act):
    """Looking into a complaint; it changes neither its status nor whose turn it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order as the marketplace knows it. `paid_minor` in minor units of `currency` (ISO 4217).

    What was paid is what the consumer paid for it in all, before any refund.
    """

    consumer_id: str
    merchant_id: str
    paid_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class NoSuchOrder:
    """The order system answered that it knows no such order."""


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The order system did not answer, or not so that it could be understood."""


Found = Order | NoSuchOrder | NoAnswer
"""What came of asking for one order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOrders(CheckingAct):
    """Hold orders of the complaint against what `source` said of each, by order id."""

    ROLES: ClassVar = SYSTEM_OR_HANDLERS

    source: str
    found: Mapping[str, Found]


@dataclass(frozen=True, slots=True)
class Sign:
    """A rule found a sign of bad faith, and says in words what it found."""

    flag: RiskFlag
    rule: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSigns(CheckingAct):
    """Rules looked at it. What is flagged already, or was cleared by a person, stays so."""

    ROLES: ClassVar = frozenset({Role.SYSTEM})

    signs: tuple[Sign, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeRisk(CheckingAct):
    """A person raises flags, or clears what stands, and says why."""

    ROLES: ClassVar = HANDLERS

    reason: str
    raised: frozenset[RiskFlag] = frozenset()
    cleared: frozenset[RiskFlag] = frozenset()


CheckingCommand = CheckOrders | NoteSigns | JudgeRisk
