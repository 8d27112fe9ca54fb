"""A circuit breaker: whoever fails again and again is left alone for a while.

Own, because those on offer read the machine's clock themselves; time is a port here.
"""

from dataclasses import dataclass


@dataclass(slots=True)
class Circuit:
    """Counts failures in a row. Times are readings of one monotonic clock, in seconds.

    After `most` failures it is open: nobody may pass. `rest` seconds later one caller may try
    (half open); its success closes the circuit, its failure opens it for as long again. A trial
    that never reports back blocks nobody for longer than another `rest`.
    """

    most: int
    rest: float
    failures: int = 0
    shut_until: float | None = None

    def admits(self, now: float) -> bool:
        """Whether the caller may try now; being admitted by an open circuit is being the trial."""
        if self.shut_until is None:
            return True
        if now < self.shut_until:
            return False
        self.shut_until = now + self.rest
        return True

    def succeeded(self) -> None:
        """Somebody was answered."""
        self.failures = 0
        self.shut_until = None

    def failed(self, now: float) -> None:
        """Somebody was not."""
        self.failures += 1
        if self.failures >= self.most:
            self.shut_until = now + self.rest
