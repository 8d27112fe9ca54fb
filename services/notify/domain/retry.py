"""When a failed attempt is repeated: exponential backoff with a jitter that follows from the id."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

_JITTER_SHARE: Final = 0.2
_STEPS: Final = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """`attempts` in all (1 or more); the pauses between them double from `first` to `longest`."""

    attempts: int
    first: timedelta
    longest: timedelta

    def exhausted(self, attempt: int) -> bool:
        """Whether attempt number `attempt` (from 1) was the last."""
        return attempt >= self.attempts

    def pause(self, notification_id: str, attempt: int) -> timedelta:
        """How long to wait after attempt number `attempt` (from 1) failed.

        The jitter, at most a fifth in either direction, spreads what failed together. It is a
        function of id and attempt, so that the same history gives the same schedule.
        """
        # 2**30 pauses of a millisecond are already 12 days: no exponent beyond that is needed.
        plain = min(self.first * (1 << min(attempt - 1, 30)), self.longest)
        digest = hashlib.sha256(f"{notification_id}\n{attempt}".encode()).digest()
        position = int.from_bytes(digest[:2], "big") / (_STEPS - 1)
        return plain * (1 + _JITTER_SHARE * (2 * position - 1))
