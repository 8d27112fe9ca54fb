"""`amends topics` against a real broker: creates what is missing, tells what differs."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from amends.bus import OWNERS
from amends.cli import app
from amends.topics import DECLARATION, BadDeclaration, declared_topics
from shared.events.registry import COMPLAINTS, topics
from shared.kafka.progress import PROGRESS
from shared.kafka.settings import KafkaSettings
from tests.architecture.sources import ROOT
from tests.support.broker import make_topics, unshared

FILE = ROOT / DECLARATION
SERVICES = {*OWNERS.values(), "dashboard"}


@pytest.fixture
def settings(kafka: str, monkeypatch: pytest.MonkeyPatch) -> KafkaSettings:
    """A prefix of this test's own, in the environment of the command."""
    settings = unshared(kafka)
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", kafka)
    monkeypatch.setenv("AMENDS_KAFKA_TOPIC_PREFIX", settings.topic_prefix)
    monkeypatch.setenv("AMENDS_TOPICS_FILE", str(FILE))
    return settings


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["topics", *arguments])


def checked(*arguments: str) -> tuple[int, Any]:
    result = run("check", "--json", *arguments)
    return result.exit_code, json.loads(result.stdout)


def test_every_published_topic_is_declared_with_one_number_of_partitions() -> None:
    declared = {topic.name: topic for topic in declared_topics(FILE)}
    dead = {f"amends.{service}.dead" for service in SERVICES}
    assert set(declared) == {*topics(), *dead, PROGRESS}
    assert {declared[name].partitions for name in topics()} == {12}
    assert {declared[name].config["retention.ms"] for name in topics()} == {"-1"}


def test_what_is_missing_is_created_as_declared(settings: KafkaSettings) -> None:
    code, before = checked("--replication", "1")
    assert code == 1
    assert {one["setting"] for one in before["differences"]} == {"topic"}
    assert len(before["differences"]) == before["topics"] == 12
    applied = run("apply", "--replication", "1")
    assert applied.exit_code == 0, applied.output
    assert f"created {settings.topic(COMPLAINTS)}" in applied.stdout
    assert checked("--replication", "1") == (0, {"topics": 12, "differences": []})
    again = run("apply", "--replication", "1")
    assert again.exit_code == 0
    assert "created" not in again.stdout
    assert run("check", "--replication", "1").exit_code == 0


def test_the_number_of_partitions_is_never_changed(settings: KafkaSettings) -> None:
    asyncio.run(make_topics(settings, COMPLAINTS, partitions=3))
    applied = run("apply", "--replication", "1")
    assert applied.exit_code == 1
    assert "has 3 partitions, not 12" in applied.stderr
    _, found = checked("--replication", "1")
    differing = [one for one in found["differences"] if one["setting"] == "partitions"]
    assert differing == [
        {
            "topic": settings.topic(COMPLAINTS),
            "setting": "partitions",
            "declared": "12",
            "found": "3",
        }
    ]


def test_another_configuration_is_told(settings: KafkaSettings) -> None:
    asyncio.run(make_topics(settings, COMPLAINTS, partitions=12))
    assert run("apply", "--replication", "1").exit_code == 1
    _, found = checked("--replication", "1")
    assert {(one["setting"], one["declared"]) for one in found["differences"]} == {
        ("retention.ms", "-1")
    }
    told = run("check", "--replication", "1")
    assert told.exit_code == 1
    assert "has retention.ms 604800000, not -1" in told.stderr


@pytest.mark.usefixtures("settings")
def test_fewer_copies_than_declared_are_told() -> None:
    assert run("apply", "--replication", "1").exit_code == 0
    code, found = checked()
    assert code == 1
    assert {(one["setting"], one["declared"], one["found"]) for one in found["differences"]} == {
        ("replication", "3", "1"),
        ("min.insync.replicas", "2", "1"),
    }


def test_more_copies_than_brokers_are_refused_by_kafka(settings: KafkaSettings) -> None:
    applied = run("apply", "--replication", "2")
    assert applied.exit_code == 1
    assert "Kafka cannot be reached, or refuses" in applied.stderr
    assert settings.topic_prefix in applied.stderr


def test_a_broker_that_is_not_there_is_told_in_one_line(
    settings: KafkaSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert settings.topic_prefix
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    for command in ("apply", "check"):
        told = run(command)
        assert told.exit_code == 1
        assert "Kafka cannot be reached, or refuses" in told.stderr


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("topics: {a: events}\nprofiles: {}", "has no profile 'events'"),
        ("topics: {a: events}", "does not declare topics"),
        ("profiles: [", "does not declare topics"),
        ("profiles: {p: {partitions: 0, replication: 1}}\ntopics: {}", "does not declare topics"),
    ],
)
def test_a_file_that_says_nothing_sensible_is_refused(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "topics.yaml"
    file.write_text(text)
    with pytest.raises(BadDeclaration, match=told):
        declared_topics(file)
    assert run("check", "--file", str(file)).exit_code == 2


def test_a_file_that_is_missing_is_refused(tmp_path: Path) -> None:
    result = run("check", "--file", str(tmp_path / "none.yaml"))
    assert result.exit_code == 2
    assert "cannot be read" in result.stderr
