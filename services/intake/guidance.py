"""What helps a consumer to be quick: whose turn it is, what comes next, what else they may do."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from services.intake.domain.clarity import unclear
from services.intake.domain.evidence import missing, words
from services.intake.domain.playbooks.content import LANGUAGES, spoken
from services.intake.domain.state import (
    Duplicate,
    Ended,
    FiledState,
    Open,
    Rejected,
    Remedying,
    SolutionProposed,
    UnderSuperiorReview,
    Withdrawn,
    inside_of,
    open_question,
    open_request,
    standing,
)
from services.intake.guidance_routes import APPEAL, CONTACT, OUTSIDE, REOPEN, REVIEW, Route
from services.intake.guidance_words import DECIDE, NEXT, TURNS, UNCLEAR, WHY_DECIDE
from shared.clock import rfc3339
from shared.events.vocabulary import Audience, ClockKind, Turn

ClockName = tuple[ClockKind, int]
"""A clock of the present cycle: its kind and n."""

_SPOKEN: Final = frozenset(language.split("-")[0] for language in LANGUAGES)
_QUALITY: Final = re.compile(r";\s*q=([01](?:\.[0-9]{0,3})?)\s*$")

NO_CLOCKS: Final[Mapping[ClockName, datetime | None]] = {}


def guidance_body(
    state: FiledState,
    audience: Audience,
    language: str | None = None,
    due: Mapping[ClockName, datetime | None] = NO_CLOCKS,
) -> dict[str, Any]:
    """For the consumer, and for staff who read it out; nothing for the merchant.

    `language`: asked for, before that of the complaint. `due`: what sla has said of the clocks.
    """
    if audience is Audience.MERCHANT:
        return {}
    said_in = spoken(language, state.case.filed.language)
    status, turn = standing(state)
    return {
        "guidance": {
            "language": said_in,
            "turn_sentence": TURNS[turn].said(said_in),
            "next": NEXT[status].said(said_in),
            "due_at": _due_at(state, due),
            "your_move": _your_move(state, turn, said_in, due),
            "unclear": _unclear(state, said_in),
            "evidence": _evidence(state, said_in),
            "if_dissatisfied": [_route(route, said_in) for route in _routes(state)],
        }
    }


def asked_language(header: str | None) -> str | None:
    """The most wanted of an `Accept-Language` (RFC 9110, 12.5.4) that has texts, if any has."""
    wanted = [part.strip() for part in (header or "").split(",")]
    wanted.sort(key=_weight, reverse=True)
    for tag in wanted:
        language = tag.partition(";")[0].strip()
        if _weight(tag) > 0 and language.split("-")[0].lower() in _SPOKEN:
            return language
    return None


def _weight(tag: str) -> float:
    found = _QUALITY.search(tag)
    return 1.0 if found is None else float(found[1])


def waited_for(state: FiledState) -> ClockName | None:
    """The clock of whoever is waited for, where the status names one."""
    inside = inside_of(state)
    question, request = open_question(state), open_request(state)
    if question is not None:
        return ClockKind.CONSUMER_REPLY, question.n
    if request is not None:
        return ClockKind.MERCHANT_RESPONSE, request
    if isinstance(inside, SolutionProposed):
        return ClockKind.CONSUMER_REPLY, inside.solution.n
    if isinstance(inside, Remedying):
        return ClockKind.REMEDY, inside.solution.n
    if isinstance(inside, UnderSuperiorReview):
        return ClockKind.SUPERIOR_REVIEW, inside.review.n
    return None


def _due_at(state: FiledState, due: Mapping[ClockName, datetime | None]) -> str | None:
    """As sla said it; None where it has not (yet), or where no time is set."""
    clock = waited_for(state)
    at = None if clock is None else due.get(clock)
    return None if at is None else rfc3339(at)


def _your_move(
    state: FiledState, turn: Turn, language: str, due: Mapping[ClockName, datetime | None]
) -> dict[str, Any] | None:
    """What is asked of the consumer, why, and by when."""
    if turn is not Turn.CONSUMER:
        return None
    question, inside = open_question(state), inside_of(state)
    if question is not None:
        what, why = list(question.items), question.reason
    elif isinstance(inside, SolutionProposed):
        what = [DECIDE.said(language).format(n=inside.solution.n)]
        why = WHY_DECIDE.said(language)
    else:
        return None
    return {"what": what, "why": why, "due_at": _due_at(state, due)}


def _unclear(state: FiledState, language: str) -> list[dict[str, str]]:
    if not isinstance(state, Open):
        return []
    found = unclear(state.case.filed)
    return [{"code": one, "text": UNCLEAR[one].said(language)} for one in found]


def _evidence(state: FiledState, language: str) -> list[str]:
    """What would settle it and is not there; of no use any more once it has ended."""
    if not isinstance(state, Open):
        return []
    return [words(kind, language) for kind in missing(state.case)]


_BY_THEMSELVES: Final = tuple(replace(route, act=None) for route in OUTSIDE)
"""What has ended is not referred by the platform; the consumer may go there all the same."""


def _routes(state: FiledState) -> list[Route]:
    """What they may do if dissatisfied, in the order it is offered."""
    if isinstance(state, Duplicate):
        return []
    if isinstance(state, Rejected):
        return [APPEAL, *_BY_THEMSELVES]
    if isinstance(state, Withdrawn):
        return list(_BY_THEMSELVES)
    if isinstance(state, Ended):
        return [REOPEN, *_BY_THEMSELVES]
    asked = state.case.cycle.reviews > 0 or state.case.accepted_at is None
    return [CONTACT, *([] if asked else [REVIEW]), *OUTSIDE]


def _route(route: Route, language: str) -> dict[str, Any]:
    return {
        "name": route.name,
        "act": route.act,
        "text": route.text.said(language),
        "time": route.time.said(language) if route.time else None,
        "cost": route.cost.said(language) if route.cost else None,
        "source": route.source,
    }
