"""How Kafka is reached: from the environment, with secrets that can lie in files and never show."""

import ssl
from pathlib import Path

import pytest
from pydantic import ValidationError

from shared.kafka.settings import KafkaSettings

SASL = {
    "AMENDS_KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
    "AMENDS_KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
    "AMENDS_KAFKA_SASL_USERNAME": "amends",
}

PASSWORD = {"AMENDS_KAFKA_SASL_PASSWORD": "hush"}
MISSING_FILE = {"AMENDS_KAFKA_SASL_PASSWORD_FILE": "/nowhere"}


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)
    monkeypatch.delenv("AMENDS_KAFKA_TOPIC_PREFIX", raising=False)


def setting(monkeypatch: pytest.MonkeyPatch, **environment: str) -> KafkaSettings:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return KafkaSettings()


def test_without_an_environment_it_is_the_broker_on_this_machine() -> None:
    assert KafkaSettings().connection() == {
        "bootstrap_servers": "localhost:9092",
        "security_protocol": "PLAINTEXT",
    }


def test_the_environment_names_brokers_and_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = setting(
        monkeypatch, KAFKA_BOOTSTRAP_SERVERS="a:1,b:2", AMENDS_KAFKA_TOPIC_PREFIX="test."
    )
    assert settings.connection()["bootstrap_servers"] == "a:1,b:2"
    assert settings.topic("amends.clocks") == "test.amends.clocks"
    assert settings.name_of("test.amends.clocks") == "amends.clocks"
    assert settings.group("sla") == "test.amends-sla"


def test_a_password_comes_from_the_environment_or_a_file_and_is_never_shown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given = setting(monkeypatch, **SASL, **PASSWORD)
    assert given.connection()["sasl_plain_password"] == "hush"
    assert "hush" not in f"{given!r} {given.model_dump_json()}"
    monkeypatch.delenv("AMENDS_KAFKA_SASL_PASSWORD")
    file = tmp_path / "password"
    file.write_text("hush\n")
    mounted = setting(monkeypatch, AMENDS_KAFKA_SASL_PASSWORD_FILE=str(file))
    assert mounted.connection()["sasl_plain_password"] == "hush"
    assert mounted.connection()["sasl_plain_username"] == "amends"
    assert mounted.connection()["sasl_mechanism"] == "SCRAM-SHA-512"
    file.write_text("changed")
    assert mounted.connection()["sasl_plain_password"] == "changed"


def test_an_encrypted_connection_checks_the_name_of_the_broker(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    context = setting(monkeypatch, AMENDS_KAFKA_SECURITY_PROTOCOL="SSL").connection()["ssl_context"]
    assert isinstance(context, ssl.SSLContext)
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED


@pytest.mark.parametrize(
    "environment",
    [
        SASL,
        {**SASL, **PASSWORD, **MISSING_FILE},
        {**SASL, **MISSING_FILE},
        {"AMENDS_KAFKA_SSL_CERT_FILE": "/x"},
        {"AMENDS_KAFKA_SECURITY_PROTOCOL": "TELEPATHY"},
        {"AMENDS_KAFKA_TOPIC_PREFIX": "no spaces"},
    ],
)
def test_what_does_not_fit_together_is_refused(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]
) -> None:
    with pytest.raises(ValidationError):
        setting(monkeypatch, **environment)


def test_a_refusal_does_not_show_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError) as refused:
        setting(monkeypatch, **PASSWORD, **MISSING_FILE)
    assert "hush" not in str(refused.value)
