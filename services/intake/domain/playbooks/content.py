"""What a playbook says, with blanks that a case fills, and the faults it may not have.

A blank is a name in braces, `{amount}`. It is no template language: nothing is computed in a text
that ops may edit, and a text is either filled whole or refused when it is written.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from shared.events.vocabulary import Category

BLANKS: Final = ("amount", "complaint", "demand", "filed_on", "merchant", "missing", "orders")
"""What a case can fill in."""

LANGUAGES: Final = ("zh-CN", "en")
"""What every text is written in; the first is spoken where nothing fits."""

_BLANK: Final = re.compile(r"\{([a-z_]+)\}")


class Kind(StrEnum):
    """What an explanation explains."""

    CAUSE = "cause"
    PROCESS = "process"
    RIGHTS = "rights"
    PRODUCT = "product"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A step, a question or an explanation, in Chinese and English.

    Explanations have a `kind`; `sources` are what they rest on, in the words of the law's country.
    """

    id: str
    zh: str
    en: str
    kind: Kind | None = None
    sources: tuple[str, ...] = ()

    def text(self, language: str) -> str:
        """The text in one of `LANGUAGES`."""
        return self.zh if language == LANGUAGES[0] else self.en


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """All that a version of a playbook says, in the order it is said."""

    steps: tuple[Passage, ...]
    questions: tuple[Passage, ...]
    explanations: tuple[Passage, ...]

    @property
    def passages(self) -> tuple[Passage, ...]:
        """Everything that can be taken as a step, by its id."""
        return (*self.steps, *self.questions, *self.explanations)


@dataclass(frozen=True, slots=True, kw_only=True)
class Playbook:
    """A version of a category's playbook."""

    category: Category
    version: int
    content: Content

    @property
    def name(self) -> str:
        """`category@version`, as recorded steps carry it."""
        return f"{self.category}@{self.version}"

    def has(self, step: str) -> bool:
        """Whether it has a passage of this id."""
        return any(one.id == step for one in self.content.passages)


def spoken(*wanted: str | None) -> str:
    """The first of the wanted languages that texts are written in. `zh-TW` is served `zh-CN`."""
    for language in wanted:
        for known in LANGUAGES:
            if language and language.split("-")[0].lower() == known.split("-")[0]:
                return known
    return LANGUAGES[0]


def text_faults(text: str) -> list[str]:
    """What is wrong with one text: blanks nobody fills, and braces that are no blank."""
    unknown = sorted({name for name in _BLANK.findall(text) if name not in BLANKS})
    found = [f"no case fills the blank {{{name}}}; known: {', '.join(BLANKS)}" for name in unknown]
    if re.search(r"[{}]", _BLANK.sub("", text)):
        found.append("a brace that is no blank such as {amount}")
    return found


def faults(content: Content) -> list[str]:
    """What is wrong with a playbook, passage by passage. Empty: it can be used."""
    found = [
        f"{passage.id}: {fault}"
        for passage in content.passages
        for text in (passage.zh, passage.en)
        for fault in text_faults(text)
    ]
    counts = Counter(passage.id for passage in content.passages)
    found += [
        f"{name}: the id is there {count} times" for name, count in counts.items() if count > 1
    ]
    found += [
        f"{one.id}: an explanation says of what" for one in content.explanations if not one.kind
    ]
    return list(dict.fromkeys(found))


def filled(text: str, blanks: Mapping[str, str]) -> str:
    """The text with its blanks filled; those that are not given stay as they are."""
    return _BLANK.sub(lambda blank: blanks.get(blank[1], blank[0]), text)
