"""Policies: which target a clock gets. Versioned documents; conditions are data."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from services.sla.domain.timeline import CountedTurns
from shared.events.vocabulary import Band, Category, Channel, ClockKind, Party, Priority


class Unit(StrEnum):
    """In what a target is stated. All of them are counted time; a day (`cd`) is 24 h of it."""

    MINUTES = "min"
    HOURS = "h"
    CALENDAR_DAYS = "cd"


_SECONDS: Final = {Unit.MINUTES: 60, Unit.HOURS: 3_600, Unit.CALENDAR_DAYS: 86_400}

WARN_PERCENTS: Final = (50, 75, 90)
NO_WARNINGS: Final[tuple[int, ...]] = ()
WINDOWS: Final = frozenset({ClockKind.SURVEY_WINDOW, ClockKind.APPEAL_WINDOW})
"""Clocks that only say how long a party may do something: no warning, not reported as breaches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What the conditions of a rule can ask about. `band` is None until assessed."""

    channel: Channel
    category: Category
    priority: Priority
    merchant_class: str
    region: str | None
    band: Band | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """When a rule applies: every named list must hold the value; an empty list asks nothing."""

    channels: tuple[Channel, ...] = ()
    categories: tuple[Category, ...] = ()
    priorities: tuple[Priority, ...] = ()
    merchant_classes: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    bands: tuple[Band, ...] = ()

    def hold(self, circumstances: Circumstances) -> bool:
        """Whether all of them are met."""
        asked: tuple[tuple[Sequence[str], str | None], ...] = (
            (self.channels, circumstances.channel),
            (self.categories, circumstances.category),
            (self.priorities, circumstances.priority),
            (self.merchant_classes, circumstances.merchant_class),
            (self.regions, circumstances.region),
            (self.bands, circumstances.band),
        )
        return all(not allowed or value in allowed for allowed, value in asked)

    @property
    def empty(self) -> bool:
        """Nothing is asked: the rule always applies."""
        return self == Conditions()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """The target of one kind of clock under some conditions. The lowest `order` that applies wins.

    `party` None: whoever the start names (the payer of a remedy). `counted_turns` None: every turn
    counts. `source` says where the number comes from, by language.
    """

    id: str
    kind: ClockKind
    order: int
    party: Party | None
    amount: int
    unit: Unit
    source: dict[str, str]
    warn_percents: tuple[int, ...] = WARN_PERCENTS
    counted_turns: CountedTurns = None
    conditions: Conditions = Conditions()

    @property
    def target(self) -> str:
        """The target in the policy's own words, for example `24h` or `7cd`."""
        return f"{self.amount}{self.unit}"

    @property
    def seconds(self) -> int:
        """The target in seconds of counted time."""
        return self.amount * _SECONDS[self.unit]


class PolicyInvalid(ValueError):
    """A policy that leaves a clock without a target, or gives it two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One version of one pack. Raises `PolicyInvalid` if its rules overlap or leave a gap."""

    id: str
    version: int
    effective_from: datetime
    rules: tuple[Rule, ...]

    def __post_init__(self) -> None:
        for kind in {rule.kind for rule in self.rules}:
            _check_rules(kind, self.rules_of(kind))

    @property
    def name(self) -> str:
        """`id@version`, as clocks carry it."""
        return f"{self.id}@{self.version}"

    def rules_of(self, kind: ClockKind) -> list[Rule]:
        """The rules of one kind, in the order they are tried."""
        return sorted((rule for rule in self.rules if rule.kind is kind), key=lambda r: r.order)

    def rule_for(self, kind: ClockKind, circumstances: Circumstances) -> Rule:
        """The rule that applies. Raises `LookupError` if the pack knows no such clock."""
        for rule in self.rules_of(kind):
            if rule.conditions.hold(circumstances):
                return rule
        raise LookupError(f"{self.name} has no rule for {kind}")


def _check_rules(kind: ClockKind, rules: Sequence[Rule]) -> None:
    if len({rule.order for rule in rules}) < len(rules):
        raise PolicyInvalid(f"two rules for {kind} have the same order")
    if not rules[-1].conditions.empty:
        raise PolicyInvalid(f"the last rule for {kind} must apply to everything")
    if any(rule.conditions.empty for rule in rules[:-1]):
        raise PolicyInvalid(f"a rule for {kind} can never be reached")


class Policies:
    """Every version of the pack in use. Raises `PolicyInvalid` if one `name` comes twice."""

    def __init__(self, versions: Iterable[Policy]) -> None:
        self._versions = sorted(versions, key=lambda policy: (policy.effective_from, policy.name))
        self._by_name = {policy.name: policy for policy in self._versions}
        if len(self._by_name) < len(self._versions):
            raise PolicyInvalid("a version of a policy is never replaced, only followed")

    def in_force(self, at: datetime) -> Policy:
        """The version that applies to a clock started at `at`; before the first, the first."""
        begun = [policy for policy in self._versions if policy.effective_from <= at]
        return begun[-1] if begun else self._versions[0]

    def named(self, name: str) -> Policy:
        """The version a clock recorded at its start. Raises `KeyError` for an unknown one."""
        return self._by_name[name]

    def all(self) -> list[Policy]:
        """Every version, by the instant from which it applies."""
        return list(self._versions)
