"""A case while one fact is being taken in: what changes, and what has to be published for it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from itertools import pairwise

from services.sla.domain.case import Case
from services.sla.domain.clock import (
    Clock,
    ClockIdentity,
    End,
    Ending,
    Standing,
    Target,
    clock_id,
    counted_seconds,
    identity,
    next_firing,
    standing,
    warning_instants,
)
from services.sla.domain.firing import fire_one
from services.sla.domain.policies import Policies
from services.sla.domain.timeline import Turns, with_turn
from shared.events.clocks import (
    ClockCancelled,
    ClockCorrected,
    ClockEvent,
    ClockPaused,
    ClockResumed,
    ClockStarted,
    ClockStopped,
)
from shared.events.vocabulary import Band, ClockKind, CorrectionReason, Party, Status, Turn


class Draft:
    """Collects the consequences of one fact.

    `at` is when the fact took place (its own time is written into every event it causes),
    `cause_id` its event id.
    """

    def __init__(self, case: Case, policies: Policies, *, at: datetime, cause_id: str) -> None:
        self.case = case
        self.events: list[ClockEvent] = []
        self._policies = policies
        self._at = at
        self._cause_id = cause_id

    def start(
        self,
        kind: ClockKind,
        *,
        at: datetime,
        n: int | None = None,
        party: Party | None = None,
    ) -> None:
        """Start a clock of the current cycle, unless this very clock has been started before.

        Without `n` it gets the next number of its kind in the cycle.
        """
        case = self.case
        number = n or case.starts(case.cycle, kind) + 1
        if case.find(case.cycle, kind, number) is not None:
            return
        policy = self._policies.in_force(at)
        rule = policy.rule_for(kind, case.circumstances)
        clock = Clock(
            id=clock_id(case.complaint_id, case.cycle, kind, number),
            cycle=case.cycle,
            kind=kind,
            n=number,
            party=rule.party or party or Party.PLATFORM,
            policy_version=policy.name,
            counted_turns=rule.counted_turns,
            warn_percents=rule.warn_percents,
            started_at=at,
            cause_id=self._cause_id,
            targets=(Target(at=at, text=rule.target, seconds=rule.seconds, rule_id=rule.id),),
        )
        now = standing(clock, case.turns)
        self._keep(clock, self._started(clock, now))
        if now.due_at is None:
            self._pause(clock)

    def _started(self, clock: Clock, now: Standing) -> ClockStarted:
        at = clock.started_at
        return ClockStarted(
            **self._who(clock),
            occurred_at=at,
            responsible_id=self.case.responsible(clock.party, at),
            policy_version=clock.policy_version,
            calendar_version=None,
            target=now.target.text,
            started_at=at,
            due_at=now.due_at,
            due_reason=None if now.due_at else "paused",
            warn_at=warning_instants(clock, self.case.turns, now),
            warn_percents=clock.warn_percents,
            cause_id=clock.cause_id,
        )

    def stop(self, clock: Clock | None) -> None:
        """What the clock waited for took place. Facts that took place in time undo a breach."""
        if clock is None:
            return
        at = max(self._at, clock.started_at)
        if clock.end is None:
            self._stop_active(clock, at)
            return
        match clock.end.how:
            case Ending.LAPSED:
                self._stop_lapsed(clock, clock.end, max(at, clock.end.at))
            case Ending.MET | Ending.LATE:
                if at < clock.end.at:
                    self._stop_again(clock, clock.end, at)
            case Ending.CANCELLED:
                if clock.breached_at is not None and at <= clock.breached_at:
                    self._stop_again(clock, clock.end, at)

    def cancel(self, clocks: Iterable[Clock | None], reason: str) -> None:
        """What these clocks waited for is no longer owed. Those that have ended stay as they are.

        A deadline that had already gone by, even if only just, was missed all the same.
        """
        for clock in clocks:
            if clock is not None and clock.end is None:
                self._cancel(clock, reason)

    def lapse(self, clock: Clock | None) -> None:
        """The wait was given up because the clock was breached: the breach is final."""
        if clock is None or clock.end is not None:
            return
        at = max(self._at, clock.started_at)
        clock = self._fire_until(clock, at, breach_at_end=True)
        if clock.breached_at is None or at < clock.breached_at:
            self._cancel(clock, "lapsed")
            return
        end = self._end(clock, Ending.LAPSED, clock.breached_at, "lapsed")
        self.case = self.case.with_clock(replace(clock, paused=False, end=end))

    def retarget(self, clock: Clock | None, band: Band) -> None:
        """The complaint was assessed. The first time sets the target, later ones only shorten it.

        The rule comes from the policy version that the clock has kept since its start.
        """
        if clock is None or clock.end is not None:
            return
        policy = self._policies.named(clock.policy_version)
        rule = policy.rule_for(clock.kind, replace(self.case.circumstances, band=band))
        last = clock.targets[-1]
        assessed = any(one.since == before.since for before, one in pairwise(clock.targets))
        if assessed and rule.seconds >= last.seconds:
            return
        target = Target(
            at=max(self._at, last.at),
            text=rule.target,
            seconds=rule.seconds,
            rule_id=rule.id,
            since=last.since,
        )
        self._aim(clock, target, CorrectionReason.RETARGETED)

    def _aim(self, clock: Clock, target: Target, reason: CorrectionReason) -> None:
        before = standing(clock, self.case.turns)
        clock = replace(clock, targets=(*clock.targets, target))
        after = standing(clock, self.case.turns)
        self.case = self.case.with_clock(clock)
        if (before.target.text, before.due_at) != (after.target.text, after.due_at):
            self._correct(clock, reason, after)

    def restart(self, reason: str) -> None:
        """What was cancelled for this reason is owed again, from its own start."""
        for clock in self.case.clocks:
            if clock.end is None or clock.end.how is not Ending.CANCELLED:
                continue
            if clock.end.reason == reason:
                self._restart(clock)

    def _restart(self, clock: Clock) -> None:
        clock = replace(clock, end=None, paused=False)
        if clock.breached_at is not None:
            self.case = self.case.with_clock(clock)
            return
        now = standing(clock, self.case.turns)
        self._keep(clock, self._started(clock, now))
        if now.due_at is None:
            self._pause(clock)

    def anchor(self, clocks: Iterable[Clock | None], since: datetime) -> None:
        """Count these running clocks from `since`, if that is earlier than they count from.

        Like any later target it changes nothing once the deadline has gone by, and puts none
        before now.
        """
        for clock in clocks:
            if clock is None or clock.end is not None or clock.counts_from <= since:
                continue
            last = clock.targets[-1]
            self._aim(
                clock,
                replace(last, at=max(self._at, last.at), since=since),
                CorrectionReason.REANCHORED,
            )

    def turn(self, status: Status, turn: Turn) -> None:
        """The complaint's status and turn are these now: pause and resume what depends on it."""
        before = self.case.turns
        after = with_turn(before, self._at, turn)
        self.case = replace(self.case, status=status, turns=after)
        if after is before:
            return
        for clock in self.case.clocks:
            if clock.end is None and clock.counted_turns is not None:
                self._follow_turn(clock, after)

    def _follow_turn(self, clock: Clock, turns: Turns) -> None:
        now = standing(clock, turns)
        if clock.breached_at is not None:
            if now.due_at is not None and now.due_at <= clock.breached_at:
                return
            clock = self._correct(clock, CorrectionReason.LATE_FACT, now)
        if now.due_at is None:
            if not clock.paused:
                self._pause(clock)
        elif clock.paused:
            self._resume(clock, now)

    def _pause(self, clock: Clock) -> None:
        change = self.case.turns[-1]
        at = max(change.at, clock.started_at)
        self._keep(
            replace(clock, paused=True),
            ClockPaused(
                **self._who(clock),
                occurred_at=self._at,
                at=at,
                turn=change.turn,
                counted_seconds=counted_seconds(clock, self.case.turns, at),
            ),
        )

    def _resume(self, clock: Clock, now: Standing) -> None:
        change = self.case.turns[-1]
        self._keep(
            replace(clock, paused=False),
            ClockResumed(
                **self._who(clock),
                occurred_at=self._at,
                at=change.at,
                turn=change.turn,
                due_at=now.due_at,
                warn_at=warning_instants(clock, self.case.turns, now),
            ),
        )

    def _stop_active(self, clock: Clock, at: datetime) -> None:
        clock = self._fire_until(clock, at, breach_at_end=False)
        due_at = standing(clock, self.case.turns).due_at
        in_time = due_at is None or at <= due_at
        end = self._end(clock, Ending.MET if in_time else Ending.LATE, at)
        self._publish_stop(replace(clock, paused=False, end=end), end, in_time=in_time)
        if in_time and clock.breached_at is not None:
            self._withdraw(replace(clock, paused=False, end=end))

    def _stop_lapsed(self, clock: Clock, end: End, at: datetime) -> None:
        """An answer after the wait was given up: late, whatever its own time (crossing 10)."""
        late = replace(
            end,
            how=Ending.LATE,
            at=at,
            counted_seconds=counted_seconds(clock, self.case.turns, at),
        )
        self._publish_stop(replace(clock, paused=False, end=late), late, in_time=False)

    def _stop_again(self, clock: Clock, end: End, at: datetime) -> None:
        """An earlier fact became known later: the end moves back to it."""
        if end.reason == "lapsed":
            return
        in_time = end.due_at is None or at <= end.due_at
        earlier = replace(
            end,
            how=Ending.MET if in_time else Ending.LATE,
            at=at,
            counted_seconds=counted_seconds(clock, self.case.turns, at),
        )
        clock = replace(clock, paused=False, end=earlier)
        self._publish_stop(clock, earlier, in_time=in_time)
        self._withdraw(clock, withdrawn=in_time and clock.breached_at is not None)

    def _publish_stop(self, clock: Clock, end: End, *, in_time: bool) -> None:
        self._keep(
            clock,
            ClockStopped(
                **self._who(clock),
                occurred_at=self._at,
                stopped_at=end.at,
                in_time=in_time,
                counted_seconds=end.counted_seconds,
            ),
        )

    def _cancel(self, clock: Clock, reason: str) -> None:
        at = max(self._at, clock.started_at)
        clock = self._fire_until(clock, at, breach_at_end=True)
        end = self._end(clock, Ending.CANCELLED, at, reason)
        clock = replace(clock, paused=False, end=end)
        self._keep(clock, ClockCancelled(**self._who(clock), occurred_at=self._at, reason=reason))
        if clock.breached_at is not None and at < clock.breached_at:
            self._withdraw(clock)

    def _end(self, clock: Clock, how: Ending, at: datetime, reason: str | None = None) -> End:
        turns = self.case.turns
        return End(
            how=how,
            at=at,
            due_at=clock.breached_at or standing(clock, turns).due_at,
            counted_seconds=counted_seconds(clock, turns, at),
            reason=reason,
        )

    def _withdraw(self, clock: Clock, *, withdrawn: bool = True) -> None:
        """Say of an ended clock that what was published about its deadline does not stand."""
        target = standing(clock, self.case.turns).target
        due_at = clock.end.due_at if clock.end else None
        self._keep(
            replace(clock, breached_at=None) if withdrawn else clock,
            ClockCorrected(
                **self._who(clock),
                occurred_at=self._at,
                cause_id=self._cause_id,
                reason=CorrectionReason.LATE_FACT,
                target=target.text,
                due_at=due_at,
                warn_at=(),
                breach_withdrawn=withdrawn,
            ),
        )

    def _correct(self, clock: Clock, reason: CorrectionReason, now: Standing) -> Clock:
        """Publish the deadline of a running clock anew; a breach stands only if it still holds."""
        breached_at = clock.breached_at
        withdrawn = breached_at is not None and (now.due_at is None or now.due_at > breached_at)
        if breached_at is not None:
            clock = replace(clock, breached_at=None if withdrawn else now.due_at)
        self._keep(
            clock,
            ClockCorrected(
                **self._who(clock),
                occurred_at=self._at,
                cause_id=self._cause_id,
                reason=reason,
                target=now.target.text,
                due_at=now.due_at,
                warn_at=warning_instants(clock, self.case.turns, now),
                breach_withdrawn=withdrawn,
            ),
        )
        return clock

    def _fire_until(self, clock: Clock, at: datetime, *, breach_at_end: bool) -> Clock:
        """Say what this clock had to say before it ended; `breach_at_end`: also at that instant."""
        firing = next_firing(clock, self.case.turns)
        while firing is not None and (firing.at < at or (breach_at_end and firing.at == at)):
            self.case, event = fire_one(self.case, clock, firing)
            self.events.append(event)
            clock = next(known for known in self.case.clocks if known.id == clock.id)
            firing = next_firing(clock, self.case.turns)
        return clock

    def _keep(self, clock: Clock, event: ClockEvent) -> None:
        self.case = self.case.with_clock(clock, events=1)
        self.events.append(event)

    def _who(self, clock: Clock) -> ClockIdentity:
        return identity(self.case.complaint_id, clock)
