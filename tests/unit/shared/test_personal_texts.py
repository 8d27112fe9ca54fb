"""Texts of persons: sealed for all who keep them, readable while their person's key exists."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from shared.crypto.finding import personal_in
from shared.crypto.keyring import KEPT_SECONDS, KeyRing
from shared.crypto.ports import StoredKey, SubjectKey
from shared.crypto.sealing import KEY_BYTES, new_key, opened, sealed, text_key
from shared.events.personal import UNREADABLE, Personal
from shared.events.registry import event_types
from tests.contract.examples import full_example

KEY = new_key("intake")
assert KEY.key is not None


def of(text: str, subject: str = "u1", key: SubjectKey = KEY) -> Personal:
    """A text as it comes out of a log."""
    assert key.key is not None
    return Personal(subject, None, sealed(text, subject, key.id, key.key))


class Keys:
    """A service's keys in memory; counts how often it is asked."""

    def __init__(self, **stored: SubjectKey) -> None:
        self.stored_keys = {subject: StoredKey(key, 1) for subject, key in stored.items()}
        self.asked: list[list[str]] = []

    async def stored(self, subjects: Any) -> dict[str, StoredKey]:
        """See `KeySource.stored`."""
        self.asked.append(sorted(subjects))
        return {one: self.stored_keys[one] for one in subjects if one in self.stored_keys}


