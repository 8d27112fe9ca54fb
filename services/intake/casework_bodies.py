"""Request bodies of the acts that do not move a complaint."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from services.intake.bodies import DemandBody, Id, Reference, Text
from shared.events.vocabulary import Category
from shared.http import Body, Instant


class NoteBody(Body):
    """What staff should know."""

    text: Text


class ReclassificationBody(Body):
    """What the complaint is about after all; what is left out stays. Why, for the record."""

    reason: Text
    category: Category | None = None
    demand: DemandBody | None = None
    order_ids: Annotated[tuple[Id, ...], Field(min_length=1, max_length=50)] | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if self.category is None and self.demand is None and self.order_ids is None:
            raise ValueError("say what changes: category, demand or order_ids")
        return self


class MergeBody(Body):
    """The complaint that this one repeats."""

    into_id: Id
    reason: Reference | None = None


class UndoBody(Body):
    """Why they are two complaints after all."""

    reason: Reference


class RegulatorReplyBody(Body):
    """Under which number the regulator was answered, and when; without a time: now."""

    reference: Reference
    answered_at: Instant | None = None
