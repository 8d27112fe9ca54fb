"""One complaint to be filed, as read from an input file."""

from dataclasses import dataclass
from datetime import datetime

from shared.events.vocabulary import Category, Channel, DemandKind


@dataclass(frozen=True, slots=True, kw_only=True)
class OnRecord:
    """What the input says really happened; None where it says nothing.

    `answered_in_time`: the merchant answered within its time. `relief`: it gave something.
    `disputed`: the consumer was not content with the outcome.
    """

    answered_in_time: bool | None = None
    relief: bool | None = None
    disputed: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A complaint before it is filed. `amount_minor` is in minor units of `currency`."""

    id: str
    consumer_id: str
    merchant_id: str
    merchant_name: str
    order_ids: tuple[str, ...]
    category: Category
    channel: Channel
    description: str
    demand: DemandKind
    language: str
    amount_minor: int | None = None
    currency: str | None = None
    happened_at: datetime | None = None
    on_record: OnRecord = OnRecord()
