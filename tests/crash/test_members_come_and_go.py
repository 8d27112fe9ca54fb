"""Members of a consumer join and leave every second, under load: each event counts once, in order.

Prints the longest stall: how long nothing was counted anywhere while events kept coming, and how
old the oldest event was when it was counted.
"""

import asyncio
import random
import sys
from itertools import pairwise

import pytest

from shared.clock import ProcessClock
from shared.eventlog.ports import Store
from shared.events.envelope import Event, Fact
from shared.unit_of_work import UnitOfWork
from tests.support.broker import unshared
from tests.support.group import Group, Member, count
from tests.support.servers import postgres_server
from tests.support.stores import postgres_stores
from tests.support.time import VirtualTime

SECONDS = 120
SHARDS = 12
MOST_MEMBERS = 5
KEYS = [f"k{number}" for number in range(480)]
EACH_TENTH = 40
"""Events recorded per tenth of a second."""


class Load:
    """Events that keep coming, and when each of them was recorded and first counted."""

    def __init__(self) -> None:
        self._clock = ProcessClock()
        self._recorded: dict[int, float] = {}
        self._counted: dict[int, float] = {}
        self.over = asyncio.Event()

    async def count(self, fact: Fact[Event], work: UnitOfWork) -> None:
        """Counts, and remembers when: the last time it was tried is the time it held."""
        await count(fact, work)
        self._counted[fact.recorded.gpos] = self._clock.seconds()

    async def keep_coming(self, group: Group) -> None:
        """Record and relay, steadily, until told that it is over."""
        dice = random.Random(12)
        while not self.over.is_set():
            began = self._clock.seconds()
            recorded = await group.record(*dice.sample(KEYS, EACH_TENTH))
            self._recorded.update(dict.fromkeys(recorded, began))
            await group.feeds.publish()
            await asyncio.sleep(max(0.0, began + 0.1 - self._clock.seconds()))

    def longest_silence(self) -> float:
        """Seconds."""
        return max(b - a for a, b in pairwise(sorted(self._counted.values())))

    def oldest(self) -> float:
        """Seconds from an event's recording to its counting, at most."""
        return max(self._counted[gpos] - at for gpos, at in self._recorded.items())


async def _change(group: Group, stores: list[Store]) -> int:
    """A member joins or leaves every second; how many times. In the end there is none."""
    dice = random.Random(34)
    members: list[Member] = []
    changes = 0
    clock = ProcessClock()
    ends = clock.seconds() + SECONDS
    while clock.seconds() < ends:
        began = clock.seconds()
        if len(members) < 2 or (len(members) < len(stores) and dice.random() < 0.5):
            (free, *_) = [one for one in stores if one not in [m.store for m in members]]
            members.append(await group.join(own=free))
        else:
            await members.pop(dice.randrange(len(members))).leave()
        changes += 1
        await asyncio.sleep(max(0.0, began + 1 - clock.seconds()))
    for member in members:
        await member.leave()
    return changes


@pytest.mark.long
async def test_nothing_is_lost_doubled_or_reordered_while_members_change_every_second(
    kafka: str, capsys: pytest.CaptureFixture[str]
) -> None:
    time, load = VirtualTime(), Load()
    with postgres_server() as url:
        async with postgres_stores(url, time) as open_store:
            group = Group(open_store, unshared(kafka), time, KEYS, load.count)
            await group.open(shards=SHARDS)
            coming = asyncio.create_task(load.keep_coming(group))
            stores = [await open_store("reader") for _ in range(MOST_MEMBERS)]
            changes = await _change(group, stores)
            load.over.set()
            await coming
            staying = await group.join()
            wanted = await group.stored()
            await group.until_counted(wanted)
            await staying.leave()
            await group.close()
    assert changes >= SECONDS * 0.9
    assert sum(map(len, wanted.values())) > SECONDS * EACH_TENTH
    with capsys.disabled():
        sys.stdout.write(
            f"\n{changes} members joined or left in {SECONDS} s; of "
            f"{sum(map(len, wanted.values())):,} events each counted once, in order; longest "
            f"silence {load.longest_silence():.1f} s, oldest event {load.oldest():.1f} s\n"
        )
