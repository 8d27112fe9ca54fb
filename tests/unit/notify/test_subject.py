"""A person is forgotten once for each time they are erased."""

from datetime import timedelta

from services.notify.domain.subject import (
    SUBJECT,
    Forget,
    Forgotten,
    Remembered,
    State,
    stream_of,
)
from shared.events.envelope import Event
from tests.unit.notify.examples import FILED, HOUR, NOW

SECOND = timedelta(seconds=1)


def forget(state: State, *, hours: int = 0) -> list[Event]:
    """What is recorded when intake erased u1 so many hours after `NOW`."""
    erased_at = NOW + hours * HOUR
    return SUBJECT.decide(Forget(now=erased_at, subject_id="u1", erased_at=erased_at), state)


def test_nobody_is_forgotten_to_begin_with() -> None:
    assert SUBJECT.fold([]) == Remembered()
    assert SUBJECT.fold([FILED]) == Remembered()


def test_an_erased_person_is_forgotten_as_of_then() -> None:
    assert SUBJECT.fold(forget(Remembered())) == Forgotten(NOW)


def test_the_same_erasure_is_recorded_once() -> None:
    assert forget(Forgotten(NOW)) == []


def test_who_came_back_is_forgotten_again() -> None:
    assert SUBJECT.fold(forget(Forgotten(NOW), hours=1), Forgotten(NOW)) == Forgotten(NOW + HOUR)


def test_an_erasure_covers_what_was_recorded_up_to_it_and_nothing_after() -> None:
    assert Forgotten(NOW).covers(NOW)
    assert Forgotten(NOW).covers(None)
    assert not Forgotten(NOW).covers(NOW + SECOND)


def test_each_person_has_a_stream() -> None:
    assert stream_of("u1") == "subject-u1"
