"""What everybody on stage shares: the clock, the API, who is who, and what was filed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from amends.demo.cases import Case
from amends.demo.client import Client, Refusal
from amends.demo.clock import StageClock
from amends.demo.decisions import Act, Seen
from amends.demo.mailbox import Mailbox
from amends.demo.seeing import see
from amends.demo.temper import Temper

_MOST_TROUBLES: Final = 20

Token = Callable[..., str]
"""(role, subject, team_id=…, merchant_id=…, scopes=…) → bearer token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A case that was filed: what its people know of it. `hour` is when."""

    complaint_id: str
    case: Case
    temper: Temper
    hour: float


@dataclass(slots=True, kw_only=True)
class Stage:
    """Shared by all actors. `filed` by complaint id; `troubles` are sentences for the report."""

    clock: StageClock
    client: Client
    mailbox: Mailbox
    token: Token
    filed: dict[str, Part] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)
    acts: int = 0

    def trouble(self, sentence: str) -> None:
        """Remember something that should not have happened (the first few of them)."""
        if len(self.troubles) < _MOST_TROUBLES and sentence not in self.troubles:
            self.troubles.append(sentence)

    async def perform(self, token: str, complaint_id: str, act: Act, version: int) -> Any | None:
        """Post an act. A lost race is no trouble, any other refusal is one; both give None."""
        path = f"/v1/complaints/{complaint_id}/{act.path}"
        return await self.post(token, path, act.body, version if act.guarded else None)

    async def post(
        self, token: str | None, path: str, body: Mapping[str, Any], version: int | None = None
    ) -> Any | None:
        """As `perform`, for any path."""
        try:
            answer = await self.client.act(token, path, body, version=version)
        except Refusal as refusal:
            self.trouble(str(refusal))
            return None
        self.acts += answer is not None
        return answer


@dataclass(slots=True, kw_only=True)
class Notebook:
    """What an actor has read of its complaints, and when it first saw each as it is now.

    `with_history`: the actor reads what happened, too.
    """

    stage: Stage
    token: str
    with_history: bool = False
    _hours: dict[str, tuple[int, float]] = field(default_factory=dict)
    _seen: dict[str, Seen] = field(default_factory=dict)

    async def look_up(self, complaint_id: str, version: int, part: Part) -> Seen:
        """The complaint in this version, read from the platform unless it was before.

        Raises `Refusal`.
        """
        known = self._seen.get(complaint_id)
        if known is not None and known.version == version:
            return known
        path = f"/v1/complaints/{complaint_id}"
        client = self.stage.client
        history = (
            [entry async for entry in client.items(self.token, f"{path}/events", limit=200)]
            if self.with_history
            else []
        )
        complaint = await client.get(self.token, path)
        since = self._since(complaint_id, complaint["version"])
        seen = see(complaint, history, since=since, filed_hour=part.hour)
        self._seen[complaint_id] = seen
        return seen

    def forget(self, complaint_id: str) -> None:
        """Read the complaint again next time."""
        self._seen.pop(complaint_id, None)

    def _since(self, complaint_id: str, version: int) -> float:
        known = self._hours.get(complaint_id)
        if known is not None and known[0] == version:
            return known[1]
        hour = self.stage.clock.hours
        self._hours[complaint_id] = (version, hour)
        return hour
