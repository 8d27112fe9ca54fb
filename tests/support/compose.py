"""`docker-compose.yml` as a program reads it: variables filled in, merges done, order told."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any, Final

import yaml

from tests.architecture.sources import ROOT

FILE: Final = ROOT / "docker-compose.yml"
OURS: Final = "amends:"
"""How the image of this project is called; all others are other people's."""

_VARIABLE: Final = re.compile(r"\$\{(?P<name>\w+):-(?P<default>[^${}]*)\}")
_SECRETS: Final = "/run/secrets/"


@dataclass(frozen=True, slots=True)
class Container:
    """One service of the file."""

    name: str
    told: Mapping[str, Any]

    @property
    def ours(self) -> bool:
        """Whether it runs this project's image."""
        return str(self.told["image"]).startswith(OURS)

    @property
    def command(self) -> list[str]:
        """What it runs, after the image's entry point."""
        return [str(word) for word in self.told.get("command", [])]

    @property
    def environment(self) -> dict[str, str]:
        """Its variables, without those of `.env`."""
        given: Mapping[str, object] = self.told.get("environment", {})
        return {name: str(value) for name, value in given.items()}

    @property
    def secrets(self) -> dict[str, str]:
        """Where it finds which secret."""
        return {f"{_SECRETS}{name}": name for name in self.told.get("secrets", [])}

    @property
    def waits_for(self) -> dict[str, str]:
        """What has to be how before it starts."""
        waited: Mapping[str, Mapping[str, str]] = self.told.get("depends_on", {})
        return {name: how["condition"] for name, how in waited.items()}

    @property
    def is_job(self) -> bool:
        """Whether it runs once and ends."""
        return "restart" not in self.told

    @property
    def health(self) -> Mapping[str, Any]:
        """How to see that it is well; empty where the image knows."""
        found: Mapping[str, Any] = self.told.get("healthcheck", {})
        return found

    def service_of(self) -> str | None:
        """The service of the platform that it serves."""
        return self.command[1] if self.command[:1] == ["serve"] else None


@dataclass(frozen=True, slots=True)
class Compose:
    """The whole file."""

    told: Mapping[str, Any]

    @property
    def containers(self) -> dict[str, Container]:
        """Every service of the file."""
        return {name: Container(name, told) for name, told in self.told["services"].items()}

    @property
    def ours(self) -> list[Container]:
        """Those that run this project's image."""
        return [one for one in self.containers.values() if one.ours]

    def in_order(self) -> list[Container]:
        """Every one after what it waits for. Raises `graphlib.CycleError`."""
        graph = {name: one.waits_for.keys() for name, one in self.containers.items()}
        return [self.containers[name] for name in TopologicalSorter(graph).static_order()]

    def secret_files(self) -> dict[str, Path]:
        """Where this machine keeps which secret."""
        declared: Mapping[str, Mapping[str, str]] = self.told["secrets"]
        return {name: Path(where["file"]) for name, where in declared.items()}


def composed(variables: Mapping[str, str] | None = None, text: str | None = None) -> Compose:
    """The file, or this text, with such variables; all others have their defaults."""
    given = FILE.read_text() if text is None else text
    return Compose(yaml.safe_load(_filled(given, variables or {})))


def _filled(text: str, variables: Mapping[str, str]) -> str:
    """From inside out: a default can name another variable."""
    while True:
        filled = _VARIABLE.sub(lambda m: variables.get(m["name"]) or m["default"], text)
        if filled == text:
            assert "${" not in text, "a variable without a default: nothing works after a clone"
            return text
        text = filled


def interpolated(text: str) -> set[str]:
    """The variables that a compose file takes from its surroundings."""
    return set(re.findall(r"\$\{(\w+)", text))


def published_ports(container: Container) -> Iterator[tuple[str, int]]:
    """Addresses of this machine and ports of the container, for `ADDRESS:PORT:PORT`."""
    ports: Sequence[str] = container.told.get("ports", [])
    for port in ports:
        *address, _, inner = str(port).split(":")
        yield ":".join(address), int(inner)


def seconds(text: str) -> float:
    """A duration as compose writes it: `1m30s`."""
    units = {"h": 3600.0, "m": 60.0, "s": 1.0}
    return sum(float(n) * units[unit] for n, unit in re.findall(r"(\d+)([hms])", text))
