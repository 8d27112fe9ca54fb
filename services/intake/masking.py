"""What the merchant sees of texts of the consumer: personal data made unreadable."""

import re
from typing import Final

# From where a word begins: without spaces a text would be read again from each of its characters.
_EMAIL: Final = re.compile(r"(?<![^@\s])([^@\s])[^@\s]*@([^@\s]+\.[^@\s]+)")
_DIGITS: Final = re.compile(r"(?<!\d)(\+?\d{2})[\d\s().-]{4,}(\d{2})(?!\d)")


def masked(text: str) -> str:
    """Free text with addresses and longer numbers made unreadable."""
    if "@" in text:  # most texts hold none, and every filing is looked at
        text = _EMAIL.sub(r"\1***@\2", text)
    return _DIGITS.sub(r"\1****\2", text)


def masked_contact(text: str) -> str:
    """A contact of which nothing but an address's or number's outline is left."""
    shown = masked(text)
    return shown if shown != text else "***"
