"""Settings of intake, from the environment."""

from datetime import timedelta

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.intake.domain.policy import APPROVAL_LIMITS, AUTO_ACCEPT_LIMITS, Policy


class IntakeSettings(BaseSettings):
    """`AMENDS_INTAKE_…`.

    `auto_accept_limit`: currency → largest demand, in minor units, that a form or app filing may
    hold to be accepted by rule (as JSON in the environment); other currencies need a reviewer.
    `approval_limit`: currency → largest amount, in minor units, that a solution may promise without
    a second person's approval; every amount in another currency needs one.
    `evidence_url`: where the content of evidence lies (`file:///…`, `s3://…`); embedded it is a
    folder in the data directory, otherwise nothing can be uploaded without it.
    `evidence_max_bytes`: the largest file that is taken.
    `merchant_first_hours`: how long after acceptance a solution waits until the merchant was asked.
    `reopening_window_days`: calendar days after its end within which a complaint may be reopened.
    `backdating_limit_minutes`: how far back anybody but a supervisor may date an act.
    """

    model_config = SettingsConfigDict(
        env_prefix="AMENDS_INTAKE_", env_ignore_empty=True, extra="ignore"
    )

    auto_accept_limit: dict[str, int] = Field(default_factory=lambda: dict(AUTO_ACCEPT_LIMITS))
    approval_limit: dict[str, int] = Field(default_factory=lambda: dict(APPROVAL_LIMITS))
    evidence_url: str = ""
    evidence_max_bytes: int = Field(default=20_000_000, ge=1, le=2_000_000_000)
    merchant_first_hours: int = Field(default=0, ge=0, le=720)
    reopening_window_days: int = Field(default=15, ge=0, le=3650)
    backdating_limit_minutes: int = Field(default=15, ge=0, le=1440)

    def policy(self) -> Policy:
        """The numbers the domain decides by."""
        return Policy(
            auto_accept_limit=dict(self.auto_accept_limit),
            approval_limit=dict(self.approval_limit),
            merchant_first=timedelta(hours=self.merchant_first_hours),
            reopening_window=timedelta(days=self.reopening_window_days),
            backdating_limit=timedelta(minutes=self.backdating_limit_minutes),
        )
