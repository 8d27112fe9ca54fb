"""From a complaint and its history as the API shows them to what its people see in it."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from amends.demo.decisions import Seen
from shared.events.complaints import ContactAttempted, MerchantAnswered, RequestLapsed
from shared.events.vocabulary import Payer, Stance, Status

_OPEN: Final = frozenset({"drafted", "proposed", "remedying"})
_FAILED: Final = frozenset({"overdue", "failed"})


def see(
    complaint: Mapping[str, Any],
    timeline: Iterable[Mapping[str, Any]] = (),
    *,
    since: float,
    filed_hour: float,
) -> Seen:
    """What is known of the complaint's present cycle. `timeline` is needed by its specialist."""
    cycle = complaint["cycle"]
    told = [entry for entry in timeline if entry["data"].get("cycle") == cycle]
    answers = _of(told, MerchantAnswered.TYPE)
    lapsed = [e for e in _of(told, RequestLapsed.TYPE) if e["party"] == "merchant"]
    solutions = complaint["solutions"]
    at_hand = next((s for s in solutions if s["state"] in _OPEN), None)
    return Seen(
        id=complaint["id"],
        status=Status(complaint["status"]),
        version=complaint["version"],
        cycle=cycle,
        since=since,
        filed_hour=filed_hour,
        calls_missed=len(_of(told, ContactAttempted.TYPE)),
        merchant_had_its_turn=bool(answers or lapsed),
        stance=Stance(answers[-1]["stance"]) if answers else None,
        solutions=len(solutions),
        open_solution=at_hand["n"] if at_hand else None,
        payer=Payer(at_hand["payer"]) if at_hand else None,
        remedied=next((s["n"] for s in solutions if s["state"] == "done"), None),
        remedy_failed=any(s["state"] in _FAILED for s in solutions),
    )


def _of(entries: Iterable[Mapping[str, Any]], kind: str) -> list[Mapping[str, Any]]:
    return [entry["data"] for entry in entries if entry["type"] == kind]
