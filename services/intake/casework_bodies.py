"""Request bodies of the acts that do not move a complaint."""

from services.intake.bodies import Text
from shared.http import Body


class NoteBody(Body):
    """What staff should know."""

    text: Text
