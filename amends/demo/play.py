"""One run: everybody takes their place, complaints are filed, and life goes on until it is over."""

import asyncio
import random
from collections.abc import Coroutine, Sequence
from typing import Any, Final

from amends.demo.actors import play_consumer, play_merchant, play_specialist, play_supervisor
from amends.demo.board import Board
from amends.demo.cases import Case
from amends.demo.cast import SPECIALISTS, Merchant, address_of, merchants_of
from amends.demo.client import Refusal
from amends.demo.stage import Part, Stage
from amends.demo.temper import temper_of
from shared.clock import rfc3339
from shared.events.vocabulary import Channel

_ARRIVAL_SHARE: Final = 0.4
"""Share of the run during which complaints are filed."""
_HOURS_PER_DAY: Final = 24.0
_LOOK_SECONDS: Final = 1.0


class Play:
    """Runs the actors on a stage. `ops` is the token that registers people and reads figures."""

    def __init__(self, stage: Stage, cases: Sequence[Case], ops: str) -> None:
        self._stage = stage
        self._cases = cases
        self._ops = ops
        self._merchants = merchants_of(cases)
        self._tasks: set[asyncio.Task[None]] = set()
        self._all_filed = False

    async def set_up(self) -> None:
        """Register specialists, who come online, and merchants. Raises `Refusal`."""
        client = self._stage.client
        for specialist in SPECIALISTS:
            try:
                await client.post(self._ops, "/v1/specialists", specialist.body())
            except Refusal as refusal:
                if refusal.code != "specialist_exists":
                    raise
            token = self._stage.token("specialist", specialist.id, team_id=specialist.team_id)
            await client.put(token, f"/v1/specialists/{specialist.id}/presence", {"online": True})
        for merchant in self._merchants:
            await client.put(self._ops, f"/v1/merchants/{merchant.id}", merchant.body())

    async def run(self, days: float, board: Board) -> None:
        """Play until every complaint is over, at most so many business days."""
        last_hour = days * _HOURS_PER_DAY
        self._stage.clock.start()
        try:
            self._enter(days)
            look_hours = self._stage.clock.hours_for(_LOOK_SECONDS)
            while self._stage.clock.hours < last_hour and not await self._over(board):
                await self._stage.clock.until(self._stage.clock.hours + look_hours)
        finally:
            await self._leave()

    def _enter(self, days: float) -> None:
        for specialist in SPECIALISTS:
            self._start(play_specialist(self._stage, specialist))
        for team_id in (None, *sorted({one.team_id for one in SPECIALISTS})):
            self._start(play_supervisor(self._stage, team_id))
        for merchant in self._merchants:
            self._start(play_merchant(self._stage, merchant))
        self._start(self._file_all(days * _HOURS_PER_DAY * _ARRIVAL_SHARE))

    def _start(self, actor: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(actor)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._stage.trouble(f"an actor broke down: {type(error).__name__}: {error}")

    async def _leave(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _file_all(self, hours: float) -> None:
        dice = random.Random("arrivals")  # noqa: S311 - a play, not a secret
        moments = sorted(dice.uniform(0, hours) for _ in self._cases)
        for hour, case in zip(moments, self._cases, strict=True):
            await self._stage.clock.until(hour)
            await self._file(case)
        self._all_filed = True

    async def _file(self, case: Case) -> None:
        answer = await self._stage.post(self._filer(case), "/v1/complaints", filing(case))
        if answer is None:
            return
        part = Part(
            complaint_id=answer["id"],
            case=case,
            temper=temper_of(case),
            hour=self._stage.clock.hours,
        )
        self._stage.filed[part.complaint_id] = part
        self._start(play_consumer(self._stage, part))

    def _filer(self, case: Case) -> str:
        """The token of whoever may file through the case's channel."""
        token = self._stage.token
        match case.channel:
            case Channel.FORM | Channel.APP:
                return token("consumer", case.consumer_id)
            case Channel.HOTLINE:
                return token("specialist", SPECIALISTS[0].id, team_id=SPECIALISTS[0].team_id)
            case Channel.REGULATOR | Channel.ASSOCIATION | Channel.MEDIA:
                scopes = frozenset({str(case.channel)})
                return token("service", f"{case.channel}-gateway", scopes=scopes)

    async def _over(self, board: Board) -> bool:
        summary = await self._stage.client.get(self._ops, "/v1/metrics/summary")
        totals = summary["totals"]
        counts = {
            "filed": totals["filed"],
            "open": summary["open"]["total"],
            "resolved": totals["resolved"],
            "closed": totals["closed"],
            "breaches": summary["breaches"]["total"],
            "mails": summary["notifications"]["mails_sent"],
        }
        board.show(self._stage.clock.hours / _HOURS_PER_DAY, counts)
        if not self._all_filed or summary["open"]["total"]:
            return False
        resolved = await self._stage.client.get(
            self._ops, "/v1/complaints", status="resolved", limit=1
        )
        return not resolved["items"]

    @property
    def merchants(self) -> Sequence[Merchant]:
        """The merchants of the cases."""
        return self._merchants

    async def read_back(self) -> list[str]:
        """What cannot be read back as it was filed, by those who filed it, in sentences."""
        wrong: list[str] = []
        if self._all_filed and len(self._stage.filed) < len(self._cases):
            missing = len(self._cases) - len(self._stage.filed)
            wrong.append(f"{missing} of {len(self._cases)} complaints could not be filed")
        for part in self._stage.filed.values():
            token = self._stage.token("consumer", part.case.consumer_id)
            try:
                held = await self._stage.client.get(token, f"/v1/complaints/{part.complaint_id}")
            except Refusal as refusal:
                wrong.append(f"{part.case.id} was filed and cannot be read back: {refusal}")
                continue
            wrong += [
                f"{part.case.id} was filed with {name} {sent!r} and is held with {held.get(name)!r}"
                for name, sent in _kept(part.case).items()
                if held.get(name) != sent
            ]
        return wrong


def _kept(case: Case) -> dict[str, Any]:
    return {
        "merchant_id": case.merchant_id,
        "consumer_id": case.consumer_id,
        "category": str(case.category),
        "channel": str(case.channel),
        "description": case.description,
    }


def filing(case: Case) -> dict[str, Any]:
    """A case as `POST /v1/complaints` takes it."""
    demand: dict[str, Any] = {"kind": case.demand}
    if case.amount_minor is not None:
        demand |= {"amount_minor": case.amount_minor, "currency": case.currency}
    body: dict[str, Any] = {
        "channel": case.channel,
        "consumer_id": case.consumer_id,
        "merchant_id": case.merchant_id,
        "order_ids": list(case.order_ids),
        "category": case.category,
        "description": case.description,
        "demand": demand,
        "language": case.language,
    }
    address = address_of(case)
    if address is not None:
        body["contact"] = address
    if case.happened_at is not None:
        body["happened_at"] = rfc3339(case.happened_at)
    return body
