"""Counts of what happened since the beginning: each event counts once, in the handler's commit."""

from typing import Final

from shared.eventlog.ports import Statement

_COUNT: Final = (
    "INSERT INTO dashboard_counter (name, label, count) VALUES (:name, :label, 1) "
    "ON CONFLICT (name, label) DO UPDATE SET count = dashboard_counter.count + 1"
)


def count(name: str, label: str = "") -> Statement:
    """One more of this."""
    return Statement(_COUNT, {"name": name, "label": label})
