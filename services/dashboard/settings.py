"""Settings of the dashboard, from the environment."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class DashboardSettings(BaseSettings):
    """`AMENDS_DASHBOARD_…`.

    `feed_keep_events`: how many events the copy for live streams keeps at least; a cursor older
    than that is refused. `heartbeat_seconds`: a silent stream says it is alive this often.
    `gauges_seconds`: how old the figures at `/metrics` may be.
    """

    model_config = SettingsConfigDict(
        env_prefix="AMENDS_DASHBOARD_", env_ignore_empty=True, extra="ignore"
    )

    feed_keep_events: int = Field(default=1_000_000, ge=1_000)
    heartbeat_seconds: float = Field(default=15.0, gt=0)
    gauges_seconds: float = Field(default=5.0, gt=0)
