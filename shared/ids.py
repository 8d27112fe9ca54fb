"""One source of ids: they grow with time, so that an index appends instead of scattering."""

import uuid
from typing import Final, Protocol

import uuid_utils

_NAMESPACE: Final = uuid.UUID("5d3e5f0a-6a2c-5b0e-9a63-3b1f0c2f7a11")


class Ids(Protocol):
    """Gives ids nobody has seen."""

    def new(self) -> str:
        """A new id, greater (as text) than those given before, in this process."""
        ...


class TimeOrderedIds:
    """UUIDv7 (RFC 9562): 48 bits of real time in milliseconds, then randomness."""

    def new(self) -> str:
        """A new id."""
        return str(uuid_utils.uuid7())


def derived_id(*parts: str) -> str:
    """The same id for the same parts, always: UUIDv5 over the parts joined by newlines."""
    return str(uuid.uuid5(_NAMESPACE, "\n".join(parts)))
