"""Who works on the platform in the demo: invented people and the merchants of the input."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from amends.demo.cases import Case
from amends.demo.temper import Manner, manner_of
from shared.events.vocabulary import Category

_EVERYTHING: Final = tuple(Category)
_GOODS: Final = (
    Category.QUALITY,
    Category.NOT_AS_DESCRIBED,
    Category.COUNTERFEIT,
    Category.RETURN_DISPUTE,
)
_MONEY: Final = (Category.REFUND_REFUSED, Category.PRICE_DISPUTE, Category.RETURN_DISPUTE)
_DELIVERY: Final = (Category.FAKE_SHIPPING, Category.LATE_SHIPPING, Category.OTHER)
_DELICATE: Final = (
    Category.SAFETY,
    Category.PRIVACY,
    Category.SERVICE_LANGUAGE,
    Category.OFF_PLATFORM_STEERING,
)
_NO_MAIL_EVERY: Final = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Specialist:
    """One specialist: `level` in what they are `skilled` in, fair at everything else."""

    id: str
    name: str
    team_id: str
    tier: int
    languages: tuple[str, ...]
    capacity: int
    skilled: tuple[Category, ...]
    level: int

    @property
    def email(self) -> str:
        """Where notices go."""
        return f"{self.id}@staff.example"

    def body(self) -> dict[str, Any]:
        """As the API takes it."""
        fair = max(1, self.level - 5)
        return {
            "id": self.id,
            "name": self.name,
            "email": self.email,
            "team_id": self.team_id,
            "tier": self.tier,
            "skills": {c: self.level if c in self.skilled else fair for c in _EVERYTHING},
            "languages": list(self.languages),
            "capacity": self.capacity,
        }


def _person(
    number: int, name: str, team: str, *, tier: int, capacity: int, **more: Any
) -> Specialist:
    return Specialist(
        id=f"s{number:02d}", name=name, team_id=team, tier=tier, capacity=capacity, **more
    )


_EN: Final = ("en",)
_ZH: Final = ("zh-CN",)
_BOTH: Final = ("zh-CN", "en")

SPECIALISTS: Final = (
    _person(1, "Ada", "west", tier=1, capacity=40, languages=_EN, skilled=_DELIVERY, level=6),
    _person(2, "Bruno", "west", tier=2, capacity=60, languages=_EN, skilled=_MONEY, level=7),
    _person(3, "Chidi", "west", tier=2, capacity=60, languages=_EN, skilled=_GOODS, level=8),
    _person(4, "Dana", "west", tier=3, capacity=80, languages=_EN, skilled=_DELICATE, level=8),
    _person(5, "Emil", "west", tier=3, capacity=80, languages=_EN, skilled=_GOODS, level=7),
    _person(6, "Farida", "west", tier=4, capacity=90, languages=_EN, skilled=_EVERYTHING, level=9),
    _person(7, "Goran", "west", tier=2, capacity=50, languages=_EN, skilled=_MONEY, level=6),
    _person(8, "小林", "east", tier=2, capacity=50, languages=_ZH, skilled=_DELIVERY, level=8),
    _person(9, "小苏", "east", tier=3, capacity=50, languages=_ZH, skilled=_GOODS, level=7),
    _person(10, "老唐", "east", tier=4, capacity=70, languages=_BOTH, skilled=_DELICATE, level=9),
    _person(11, "阿岚", "east", tier=3, capacity=80, languages=_BOTH, skilled=_MONEY, level=8),
    _person(12, "Ines", "west", tier=3, capacity=80, languages=_EN, skilled=_MONEY, level=9),
)

_CLASSES: Final = {
    Manner.PROMPT: "flagship",
    Manner.BUSY: "standard",
    Manner.STALLING: "standard",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Merchant:
    """One merchant. `email` is None for a few: they find their messages in the inbox."""

    id: str
    name: str
    merchant_class: str
    region: str
    email: str | None

    def body(self) -> dict[str, Any]:
        """As the API takes it."""
        contact = None if self.email is None else {"email": self.email}
        return {"class": self.merchant_class, "region": self.region, "contact": contact}


def merchants_of(cases: Iterable[Case]) -> tuple[Merchant, ...]:
    """The merchants complained about, in order of their ids."""
    names: dict[str, tuple[str, str]] = {}
    for case in cases:
        region = "CN" if case.language.startswith("zh") else "US"
        names.setdefault(case.merchant_id, (case.merchant_name, region))
    return tuple(
        Merchant(
            id=merchant_id,
            name=name,
            merchant_class=_CLASSES[manner_of(merchant_id)],
            region=region,
            email=None if number % _NO_MAIL_EVERY == 0 else f"{merchant_id}@merchants.example",
        )
        for number, (merchant_id, (name, region)) in enumerate(sorted(names.items()), start=1)
    )


def address_of(case: Case) -> str | None:
    """The consumer's mail address; one in ten gave none."""
    if sum(case.id.encode()) % 10 == 0:
        return None
    return f"{case.consumer_id}@consumers.example"
