"""`GET /v1/metrics/summary`: the figures and the short lists that the page shows, as JSON."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from services.dashboard.figures import (
    AGES,
    NO_BAND,
    Figures,
    breaches_by_merchant,
    due_soonest,
    latest_breaches,
)
from shared.clock import from_ms, rfc3339
from shared.eventlog.ports import EventLog, Row
from shared.events.vocabulary import Band

_TOTALS: Final = (
    "filed",
    "accepted",
    "assigned",
    "assignments",
    "resolved",
    "closed",
    "withdrawn",
    "reopened",
    "satisfied",
    "objections",
    "warnings",
)
_MAIL: Final = "email"


async def lists(log: EventLog) -> dict[str, list[dict[str, Any]]]:
    """The short lists beside the figures: deadlines, breaches, merchants."""
    return {
        "due_soonest": [_clock(row, "due_at") for row in await due_soonest(log)],
        "latest": [_clock(row, "breached_at", "ended_at") for row in await latest_breaches(log)],
        "by_merchant": [
            {"merchant_id": row["merchant_id"], "breaches": row["breaches"]}
            for row in await breaches_by_merchant(log)
        ],
    }


def summary_of(
    figures: Figures,
    lists: Mapping[str, list[dict[str, Any]]],
    *,
    rate: float,
    lag: dict[str, Any],
) -> dict[str, Any]:
    """The documented shape (README). Every number comes from `Figures`."""
    return {
        "business_now": rfc3339(figures.at),
        "rate": rate,
        "open": _open(figures),
        "clocks": {
            "due_in_1h": figures.due_in_1h,
            "due_in_24h": figures.due_in_24h,
            "due_soonest": lists["due_soonest"],
        },
        "breaches": {
            "total": figures.breaches,
            "unmet": figures.breaches_unmet,
            "withdrawn": figures.breaches_withdrawn,
            "by_kind": _summed((kind, n) for (kind, _), n in figures.breaches_by.items()),
            "by_party": _summed((party, n) for (_, party), n in figures.breaches_by.items()),
            "by_kind_and_party": [
                {"kind": kind, "party": party, "count": n}
                for (kind, party), n in sorted(figures.breaches_by.items())
            ],
            "by_merchant": lists["by_merchant"],
            "latest": lists["latest"],
        },
        "first_contact": {
            "in_time": figures.first_contact_in_time,
            "late": figures.first_contact_late,
            "in_time_share": figures.first_contact_share,
        },
        "routing": {"waiting": figures.waiting, "unroutable": figures.unroutable},
        "specialists": [_specialist(row) for row in figures.load],
        "follow_ups": {
            "satisfied": figures.total("satisfied"),
            "objections": figures.total("objections"),
            "satisfied_share": figures.satisfied_share,
            "reopened": figures.total("reopened"),
            "reopened_by_reason": figures.totals.get("reopened", {}),
        },
        "notifications": _notifications(figures),
        "totals": {name: figures.total(name) for name in _TOTALS},
        "lag": lag,
    }


def _open(figures: Figures) -> dict[str, Any]:
    bands = [*Band, NO_BAND]
    return {
        "total": figures.open,
        "by_status": _summed((status, n) for (status, _), n in figures.open_by.items()),
        "by_turn": _summed((turn, n) for (_, turn), n in figures.open_by.items()),
        "by_status_and_turn": [
            {"status": status, "turn": turn, "count": n}
            for (status, turn), n in sorted(figures.open_by.items())
        ],
        "by_band": {band: figures.open_by_band.get(band, 0) for band in bands},
        "by_age": {age: figures.open_by_age.get(age, 0) for age, _ in AGES},
    }


def _notifications(figures: Figures) -> dict[str, Any]:
    sent = figures.totals.get("notifications_sent", {})
    return {
        "sent": figures.total("notifications_sent"),
        "mails_sent": sent.get(_MAIL, 0),
        "failed": figures.total("notifications_failed"),
        "suppressed": figures.total("notifications_suppressed"),
        "sent_by_channel": sent,
    }


def _specialist(row: Row) -> dict[str, Any]:
    return {
        "specialist_id": row["specialist_id"],
        "team_id": row["team_id"],
        "tier": row["tier"],
        "online": bool(row["online"]),
        "load": row["load"],
        "weight": row["weight"],
        "capacity": row["capacity"],
    }


def _clock(row: Row, *instants: str) -> dict[str, Any]:
    return {
        name: (rfc3339(from_ms(value)) if name in instants and value is not None else value)
        for name, value in row.items()
    }


def _summed(counts: Iterable[tuple[str, int]]) -> dict[str, int]:
    result: dict[str, int] = {}
    for name, count in counts:
        result[name] = result.get(name, 0) + count
    return dict(sorted(result.items()))
