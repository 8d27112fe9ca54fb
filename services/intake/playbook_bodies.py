"""Request bodies and queries of playbooks: texts are checked where they are written."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from services.intake.bodies import Id, Language
from services.intake.domain.playbooks.content import (
    Content,
    Kind,
    Passage,
    faults,
    text_faults,
)
from services.intake.teamwork_bodies import StepName
from shared.http import Body


def _fillable(text: str) -> str:
    found = text_faults(text)
    if found:
        raise ValueError("; ".join(found))
    return text


Words = Annotated[str, Field(min_length=1, max_length=4_000), AfterValidator(_fillable)]
Source = Annotated[str, Field(min_length=1, max_length=300)]


class WordsBody(Body):
    """A text in both languages; `{amount}` is a blank that the case fills."""

    zh: Words = Field(alias="zh-CN")
    en: Words


class PassageBody(Body):
    """A step or a question."""

    id: StepName
    text: WordsBody

    def passage(self) -> Passage:
        """As the domain has it."""
        return Passage(id=self.id, zh=self.text.zh, en=self.text.en)


class ExplanationBody(Body):
    """An explanation of cause, process, rights or product, and what it rests on."""

    id: StepName
    text: WordsBody
    kind: Kind
    sources: Annotated[tuple[Source, ...], Field(max_length=20)] = ()

    def passage(self) -> Passage:
        """As the domain has it."""
        return Passage(
            id=self.id,
            zh=self.text.zh,
            en=self.text.en,
            kind=self.kind,
            sources=self.sources,
        )


class PlaybookBody(Body):
    """All that a playbook says, in the order it is said; it replaces what was said before."""

    steps: Annotated[tuple[PassageBody, ...], Field(min_length=1, max_length=50)]
    questions: Annotated[tuple[PassageBody, ...], Field(max_length=50)]
    explanations: Annotated[tuple[ExplanationBody, ...], Field(max_length=50)]

    @model_validator(mode="after")
    def _can_be_used(self) -> Self:
        found = faults(self.content())
        if found:
            raise ValueError("; ".join(found))
        return self

    def content(self) -> Content:
        """As the domain has it."""
        return Content(
            steps=tuple(one.passage() for one in self.steps),
            questions=tuple(one.passage() for one in self.questions),
            explanations=tuple(one.passage() for one in self.explanations),
        )


class PlaybookQuery(Body):
    """In which language, of which version, filled from which complaint."""

    language: Language | None = None
    version: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    complaint_id: Id | None = None
