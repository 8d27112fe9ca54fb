"""The hard filters, in their order, and what it means that nobody passes them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.routing.domain.assignment_terms import Queued
from services.routing.domain.case import Case
from services.routing.domain.events import Absence
from services.routing.domain.policy import RoutingPolicy
from services.routing.domain.specialists import Specialist
from shared.events.vocabulary import Category, Outcome


class Filter(StrEnum):
    """Why a specialist cannot be given a case. The order is that of the check."""

    SHIFT = "shift"
    LEAVE = "leave"
    PRESENCE = "presence"
    TIER = "tier"
    LANGUAGE = "language"
    SKILL = "skill"
    CAPACITY = "capacity"
    CONFLICT = "conflict"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """A consumer objected to what this specialist did in this complaint."""

    complaint_id: str
    specialist_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A case in the queue with what is known of its consumer. `weight` in units of capacity."""

    case: Case
    queued: Queued
    weight: int
    objections: tuple[Objection, ...] = ()


def lasting_filter(waiting: Waiting, specialist: Specialist) -> Filter | None:
    """The first filter this specialist fails that time alone will not lift, or None."""
    profile = specialist.profile
    if profile.tier < waiting.queued.needs.tier:
        return Filter.TIER
    if not speaks(profile.languages, waiting.case.language):
        return Filter.LANGUAGE
    if not has_skill(profile.skills, waiting.case.category):
        return Filter.SKILL
    if in_conflict(waiting, specialist.specialist_id):
        return Filter.CONFLICT
    if specialist.specialist_id in waiting.queued.declined_by:
        return Filter.DECLINED
    return None


def unavailable_for(specialist: Specialist, at: datetime) -> Filter | None:
    """The first filter about being there that this specialist fails, or None.

    An absence on record counts until the return is on record too, even if the roster's hour has
    come: what is decided and what is released follow the same events.
    """
    if not specialist.profile.on_shift(at) or Absence.SHIFT_END in specialist.absent:
        return Filter.SHIFT
    if specialist.profile.on_leave(at) or Absence.LEAVE in specialist.absent:
        return Filter.LEAVE
    if not specialist.online:
        return Filter.PRESENCE
    return None


def removed_by(waiting: Waiting, specialist: Specialist, load: int, at: datetime) -> Filter | None:
    """The first of all filters, in order, that this specialist fails; None for a candidate.

    `load` is what they already carry, in units of capacity.
    """
    away = unavailable_for(specialist, at)
    if away is not None:
        return away
    lasting = lasting_filter(waiting, specialist)
    if lasting in (Filter.TIER, Filter.LANGUAGE, Filter.SKILL):
        return lasting
    if not has_room(specialist, load, waiting.weight):
        return Filter.CAPACITY
    return lasting


def outcome_without_candidate(waiting: Waiting, staff: Iterable[Specialist]) -> Outcome:
    """`waiting` if somebody fails only shift, leave, presence or capacity, else `unroutable`."""
    if any(lasting_filter(waiting, specialist) is None for specialist in staff):
        return Outcome.WAITING
    return Outcome.UNROUTABLE


def has_room(specialist: Specialist, load: int, weight: int) -> bool:
    """Whether the weight fits beside the load.

    Somebody with nothing to do has room for any one case, so that a heavy case never waits for a
    capacity that nobody will ever have. A capacity of 0 takes nothing.
    """
    capacity = specialist.profile.capacity
    return load + weight <= capacity or (load == 0 and capacity > 0)


def speaks(languages: Sequence[str], wanted: str) -> bool:
    """Whether one of the languages is the wanted one, or one is the other's parent (`zh`)."""
    want = wanted.lower()
    for language in languages:
        have = language.lower()
        if have == want or want.startswith(have + "-") or have.startswith(want + "-"):
            return True
    return False


def has_skill(skills: dict[Category, int], category: Category) -> bool:
    """Whether they know this kind of trouble. `other` is for everybody."""
    return category is Category.OTHER or skills.get(category, 0) > 0


def in_conflict(waiting: Waiting, specialist_id: str) -> bool:
    """An objection by this consumer in another complaint, or a second one in this."""
    elsewhere = any(
        objection.specialist_id == specialist_id
        and objection.complaint_id != waiting.case.complaint_id
        for objection in waiting.objections
    )
    return elsewhere or waiting.case.objected_to.count(specialist_id) > 1


def waiting_of(
    case: Case,
    queued: Queued,
    objections: tuple[Objection, ...],
    policy: RoutingPolicy,
) -> Waiting:
    """A case as the matcher sees it."""
    weight = policy.bands[queued.needs.band].weight
    return Waiting(case=case, queued=queued, weight=weight, objections=objections)
