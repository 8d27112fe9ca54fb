"""One full example of every event, made from its definition: the same one on every machine."""

import dataclasses
import enum
import types
import typing
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from shared.clock import EPOCH
from shared.events import Event, Personal

E = TypeVar("E", bound=Event)

FIRST_INSTANT = EPOCH + timedelta(days=20_454, hours=8, milliseconds=7)
"""2026-01-01T08:00:00.007Z: the milliseconds show whether they survive."""

TEXT = "三天没更新 “où” \\ / \t 📦"
"""What encoders get wrong: several scripts, quotes, escapes, a character outside the BMP."""


def full_example(cls: type[E]) -> E:
    """An event with every field set, optional ones too, and no two numbers or instants alike."""
    return typing.cast("E", _Example().of_dataclass(cls))


def bare_example(cls: type[E]) -> E:
    """An event with only what it must have."""
    return typing.cast("E", _Example(bare=True).of_dataclass(cls))


class _Example:
    """Makes values; counts, so that mixed-up fields do not go unnoticed."""

    def __init__(self, *, bare: bool = False) -> None:
        self._bare = bare
        self._count = 0

    def of_dataclass(self, cls: type) -> object:
        hints = typing.get_type_hints(cls)
        fields = [
            field for field in dataclasses.fields(cls) if not (self._bare and _has_default(field))
        ]
        return cls(**{field.name: self.of(hints[field.name], field.name) for field in fields})

    def of(self, kind: Any, name: str) -> object:
        self._count += 1
        origin = typing.get_origin(kind)
        if origin in (types.UnionType, typing.Union):
            return self._of_union(typing.get_args(kind), name)
        if origin is tuple:
            item = typing.get_args(kind)[0]
            return () if self._bare else (self.of(item, name), self.of(item, name))
        if origin is dict:
            key, value = typing.get_args(kind)
            return {} if self._bare else {self.of(key, name): self.of(value, name)}
        return self._of_class(kind, name)

    def _of_union(self, kinds: tuple[Any, ...], name: str) -> object:
        if self._bare and types.NoneType in kinds:
            return None
        return self.of(kinds[0], name)

    def _of_class(self, kind: type, name: str) -> object:
        if dataclasses.is_dataclass(kind):
            return self.of_dataclass(kind)
        if issubclass(kind, enum.Enum):
            members = list(kind)
            return members[self._count % len(members)]
        return self._plain()[kind](name)

    def _plain(self) -> dict[type, Callable[[str], object]]:
        return {
            bool: lambda _: True,
            int: lambda _: 1000 + self._count,
            float: lambda _: self._count + 0.25,
            str: lambda name: f"{name}-{self._count}",
            datetime: lambda _: FIRST_INSTANT + timedelta(seconds=self._count),
            Personal: lambda name: Personal(f"{name}-subject-{self._count}", TEXT),
        }


def _has_default(field: "dataclasses.Field[Any]") -> bool:
    return (
        field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING
    )
