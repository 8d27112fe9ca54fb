"""docker-compose.yml and the image say nothing that nobody understands, and open nothing to others.

That it works is shown by tests/e2e/test_compose.py.
"""

import fnmatch
import re
import tomllib
from pathlib import Path

import pytest
from typer.exceptions import TyperException

from amends.distributed import PORTS
from tests.architecture.sources import ROOT, project_files, shown
from tests.support.compose import (
    FILE,
    Compose,
    Container,
    composed,
    interpolated,
    published_ports,
)
from tests.support.variables import SETTINGS, names_of, options, read_by

COMPOSE = composed()
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text()
EXAMPLE = re.compile(r"^(?:# )?([A-Z][A-Z_]+)=", re.MULTILINE)
COPIED = re.compile(r"^COPY (?!--from)(.+) \S+$", re.MULTILINE)
SECRET = re.compile(r"SECRET|PASSWORD|DATABASE_URL")


def unread(compose: Compose) -> dict[str, list[str]]:
    """Variables that a container sets and its command does not read."""
    found = {
        one.name: sorted(one.environment.keys() - read_by(one.command)) for one in compose.ours
    }
    return {name: variables for name, variables in found.items() if variables}


def edited(before: str, after: str) -> Compose:
    """The file with a mistake."""
    text = FILE.read_text()
    assert before in text
    return composed(text=text.replace(before, after))


def test_every_variable_is_read_by_the_command_that_is_given_it() -> None:
    assert unread(COMPOSE) == {}


def test_a_variable_that_nobody_reads_is_noticed() -> None:
    misspelt = edited("  AMENDS_BASE_URL:", "  AMENDS_BASEURL:")
    assert unread(misspelt) == {name: ["AMENDS_BASEURL"] for name in PORTS}
    elsewhere = edited("AMENDS_TOPICS_REPLICATION:", "AMENDS_NOTIFY_SENDER:")
    assert unread(elsewhere) == {"topics": ["AMENDS_NOTIFY_SENDER"]}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[serve, intake]", "[serve, intakes]"),
        ("[topics, apply]", "[topics, create]"),
        ("[topics, apply]", "[topics, apply, --partitions, '12']"),
    ],
)
def test_a_command_that_does_not_exist_is_noticed(before: str, after: str) -> None:
    with pytest.raises(TyperException):
        unread(edited(before, after))


def test_everything_that_can_be_served_is_served() -> None:
    assert {one.service_of() for one in COMPOSE.ours} == {*PORTS, None}


def test_services_start_after_the_jobs_and_jobs_are_not_repeated() -> None:
    for one in COMPOSE.ours:
        if one.is_job:
            assert set(one.waits_for.values()) == {"service_healthy"}, one.name
        else:
            assert one.waits_for == dict.fromkeys(
                ("migrate", "topics"), "service_completed_successfully"
            ), one.name


def test_a_store_has_as_many_shards_as_topics_have_partitions() -> None:
    shards = COMPOSE.containers["migrate"].command
    assert shards == ["migrate", "--shards", "12"]
    declared = (ROOT / "deploy" / "topics.yaml").read_text()
    assert "  events:\n    partitions: 12\n" in declared


def test_only_this_machine_reaches_anything() -> None:
    ports = {one.name: list(published_ports(one)) for one in COMPOSE.containers.values()}
    assert {name: [p for _, p in open_] for name, open_ in ports.items() if open_} == {
        "gateway": [8080],
        "kafka": [9094],
        "mail": [8025],
    }
    assert {address for open_ in ports.values() for address, _ in open_} == {"127.0.0.1"}


def careless(container: Container) -> list[str]:
    """What a container that runs for months must not lack."""
    told = container.told
    lacking = []
    if not re.fullmatch(r"[\w./-]+:\w[\w.-]*", str(told["image"])) or "latest" in told["image"]:
        lacking.append("a version")
    if "max-size" not in told.get("logging", {}).get("options", {}):
        lacking.append("an end to its log")
    if told.get("restart") != "unless-stopped" and not container.is_job:
        lacking.append("a restart")
    if container.ours and not (told.get("read_only") and told.get("cap_drop") == ["ALL"]):
        lacking.append("confinement")
    return lacking


@pytest.mark.parametrize("name", COMPOSE.containers)
def test_containers_can_be_left_alone(name: str) -> None:
    assert careless(COMPOSE.containers[name]) == []


def test_a_careless_container_is_noticed() -> None:
    told = {"image": "amends:latest", "restart": "always", "read_only": True}
    assert len(careless(Container("x", told))) == 4


def test_secrets_come_from_files_that_are_mounted() -> None:
    for one in COMPOSE.containers.values():
        for name, value in one.environment.items():
            if SECRET.search(name):
                assert value in one.secrets, f"{one.name}: {name}"
    assert {name for one in COMPOSE.containers.values() for name in one.secrets.values()} == set(
        COMPOSE.secret_files()
    )


def test_the_example_of_settings_names_only_what_is_read() -> None:
    named = EXAMPLE.findall((ROOT / ".env.example").read_text())
    known = {*names_of(*SETTINGS), *options(), *interpolated(FILE.read_text())}
    assert set(named) - known == set()
    assert len(named) > 5


def copied() -> list[str]:
    """What the image's build takes from the project."""
    return [name.rstrip("/") for line in COPIED.findall(DOCKERFILE) for name in line.split()]


def test_the_image_is_made_of_files_that_are_there_and_sent_to_its_build() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in ignored
    assert {line[1:] for line in ignored if line.startswith("!")} == set(copied())
    assert [name for name in copied() if not (ROOT / name).exists()] == []


def test_the_image_runs_amends_as_nobody_in_particular() -> None:
    assert 'ENTRYPOINT ["amends"]' in DOCKERFILE
    assert re.search(r"^USER [1-9]\d+$", DOCKERFILE, re.MULTILINE)


def not_installed(names: list[str], patterns: list[str]) -> list[str]:
    """Files in packages that `pip install` would leave behind."""
    kept = ["*.py", "*.md", *patterns]  # Markdown is for readers of the source
    return [n for n in names if not any(fnmatch.fnmatch(Path(n).name, p) for p in kept)]


def test_every_file_that_a_package_needs_is_installed_with_it() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    patterns = project["tool"]["setuptools"]["package-data"]["*"]
    names = [shown(path) for path in project_files()]
    packaged = [n for n in names if n.startswith(("amends/", "services/", "shared/"))]
    assert not_installed(packaged, patterns) == []


def test_every_folder_with_code_is_a_package_or_it_would_not_be_installed() -> None:
    folders = {
        path.parent
        for path in project_files(".py")
        if shown(path).startswith(("amends/", "services/", "shared/"))
    }
    assert [shown(folder) for folder in folders if not (folder / "__init__.py").exists()] == []


def test_a_file_that_is_left_behind_is_noticed() -> None:
    assert not_installed(["amends/a.py", "amends/icon.svg"], ["*.css"]) == ["amends/icon.svg"]
