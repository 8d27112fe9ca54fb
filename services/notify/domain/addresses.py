"""Finding a mail address in what people gave as their contact."""

import re
from typing import Final

# Not a validator (the receiving server is): just enough to tell an address from a phone number,
# and strict enough that nothing found can add a header or a second recipient. Addresses beyond
# ASCII need servers that speak SMTPUTF8 all the way; their owners read the inbox.
_ADDRESS: Final = re.compile(
    r"[a-zA-Z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)*"
)
_BETWEEN: Final = re.compile(r"[\s<>,;:\"()\[\]，；：。（）]+")
_LONGEST: Final = 254  # RFC 5321, 4.5.3.1.3 less the angle brackets


def mail_address(contact: str | None) -> str | None:
    """The first mail address in a contact such as `Li <li@example.com>`, or None."""
    for part in _BETWEEN.split(contact or ""):
        address = part.removesuffix(".")
        if len(address) <= _LONGEST and _ADDRESS.fullmatch(address):
            return address
    return None


LANGUAGES: Final = ("zh-CN", "en")
"""Languages there are templates for; the first is spoken where nothing fits."""


def spoken(*wanted: str) -> str:
    """The first of the wanted languages there are templates for. `zh-TW` is served `zh-CN`."""
    for language in wanted:
        for known in LANGUAGES:
            if language.split("-")[0].lower() == known.split("-")[0]:
                return known
    return LANGUAGES[0]
