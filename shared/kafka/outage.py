"""Says once that Kafka cannot be reached, and once that it can again."""

from shared.observability import Metrics, log


class Outage:
    """One party's view of whether Kafka answers: in the log, and as a gauge for alarms."""

    def __init__(self, name: str, metrics: Metrics) -> None:
        self._name = name
        self._gauge = metrics.kafka_unavailable.labels(name)
        self._gauge.set(0)
        self._since_told = False

    def began(self, error: BaseException) -> None:
        """It did not answer as it should. Only the first time after it did is told."""
        if not self._since_told:
            self._since_told = True
            self._gauge.set(1)
            reason = f"{type(error).__name__}: {error}".strip(": ")
            log.error("kafka_unavailable", worker=self._name, reason=reason)

    def ended(self) -> None:
        """It answers."""
        if self._since_told:
            self._since_told = False
            self._gauge.set(0)
            log.info("kafka_available_again", worker=self._name)
