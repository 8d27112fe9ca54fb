"""A specialist's profile, presence and absence."""

from datetime import timedelta

import pytest

from services.routing.domain.events import Absence, SpecialistCameBack, SpecialistWentAbsent
from services.routing.domain.specialists import (
    SPECIALIST,
    ChangeProfile,
    CheckRoster,
    Command,
    EndGrace,
    Register,
    SetPresence,
    Specialist,
    State,
    Unregistered,
)
from shared.decider import Refused
from shared.events.profiles import (
    MerchantRegistered,
    Period,
    SpecialistChanged,
    SpecialistPresenceChanged,
    SpecialistRegistered,
)
from tests.unit.routing.build import HOUR, NOW, profile

MORNING = Period(start=NOW - HOUR, end=NOW + HOUR)
TOMORROW = Period(start=NOW + 24 * HOUR, end=NOW + 32 * HOUR)
REGISTER = Register(now=NOW, specialist_id="s1", profile=profile())
ONLINE = SetPresence(now=NOW, online=True)
OFFLINE = SetPresence(now=NOW + HOUR, online=False)


def after(*commands: Command) -> State:
    state: State = SPECIALIST.initial
    for command in commands:
        state = SPECIALIST.fold(SPECIALIST.decide(command, state), state)
    return state


def known(*commands: Command) -> Specialist:
    state = after(*commands)
    assert isinstance(state, Specialist)
    return state


def test_a_specialist_joins_offline() -> None:
    [registered] = SPECIALIST.decide(REGISTER, Unregistered())
    assert isinstance(registered, SpecialistRegistered)
    state = known(REGISTER)
    assert not state.online
    assert state.absent == {Absence.OFFLINE}
    assert state.profile == profile()


def test_registering_the_same_again_is_already_so_and_anything_else_is_refused() -> None:
    assert SPECIALIST.decide(REGISTER, after(REGISTER)) == []
    other = Register(now=NOW, specialist_id="s1", profile=profile(tier=3))
    with pytest.raises(Refused) as refused:
        SPECIALIST.decide(other, after(REGISTER))
    assert refused.value.code == "specialist_exists"


@pytest.mark.parametrize(
    "command",
    [
        ChangeProfile(now=NOW, profile=profile()),
        ONLINE,
        EndGrace(now=NOW, since=NOW),
        CheckRoster(now=NOW),
    ],
)
def test_nobody_by_that_id(command: Command) -> None:
    with pytest.raises(Refused) as refused:
        SPECIALIST.decide(command, Unregistered())
    assert refused.value.code == "not_found"


def test_a_changed_profile_is_told_whole() -> None:
    change = ChangeProfile(now=NOW, profile=profile(tier=4))
    [changed] = SPECIALIST.decide(change, after(REGISTER))
    assert isinstance(changed, SpecialistChanged)
    assert known(REGISTER, change).profile.tier == 4
    assert SPECIALIST.decide(change, after(REGISTER, change)) == []


def test_presence_changes_once() -> None:
    [event] = SPECIALIST.decide(ONLINE, after(REGISTER))
    assert isinstance(event, SpecialistPresenceChanged)
    assert known(REGISTER, ONLINE).absent == frozenset()
    assert SPECIALIST.decide(ONLINE, after(REGISTER, ONLINE)) == []


def test_going_offline_is_no_absence_before_the_grace_is_over() -> None:
    away = known(REGISTER, ONLINE, OFFLINE)
    assert (away.online, away.absent) == (False, frozenset())
    end = EndGrace(now=NOW + 2 * HOUR, since=NOW + HOUR)
    [event] = SPECIALIST.decide(end, away)
    assert isinstance(event, SpecialistWentAbsent)
    assert event.reason is Absence.OFFLINE
    assert SPECIALIST.decide(end, after(REGISTER, ONLINE, OFFLINE, end)) == []


def test_a_grace_that_was_overtaken_ends_nothing() -> None:
    end = EndGrace(now=NOW + 2 * HOUR, since=NOW + HOUR)
    back = SetPresence(now=NOW + HOUR, online=True)
    assert SPECIALIST.decide(end, after(REGISTER, ONLINE, OFFLINE, back)) == []
    again = SetPresence(now=NOW + 2 * HOUR, online=False)
    assert SPECIALIST.decide(end, after(REGISTER, ONLINE, OFFLINE, back, again)) == []


def test_the_end_of_a_shift_and_the_start_of_the_next() -> None:
    roster = Register(now=NOW, specialist_id="s1", profile=profile(shifts=(MORNING, TOMORROW)))
    [ended] = SPECIALIST.decide(CheckRoster(now=MORNING.end), after(roster, ONLINE))
    assert isinstance(ended, SpecialistWentAbsent)
    assert ended.reason is Absence.SHIFT_END
    gone = known(roster, ONLINE, CheckRoster(now=MORNING.end))
    [back] = SPECIALIST.decide(CheckRoster(now=TOMORROW.start), gone)
    assert isinstance(back, SpecialistCameBack)
    assert (
        known(roster, ONLINE, CheckRoster(now=MORNING.end), CheckRoster(now=TOMORROW.start)).absent
        == frozenset()
    )
    assert SPECIALIST.decide(CheckRoster(now=NOW), after(roster, ONLINE)) == []


def test_leave_that_begins_with_a_changed_profile() -> None:
    leave = ChangeProfile(now=NOW, profile=profile(leave=(MORNING,)))
    changed, absent = SPECIALIST.decide(leave, after(REGISTER, ONLINE))
    assert isinstance(changed, SpecialistChanged)
    assert isinstance(absent, SpecialistWentAbsent)
    assert absent.reason is Absence.LEAVE


def test_a_roster_that_does_not_cover_the_registration() -> None:
    later = Register(now=NOW, specialist_id="s1", profile=profile(shifts=(TOMORROW,)))
    assert known(later).absent == {Absence.OFFLINE, Absence.SHIFT_END}


def test_what_covers_an_instant_and_what_changes_next() -> None:
    plain = profile(shifts=(MORNING, TOMORROW), leave=(TOMORROW,))
    assert plain.on_shift(MORNING.start)
    assert not plain.on_shift(MORNING.end)
    assert plain.on_leave(TOMORROW.start)
    assert profile().on_shift(NOW)
    assert not profile().on_leave(NOW)
    assert plain.next_change(NOW) == MORNING.end
    assert plain.next_change(MORNING.end) == TOMORROW.start
    assert plain.next_change(TOMORROW.end) is None
    assert plain.next_change(TOMORROW.end - timedelta(seconds=1)) == TOMORROW.end


def test_other_events_change_no_specialist() -> None:
    noise = MerchantRegistered(
        occurred_at=NOW, merchant_id="m1", merchant_class="standard", region=None, contact=None
    )
    assert SPECIALIST.evolve(Unregistered(), noise) == Unregistered()
    assert SPECIALIST.evolve(after(REGISTER), noise) == after(REGISTER)
