"""Settings of sla, from the environment."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class SlaSettings(BaseSettings):
    """`AMENDS_SLA_…`.

    `settle_seconds` (real seconds): nothing due at t fires before every record up to that long
    after t has been counted. It must exceed the time from an act to its record under load.
    """

    model_config = SettingsConfigDict(
        env_prefix="AMENDS_SLA_", env_ignore_empty=True, extra="ignore"
    )

    settle_seconds: float = Field(default=1.0, gt=0)
