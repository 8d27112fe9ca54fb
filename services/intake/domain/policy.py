"""What a marketplace may set, and the rules that depend on nothing but that."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from services.intake.domain.authority import EXTERNAL_CHANNELS, Author
from shared.decider import Refused
from shared.events.complaints import Demand
from shared.events.vocabulary import Category, Channel, Priority, Role

AUTO_ACCEPT_LIMITS: Final[Mapping[str, int]] = MappingProxyType(
    {"CNY": 500_000, "HKD": 550_000, "USD": 70_000, "EUR": 65_000, "GBP": 55_000, "JPY": 100_000}
)
"""Largest demand accepted without a reviewer, per currency in its minor units."""

APPROVAL_LIMITS: Final[Mapping[str, int]] = MappingProxyType(
    {"CNY": 200_000, "HKD": 220_000, "USD": 28_000, "EUR": 26_000, "GBP": 22_000, "JPY": 40_000}
)
"""Largest amount a specialist promises alone, per currency in its minor units."""

SENSITIVE: Final = frozenset({Category.SAFETY, Category.PRIVACY})
"""Always looked at by a human before acceptance, unless it came from outside or by telephone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A marketplace's own numbers.

    `auto_accept_limit`: currency → largest amount in minor units accepted by rule.
    `approval_limit`: currency → largest amount in minor units proposed without a second person.
    `merchant_first`: how long after acceptance (or reopening) no solution is proposed before the
    merchant has been asked; 0: no such rule.
    `reopening_window`: how long after its end a complaint may be reopened (calendar days of 24 h).
    `appeal_window`: how long after a rejection it may be appealed (calendar days of 24 h).
    `backdating_limit`: how far back anybody but a supervisor may say that an act took place.
    """

    auto_accept_limit: Mapping[str, int] = field(default_factory=lambda: AUTO_ACCEPT_LIMITS)
    approval_limit: Mapping[str, int] = field(default_factory=lambda: APPROVAL_LIMITS)
    merchant_first: timedelta = timedelta()
    reopening_window: timedelta = timedelta(days=15)
    appeal_window: timedelta = timedelta(days=15)
    backdating_limit: timedelta = timedelta(minutes=15)


def acceptance_rule(
    policy: Policy, channel: Channel, category: Category, demand: Demand
) -> str | None:
    """Name of the rule that accepts a filing at once; None if a supervisor has to look at it."""
    if channel is Channel.HOTLINE:
        return "hotline_at_once"
    if channel in EXTERNAL_CHANNELS:
        return "external_at_once"
    if category in SENSITIVE:
        return None
    if demand.amount_minor is None:
        return "no_amount_demanded"
    limit = policy.auto_accept_limit.get(demand.currency or "")
    if limit is None or demand.amount_minor > limit:
        return None
    return "within_auto_accept_limit"


def needs_approval(policy: Policy, amount_minor: int | None, currency: str | None) -> bool:
    """Whether a supervisor has to approve a solution: above the limit, or in an unlisted currency.

    What moves no money needs nobody else.
    """
    if not amount_minor or currency is None:
        return False
    limit = policy.approval_limit.get(currency)
    return limit is None or amount_minor > limit


def priority_of(channel: Channel, category: Category) -> Priority:
    """The channel sets the priority; danger to people in public makes it urgent."""
    if channel not in EXTERNAL_CHANNELS:
        return Priority.NORMAL
    if channel is Channel.MEDIA and category is Category.SAFETY:
        return Priority.URGENT
    return Priority.HIGH


@dataclass(frozen=True, slots=True)
class ActTime:
    """When an act took place, and how many whole seconds before it was entered."""

    occurred_at: datetime
    backdated_seconds: int


def act_time(policy: Policy, by: Author, stated: datetime | None, now: datetime) -> ActTime:
    """When an act took place that its author may date back (docs/domain.md, "Time").

    Raises `Refused`: `occurred_in_future`, or `backdated_too_far` unless a supervisor says so.
    """
    if stated is None:
        return ActTime(now, 0)
    if stated > now:
        raise Refused("occurred_in_future", "An act cannot have taken place later than now.")
    back = now - stated
    if back > policy.backdating_limit and by.role is not Role.SUPERVISOR:
        minutes = int(policy.backdating_limit.total_seconds() // 60)
        raise Refused(
            "backdated_too_far",
            f"More than {minutes} minutes back needs a supervisor.",
        )
    return ActTime(stated, int(back.total_seconds()))


_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_SEPARATORS: Final = re.compile(r"[\s().\-/]")
_PHONE: Final = re.compile(r"(?:\+|00)\d{7,15}|(?:86)?1[3-9]\d{9}|\d{10,11}")
_GROUPED_PHONE: Final = re.compile(r"\d{7,15}")


def looks_personal(surrogate: str) -> bool:
    """Whether a value that should be opaque looks like an e-mail address or telephone number.

    Digits alone count as a telephone number with a country code, or with 10 or 11 digits (the
    length of national numbers); digits in groups with 7 to 15 (ITU-T E.164).
    """
    if _EMAIL.fullmatch(surrogate.strip()):
        return True
    digits = _SEPARATORS.sub("", surrogate)
    if _PHONE.fullmatch(digits):
        return True
    return digits != surrogate and _GROUPED_PHONE.fullmatch(digits) is not None
