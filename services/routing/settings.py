"""What an operator may set about routing. Built only where the service is composed."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class RoutingSettings(BaseSettings):
    """Read from environment variables `AMENDS_ROUTING_*`.

    `presence_grace_seconds`: real seconds a specialist may be offline before their cases go.
    """

    model_config = SettingsConfigDict(env_prefix="AMENDS_ROUTING_", env_ignore_empty=True)

    presence_grace_seconds: float = Field(default=60.0, gt=0)
