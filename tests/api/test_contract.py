"""The HTTP contract: what is written is what is answered, and nothing promised is taken back."""

from typing import Any

import pytest

from amends.contract import EXAMPLES, LISTS, MATCHED, SCHEMAS
from scripts.openapi import BrokenContract, document, extended, promises, recorded
from scripts.write_docs import documents
from scripts.write_schemas import DOCS
from tests.crossings.cases import in_progress
from tests.support.system import System

DOCUMENT = document()
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}


async def test_what_is_written_is_what_the_platform_says() -> None:
    async with System() as system:
        assert system.app.openapi() == DOCUMENT


def test_what_is_written_is_what_the_code_says() -> None:
    for name, data in documents().items():
        if name.name.startswith("openapi"):
            assert (DOCS / name).read_bytes() == data, f"{name}: run `make docs`"


def test_every_body_and_every_refusal_has_an_example() -> None:
    for name, operation in OPERATIONS.items():
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" in content and "/surveys/" not in name:
            assert "example" in content["application/json"], name
        for status, response in operation["responses"].items():
            if status >= "4":
                problem = response["content"]["application/problem+json"]
                assert problem["examples"], (name, status)


def test_the_tables_name_operations_that_exist() -> None:
    assert set(EXAMPLES) <= set(OPERATIONS)
    assert set(MATCHED) <= set(OPERATIONS)
    assert {f"GET {path}" for path in LISTS} <= set(OPERATIONS)


async def test_a_complaint_has_exactly_the_fields_of_its_schema() -> None:
    async with System() as system:
        case = await in_progress(system)
        schema = SCHEMAS["Complaint"]
        assert set(await case.now()) == set(schema["properties"])
        for reader in (case.consumer, case.merchant):
            seen = set(await reader.get(case.path))
            assert set(schema["required"]) <= seen <= set(schema["properties"])


def changed(operation: str, **parts: list[str]) -> dict[str, Any]:
    now = promises(DOCUMENT)
    return {**now, operation: {**now[operation], **parts}}


FILE = "POST /v1/complaints"


def test_more_may_be_taken_and_given() -> None:
    promised = recorded(DOCS)
    now = promises(DOCUMENT)[FILE]
    more = changed(FILE, takes=[*now["takes"], "body mood"], gives=[*now["gives"], "mood"])
    assert extended(promised, {**more, "GET /v1/moods": now})


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ({}, "is gone"),
        (changed(FILE, takes=[]), "takes no"),
        (changed(FILE, gives=[]), "gives no"),
        (changed(FILE, needs=["body mood"]), "needs body mood now"),
    ],
)
def test_nothing_promised_is_taken_back(now: dict[str, Any], said: str) -> None:
    with pytest.raises(BrokenContract, match=said):
        extended(recorded(DOCS), now)
