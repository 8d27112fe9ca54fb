"""Finds the personal texts in events, states and whatever else is made of dataclasses."""

import dataclasses
import types
import typing
from collections.abc import Mapping
from functools import cache
from typing import Any

from shared.events.personal import Personal


def personal_in(value: object) -> list[Personal]:
    """Every personal text that a value holds, at whatever depth, in order of the fields."""
    found: list[Personal] = []
    _gather(value, found)
    return found


def _gather(value: object, found: list[Personal]) -> None:
    kind: Any = type(value)
    if isinstance(value, Personal):
        found.append(value)
    elif hasattr(kind, "__dataclass_fields__"):
        for name in _holders(kind):
            _gather(getattr(value, name), found)
    elif isinstance(value, tuple | list | set | frozenset):
        for held in value:
            _gather(held, found)
    elif isinstance(value, Mapping):
        for held in value.values():
            _gather(held, found)


@cache
def _holders(cls: Any) -> tuple[str, ...]:
    """The fields of a dataclass that may hold a personal text, so that others are not looked at."""
    hints = typing.get_type_hints(cls)
    names = [field.name for field in dataclasses.fields(cls)]
    return tuple(name for name in names if _may_hold(hints[name], frozenset({cls})))


def _may_hold(hint: Any, seen: frozenset[Any]) -> bool:
    """Whether a value of this type may; what says nothing, such as `Any`, may."""
    parts = typing.get_args(hint)
    if parts:
        return any(_may_hold(part, seen) for part in parts if part is not Ellipsis)
    if not isinstance(hint, type):
        return not isinstance(hint, str | int | types.NoneType)  # a member of a `Literal`
    if hint in (Personal, object, Any):
        return True
    return hint not in seen and _class_may_hold(hint, seen | {hint})


def _class_may_hold(cls: type, seen: frozenset[Any]) -> bool:
    heirs: list[type] = cls.__subclasses__()
    if any(_may_hold(heir, seen) for heir in heirs if dataclasses.is_dataclass(heir)):
        return True
    if not dataclasses.is_dataclass(cls):
        return False
    hints = typing.get_type_hints(cls)
    return any(_may_hold(hints[field.name], seen) for field in dataclasses.fields(cls))
