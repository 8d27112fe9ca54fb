"""How to reach Kafka, from the environment. Secrets can come from files and are never printed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

from aiokafka.helpers import create_ssl_context
from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class KafkaSettings(BaseSettings):
    """Settings shared by relay, feeds and topic tools.

    `topic_prefix` goes before every topic and consumer group: several installations on one broker
    keep apart. `sasl_password_file` names a file that holds the password, as secrets are mounted.
    """

    model_config = SettingsConfigDict(
        env_prefix="AMENDS_KAFKA_",
        extra="ignore",
        populate_by_name=True,
        hide_input_in_errors=True,  # the password is part of it
    )

    bootstrap_servers: str = Field(
        default="localhost:9092", validation_alias="KAFKA_BOOTSTRAP_SERVERS"
    )
    topic_prefix: str = Field(default="", pattern=r"^[a-zA-Z0-9._-]{0,100}$")
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "PLAIN"
    sasl_username: str | None = None
    sasl_password: SecretStr | None = None
    sasl_password_file: Path | None = None
    ssl_ca_file: Path | None = None
    ssl_cert_file: Path | None = None
    ssl_key_file: Path | None = None

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if self.sasl_password is not None and self.sasl_password_file is not None:
            raise ValueError("give the SASL password itself or a file that holds it, not both")
        if self.security_protocol.startswith("SASL_") and (
            self.sasl_username is None or self._password() is None
        ):
            raise ValueError(f"{self.security_protocol} needs a SASL user name and password")
        if (self.ssl_cert_file is None) != (self.ssl_key_file is None):
            raise ValueError("a client certificate and its key go together")
        return self

    def _password(self) -> str | None:
        if self.sasl_password_file is not None:
            try:
                return self.sasl_password_file.read_text().rstrip("\r\n")
            except OSError as error:
                raise ValueError(f"{self.sasl_password_file} cannot be read") from error
        return None if self.sasl_password is None else self.sasl_password.get_secret_value()

    def connection(self) -> Mapping[str, Any]:
        """Keyword arguments of every aiokafka client. Files are read anew each time."""
        arguments: dict[str, Any] = {
            "bootstrap_servers": self.bootstrap_servers,
            "security_protocol": self.security_protocol,
        }
        if self.security_protocol.startswith("SASL_"):
            arguments["sasl_mechanism"] = self.sasl_mechanism
            arguments["sasl_plain_username"] = self.sasl_username
            arguments["sasl_plain_password"] = self._password()
        if self.security_protocol.endswith("SSL"):
            arguments["ssl_context"] = create_ssl_context(
                cafile=self.ssl_ca_file, certfile=self.ssl_cert_file, keyfile=self.ssl_key_file
            )
        return arguments

    def topic(self, name: str) -> str:
        """The topic on the broker that stands for this topic of the platform."""
        return f"{self.topic_prefix}{name}"

    def name_of(self, topic: str) -> str:
        """The inverse of `topic`."""
        return topic.removeprefix(self.topic_prefix)

    def group(self, consumer: str) -> str:
        """The consumer group of a consumer: `amends-sla`."""
        return f"{self.topic_prefix}amends-{consumer}"
