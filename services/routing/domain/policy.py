"""The numbers routing works with. A changed number is a new version: decisions name theirs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from shared.events.vocabulary import Band, Category, Channel

CATEGORY_POINTS: Final[Mapping[Category, int]] = MappingProxyType(
    {
        Category.FAKE_SHIPPING: 12,
        Category.LATE_SHIPPING: 6,
        Category.COUNTERFEIT: 16,
        Category.QUALITY: 10,
        Category.NOT_AS_DESCRIBED: 10,
        Category.REFUND_REFUSED: 10,
        Category.RETURN_DISPUTE: 10,
        Category.PRICE_DISPUTE: 8,
        Category.SERVICE_LANGUAGE: 8,
        Category.OFF_PLATFORM_STEERING: 12,
        Category.SAFETY: 20,
        Category.PRIVACY: 18,
        Category.OTHER: 8,
    }
)

CHANNEL_POINTS: Final[Mapping[Channel, int]] = MappingProxyType(
    {
        Channel.FORM: 0,
        Channel.APP: 0,
        Channel.HOTLINE: 2,
        Channel.ASSOCIATION: 6,
        Channel.REGULATOR: 8,
        Channel.MEDIA: 10,
    }
)

FEN_PER_MINOR_UNIT: Final[Mapping[str, float]] = MappingProxyType(
    {"CNY": 1.0, "HKD": 0.9, "USD": 7.0, "EUR": 8.0, "GBP": 9.0, "JPY": 5.0, "KRW": 0.5}
)
"""Roughly what one minor unit of a currency is worth in fen: good enough for a size class, and
fixed with the policy so that a score never depends on the day's rate. Unlisted counts as 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BandTerms:
    """What a band asks for: a tier (1 to 4), minutes of work, units of capacity."""

    tier: int
    effort_minutes: int
    weight: int


BAND_TERMS: Final[Mapping[Band, BandTerms]] = MappingProxyType(
    {
        Band.SIMPLE: BandTerms(tier=1, effort_minutes=30, weight=1),
        Band.MODERATE: BandTerms(tier=2, effort_minutes=90, weight=2),
        Band.COMPLEX: BandTerms(tier=3, effort_minutes=240, weight=4),
        Band.CRITICAL: BandTerms(tier=4, effort_minutes=360, weight=6),
    }
)

RESOLUTION_DAYS: Final[Mapping[Band, int]] = MappingProxyType(
    {Band.SIMPLE: 3, Band.MODERATE: 7, Band.COMPLEX: 15, Band.CRITICAL: 2}
)
"""Own target table, used for urgency only while no clock is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingPolicy:
    """One version of the rules. The ceilings of the parts of complexity add up to 100.

    Ceilings: category 20, amount 15, orders 10, missing facts 8, channel 10, cycle 12,
    safety 15 (or more, to reach the critical band), cooperation 10. Conflicting accounts add what
    is left up to 100, at most `points_conflicting_accounts`. Signs of bad faith add nothing: they
    choose who handles a case (`senior_minutes`, a discount for each tier above the first), and
    must not make its deadline longer or the tier it waits for higher. A confirmed violation counts
    against a merchant like `violation_weight` silent requests for each step of severity (1 to 3).
    """

    version: str = "routing@3"

    category_points: Mapping[Category, int] = field(default_factory=lambda: CATEGORY_POINTS)
    channel_points: Mapping[Channel, int] = field(default_factory=lambda: CHANNEL_POINTS)
    amount_steps_fen: tuple[tuple[int, int], ...] = (
        (10_000, 0),
        (50_000, 3),
        (200_000, 6),
        (1_000_000, 10),
    )
    amount_points_above: int = 15
    points_per_extra_order: int = 3
    points_orders_most: int = 10
    points_per_missing_fact: int = 2
    points_per_extra_cycle: int = 6
    points_cycle_most: int = 12
    points_safety: int = 15
    points_cooperation_most: int = 10
    points_conflicting_accounts: int = 6
    moderate_from: int = 25
    complex_from: int = 45
    critical_from: int = 65
    bands: Mapping[Band, BandTerms] = field(default_factory=lambda: BAND_TERMS)
    resolution_days: Mapping[Band, int] = field(default_factory=lambda: RESOLUTION_DAYS)

    level_without_skill: int = 5
    load_minutes: float = 120.0
    tier_surplus_minutes: float = 20.0
    continuity_minutes: float = 180.0
    urgency_minutes: float = 40.0
    senior_minutes: float = 90.0
    most_rows: int = 256

    prior_in_time: float = 7.0
    prior_late: float = 3.0
    late_credit: float = 0.25
    violation_weight: float = 1.0
    half_life_days: float = 90.0

    def band_of(self, score: int) -> Band:
        """The band a score of 0 to 100 falls in."""
        if score >= self.critical_from:
            return Band.CRITICAL
        if score >= self.complex_from:
            return Band.COMPLEX
        if score >= self.moderate_from:
            return Band.MODERATE
        return Band.SIMPLE


POLICY: Final = RoutingPolicy()
"""The policy in force."""
