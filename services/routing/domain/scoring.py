"""What it is predicted to cost, in minutes, to give this case to this specialist."""

from dataclasses import dataclass
from datetime import datetime

from services.routing.domain.case import urgency
from services.routing.domain.eligibility import Waiting
from services.routing.domain.policy import RoutingPolicy
from services.routing.domain.specialists import Specialist


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """A predicted cost in minutes (the lowest wins) and the parts that add up to it."""

    score: float
    parts: dict[str, float]


def cost(
    waiting: Waiting, specialist: Specialist, load: int, now: datetime, policy: RoutingPolicy
) -> Cost:
    """The cost with its parts.

    `time`: expected effort, from 1.4 times (skill 1) to half (skill 10) of the band's minutes.
    `load`: fairness, growing with the share of capacity taken once this case is added.
    `tier`: keeping seniors free for what needs them. `urgency`: what is pressing should not queue
    behind other work. `continuity`: negative for whoever had the case before a reopening.
    `senior`: negative, where there are signs of bad faith, for each tier above the first. It is
    only a preference: with no senior free the case goes to whoever is.
    """
    profile = specialist.profile
    needs = waiting.queued.needs
    level = profile.skills.get(waiting.case.category, policy.level_without_skill)
    capacity = max(1, profile.capacity)
    taken = load / capacity
    after = (load + waiting.weight) / capacity
    pressing = urgency(waiting.case, needs.band, now, policy)
    again = waiting.case.previous_specialist_id == specialist.specialist_id
    parts = {
        "time": round(needs.effort_minutes * (1.5 - 0.1 * level), 3),
        "load": round(policy.load_minutes * after, 3),
        "tier": policy.tier_surplus_minutes * (profile.tier - needs.tier),
        "urgency": round(policy.urgency_minutes * pressing * taken, 3),
        "continuity": -policy.continuity_minutes if again else 0.0,
        "senior": policy.senior_minutes * (1 - profile.tier) if waiting.case.flagged else 0.0,
    }
    return Cost(score=round(sum(parts.values()), 3), parts=parts)
