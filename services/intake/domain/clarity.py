"""Whether a filing says clearly what is wanted. It is told to the consumer, and blocks nothing."""

from enum import StrEnum
from typing import Final

from shared.events.complaints import ComplaintFiled
from shared.events.vocabulary import DemandKind

SHORT: Final = 15
"""A description of fewer characters tells little; a Chinese sentence has about as many."""

_OF_MONEY: Final = frozenset({DemandKind.REFUND, DemandKind.COMPENSATION})


class Unclear(StrEnum):
    """What would have to be asked first."""

    AMOUNT = "amount"
    DEMAND = "demand"
    DESCRIPTION = "description"


def unclear(filed: ComplaintFiled) -> tuple[Unclear, ...]:
    """What the filing leaves open, in the order it would be asked; nothing if it is clear.

    Money is demanded without an amount, something else without words that say what, or what
    happened is told in next to no words. A description that nobody can read any more is not short.
    """
    demand, told = filed.demand, filed.description.value
    found = []
    if demand.kind in _OF_MONEY and demand.amount_minor is None:
        found.append(Unclear.AMOUNT)
    if told is not None and len(told.strip()) < SHORT:
        of_what = demand.kind is DemandKind.OTHER
        found.append(Unclear.DEMAND if of_what else Unclear.DESCRIPTION)
    return tuple(found)
