"""docs/operations.md names every setting with its default, and metrics that there are."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from pydantic import SecretStr, TypeAdapter

from services.dashboard.gauges import Gauges
from shared.observability import Metrics
from tests.architecture.sources import ROOT
from tests.support.variables import SETTINGS, names_of, options

DOCUMENT = (ROOT / "docs" / "operations.md").read_text()
ROW = re.compile(r"^\| `([A-Z][A-Z_]+)` \| (?:`([^`]*)`)? ?\|", re.MULTILINE)
METRIC = re.compile(r"\bamends_[a-z_]+")
ROLE = "amends_relay"


def in_words(default: Any) -> str:
    """A default as an operator would write it into the environment."""
    match default:
        case None:
            return ""
        case SecretStr():
            return default.get_secret_value()
        case bool():
            return str(default).lower()
        case int() | float():
            return f"{default:.10g}"
        case timedelta():
            return str(TypeAdapter(timedelta).dump_python(default, mode="json"))
        case dict():
            return json.dumps(default, separators=(",", ":"))
        case _:
            return str(default)


def wrong_defaults(text: str) -> dict[str, str]:
    """Documented defaults that are not those of the code, with the code's."""
    real = {
        name: in_words(default) for name, default in {**options(), **names_of(*SETTINGS)}.items()
    }
    documented = dict(ROW.findall(text))
    return {name: real[name] for name in documented if documented[name] != real.get(name)}


def test_every_setting_is_documented_and_no_other() -> None:
    documented = [name for name, _ in ROW.findall(DOCUMENT)]
    assert len(documented) == len(set(documented))
    embedded_only = {"AMENDS_DATA"}
    assert set(documented) == {*names_of(*SETTINGS), *options()} - embedded_only


def test_documented_defaults_are_those_of_the_code() -> None:
    assert wrong_defaults(DOCUMENT) == {}


def test_another_default_is_noticed() -> None:
    row = "| `AMENDS_NOTIFY_SURVEY_DELAY` | `PT2H` | from resolution to survey |\n"
    assert wrong_defaults(row) == {"AMENDS_NOTIFY_SURVEY_DELAY": "PT1H"}


@pytest.mark.parametrize(
    ("default", "words"),
    [(None, ""), (False, "false"), (60.0, "60"), (timedelta(days=90), "P90D"), (Path("a"), "a")],
)
def test_defaults_are_shown_as_they_would_be_written(default: Any, words: str) -> None:
    assert in_words(default) == words


def metric_names(registry: CollectorRegistry) -> set[str]:
    """As Prometheus would call them."""
    endings = ("", "_total", "_bucket", "_count", "_sum")
    return {f"{found.name}{ending}" for found in registry.collect() for ending in endings}


def test_metrics_that_alarms_are_built_on_exist() -> None:
    metrics = Metrics()
    Gauges(metrics)
    named = set(METRIC.findall(DOCUMENT)) - {ROLE}
    assert len(named) > 10
    assert named - metric_names(metrics.registry) == set()


def test_every_metric_of_all_services_is_documented() -> None:
    known = {found.name for found in Metrics().registry.collect()}
    told = METRIC.findall(DOCUMENT)
    assert {name for name in known if not {name, f"{name}_total"} & set(told)} == set()
