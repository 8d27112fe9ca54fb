"""Dead letters found in stores, and what their owners are asked to do with them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from amends.dead_letters.stores import Stores
from services.notify.listings import dead_mails
from services.notify.redrives import MAILS
from shared.clock import ProcessClock
from shared.eventlog.ports import EventLog
from shared.feed.dead_letters import DeadLetter, LetterState, letter, letters
from shared.feed.requests import Asked, Drop, Requests

NOTIFY = "notify"


class CannotBeDone(Exception):
    """What was asked makes no sense; the message says why, in one line."""


class Result(StrEnum):
    """What came of asking. `parked`: it failed again. `asked`: it is done later."""

    HANDLED = "handled"
    DROPPED = "dropped"
    PARKED = "parked"
    ASKED = "asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Something that can be redriven: `key` names it to `consumer`, who answers."""

    id: str
    service: str
    consumer: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a letter. `handled`: events of its key, None as long as nobody has answered.

    `held_up_by` is the open letter behind which its key is parked now, with its reason; where
    nobody answered, the reason says so.
    """

    id: str
    service: str
    key: str
    result: Result
    handled: int | None
    held_up_by: str | None = None
    reason: str | None = None


async def listed(stores: Stores, state: LetterState) -> list[dict[str, Any]]:
    """The letters in one state as ops see them, oldest first. Dead mails count as parked."""
    found = [one.listed() for log in stores.of.values() for one in await letters(log, state)]
    if NOTIFY in stores.of and state is LetterState.PARKED:
        found += await dead_mails(stores.of[NOTIFY])
    return sorted(found, key=lambda one: str(one["failed_at"]))


async def by_id(stores: Stores, wanted: Sequence[str]) -> list[Target]:
    """The letters and mails with these ids. Raises `CannotBeDone` if one is not to be redriven."""
    parked = {target.id: target for target in await everything(stores)}
    for one in wanted:
        if one not in parked:
            raise CannotBeDone(await _why_not(stores, one))
    return [parked[one] for one in dict.fromkeys(wanted)]


async def by_key(stores: Stores, key: str) -> list[Target]:
    """The letters and mails of a key. Raises `CannotBeDone` if there are none."""
    found = [one["id"] for one in await listed(stores, LetterState.PARKED) if one["key"] == key]
    if not found:
        raise CannotBeDone(f"nothing is parked under the key {key}")
    return await by_id(stores, found)


async def everything(stores: Stores) -> list[Target]:
    """All that can be redriven."""
    return [_target(one) for one in await listed(stores, LetterState.PARKED)]


async def redrive(stores: Stores, targets: Sequence[Target], seconds: float) -> list[Outcome]:
    """Ask for all of them at once, and wait so long for answers."""
    names = dict.fromkeys((one.service, one.consumer, one.key) for one in targets)
    answers = await asyncio.gather(
        *(_ask(stores, service, consumer, Asked(key), seconds) for service, consumer, key in names)
    )
    handled = dict(zip(names, answers, strict=True))
    return [
        await _outcome(stores, one, handled[one.service, one.consumer, one.key], seconds)
        for one in targets
    ]


async def drop(stores: Stores, drop: Drop, seconds: float) -> Outcome:
    """Ask for a record to be skipped. Dropped before: nothing changes. Raises `CannotBeDone`."""
    found = await _letter(stores, drop.letter)
    if found is None:
        raise CannotBeDone(await _why_not_dropped(stores, drop.letter))
    if found.state is LetterState.REDRIVEN:
        raise CannotBeDone(f"{drop.letter} was handled after all: there is nothing to drop")
    target = _target(found.listed())
    if found.state is LetterState.DROPPED:
        return await _outcome(stores, target, 0, seconds)
    asked = Asked(found.key, drop)
    handled = await _ask(stores, target.service, target.consumer, asked, seconds)
    return await _outcome(stores, target, handled, seconds)


async def _ask(
    stores: Stores, service: str, consumer: str, asked: Asked, seconds: float
) -> int | None:
    requests = Requests(consumer, stores.of[service], ProcessClock())
    return await requests.ask(asked, seconds=0 if stores.deserted else seconds)


async def _outcome(stores: Stores, target: Target, handled: int | None, seconds: float) -> Outcome:
    log = stores.of[target.service]
    held_up_by, reason = await _held_up(log, target)
    if handled is None:
        result = Result.ASKED
        reason = "nobody runs on this store" if stores.deserted else f"no answer in {seconds:g} s"
    else:
        result = await _result(log, target, held_up_by)
    return Outcome(
        id=target.id,
        service=target.service,
        key=target.key,
        result=result,
        handled=handled,
        held_up_by=held_up_by,
        reason=reason,
    )


async def _held_up(log: EventLog, target: Target) -> tuple[str | None, str | None]:
    if target.consumer == MAILS:
        mails = {mail["id"]: mail for mail in await dead_mails(log)}
        return (target.id, mails[target.id]["reason"]) if target.id in mails else (None, None)
    for one in await letters(log):
        if (one.consumer, one.key) == (target.consumer, target.key):
            return one.id, one.reason
    return None, None


async def _result(log: EventLog, target: Target, held_up_by: str | None) -> Result:
    if held_up_by == target.id:
        return Result.PARKED
    found = None if target.consumer == MAILS else await letter(log, target.id)
    dropped = found is not None and found.state is LetterState.DROPPED
    return Result.DROPPED if dropped else Result.HANDLED


def _target(shown: dict[str, Any]) -> Target:
    mail = "consumer" not in shown
    return Target(
        id=shown["id"],
        service=shown["service"],
        consumer=MAILS if mail else shown["consumer"],
        key=shown["id"] if mail else shown["key"],
    )


async def _letter(stores: Stores, wanted: str) -> DeadLetter | None:
    for log in stores.of.values():
        found = await letter(log, wanted)
        if found is not None:
            return found
    return None


async def _why_not(stores: Stores, wanted: str) -> str:
    found = await _letter(stores, wanted)
    if found is None:
        return f"there is no dead letter {wanted} of {', '.join(stores.of)}"
    return f"{wanted} is not parked any more: it was {found.state.value}"


async def _why_not_dropped(stores: Stores, wanted: str) -> str:
    if any(one.id == wanted for one in await everything(stores)):
        return f"{wanted} is a mail: it holds nothing up, and lies in the inbox as it is"
    return await _why_not(stores, wanted)
