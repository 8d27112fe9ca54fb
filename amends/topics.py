"""`amends topics`: the topics that a distributed platform needs, created and checked."""

import json
from collections.abc import Coroutine
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import typer
import uvloop
import yaml
from aiokafka.errors import KafkaError
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from rich.console import Console

from shared.kafka.settings import KafkaSettings
from shared.kafka.topics import Difference, Topic, create_missing, differences
from shared.observability import quiet_kafka_client

T = TypeVar("T")

DECLARATION: Final = Path("deploy/topics.yaml")
_MIN_IN_SYNC: Final = "min.insync.replicas"

_out = Console(soft_wrap=True)
_err = Console(stderr=True, soft_wrap=True)

topics_app = typer.Typer(
    name="topics",
    help="Create and check the Kafka topics of a distributed platform.",
    no_args_is_help=True,
)

File = Annotated[
    Path,
    typer.Option("--file", help="What should be there.", envvar="AMENDS_TOPICS_FILE"),
]
Replication = Annotated[
    int | None,
    typer.Option(
        min=1,
        max=9,
        help="Copies of each partition, in place of what the file says: 1 for a single broker.",
        envvar="AMENDS_TOPICS_REPLICATION",
    ),
]


class Profile(BaseModel):
    """How topics of one kind are laid out."""

    model_config = ConfigDict(extra="forbid")

    partitions: int = Field(ge=1)
    replication: int = Field(ge=1)
    config: dict[str, str] = {}


class Declaration(BaseModel):
    """The file: profiles by name, and the profile of each topic."""

    model_config = ConfigDict(extra="forbid")

    profiles: dict[str, Profile]
    topics: dict[str, str]


class BadDeclaration(Exception):
    """The file is missing, or does not say what topics there should be."""


def declared_topics(file: Path, replication: int | None = None) -> list[Topic]:
    """The topics a file declares, with another replication if given. Raises `BadDeclaration`."""
    try:
        declaration = Declaration.model_validate(yaml.safe_load(file.read_text()))
        return [
            _topic(name, declaration.profiles[profile], replication)
            for name, profile in declaration.topics.items()
        ]
    except OSError as error:
        raise BadDeclaration(f"{file} cannot be read; name another with --file") from error
    except KeyError as error:
        raise BadDeclaration(f"{file} has no profile {error}") from error
    except (ValidationError, yaml.YAMLError) as error:
        raise BadDeclaration(f"{file} does not declare topics: {error}") from error


def _topic(name: str, profile: Profile, replication: int | None) -> Topic:
    copies = replication or profile.replication
    config = dict(profile.config)
    if _MIN_IN_SYNC in config:
        config[_MIN_IN_SYNC] = str(min(int(config[_MIN_IN_SYNC]), copies))
    return Topic(name=name, partitions=profile.partitions, replication=copies, config=config)


@topics_app.command()
def apply(file: File = DECLARATION, replication: Replication = None) -> None:
    """Create the topics that are missing. What is there is never changed.

    Another number of partitions would spread the events of one complaint over two of them, out of
    order; so that is refused, and any other difference is told but left to you.

    Example: [bold]KAFKA_BOOTSTRAP_SERVERS=kafka:9092 amends topics apply[/bold], on a single broker
    with [bold]--replication 1[/bold]. Access and prefix: AMENDS_KAFKA_… as for the services.
    """
    settings, declared = _given(file, replication)
    for name in _asked(create_missing(settings, declared)):
        _out.print(f"created {name}")
    found = _asked(differences(settings, declared))
    _tell(found)
    if found:
        raise typer.Exit(1)
    _out.print(f"{len(declared)} topics are as declared")


@topics_app.command()
def check(
    file: File = DECLARATION,
    replication: Replication = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a program.")] = False,
) -> None:
    """Compare the topics with what is declared. Exit code 1 if anything differs.

    Example: [bold]amends topics check --json[/bold] prints
    [bold]{"topics": 12, "differences": [{"topic", "setting", "declared", "found"}, …]}[/bold];
    found is null for what is not there.
    """
    settings, declared = _given(file, replication)
    found = _asked(differences(settings, declared))
    if as_json:
        told = {"topics": len(declared), "differences": [asdict(one) for one in found]}
        typer.echo(json.dumps(told, indent=2))
    elif found:
        _tell(found)
    else:
        _out.print(f"{len(declared)} topics are as declared")
    if found:
        raise typer.Exit(1)


def _given(file: Path, replication: int | None) -> tuple[KafkaSettings, list[Topic]]:
    quiet_kafka_client()
    try:
        return KafkaSettings(), declared_topics(file, replication)
    except (BadDeclaration, ValidationError) as error:
        _err.print(f"[red]{error}[/red]")
        raise typer.Exit(2) from error


def _asked(question: Coroutine[Any, Any, T]) -> T:
    try:
        return uvloop.run(question)
    except (KafkaError, OSError, TimeoutError) as error:
        _err.print(f"[red]Kafka cannot be reached, or refuses:[/red] {error}")
        raise typer.Exit(1) from error


def _tell(found: list[Difference]) -> None:
    for one in found:
        if one.found is None and one.setting == "topic":
            _err.print(f"[red]{one.topic}[/red] is missing: amends topics apply creates it")
        elif one.setting == "partitions":
            _err.print(
                f"[red]{one.topic}[/red] has {one.found} partitions, not {one.declared}: that "
                "cannot be changed without losing the order of events; make it anew, or declare it"
            )
        else:
            _err.print(f"[red]{one.topic}[/red] has {one.setting} {one.found}, not {one.declared}")
