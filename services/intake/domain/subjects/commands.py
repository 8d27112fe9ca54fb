"""What may be asked about a person. Ops alone ask (docs/permissions.md)."""

from dataclasses import dataclass

from services.intake.domain.asked import Asked


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectAct(Asked):
    """Something is done to the record of a person, by the person's opaque id."""

    subject_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceHold(SubjectAct):
    """Keep the person's texts whatever they ask, under a reference such as a court's file number.

    `reason` is what the state's is compared with: its texts have been opened by then.
    """

    hold_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseHold(SubjectAct):
    """One reason to keep them is over."""

    hold_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseSubject(SubjectAct):
    """Let nobody read the person's texts any more.

    `open_complaints` are those that they are a party to or work on, or the first of them.
    `readable`: there is a key still that something may be sealed with. `in_clear`: some of it was
    recorded before texts were sealed, so that no key's end makes it unreadable.
    """

    legal_basis: str
    open_complaints: tuple[str, ...]
    readable: bool
    in_clear: bool = False


SubjectCommand = PlaceHold | ReleaseHold | EraseSubject
