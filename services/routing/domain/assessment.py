"""How complex a complaint is: 0 to 100, every part kept and adding up to the score."""

from dataclasses import dataclass

from services.routing.domain.case import Case
from services.routing.domain.policy import FEN_PER_MINOR_UNIT, RoutingPolicy
from shared.events.vocabulary import Band, Category

PPM = 1_000_000
_MOST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """A score with its parts, and what follows from it."""

    score: int
    band: Band
    parts: dict[str, int]
    needed_tier: int
    effort_minutes: int
    weight: int
    policy_version: str


def assess(case: Case, cooperation_ppm: int, policy: RoutingPolicy) -> Assessment:
    """Score a case. `cooperation_ppm` is the merchant's estimate, 0 to 1,000,000."""
    parts = {
        "category": policy.category_points[case.category],
        "amount": _amount(case, policy),
        "orders": min(
            policy.points_orders_most, policy.points_per_extra_order * max(0, case.orders - 1)
        ),
        "missing_facts": policy.points_per_missing_fact * len(case.missing),
        "channel": policy.channel_points[case.channel],
        "cycle": min(policy.points_cycle_most, policy.points_per_extra_cycle * (case.cycle - 1)),
        "cooperation": round(policy.points_cooperation_most * (PPM - cooperation_ppm) / PPM),
    }
    parts["safety"] = _safety(case, sum(parts.values()), policy)
    parts["accounts"] = _accounts(case, sum(parts.values()), policy)
    score = sum(parts.values())
    band = policy.band_of(score)
    terms = policy.bands[band]
    return Assessment(
        score=score,
        band=band,
        parts=parts,
        needed_tier=terms.tier,
        effort_minutes=terms.effort_minutes,
        weight=terms.weight,
        policy_version=policy.version,
    )


def _amount(case: Case, policy: RoutingPolicy) -> int:
    if case.amount_minor is None:
        return 0
    fen = case.amount_minor * FEN_PER_MINOR_UNIT.get(case.currency or "CNY", 1.0)
    for up_to, points in policy.amount_steps_fen:
        if fen <= up_to:
            return points
    return policy.amount_points_above


def _safety(case: Case, others: int, policy: RoutingPolicy) -> int:
    """Injury and food are never less than critical, whatever else is known."""
    if case.category is not Category.SAFETY:
        return 0
    return max(policy.points_safety, policy.critical_from - others)


def _accounts(case: Case, others: int, policy: RoutingPolicy) -> int:
    """What the consumer and the marketplace say differs: somebody has to find out why."""
    if not case.contradicted:
        return 0
    return max(0, min(policy.points_conflicting_accounts, _MOST - others))
