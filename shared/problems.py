"""Every refusal that reaches a caller: RFC 9457 problems with a stable `code`.

This is the one place that maps a code to an HTTP status. A code nobody listed is a programming
error and is answered 500 `internal_error`.
"""

from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from shared.decider import Refused
from shared.eventlog.ports import StorageUnavailable, VersionConflict
from shared.observability import log

STATUS: Final[dict[str, int]] = {
    "malformed_json": 400,
    "token_missing": 401,
    "token_invalid": 401,
    "forbidden": 403,
    "not_assigned": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "upload_too_slow": 408,
    "assignment_pending": 409,
    "already_answered": 409,
    "request_open": 409,
    "no_open_request": 409,
    "review_not_open": 409,
    "solution_superseded": 409,
    "four_eyes": 409,
    "not_from_regulator": 409,
    "merchant_first": 409,
    "has_it_already": 409,
    "already_handed_over": 409,
    "evidence_limit_reached": 409,
    "nothing_missing": 409,
    "not_a_duplicate": 409,
    "has_absorbed": 409,
    "review_already_asked": 409,
    "no_ground_for_review": 409,
    "referral_open": 409,
    "referral_ended": 409,
    "no_arbitration_agreement": 409,
    "excluded_by_arbitration": 409,
    "excluded_by_court": 409,
    "survey_closed": 409,
    "wrong_status": 409,
    "conflict": 409,
    "appeal_window_over": 409,
    "appeal_window_open": 409,
    "already_appealed": 409,
    "violation_decided": 409,
    "reopening_window_over": 409,
    "specialist_exists": 409,
    "subject_has_open_complaints": 409,
    "legal_hold": 409,
    "no_such_legal_hold": 409,
    "recorded_in_clear": 409,
    "cursor_too_old": 410,
    "link_expired": 410,
    "version_mismatch": 412,
    "body_too_large": 413,
    "evidence_too_large": 413,
    "unsupported_media_type": 415,
    "validation_failed": 422,
    "nothing_to_search_for": 422,
    "unknown_evidence": 422,
    "unknown_order": 422,
    "unknown_step": 422,
    "playbook_invalid": 422,
    "evidence_empty": 422,
    "idempotency_key_reused": 422,
    "consumer_id_is_personal": 422,
    "subject_id_is_personal": 422,
    "backdated_too_far": 422,
    "occurred_in_future": 422,
    "promised_in_past": 422,
    "if_match_required": 428,
    "too_many_requests": 429,
    "headers_too_large": 431,
    "internal_error": 500,
    "storage_unavailable": 503,
    "evidence_unavailable": 503,
    "not_ready": 503,
    "keys_unavailable": 503,
}

_TITLES: Final[dict[str, str]] = {
    "malformed_json": "The body is not valid JSON",
    "validation_failed": "The request does not fit its contract",
    "version_mismatch": "The complaint has changed since you read it",
    "if_match_required": "This act needs the version you decided on",
}


class Problem(Exception):
    """An answer that says no. `errors` lists what is wrong, field by field."""

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        errors: list[dict[str, Any]] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.errors = errors or []
        self.headers = headers or {}


def problem_response(
    code: str,
    detail: str = "",
    *,
    errors: list[dict[str, Any]] | None = None,
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """The answer for a code."""
    status = STATUS.get(code)
    if status is None:
        log.error("unlisted_problem_code", code=code)
        code, status, detail = "internal_error", 500, ""
    body = {
        "type": f"urn:amends:problem:{code}",
        "title": _TITLES.get(code, code.replace("_", " ").capitalize()),
        "status": status,
        "detail": detail,
        "code": code,
        "errors": errors or [],
    }
    return JSONResponse(body, status, headers, media_type="application/problem+json")


async def _problem(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Problem)  # noqa: S101 - registered for this type
    headers = dict(error.headers)
    if STATUS.get(error.code) == HTTPStatus.UNAUTHORIZED:
        headers.setdefault("WWW-Authenticate", "Bearer")
    return problem_response(error.code, error.detail, errors=error.errors, headers=headers)


async def _refused(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refused)  # noqa: S101 - registered for this type
    headers = {"Retry-After": "1"} if error.code == "assignment_pending" else None
    return problem_response(error.code, error.detail, headers=headers)


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this type
    found = error.errors()
    if any(entry["loc"] == ("body",) and entry["type"] != "missing" for entry in found) and (
        not _says_json(request)
    ):
        return problem_response("unsupported_media_type", "Send application/json.")
    if any(entry["type"] == "json_invalid" for entry in found):
        return problem_response("malformed_json", "The body could not be read as JSON.")
    errors = [
        {"field": ".".join(str(part) for part in entry["loc"]), "message": entry["msg"]}
        for entry in found
    ]
    return problem_response("validation_failed", "See `errors`.", errors=errors)


def _says_json(request: Request) -> bool:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return media_type == "application/json" or media_type.endswith("+json")


_HTTP_CODES: Final = {404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}


async def _http(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this type
    code = _HTTP_CODES.get(error.status_code)
    if code is None and error.status_code == HTTPStatus.BAD_REQUEST:
        code = "malformed_json"
    return problem_response(
        code or "internal_error", str(error.detail), headers=dict(error.headers or {})
    )


async def _conflict(_: Request, __: Exception) -> JSONResponse:
    return problem_response("conflict", "Others kept changing this; try again.")


async def _unavailable(_: Request, error: Exception) -> JSONResponse:
    log.error("storage_unavailable", error=str(error))
    return problem_response(
        "storage_unavailable",
        "Nothing was recorded; try again with the same Idempotency-Key.",
        headers={"Retry-After": "1"},
    )


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    log.error("unexpected", path=request.url.path, exc_info=error)
    return problem_response("internal_error", "This is our fault; it has been logged.")


def install_problem_handlers(app: FastAPI) -> None:
    """Answer every error of this application as a problem."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(VersionConflict, _conflict)
    app.add_exception_handler(StorageUnavailable, _unavailable)
    app.add_exception_handler(Exception, _unexpected)
