"""The people on stage. Each looks at its own work now and then, or when mail comes, and acts.

Nobody is told what another did: everything is learnt from the platform.
"""

import asyncio
import itertools
import math
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from typing import Any, Final

from amends.demo.cast import Merchant, Specialist, address_of
from amends.demo.client import Refusal
from amends.demo.decisions import (
    Act,
    Seen,
    consumer_act,
    merchant_act,
    specialist_act,
    supervisor_act,
    survey_answer,
)
from amends.demo.mailbox import survey_token_in
from amends.demo.stage import Notebook, Part, Stage
from shared.events.vocabulary import Status, Turn

_SPECIALIST_LOOKS_HOURS: Final = 3.0
_SUPERVISOR_LOOKS_HOURS: Final = 1.5
_REMEDIES_EVERY: Final = 4
"""At every so manieth look a specialist also sees to what the platform has to pay."""
_LOOKS_HOURS: Final = 48.0
_LOOKS_WITHOUT_MAIL_HOURS: Final = 8.0
_PAUSE_SECONDS: Final = 1.0
"""Nobody looks more often than this, however often the bell rings: the platform has work to do."""

Decide = Callable[[Seen, Part], Act | None]
Look = Callable[[], Awaitable[float | None]]
"""Gives the hour of the next thing to do, infinity for none known, None when all is over."""

_OVER: Final = frozenset({Status.CLOSED, Status.WITHDRAWN, Status.REJECTED, Status.DUPLICATE})


async def keep_looking(
    stage: Stage, look: Look, every_hours: float, bell: asyncio.Event | None = None
) -> None:
    """Look at one's work again and again, at the latest after so many hours."""
    pause = stage.clock.hours_for(_PAUSE_SECONDS)
    every = max(every_hours, pause)
    start = random.random() * every  # noqa: S311 - so that not everybody looks at once
    await stage.clock.until(stage.clock.hours + start, bell)
    while True:
        began = stage.clock.hours
        try:
            due = await look()
        except Refusal as refusal:
            stage.trouble(str(refusal))
            due = math.inf
        if due is None:
            return
        await stage.clock.until(began + pause)
        await stage.clock.until(min(due, began + every), bell)


async def do_what_is_due(
    notebook: Notebook, complaints: Iterable[Mapping[str, Any]], decide: Decide
) -> float:
    """Do what is due on these complaints; the hour at which the next act is."""
    stage = notebook.stage
    due = math.inf
    for complaint in complaints:
        part = stage.filed.get(complaint["id"])
        if part is None:
            continue
        seen = await notebook.look_up(complaint["id"], complaint["version"], part)
        act = decide(seen, part)
        if act is None:
            continue
        if act.due <= stage.clock.hours:
            await stage.perform(notebook.token, seen.id, act, seen.version)
            notebook.forget(seen.id)
            due = stage.clock.hours
        else:
            due = min(due, act.due)
    return due


async def play_specialist(stage: Stage, specialist: Specialist) -> None:
    """Work on what is assigned, step by step."""
    token = stage.token("specialist", specialist.id, team_id=specialist.team_id)
    notebook = Notebook(stage=stage, token=token, with_history=True)
    own = {"specialist_id": specialist.id}
    looks = itertools.count()

    async def look() -> float:
        mine = [c async for c in _own(stage, token, turn=Turn.SPECIALIST, **own)]
        if next(looks) % _REMEDIES_EVERY == 0:
            mine += [c async for c in _own(stage, token, status=Status.REMEDYING, **own)]
        return await do_what_is_due(notebook, mine, _as_specialist)

    bell = stage.mailbox.bell(specialist.email)
    await keep_looking(stage, look, _SPECIALIST_LOOKS_HOURS, bell)


async def play_supervisor(stage: Stage, team_id: str | None) -> None:
    """Review what no rule accepted; in a team, approve what its specialists may not promise."""
    token = stage.token("supervisor", f"{team_id or 'review'}-desk", team_id=team_id)
    notebook = Notebook(stage=stage, token=token)
    waits = Status.SUBMITTED if team_id is None else Status.SOLUTION_DRAFTED

    async def look() -> float:
        found = [c async for c in _own(stage, token, status=waits)]
        return await do_what_is_due(notebook, found, _as_supervisor)

    await keep_looking(stage, look, _SUPERVISOR_LOOKS_HOURS)


