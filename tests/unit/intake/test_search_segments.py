"""Segments give back the places that were put in, newest first, whatever their number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.search_segments import (
    SIZE,
    bits_of,
    common,
    gathered,
    newest_first,
    packed_of,
    without,
)

PLACES = st.sets(st.integers(0, SIZE - 1), min_size=1)


@given(places=PLACES)
def test_what_is_packed_is_unpacked(places: set[int]) -> None:
    assert list(newest_first(bits_of(packed_of(sorted(places))))) == sorted(places, reverse=True)


@pytest.mark.parametrize("count", [1, 2, 63, 64, 65, 127, 128, SIZE])
def test_many_places_take_no_more_room_than_a_bit_each(count: int) -> None:
    packed = packed_of(range(SIZE - count, SIZE))
    assert len(packed) == (2 * count if count <= 64 else SIZE // 8)
    assert bits_of(packed).bit_count() == count


@given(many=st.lists(PLACES, min_size=1, max_size=4))
def test_what_is_common_is_common_to_all(many: list[set[int]]) -> None:
    packed = [packed_of(sorted(places)) for places in many]
    expected = set.intersection(*many)
    assert {*newest_first(common(packed))} == expected


@given(places=PLACES, gone=PLACES)
def test_without_some_the_others_are_left(places: set[int], gone: set[int]) -> None:
    left = without(packed_of(sorted(places)), gone)
    assert left == packed_of(sorted(places - gone))


def test_terms_are_gathered_from_texts() -> None:
    assert gathered([{1, 2}, set(), {2}]) == {1: [0], 2: [0, 2]}


def test_the_size_never_changes() -> None:
    assert SIZE == 2_048
