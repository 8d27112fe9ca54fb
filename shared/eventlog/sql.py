"""Statements with `:named` values, as PostgreSQL's protocol wants them: numbered."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

_NAME: Final = re.compile(r"(?<![:\w]):([a-z_][a-z0-9_]*)")
_TABLE: Final = re.compile(r"\b(?:from|join|into|update)\s+([a-z_][a-z0-9_]*)", re.IGNORECASE)


@lru_cache(maxsize=2_000)
def numbered(sql: str) -> tuple[str, tuple[str, ...]]:
    """The statement with `$1, $2 …`, and which value each number stands for.

    Every occurrence of a name has a number of its own: PostgreSQL deduces one type for a number,
    and a value may meet columns of several. Literals must not hold a colon before a letter.
    """
    names: list[str] = []

    def number(match: re.Match[str]) -> str:
        names.append(match[1])
        return f"${len(names)}"

    return _NAME.sub(number, sql), tuple(names)


def arguments(names: tuple[str, ...], values: Mapping[str, Any]) -> tuple[Any, ...]:
    """The values in the order of their numbers."""
    return tuple([values[name] for name in names])


def columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    """Rows turned into the arrays that `unnest` makes rows of again. There must be one at least."""
    return [list(column) for column in zip(*rows, strict=True)]


@lru_cache(maxsize=2_000)
def tables(sql: str) -> frozenset[str]:
    """The tables a statement reads or writes."""
    return frozenset(name.lower() for name in _TABLE.findall(sql))