async def play_merchant(stage: Stage, merchant: Merchant) -> None:
    """Answer what is asked and carry out what was agreed, or stall."""
    token = stage.token("merchant", f"{merchant.id}-desk", merchant_id=merchant.id)
    notebook = Notebook(stage=stage, token=token)
    bell = None if merchant.email is None else stage.mailbox.bell(merchant.email)

    async def look() -> float:
        found = [c async for c in _own(stage, token, turn=Turn.MERCHANT)]
        return await do_what_is_due(notebook, found, _as_merchant)

    await keep_looking(stage, look, _every(bell), bell)


async def play_consumer(stage: Stage, part: Part) -> None:
    """Decide on solutions, answer the survey, sometimes withdraw."""
    consumer_id = part.case.consumer_id
    token = stage.token("consumer", consumer_id)
    notebook = Notebook(stage=stage, token=token)
    address = address_of(part.case)
    surveys = _Surveys(stage, part, token, address)

    async def look() -> float | None:
        complaint = await stage.client.get(token, f"/v1/complaints/{part.complaint_id}")
        if complaint["status"] in _OVER:
            return None
        due = await do_what_is_due(notebook, [complaint], _as_consumer)
        return min(due, await surveys.look(complaint["status"]))

    bell = None if address is None else stage.mailbox.bell(address)
    await keep_looking(stage, look, _every(bell), bell)


def _every(bell: asyncio.Event | None) -> float:
    """Who gets mail need not look often."""
    return _LOOKS_WITHOUT_MAIL_HOURS if bell is None else _LOOKS_HOURS


def _as_specialist(seen: Seen, part: Part) -> Act | None:
    return specialist_act(seen, part.case, part.temper)


def _as_supervisor(seen: Seen, _: Part) -> Act | None:
    return supervisor_act(seen)


def _as_merchant(seen: Seen, part: Part) -> Act | None:
    return merchant_act(seen, part.case, part.temper)


def _as_consumer(seen: Seen, part: Part) -> Act | None:
    return consumer_act(seen, part.case, part.temper)


async def _own(stage: Stage, token: str, **filters: object) -> AsyncIterator[dict[str, Any]]:
    async for complaint in stage.client.items(token, "/v1/complaints", limit=100, **filters):
        yield complaint


class _Surveys:
    """A consumer's surveys: found in mails or the inbox, answered once each, or never."""

    def __init__(self, stage: Stage, part: Part, token: str, address: str | None) -> None:
        self._stage = stage
        self._part = part
        self._token = token
        self._address = address
        self._found: dict[str, float] = {}
        self._done: set[str] = set()

    async def look(self, status: str) -> float:
        """Answer what is due; the hour at which the next answer is."""
        await self._search(status)
        due = math.inf
        for cycle, (survey, hour) in enumerate(self._found.items(), start=1):
            body = survey_answer(cycle, self._part.case, self._part.temper)
            if survey in self._done or body is None:
                continue
            answer_at = hour + self._part.temper.survey_hours
            if answer_at > self._stage.clock.hours:
                due = min(due, answer_at)
                continue
            self._done.add(survey)
            await self._stage.post(None, f"/v1/surveys/{survey}", body)
        return due

    async def _search(self, status: str) -> None:
        if self._address is None:
            if status == Status.RESOLVED:
                await self._search_inbox()
            return
        for mail in self._stage.mailbox.received_by(self._address):
            if mail.survey_token is not None:
                self._found.setdefault(mail.survey_token, self._stage.clock.hours)

    async def _search_inbox(self) -> None:
        async for message in self._stage.client.items(self._token, "/v1/inbox"):
            token = survey_token_in(str(message))
            if token is not None:
                self._found.setdefault(token, self._stage.clock.hours)
