"""The OpenAPI document of the platform: what FastAPI finds, and what holds for every operation.

Security, idempotency keys, versions and refusals are the same everywhere, so they are said here
once and not at every route.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from shared.problems import STATUS

PUBLIC: Final = ("/healthz", "/readyz", "/v1/surveys/", "/v1/evidence/", "/v1/evidence-bundle-key")
"""Paths that need no token: a link of ours says enough, or there is nothing to protect."""

_VERSIONED: Final = ("/v1/complaints", "/v1/violations")
_KEYED: Final = "/v1/subjects"
_ALWAYS: Final = (400, 405, 422, 431, 500, 503)
_WITH_TOKEN: Final = (401, 403, 404)
_WITH_BODY: Final = (413, 415)
_RECORDING: Final = (409, 412, 428, 429)
_UPLOADING: Final = (408, 415)
_LINKED: Final = (404, 410)
_STREAMING: Final = (410, 429)
_NOT_JSON: Final = frozenset({"text/html", "application/zip"})

_PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "description": "RFC 9457. `code` is stable; go by it.",
    "required": ["type", "title", "status", "detail", "code", "errors"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
}
_PAGE: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["items", "next"],
    "properties": {
        "items": {"type": "array", "items": {"type": "object"}},
        "next": {
            "type": ["string", "null"],
            "description": "Where to go on: the cursor of the next page. Null: this is the end.",
        },
    },
}
_KEY: Final[dict[str, Any]] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A repeated call with the same key and body is answered as the first was.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
}
_MATCH: Final[dict[str, Any]] = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of the version that the caller has seen; 428 where it is needed.",
    "schema": {"type": "string", "pattern": '^"[0-9]{1,9}"$'},
}


def describe(
    app: FastAPI,
    schemas: Mapping[str, Mapping[str, Any]],
    answers: Callable[[str], str | None],
    examples: Mapping[str, Any],
    matched: Collection[str],
) -> Callable[[], dict[str, Any]]:
    """What makes the document, once.

    An operation is named `POST /v1/complaints`. `answers`: operation → name in `schemas` of what it
    answers, or None for any object. `examples`: operation → an example of its body. `matched`:
    operations that need `If-Match`.
    """
    made: dict[str, Any] | None = None

    def openapi() -> dict[str, Any]:
        nonlocal made
        if made is None:
            made = get_openapi(
                title=app.title,
                version=app.version,
                description=app.description,
                routes=app.routes,
            )
            _complete(made, schemas, answers, examples, matched)
        return made

    return openapi


def _complete(
    document: dict[str, Any],
    schemas: Mapping[str, Mapping[str, Any]],
    answers: Callable[[str], str | None],
    examples: Mapping[str, Any],
    matched: Collection[str],
) -> None:
    components = document.setdefault("components", {})
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    }
    named = components.setdefault("schemas", {})
    named |= {"Problem": _PROBLEM, "Page": _PAGE, **schemas}
    for unused in ("HTTPValidationError", "ValidationError"):
        named.pop(unused, None)
    for path, method, operation in _operations(document):
        name = f"{method.upper()} {path}"
        if not path.startswith(PUBLIC):
            operation["security"] = [{"bearer": []}]
        if method != "get" and path.startswith(_VERSIONED):
            match = {**_MATCH, "required": name in matched}
            operation.setdefault("parameters", []).extend([_KEY, match])
        elif method != "get" and path.startswith(_KEYED):
            operation.setdefault("parameters", []).append(_KEY)
        _say_answers(operation, answers(name))
        _say_refusals(path, method, operation)
        if name in examples:
            content = operation["requestBody"]["content"]["application/json"]
            content["example"] = examples[name]


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def _say_answers(operation: dict[str, Any], name: str | None) -> None:
    """What an operation answers where nothing stands in its way."""
    for status, response in operation["responses"].items():
        if not status.startswith("2") or response.get("content", {}).keys() & _NOT_JSON:
            continue
        content = response.setdefault("content", {}).setdefault("application/json", {})
        if content.get("schema") in ({}, None):
            content["schema"] = {"$ref": f"#/components/schemas/{name}"} if name else {}


def _say_refusals(path: str, method: str, operation: dict[str, Any]) -> None:
    for status in sorted(_refused_with(path, method, operation)):
        answer = _refusal(status)
        if path.startswith("/v1/surveys/"):
            # Whoever opens a link in a browser gets a page, whatever there is to say.
            answer["content"]["text/html"] = {"schema": {"type": "string"}}
        operation["responses"][str(status)] = answer


def _refused_with(path: str, method: str, operation: dict[str, Any]) -> set[int]:
    statuses = set(_ALWAYS)
    if not path.startswith(PUBLIC):
        statuses |= set(_WITH_TOKEN)
    elif path.startswith(("/v1/surveys/", "/v1/evidence/")):
        statuses |= set(_LINKED)
    if "requestBody" in operation:
        statuses |= set(_WITH_BODY)
    if method != "get":
        statuses |= set(_RECORDING)
    if path.endswith("/evidence"):
        statuses |= set(_UPLOADING)
    if path == "/v1/stream":
        statuses |= set(_STREAMING)
    return statuses


def _refusal(status: int) -> dict[str, Any]:
    codes = sorted(code for code, its in STATUS.items() if its == status)
    return {
        "description": f"{HTTPStatus(status).phrase}: {', '.join(f'`{code}`' for code in codes)}",
        "content": {
            "application/problem+json": {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "examples": {code: {"value": _example(code, status)} for code in codes},
            }
        },
    }


def _example(code: str, status: int) -> dict[str, Any]:
    return {
        "type": f"urn:amends:problem:{code}",
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "detail": "",
        "code": code,
        "errors": [],
    }
