"""The OpenAPI document of the whole platform, and what of it was promised to others.

`docs/openapi.lock` records, for every operation, what its callers rely on; it is only extended.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI

from amends.dead_letters.api import router as dead_letters
from amends.platform import described
from amends.platform import router as of_every_process
from services.dashboard.api import router as dashboard
from services.intake.api import router as intake
from services.notify.api import router as notify
from services.routing.api import router as routing
from services.sla.api import router as sla

DOCUMENT: Final = Path("openapi.json")
LOCK: Final = Path("openapi.lock")

Promises = dict[str, dict[str, list[str]]]
"""Operation → `takes` (fields, parameters), `needs` (those required), `gives` (in answers)."""


class BrokenContract(Exception):
    """Callers that keep to what was promised would fail. Says what, line by line."""


def document() -> dict[str, Any]:
    """The document, made from the routers alone."""
    app: FastAPI = described()
    app.include_router(dead_letters)
    for router in (intake, routing, sla, notify, dashboard):
        app.router.routes.extend(router.routes)
    app.include_router(of_every_process)
    return app.openapi()


def promises(found: Mapping[str, Any]) -> Promises:
    """What callers may rely on."""
    return {
        f"{method.upper()} {path}": {
            "takes": sorted(_taken(found, operation, only_required=False)),
            "needs": sorted(_taken(found, operation, only_required=True)),
            "gives": sorted(_given(found, operation)),
        }
        for path, methods in found["paths"].items()
        for method, operation in methods.items()
    }


def _taken(
    found: Mapping[str, Any], operation: Mapping[str, Any], *, only_required: bool
) -> Iterator[str]:
    for parameter in operation.get("parameters", ()):
        if parameter.get("required") or not only_required:
            yield f"{parameter['in']} {parameter['name']}"
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    schema = _resolved(found, content.get("schema", {}))
    yield from (
        f"body {name}"
        for name in (schema.get("required", ()) if only_required else schema.get("properties", ()))
    )


def _given(found: Mapping[str, Any], operation: Mapping[str, Any]) -> Iterator[str]:
    for status, response in operation["responses"].items():
        if status.startswith("2"):
            yield status
            content = response.get("content", {}).get("application/json", {})
            yield from _resolved(found, content.get("schema", {})).get("required", ())


def _resolved(found: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    for one in (schema, *schema.get("anyOf", ())):
        if "$ref" in one:
            resolved: Mapping[str, Any] = found["components"]["schemas"][one["$ref"].split("/")[-1]]
            return resolved
    return schema


def extended(recorded: Promises, now: Promises) -> Promises:
    """The record with what is new. Raises `BrokenContract`."""
    broken = [
        line
        for operation, promised in recorded.items()
        for line in _broken(operation, promised, now.get(operation))
    ]
    if broken:
        raise BrokenContract("\n".join(broken))
    return now


def _broken(
    operation: str, promised: Mapping[str, list[str]], now: Mapping[str, list[str]] | None
) -> Iterator[str]:
    if now is None:
        yield f"{operation} is gone"
        return
    yield from (f"{operation} takes no {x}" for x in promised["takes"] if x not in now["takes"])
    yield from (f"{operation} gives no {x}" for x in promised["gives"] if x not in now["gives"])
    yield from (f"{operation} needs {x} now" for x in now["needs"] if x not in promised["needs"])


def recorded(docs: Path) -> Promises:
    """What was promised so far."""
    path = docs / LOCK
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def written(found: object) -> bytes:
    """As it lies in the file."""
    return (json.dumps(found, indent=1, ensure_ascii=False) + "\n").encode()
