"""Structured logs and metrics. Neither ever holds personal data."""

import logging
import sys

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

log: structlog.stdlib.BoundLogger = structlog.get_logger("amends")


def configure_logging(*, level: str = "INFO", json: bool = False) -> None:
    """Set up logging for the process: readable on a terminal, JSON lines otherwise."""
    quiet_kafka_client()
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if json
        # Plain: the usual one prints local variables, and with them what people wrote.
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *([structlog.processors.format_exc_info] if json else []),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=_to_stderr,
    )


def _to_stderr(*_: object) -> structlog.PrintLogger:
    """What stderr is now: who replaced it for a while may have closed that since."""
    return structlog.PrintLogger(sys.stderr)


def quiet_kafka_client() -> None:
    """While a broker is away it says so several times a second: those who use it say it once."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)


class Metrics:
    """The metrics every service shares, in one registry per process."""

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        self.appended = Counter(
            "amends_events_appended", "Events recorded", ["service"], registry=registry
        )
        self.stale_reactions = Counter(
            "amends_stale_reactions", "Reactions that came too late", ["service"], registry=registry
        )
        self.parked = Gauge(
            "amends_parked_keys", "Keys parked after a poison event", ["service"], registry=registry
        )
        self.pending = Gauge(
            "amends_pending_events",
            "Events waiting for their cause",
            ["service"],
            registry=registry,
        )
        self.commit_seconds = Histogram(
            "amends_commit_seconds", "Duration of one group commit", ["service"], registry=registry
        )
        self.storage_unavailable = Gauge(
            "amends_storage_unavailable",
            "1: the last query or group commit failed: the store is away, full or read-only",
            ["service", "what"],
            registry=registry,
        )
        self.lag = Gauge(
            "amends_consumer_lag_events",
            "Events not yet read",
            ["service", "source"],
            registry=registry,
        )
        self.feed_truncated = Gauge(
            "amends_feed_truncated",
            "1: a partition does not hold the stored position any more; reading it has stopped",
            ["consumer", "source", "partition"],
            registry=registry,
        )
        self.kafka_unavailable = Gauge(
            "amends_kafka_unavailable",
            "1: Kafka does not answer this worker as it should",
            ["worker"],
            registry=registry,
        )
        self.key_server_unavailable = Gauge(
            "amends_key_server_unavailable",
            "1: the token issuer's key server did not answer as it should when last asked",
            registry=registry,
        )
        self.relayed = Counter(
            "amends_events_relayed", "Events acknowledged by Kafka", ["service"], registry=registry
        )
        self.relay_lag = Gauge(
            "amends_relay_lag_seconds",
            "Age of the oldest recorded event that is not in Kafka yet; 0 if all are",
            ["service"],
            registry=registry,
        )
        self.timers_fired = Counter(
            "amends_timers_fired", "Timers fired", ["service", "clock"], registry=registry
        )
