"""What sla knows of one complaint: the facts its clocks rest on, and the clocks."""

from dataclasses import dataclass, replace
from datetime import datetime

from services.sla.domain.clock import Clock
from services.sla.domain.policies import Circumstances
from services.sla.domain.timeline import Turns
from shared.events.vocabulary import (
    NOT_OPEN,
    Category,
    Channel,
    ClockKind,
    Party,
    Payer,
    Priority,
    Status,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """From `at` on the complaint was in the hands of this specialist, or of nobody."""

    at: datetime
    specialist_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Who is to carry out solution `n` of a cycle, if it is accepted."""

    cycle: int
    n: int
    payer: Payer


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A complaint as sla sees it. `filed_at` is when the filing was recorded.

    `published` counts the clock events of the complaint so far: the version of its stream.
    """

    complaint_id: str
    consumer_id: str
    merchant_id: str
    channel: Channel
    category: Category
    priority: Priority
    filed_at: datetime
    cycle: int
    status: Status
    turns: Turns
    merchant_class: str = "standard"
    region: str | None = None
    holders: tuple[Holder, ...] = ()
    offers: tuple[Offer, ...] = ()
    clocks: tuple[Clock, ...] = ()
    published: int = 0

    @property
    def is_open(self) -> bool:
        """Something is still owed to the complaint."""
        return self.status not in NOT_OPEN

    @property
    def circumstances(self) -> Circumstances:
        """What the conditions of a policy can ask about, before any assessment."""
        return Circumstances(
            channel=self.channel,
            category=self.category,
            priority=self.priority,
            merchant_class=self.merchant_class,
            region=self.region,
        )

    def find(self, cycle: int, kind: ClockKind, n: int | None = None) -> Clock | None:
        """The clock with this identity; without `n` the latest of its kind in the cycle."""
        matching = [
            clock
            for clock in self.clocks
            if clock.cycle == cycle and clock.kind is kind and n in (None, clock.n)
        ]
        return matching[-1] if matching else None

    def starts(self, cycle: int, kind: ClockKind) -> int:
        """How many clocks of this kind have started in the cycle."""
        return sum(clock.cycle == cycle and clock.kind is kind for clock in self.clocks)

    def payer(self, cycle: int, n: int) -> Payer:
        """Who is to carry out a solution; nobody if none was proposed under this number."""
        for offer in self.offers:
            if (offer.cycle, offer.n) == (cycle, n):
                return offer.payer
        return Payer.NOBODY

    def responsible(self, party: Party, at: datetime) -> str | None:
        """Who stood for the party at that instant; None for the platform or if nobody did."""
        match party:
            case Party.CONSUMER:
                return self.consumer_id
            case Party.MERCHANT:
                return self.merchant_id
            case Party.SPECIALIST:
                return self._specialist(at)
            case Party.PLATFORM | Party.SUPERVISOR | Party.REGULATOR:
                return None

    def with_clock(self, clock: Clock, *, events: int = 0) -> "Case":
        """The case with this clock added, or in place of the one with its id.

        `events` is how many events are published along with it.
        """
        published = self.published + events
        if all(known.id != clock.id for known in self.clocks):
            return replace(self, clocks=(*self.clocks, clock), published=published)
        kept = (clock if known.id == clock.id else known for known in self.clocks)
        return replace(self, clocks=tuple(kept), published=published)

    def with_holder(self, at: datetime, specialist_id: str | None) -> "Case":
        """The case in other hands, no earlier than the change of hands before."""
        floor = self.holders[-1].at if self.holders else at
        holder = Holder(at=max(at, floor), specialist_id=specialist_id)
        return replace(self, holders=(*self.holders, holder))

    def _specialist(self, at: datetime) -> str | None:
        had = [holder for holder in self.holders if holder.at <= at]
        return had[-1].specialist_id if had else None
