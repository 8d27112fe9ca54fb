"""What can be set about notify, from the environment (`AMENDS_NOTIFY_…`)."""

from datetime import timedelta
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class NotifySettings(BaseSettings):
    """Settings of notify. Durations are ISO 8601 (`PT1H`)."""

    model_config = SettingsConfigDict(
        env_prefix="AMENDS_NOTIFY_",
        env_ignore_empty=True,
        frozen=True,
        hide_input_in_errors=True,  # the password is part of it
    )

    sender: str = "Amends <no-reply@amends.example>"
    """What mails say they are from; its domain also ends every Message-ID."""

    survey_delay: timedelta = timedelta(hours=1)
    """Business time between resolution and survey."""

    survey_link_lifetime: timedelta = timedelta(days=90)
    """Business time for which a survey link can be opened, counted from its planned sending. The
    time for answering ends earlier, with sla's `survey_window`."""

    stale_after: timedelta = timedelta(hours=1)
    """Business time after which a warning or progress notice is not worth sending (domain §6)."""

    attempts: int = Field(default=8, ge=1)
    """Attempts at a mail, in all; then it is a dead letter."""

    first_pause: timedelta = timedelta(seconds=15)
    """Real time before the second attempt; each further pause is twice as long."""

    longest_pause: timedelta = timedelta(hours=1)
    """Real time that no pause between attempts exceeds (but for its jitter of a fifth)."""

    concurrency: int = Field(default=8, ge=1)
    """Mails that are sent at the same time."""

    time_zone: str = "Asia/Shanghai"
    """Zone in which mails state times (IANA name)."""

    mail_host: str | None = None
    """SMTP server. Without one everything goes to the in-app inbox."""

    mail_port: int = 25
    mail_user: str | None = None
    mail_password: SecretStr | None = None

    mail_password_file: Path | None = None
    """A file that holds it, as secrets are mounted. Read at every connection: it may change."""

    mail_tls: bool = False
    """TLS from the first byte (port 465). Otherwise STARTTLS is used where the server offers it."""

    mail_timeout: timedelta = timedelta(seconds=15)
    """Real time that one command to the mail server may take."""

    @model_validator(mode="after")
    def _has_one_password(self) -> Self:
        if self.mail_password is not None and self.mail_password_file is not None:
            raise ValueError("give the mail password itself or a file that holds it, not both")
        if self.mail_password_file is not None:
            try:
                self.password()
            except OSError as error:
                raise ValueError(f"{self.mail_password_file} cannot be read") from error
        return self

    def password(self) -> str | None:
        """The password, if there is one. Raises `OSError` if its file cannot be read."""
        if self.mail_password_file is not None:
            return self.mail_password_file.read_text().rstrip("\r\n")
        return None if self.mail_password is None else self.mail_password.get_secret_value()
