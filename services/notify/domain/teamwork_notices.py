"""What is said when staff help each other."""

from services.notify.domain.case import Case
from services.notify.domain.notices import Nature, Notice, Recipient, specialist
from shared.events.teamwork import HelpAsked, HelpGiven


def help_asked(event: HelpAsked, case: Case) -> Notice:
    """Whoever is asked hears it; the complaint is not in their list, since it is not theirs."""
    return Notice(
        template="help_asked",
        to=Recipient(role=event.collaborator_role, id=event.collaborator_id),
        nature=Nature.REQUEST,
        values={"category": case.category},
        quote=event.question,
    )


def help_given(event: HelpGiven, case: Case) -> Notice:
    """Whoever works on the complaint now hears the answer."""
    return Notice(
        template="help_given", to=specialist(case), nature=Nature.REQUEST, quote=event.answer
    )
