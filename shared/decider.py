"""The shape of every domain: `decide` says what happens next, `evolve` what it leads to."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from shared.events.envelope import Event

S = TypeVar("S")
C = TypeVar("C")


class Refused(Exception):
    """A rule says no. `code` is stable and documented; `detail` is for a human.

    One place (`shared.problems`) maps the code to an HTTP status.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Decider(Generic[C, S]):
    """A pure domain.

    `decide` returns what is to be recorded; an empty list means "already so, record nothing"; it
    raises `Refused` where a rule forbids. `evolve` never refuses: the past already happened.
    """

    initial: S
    decide: Callable[[C, S], list[Event]]
    evolve: Callable[[S, Event], S]

    def fold(self, events: Iterable[Event], state: S | None = None) -> S:
        """The state these events lead to, from `state` or from the beginning."""
        current = self.initial if state is None else state
        for event in events:
            current = self.evolve(current, event)
        return current
