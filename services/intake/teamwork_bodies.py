"""Request bodies of working together."""

from typing import Annotated, Literal

from pydantic import Field

from services.intake.bodies import Id, Text
from shared.events.vocabulary import Role
from shared.http import Body, Instant

StepName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
PlaybookVersion = Annotated[str, Field(pattern=r"^[a-z][a-z_]*@[1-9][0-9]{0,8}$", max_length=64)]


class StepBody(Body):
    """The step taken, and of which version of which playbook: `counterfeit@1`.

    Without a version: that of the complaint's category as it is now.
    """

    step: StepName
    playbook_version: PlaybookVersion | None = None


class CollaborationBody(Body):
    """Who is asked to help, by their `sub`, and what; the role says whose inbox tells them."""

    collaborator_id: Id
    question: Text
    collaborator_role: Literal[Role.SPECIALIST, Role.SUPERVISOR] = Role.SPECIALIST


class CollaborationAnswerBody(Body):
    """What was asked for."""

    answer: Text


class HandoverBody(Body):
    """What whoever has it next should know; `to`: whom you have in mind, by `specialist_id`."""

    summary: Text
    to: Id | None = None


class CallbackBody(Body):
    """When the consumer will be called."""

    promised_for: Instant
