"""Personal data in its final wire shape: `{"s","v"}` in clear, `{"s","k","n","c"}` encrypted."""

from collections.abc import Mapping
from typing import Final

UNREADABLE: Final = "⟨erased⟩"
"""What a reader shows in place of a value whose key is gone."""


class Personal:
    """A text that belongs to a person, so that erasing the person's key erases the text.

    `subject` is the opaque id of the person; it never is the data itself. Exactly one of `value`
    (clear) and `sealed` (key id, nonce, ciphertext; base64) is set.
    """

    __slots__ = ("sealed", "subject", "value")

    def __init__(
        self, subject: str, value: str | None, sealed: tuple[str, str, str] | None = None
    ) -> None:
        if (value is None) == (sealed is None):
            raise ValueError("personal data is either clear or sealed")
        self.subject = subject
        self.value = value
        self.sealed = sealed

    @property
    def text(self) -> str:
        """The text, or a placeholder where it cannot be read."""
        return UNREADABLE if self.value is None else self.value

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
        """Two values are equal if they would be written alike."""
        return isinstance(other, Personal) and self.to_wire() == other.to_wire()

    def __hash__(self) -> int:
        """Consistent with equality."""
        return hash((self.subject, self.value, self.sealed))

    def __repr__(self) -> str:
        """Never shows the text: a repr ends up in logs."""
        return f"Personal(subject={self.subject!r}, …)"
