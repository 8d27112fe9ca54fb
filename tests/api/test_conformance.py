"""The platform keeps to its OpenAPI document: schemathesis asks everything of it, as each role.

A real process answers. Every check of schemathesis runs; what a JSON Schema cannot say is named
below and nothing else is let through.
"""

import asyncio
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.core.transport import Response
from schemathesis.schemas import APIOperation

from amends.contract import FILING
from tests.e2e.platform import Platform

ROLES: Final = ("consumer", "merchant", "specialist", "supervisor", "ops", "service")
SUBJECTS: Final = {"consumer": "u1", "merchant": "m1", "specialist": "s1"}
_EXAMPLES: Final = 8


class Site:
    """A running platform with a complaint in it, and its document."""

    def __init__(self, platform: Platform, complaint_id: str) -> None:
        self.platform = platform
        self.complaint_id = complaint_id
        self.schema = schemathesis.openapi.from_url(f"{platform.url}/openapi.json")

    def operations(self) -> Iterator[APIOperation[Any, Any, Any, Any]]:
        """All but the stream, which never ends."""
        for found in self.schema.get_all_operations():
            assert isinstance(found, Ok)
            operation = found.ok()
            if operation.path != "/v1/stream":
                yield operation


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with asyncio.Runner() as runner:
        platform = Platform(tmp_path_factory.mktemp("conformance"))
        runner.run(platform.start())
        filed = runner.run(platform.act("specialist", "s1", "POST", "/v1/complaints", FILING))
        yield Site(platform, filed["id"])
        runner.run(platform.stop())


def let_through(failure: Failure, answer: Response, known: set[str]) -> bool:
    """What a JSON Schema cannot say, so that schemathesis cannot know it.

    Rules of the domain, with a code of their own; rules between fields, in the words of whoever
    wrote them ("Value error, …"); what a file is, told by its content; cursors, which are opaque;
    texts of nothing but spaces; how many bytes a body may have; a `$` that to Python, but not to
    JSON Schema, also stands before a last line break; an If-Match that names no version of ours,
    which is 412; a query without a value, which is not sent. And every call here has its token.
    """
    kind = type(failure).__name__
    if answer.status_code in {412, 413}:
        return kind in {"RejectedPositiveData", "AcceptedNegativeData"}
    if kind == "RejectedPositiveData" and answer.status_code == 415:
        return True
    if kind == "RejectedPositiveData" and answer.status_code == 422:
        problem = answer.json()
        if problem["code"] != "validation_failed":
            return True
        said = [error["message"] for error in problem["errors"]] or [problem["detail"]]
        return all(_beyond_schemas(message) for message in said)
    if kind == "AcceptedNegativeData":
        wrong = str(failure).partition("Invalid component")[2]
        unsaid = "query: violates `additionalProperties`" in wrong and known >= _said(answer)
        return ("query" not in wrong or unsaid) and "body" not in wrong
    return False


def _said(answer: Response) -> set[str]:
    """The names in the query as it was sent: a list without values is not."""
    return set(parse_qs(urlsplit(str(answer.request.url)).query))


def _beyond_schemas(message: str) -> bool:
    return message.startswith(
        (
            "Value error,",
            "That cursor",
            "String should match pattern",
            "String should have at least 1 character",
        )
    )


def ask(
    site: Site, operation: APIOperation[Any, Any, Any, Any], mode: GenerationMode, role: str
) -> None:
    known = {parameter.name for parameter in operation.query}
    token = site.platform.token(role, SUBJECTS.get(role, "x1"))

    @settings(
        max_examples=_EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), real=st.booleans())
    def run(case: Case[Any], real: bool) -> None:
        if real and mode is GenerationMode.POSITIVE and "complaint_id" in case.path_parameters:
            case.path_parameters["complaint_id"] = site.complaint_id
        headers = {"Authorization": f"Bearer {token}"}
        answer = case.call(headers=headers)
        try:
            case.validate_response(answer, headers=headers)
        except FailureGroup as found:
            left = [f for f in found.exceptions if not let_through(f, answer, known)]
            assert not left, f"{left[0]}\n{case.as_curl_command()}"

    try:
        run()
    except Unsatisfiable:
        # Some operations take nothing that could be wrong.
        assert mode is GenerationMode.NEGATIVE


@pytest.mark.parametrize("mode", list(GenerationMode), ids=str)
@pytest.mark.parametrize("role", ROLES)
def test_everything_is_answered_as_the_document_says(
    site: Site, role: str, mode: GenerationMode
) -> None:
    asked = 0
    for operation in site.operations():
        ask(site, operation, mode, role)
        asked += 1
    assert asked > 50
