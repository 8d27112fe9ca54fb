"""Settings of intake, from the environment."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.intake.domain.bad_faith import RiskPolicy
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
    `serial_claims` complaints of one consumer within `serial_window_days`, and nearly the same text
    as `template_others` other consumers' within `template_window_days`, are signs of bad faith.
    `orders_url`: the marketplace's order system: `https://…`, to which an order's id is added, or
    `file:///…`, an SQLite file; without it orders cannot be verified. `orders_token` is sent to it.
    `orders_timeout_seconds`, `orders_attempts`: real time for one attempt at it, and how many.
    `orders_budget_seconds`: real time after which a call goes on with the orders it knows.
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
    serial_claims: int = Field(default=6, ge=2, le=1000)
    serial_window_days: int = Field(default=30, ge=1, le=365)
    template_others: int = Field(default=2, ge=1, le=8)
    template_window_days: int = Field(default=90, ge=1, le=365)
    orders_url: Annotated[str, Field(pattern="^(https?://.+|file:///.+)?$")] = ""
    orders_token: SecretStr = SecretStr("")
    orders_timeout_seconds: float = Field(default=2.0, gt=0, le=60)
    orders_attempts: int = Field(default=3, ge=1, le=10)
    orders_budget_seconds: float = Field(default=5.0, gt=0, le=60)

    def risk_policy(self) -> RiskPolicy:
        """What counts as a sign of bad faith."""
        return RiskPolicy(
            serial_claims=self.serial_claims,
            serial_window=timedelta(days=self.serial_window_days),
            template_others=self.template_others,
            template_window=timedelta(days=self.template_window_days),
        )

    def policy(self) -> Policy:
        """The numbers the domain decides by."""
        return Policy(
            auto_accept_limit=dict(self.auto_accept_limit),
            approval_limit=dict(self.approval_limit),
            merchant_first=timedelta(hours=self.merchant_first_hours),
            reopening_window=timedelta(days=self.reopening_window_days),
            backdating_limit=timedelta(minutes=self.backdating_limit_minutes),
        )
