"""The environment variables that code reads: those of settings classes and of the command."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import typer
from pydantic import AliasChoices
from pydantic_settings import BaseSettings
from typer.core import TyperGroup
from typer.main import get_command

from amends.cli import app
from amends.distributed import RELAY, DistributedSettings
from services.dashboard.settings import DashboardSettings
from services.intake.settings import IntakeSettings
from services.notify.settings import NotifySettings
from services.routing.settings import RoutingSettings
from services.sla.settings import SlaSettings
from shared.kafka.settings import KafkaSettings
from shared.oidc.settings import OidcSettings

OF_SERVICES: Final[Mapping[str, type[BaseSettings]]] = {
    "intake": IntakeSettings,
    "routing": RoutingSettings,
    "sla": SlaSettings,
    "notify": NotifySettings,
    "dashboard": DashboardSettings,
}
SETTINGS: Final[tuple[type[BaseSettings], ...]] = (
    DistributedSettings,
    KafkaSettings,
    OidcSettings,
    *OF_SERVICES.values(),
)


def names_of(*classes: type[BaseSettings]) -> dict[str, Any]:
    """The variables of these classes, with their defaults."""
    found: dict[str, Any] = {}
    for settings in classes:
        prefix = settings.model_config.get("env_prefix", "")
        for name, field in settings.model_fields.items():
            alias = field.validation_alias
            told = alias.choices[0] if isinstance(alias, AliasChoices) else alias
            variable = str(told) if told is not None else f"{prefix}{name}".upper()
            found[variable] = field.get_default(call_default_factory=True)
    return found


def read_by(words: Sequence[str]) -> set[str]:
    """The variables that `amends` with these words reads.

    Raises `TyperException` if there is no such command, or it does not take them.
    """
    left = list(words)
    command: Any = get_command(app)
    context = typer.Context(command)
    while isinstance(command, TyperGroup):
        _, command, left = command.resolve_command(context, left or [""])
        context = typer.Context(command, parent=context)
    command.make_context(command.name, left)
    return {*_options_of(command), *names_of(*_classes(words))}


def options(command: Any = None) -> dict[str, Any]:
    """The variables that stand for options of a command (of any, without one), with defaults."""
    command = get_command(app) if command is None else command
    if not isinstance(command, TyperGroup):
        return _options_of(command)
    found: dict[str, Any] = {}
    for one in command.commands.values():
        found |= options(one)
    return found


def _options_of(command: Any) -> dict[str, Any]:
    return {str(one.envvar): one.default for one in command.params if one.envvar is not None}


def _classes(words: Sequence[str]) -> tuple[type[BaseSettings], ...]:
    match list(words):
        case ["serve", service, *_] if service == RELAY:
            return (DistributedSettings, KafkaSettings, OidcSettings)
        case ["serve", service, *_]:
            return (DistributedSettings, KafkaSettings, OidcSettings, OF_SERVICES[service])
        case ["topics", *_]:
            return (KafkaSettings,)
        case _:
            return ()