class Watch:
    """Monotonic time that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        """The reading."""
        return self.now


def ring(*, seconds: Watch | None = None, **sources: Keys) -> KeyRing:
    """The keys that notify works with."""
    return KeyRing("notify", sources.get, seconds=seconds or Watch())


def test_a_sealed_text_opens_with_its_key_alone_and_under_its_name_alone() -> None:
    text = of("13800138000，包是假的")
    assert text.sealed is not None
    assert KEY.key is not None
    right = text_key(KEY.key, text.sealed[1])
    assert len(right) == KEY_BYTES
    assert opened(text.sealed, "u1", right) == "13800138000，包是假的"
    assert opened(text.sealed, "u2", right) is None
    other = of("another")
    assert other.sealed is not None
    assert opened(text.sealed, "u1", text_key(KEY.key, other.sealed[1])) is None
    assert opened((*text.sealed[:2], "AAAA"), "u1", right) is None
    assert opened((*text.sealed[:2], "no base64!"), "u1", right) is None


def test_the_same_text_never_looks_the_same_and_keys_differ() -> None:
    assert of("x").to_wire() != of("x").to_wire()
    assert new_key("intake").id.startswith("intake:")
    assert len({new_key("intake").key for _ in range(5)}) == 5


def test_what_was_sealed_is_written_sealed_also_by_whoever_can_read_it() -> None:
    text = Personal("u1", "words")
    assert text.to_wire() == {"s": "u1", "v": "words"}
    text.seal(("intake:k", "n", "c"))
    assert (text.text, text.key_owner) == ("words", "intake")
    assert text.to_wire() == {"s": "u1", "k": "intake:k", "n": "n", "c": "c"}
    copy = text.copy()
    assert (copy.value, copy.text, copy.sealed) == (None, UNREADABLE, text.sealed)
    assert Personal("u1", "words").copy() == Personal("u1", "words")


def test_texts_are_equal_by_what_they_say_where_both_can_be_read() -> None:
    seal = ("intake:k", "n", "c")
    readable, unread = Personal("u1", "words"), Personal("u1", None, seal)
    readable.seal(seal)
    assert readable == Personal("u1", "words")
    assert readable != Personal("u2", "words")
    assert readable == unread
    assert Personal("u1", "words") != unread
    assert readable != "words"
    assert len({readable, unread}) == 1


@dataclass(frozen=True)
class Note:
    """Something with a text in it."""

    words: Personal
    number: int = 0


@dataclass(frozen=True)
class Longer(Note):
    """An heir of it, with more."""

    more: tuple[Personal | None, ...] = ()


@dataclass(frozen=True)
class Plain:
    """Something without any."""

    number: int = 0
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case:
    """Texts at many depths."""

    note: Note
    plain: Plain = Plain()
    by_name: dict[str, Note] = field(default_factory=dict)
    anything: Any = None
    heir: Plain | None = None


@dataclass(frozen=True)
class Secretive(Plain):
    """An heir with a text, of a class without any."""

    secret: Personal = field(default_factory=lambda: Personal("u9", "hidden"))


def test_every_text_is_found_however_deep_it_lies() -> None:
    a, b, c, d = (Personal("u1", letter) for letter in "abcd")
    case = Case(
        note=Longer(a, more=(None, b)),
        by_name={"x": Note(c)},
        anything=[{"y": {d}}],
        heir=Secretive(),
    )
    assert [text.text for text in personal_in((1, "x", case, None))] == [
        "a",
        "b",
        "c",
        "d",
        "hidden",
    ]
    assert list(personal_in(Plain())) == []


def test_every_text_of_every_event_is_found() -> None:
    """As many as the JSON of an example holds: an event whose texts were missed would lie open."""
    for entry in event_types():
        example = full_example(entry.cls)
        assert len(list(personal_in(example))) == _counted(example), entry.full_name


def _counted(value: object) -> int:
    if isinstance(value, Personal):
        return 1
    if isinstance(value, dict):
        return sum(map(_counted, value.values()))
    if isinstance(value, list | tuple | set | frozenset):
        return sum(map(_counted, value))
    return sum(
        _counted(getattr(value, name)) for name in getattr(value, "__dataclass_fields__", ())
    )


async def test_texts_are_opened_with_the_keys_of_whoever_sealed_them() -> None:
    own = new_key("notify")
    intake, notify = Keys(u1=KEY), Keys(u1=own)
    texts = [of("of intake"), of("of notify", key=own), Personal("u1", "clear"), of("of u2", "u2")]
    keys = ring(intake=intake, notify=notify)
    await keys.open(texts)
    assert [one.text for one in texts] == ["of intake", "of notify", "clear", UNREADABLE]
    assert notify.asked == [["u1"]]
    assert await keys.texts(of("again"), None) == ["again", None]
    stranger = of("x", key=replace(KEY, id="nobody:1"))
    await keys.open(stranger)
    assert stranger.text == UNREADABLE


async def test_what_is_kept_for_long_stays_sealed_when_its_text_is_told() -> None:
    text = of("words")
    assert await ring(intake=Keys(u1=KEY)).texts(text) == ["words"]
    assert text.value is None


async def test_a_key_is_read_once_and_again_when_it_may_have_changed() -> None:
    source, watch = Keys(u1=KEY), Watch()
    keys = ring(seconds=watch, intake=source)
    for _ in range(3):
        await keys.open(of("x"))
    assert source.asked == [["u1"]]
    newer = new_key("intake")
    source.stored_keys["u1"] = StoredKey(newer, 3)
    [text] = await keys.texts(of("since", key=newer))
    assert text == "since"
    assert len(source.asked) == 2
    source.stored_keys["u1"] = StoredKey(SubjectKey(id=newer.id, key=None), 4)
    assert await keys.texts(of("kept", key=newer)) == ["kept"]
    watch.now = KEPT_SECONDS
    assert await keys.texts(of("gone", key=newer)) == [UNREADABLE]


async def test_who_was_told_forgets_at_once() -> None:
    source = Keys(u1=KEY)
    keys = ring(intake=source)
    await keys.open(of("x"))
    source.stored_keys["u1"] = StoredKey(SubjectKey(id=KEY.id, key=None), 2)
    keys.forget(["u1"])
    assert await keys.texts(of("x")) == [UNREADABLE]


async def test_the_key_of_one_text_opens_that_text_and_no_other() -> None:
    one, other = of("one"), of("other")
    gone = of("gone", "u2")
    found = await ring(intake=Keys(u1=KEY)).text_keys([one, other, gone, Personal("u1", "clear")])
    assert one.sealed is not None
    assert other.sealed is not None
    assert set(found) == {one.sealed[1], other.sealed[1]}
    assert opened(one.sealed, "u1", found[one.sealed[1]]) == "one"
    assert opened(other.sealed, "u1", found[one.sealed[1]]) is None


@pytest.mark.parametrize("wrong", [{"value": None}, {"value": "x", "sealed": ("k", "n", "c")}])
def test_a_text_is_made_clear_or_sealed(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="either clear or sealed"):
        Personal("u1", **{"value": None, **wrong})
