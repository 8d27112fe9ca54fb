"""Request bodies about persons: form alone, rules are the domain's."""

from services.intake.bodies import Reference, Text
from shared.http import Body


class ErasureBody(Body):
    """On what ground a person is erased, such as `PIPL Art. 47`. It is published: name nobody."""

    legal_basis: Reference


class LegalHoldBody(Body):
    """Why a person's texts have to be kept."""

    reason: Text
