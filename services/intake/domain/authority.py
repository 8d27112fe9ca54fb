"""Who may do what to which complaint (docs/domain.md; crossings 5 and 7).

Rights of a specialist follow this stream alone: not what routing decided, but what was recorded.
"""

from dataclasses import dataclass
from typing import Final

from services.intake.domain.state import (
    Ended,
    Filed,
    FiledState,
    NeedsInformation,
    NotFiled,
    Open,
    Rejected,
    State,
    Submitted,
    assignment_of,
    holder,
)
from shared.decider import Refused
from shared.events.envelope import Actor
from shared.events.vocabulary import Audience, Channel, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """A person (or program) who acts. `scopes` matter for role `service` alone."""

    role: Role
    id: str
    team_id: str | None = None
    merchant_id: str | None = None
    scopes: frozenset[str] = frozenset()

    def actor(self, on_behalf_of: str | None = None) -> Actor:
        """As events name who acted, and for which party if for one."""
        return Actor(role=self.role, id=self.id, on_behalf_of=on_behalf_of)


OWN_CHANNELS: Final = frozenset({Channel.FORM, Channel.APP})
"""What a consumer files through, for themselves alone."""

EXTERNAL_CHANNELS: Final = frozenset({Channel.REGULATOR, Channel.ASSOCIATION, Channel.MEDIA})
"""What programs of third parties file through."""

CONSUMER: Final = frozenset({Role.CONSUMER})
MERCHANT: Final = frozenset({Role.MERCHANT})
SUPERVISOR: Final = frozenset({Role.SUPERVISOR})
HANDLERS: Final = frozenset({Role.SPECIALIST, Role.SUPERVISOR})
CONSUMER_OR_HANDLERS: Final = CONSUMER | HANDLERS
MERCHANT_OR_HANDLERS: Final = MERCHANT | HANDLERS
PARTIES_AND_HANDLERS: Final = CONSUMER | MERCHANT | HANDLERS


def check_filing(by: Author, channel: Channel, consumer_id: str) -> None:
    """Refuse a channel that is not the author's, or a filing for somebody else.

    Raises `Refused` `forbidden`.
    """
    if not _may_use(by, channel):
        raise Refused("forbidden", f"Channel {channel} is not open to you.")
    if by.role is Role.CONSUMER and by.id != consumer_id:
        raise Refused("forbidden", "A consumer files for themselves: consumer_id must be yours.")


def _may_use(by: Author, channel: Channel) -> bool:
    match by.role:
        case Role.CONSUMER:
            return channel in OWN_CHANNELS
        case Role.SPECIALIST | Role.SUPERVISOR:
            return channel is Channel.HOTLINE
        case Role.SERVICE:
            return channel not in OWN_CHANNELS and channel in by.scopes
        case Role.MERCHANT | Role.OPS | Role.SYSTEM:
            return False


def check_act(
    by: Author, roles: frozenset[Role], state: State, *, helpers: bool = False
) -> FiledState:
    """The complaint, if the author may act on it; refuses what is not theirs, or not their role's.

    `helpers`: whoever was asked to help may do it too.
    Raises `Refused`: `not_found` (nor does a stranger learn that it exists), `forbidden`,
    `not_assigned`, or `assignment_pending` where the assignment may only not have arrived yet.
    """
    if isinstance(state, NotFiled):
        raise Refused("not_found", "There is no such complaint.")
    if helpers and is_asked(by.role, by.id, state):
        return state
    _check_party(by, state)
    if by.role not in roles:
        raise Refused("forbidden", f"This is for: {', '.join(sorted(roles))}.")
    if by.role is Role.SPECIALIST:
        _check_assigned(by, state)
    return state


def is_asked(role: Role, subject: str, state: Filed) -> bool:
    """Whether a member of staff is asked to help with a complaint that is open.

    They may read it and answer. It is not theirs: neither to act on, nor does their turn come.
    """
    if role not in HANDLERS or not isinstance(state, Open):
        return False
    return any(one.collaborator_id == subject for one in state.case.cycle.team.helps)


def _check_party(by: Author, state: Filed) -> None:
    filed = state.case.filed
    match by.role:
        case Role.CONSUMER:
            known = filed.consumer_id == by.id
        case Role.MERCHANT:
            known = by.merchant_id is not None and filed.merchant_id == by.merchant_id
        case Role.SUPERVISOR:
            owner = holder(state)
            known = owner is None or owner.team_id is None or owner.team_id == by.team_id
        case Role.SPECIALIST | Role.OPS | Role.SERVICE | Role.SYSTEM:
            known = True
    if not known:
        raise Refused("not_found", "There is no such complaint.")


def _check_assigned(by: Author, state: Filed) -> None:
    assignment = assignment_of(state)
    if assignment is not None and assignment.specialist_id == by.id:
        return
    waits = assignment is None and not isinstance(
        state, Submitted | NeedsInformation | Rejected | Ended
    )
    if waits and by.id not in state.case.cycle.released:
        raise Refused("assignment_pending", "The assignment is not known here yet; try again.")
    raise Refused("not_assigned", "The complaint is not assigned to you.")


def audience_of(by: Author) -> Audience:
    """As whom somebody writes and adds."""
    match by.role:
        case Role.CONSUMER:
            return Audience.CONSUMER
        case Role.MERCHANT:
            return Audience.MERCHANT
        case Role.SPECIALIST | Role.SUPERVISOR | Role.OPS | Role.SERVICE | Role.SYSTEM:
            return Audience.STAFF
