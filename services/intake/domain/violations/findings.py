"""What a look at chat texts finds."""

from dataclasses import dataclass
from enum import StrEnum


class FindingKind(StrEnum):
    """A way to lead somebody off the platform, or a kind of abusive language."""

    WECHAT = "wechat"
    QQ = "qq"
    PHONE = "phone"
    URL = "url"
    QR = "qr"
    UNNAMED_ID = "unnamed_id"
    INSULT = "insult"
    THREAT = "threat"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something found in one or more messages of one sender.

    `text` is what stands in the original between `start` of message `message` and the end of the
    find (in the next message, where a number was split). `severity` 1 (slight) to 3 (grave).
    """

    kind: FindingKind
    text: str
    message: int
    start: int
    rule: str
    severity: int
