"""Topics as they should be and as they are on the broker."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from shared.kafka.settings import KafkaSettings

_MADE_SECONDS: Final = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One topic, under its own name. `config` holds only what is said on purpose."""

    name: str
    partitions: int
    replication: int
    config: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One setting that is not as declared; `found` is None where there is none."""

    topic: str
    setting: str
    declared: str
    found: str | None


async def create_missing(settings: KafkaSettings, declared: Sequence[Topic]) -> list[str]:
    """Create the topics that are not there; their names on the broker. Raises `KafkaError`."""
    async with _admin(settings) as admin:
        there = set(await admin.list_topics())
        missing = [topic for topic in declared if settings.topic(topic.name) not in there]
        if not missing:
            return []
        answer = await admin.create_topics(
            [
                NewTopic(
                    settings.topic(topic.name),
                    topic.partitions,
                    topic.replication,
                    topic_configs=dict(topic.config),
                )
                for topic in missing
            ]
        )
        for name, code, *message in answer.topic_errors:
            error = for_code(code)
            if code and error is not TopicAlreadyExistsError:
                raise error(f"{name}: {' '.join(filter(None, message))}")
        made = [settings.topic(topic.name) for topic in missing]
        # A broker says yes a moment before it knows of them.
        async with asyncio.timeout(_MADE_SECONDS):
            there = set(await admin.list_topics())
            while not there.issuperset(made):
                await asyncio.sleep(0.05)
                there = set(await admin.list_topics())
        return made


async def differences(settings: KafkaSettings, declared: Sequence[Topic]) -> list[Difference]:
    """What is not as declared, in the order of declaration. Raises `KafkaError`."""
    async with _admin(settings) as admin:
        there = set(await admin.list_topics())
        names = [settings.topic(topic.name) for topic in declared]
        known = [name for name in names if name in there]
        layouts = await _layouts(admin, known)
        configs = await _configs(admin, known)
    found = []
    for topic, name in zip(declared, names, strict=True):
        if name not in layouts:
            found.append(Difference(topic=name, setting="topic", declared="there", found=None))
            continue
        wanted = {"partitions": str(topic.partitions), "replication": str(topic.replication)}
        actual = {**layouts[name], **configs[name]}
        found += [
            Difference(topic=name, setting=setting, declared=value, found=actual.get(setting))
            for setting, value in {**wanted, **topic.config}.items()
            if actual.get(setting) != value
        ]
    return found


@asynccontextmanager
async def _admin(settings: KafkaSettings) -> AsyncIterator[Any]:
    admin = AIOKafkaAdminClient(**settings.connection(), request_timeout_ms=10_000)
    try:
        await admin.start()
        yield admin
    finally:
        await admin.close()


async def _layouts(admin: Any, names: Sequence[str]) -> dict[str, dict[str, str]]:
    """Partitions, and the fewest replicas any of them has."""
    if not names:
        return {}
    described = await admin.describe_topics(list(names))
    return {
        topic["topic"]: {
            "partitions": str(len(topic["partitions"])),
            "replication": str(min(len(p["replicas"]) for p in topic["partitions"])),
        }
        for topic in described
        if topic["partitions"]
    }


async def _configs(admin: Any, names: Sequence[str]) -> dict[str, dict[str, str]]:
    if not names:
        return {}
    wanted = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    found: dict[str, dict[str, str]] = {}
    for answer in await admin.describe_configs(wanted):
        for code, message, _kind, name, entries in answer.resources:
            if code:
                raise KafkaError(f"{name}: {message or for_code(code).__name__}")
            found[name] = {entry[0]: entry[1] for entry in entries}
    return found
