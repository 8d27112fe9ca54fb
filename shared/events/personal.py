"""Personal data in its final wire shape: `{"s","v"}` in clear, `{"s","k","n","c"}` encrypted."""

from collections.abc import Mapping
from typing import Final

UNREADABLE: Final = "⟨erased⟩"
"""What a reader shows in place of a value whose key is gone."""

Sealed = tuple[str, str, str]
"""Key id, nonce, ciphertext; the last two in base64. The id begins with the service whose key it
is, and a colon."""


SEALED_FIELDS: Final = frozenset({"s", "k", "n", "c"})
"""The names in the JSON of a sealed text, and of nothing else."""


class Personal:
    """A text that belongs to a person, so that erasing the person's key erases the text.

    `subject` is the opaque id of the person; it never is the data itself. A text is in clear
    (`value`), sealed, or both: sealed for all who keep it, and known to who wrote it or opened it.
    What is sealed is stored and published so, whether or not it was opened.
    """

    __slots__ = ("sealed", "subject", "value")

    def __init__(self, subject: str, value: str | None, sealed: Sealed | None = None) -> None:
        if (value is None) == (sealed is None):
            raise ValueError("personal data is either clear or sealed")
        self.subject = subject
        self.value = value
        self.sealed = sealed

    @property
    def text(self) -> str:
        """The text, or a placeholder where it cannot be read."""
        return UNREADABLE if self.value is None else self.value

    @property
    def key_owner(self) -> str:
        """The service under whose key it is sealed; empty if it is in clear."""
        return "" if self.sealed is None else self.sealed[0].partition(":")[0]

    def seal(self, sealed: Sealed) -> None:
        """From now on it is stored sealed. Who has it in hand can still read it."""
        self.sealed = sealed

    def show(self, value: str | None) -> None:
        """It was opened; None: it does not open."""
        self.value = value

    def copy(self) -> "Personal":
        """The same as it is stored: opening one does not open the other."""
        if self.sealed is None:
            return Personal(self.subject, self.value)
        return Personal(self.subject, None, self.sealed)

    def to_wire(self) -> dict[str, str]:
        """The object that is stored and published."""
        if self.sealed is not None:
            key_id, nonce, ciphertext = self.sealed
            return {"s": self.subject, "k": key_id, "n": nonce, "c": ciphertext}
        return {"s": self.subject, "v": self.text}

    @classmethod
    def from_wire(cls, wire: Mapping[str, str]) -> "Personal":
        """Read either shape. Raises `KeyError` or `ValueError` on anything else."""
        if "v" in wire:
            return cls(wire["s"], wire["v"])
        return cls(wire["s"], None, (wire["k"], wire["n"], wire["c"]))

    def __eq__(self, other: object) -> bool:
        """The same words of the same person, as far as both can be read; else the same seal."""
        if not isinstance(other, Personal) or self.subject != other.subject:
            return False
        if self.value is not None and other.value is not None:
            return self.value == other.value
        return self.sealed is not None and self.sealed == other.sealed

    def __hash__(self) -> int:
        """Consistent with equality."""
        return hash(self.subject)

    def __repr__(self) -> str:
        """Never shows the text: a repr ends up in logs."""
        return f"Personal(subject={self.subject!r}, …)"
