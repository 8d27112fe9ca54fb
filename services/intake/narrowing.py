"""What a list is asked for, as conditions on its rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from services.intake.facets import FIELDS, OPEN
from services.intake.search_terms import Question

ORDER: Final = "ORDER BY filed_at DESC, complaint_id DESC"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in the list: the filing's time in milliseconds since 1970, and the complaint."""

    filed_at: int
    complaint_id: str


@dataclass(frozen=True, slots=True)
class Found:
    """Places that fit, newest first, and where their walk stopped; None: at the end."""

    places: list[Place]
    next: Place | None


def merged(parts: Sequence[Found]) -> Found:
    """Several walks as one, as far as all of them went."""
    stop = max((part.next for part in parts if part.next is not None), default=None)
    places = sorted({place for part in parts for place in part.places}, reverse=True)
    return Found([place for place in places if stop is None or place >= stop], stop)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a list is asked for. `equal`: column → value; times in milliseconds since 1970.

    `facet_mask`, `facet_bits`: what the facet has to be, as far as the mask goes.
    """

    equal: dict[str, str]
    facet_mask: int = 0
    facet_bits: int = 0
    order_id: str | None = None
    filed_from: int | None = None
    filed_before: int | None = None
    question: Question | None = None


def wanted(filters: dict[str, str], *, is_open: bool | None = None, **more: Any) -> Wanted:
    """Filters by name as what the list is asked for; names of `FIELDS` narrow by the facet too."""
    facet_mask = facet_bits = 0
    for name, value in filters.items():
        if name in FIELDS:
            facet_mask |= FIELDS[name].mask
            facet_bits |= FIELDS[name].bits(value)
    if is_open is not None:
        facet_mask |= OPEN
        facet_bits |= OPEN if is_open else 0
    return Wanted(equal=filters, facet_mask=facet_mask, facet_bits=facet_bits, **more)


class Narrowing:
    """What is wanted of the list, of what is the caller's own, after a place of it.

    `text`: the column of `search_text` that the caller may search.
    """

    def __init__(
        self,
        asked: Wanted,
        own: dict[str, tuple[str | None, ...]],
        after: Place | None,
        text: str,
    ) -> None:
        self.asked = asked
        self.after = after
        self.values: dict[str, tuple[str | None, ...]] = {
            **own,
            **{name: (value,) for name, value in asked.equal.items()},
        }
        # Somebody else's complaints are not in the list, whoever asks for them by name.
        self.never = any(
            asked.equal[name] not in values for name, values in own.items() if name in asked.equal
        )
        self._text = text

    def told_by_index(self, lane: str | None) -> bool:
        """Whether the lane's index tells everything: what is left to check is in the facet."""
        by_facet = all(name == lane or name in FIELDS for name in self.values)
        return by_facet and self.asked.question is None

    def columns(self, lane: str | None) -> str:
        """What has to be read of a row to narrow it."""
        return "complaint_id, filed_at, facet" + "".join(f", {name}" for name in self._rest(lane))

    def bounds(self, bound: dict[str, Any]) -> list[str]:
        """Conditions on the order of the list, and on orders; puts their values in."""
        conditions, asked = list[str](), self.asked
        if self.after is not None:
            conditions.append("(filed_at, complaint_id) < (:after_at, :after_id)")
            bound |= {"after_at": self.after.filed_at, "after_id": self.after.complaint_id}
        if asked.filed_from is not None:
            conditions.append("filed_at >= :filed_from")
            bound["filed_from"] = asked.filed_from
        if asked.filed_before is not None:
            conditions.append("filed_at < :filed_before")
            bound["filed_before"] = asked.filed_before
        if asked.order_id is not None:
            conditions.append(
                "complaint_id IN (SELECT complaint_id FROM complaint_order "
                "WHERE order_id = :order_id)"
            )
            bound["order_id"] = asked.order_id
        return conditions

    def of_lane(self, lane: str | None, bound: dict[str, Any]) -> str:
        """What a row `w` still has to be, beyond the lane it was met on; puts its values in."""
        conditions = self._conditions(lane, bound)
        if self.asked.question is not None:
            conditions.append(self._text_fits("w", bound))
        return " AND ".join(conditions) or "1 = 1"

    def of_found(self, bound: dict[str, Any]) -> str:
        """What a row `v` that only names a complaint has to be; puts the values in.

        Scalars: an engine must not take them for joins, and read a whole table for some rows.
        """
        conditions = [self._text_fits("v", bound)]
        if listed := " AND ".join(self._conditions(None, bound)):
            conditions.append(
                f"(SELECT {listed} FROM complaint_list w WHERE w.complaint_id = v.complaint_id)"  # noqa: S608
            )
        return " AND ".join(conditions)

    def _conditions(self, lane: str | None, bound: dict[str, Any]) -> list[str]:
        conditions = [
            " OR ".join(equals(n, v, bound, f"{n}_{i}") for i, v in enumerate(self.values[n]))
            for n in self._rest(lane)
        ]
        if self.asked.facet_mask:
            conditions.append(f"(facet & {self.asked.facet_mask}) = {self.asked.facet_bits}")
        return [f"({one})" for one in conditions]

    def _text_fits(self, row: str, bound: dict[str, Any]) -> str:
        patterns = () if self.asked.question is None else self.asked.question.patterns
        bound |= {f"pattern_{i}": pattern for i, pattern in enumerate(patterns)}
        likes = " AND ".join(f"{self._text} LIKE :pattern_{i}" for i in range(len(patterns)))
        return f"(SELECT {likes} FROM search_text s WHERE s.complaint_id = {row}.complaint_id)"  # noqa: S608

    def _rest(self, lane: str | None) -> list[str]:
        return [name for name in self.values if name != lane and name not in FIELDS]


def equals(column: str, value: str | None, bound: dict[str, Any], name: str) -> str:
    """A column has a value, or none; puts the value in under this name."""
    if value is None:
        return f"{column} IS NULL"
    bound[name] = value
    return f"{column} = :{name}"


def one_of(column: str, name: str, values: Sequence[Any], bound: dict[str, Any]) -> str:
    """A column has one of these values, of which there is one at least; puts them in.

    Their number is rounded up, so that there are few different statements to prepare.
    """
    room = 1 << (len(values) - 1).bit_length()
    padded = [*values, *[values[-1]] * (room - len(values))]
    bound |= {f"{name}_{i}": value for i, value in enumerate(padded)}
    return f"{column} IN ({', '.join(f':{name}_{i}' for i in range(room))})"
