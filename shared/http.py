"""What every service's HTTP edge shares: acts that count once, versions, pages, body limits."""

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any, Final, Self

import msgspec
from fastapi import Depends, Request, Response
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.auth import Principal, principal
from shared.clock import Clock, whole_ms
from shared.eventlog.ports import AlreadyClaimed, Claim, EventLog, VersionConflict
from shared.problems import Problem, problem_response
from shared.unit_of_work import ATTEMPTS, UnitOfWork

MAX_BODY_BYTES: Final = 1_048_576
_MAX_KEY: Final = 255
_MAX_VERSION_DIGITS: Final = 18
_MAX_IN_CURSOR: Final = 2**63
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:")
_TRACEPARENT: Final = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


class Body(BaseModel):
    """Parent of every request body: what the contract does not name is refused."""

    model_config = ConfigDict(extra="forbid", str_max_length=20_000, frozen=True)


def _written(value: object) -> object:
    if not isinstance(value, str | datetime):
        # Pydantic takes a ValueError for a fault of the request, a TypeError for one of ours.
        raise ValueError("a time is written as text, as RFC 3339 has it")  # noqa: TRY004
    if isinstance(value, str) and _DATE.match(value) is None:
        # Digits alone would be taken for seconds since 1970.
        raise ValueError("a time is written as RFC 3339 has it: 2026-03-02T09:00:00Z")
    return value


Instant = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(whole_ms)]
"""A time in a request: RFC 3339 with its zone; in UTC and whole milliseconds from there on."""


def _integral(value: object) -> object:
    """JSON has one kind of number: 12900.0 is the integer 12900."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


INTEGRAL: Final = BeforeValidator(_integral)
"""Put it before a strict integer in a body."""


@dataclass(frozen=True, slots=True)
class Done:
    """What an act came to: HTTP status, id of the thing, its stream version afterwards."""

    status: int
    id: str
    version: int


Act = Callable[[UnitOfWork], Awaitable[Done]]
Render = Callable[[Done], Awaitable[Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One act asked for over HTTP: by whom, under which key, on which version."""

    caller: Principal
    operation: str
    idempotency_key: str | None
    body_sha256: str
    if_match: int | None
    traceparent: str | None
    real: Clock

    def require_match(self, version: int) -> None:
        """Raises `Problem` 428 without `If-Match`, 412 if it names another version."""
        if self.if_match is None:
            raise Problem("if_match_required", f"Send If-Match with the ETag, now {version}.")
        self.check_match(version)

    def check_match(self, version: int) -> None:
        """Raises `Problem` 412 if `If-Match` was sent and names another version."""
        if self.if_match is not None and self.if_match != version:
            raise Problem("version_mismatch", f"It is at version {version} now.")

    def with_body(self, body: str) -> Self:
        """The call once its streamed body is known by this text."""
        return replace(self, body_sha256=hashlib.sha256(body.encode()).hexdigest())

    async def perform(self, log: EventLog, act: Act, render: Render) -> Response:
        """Run `act` and record it with its idempotency key; a repeated call is answered alike.

        Conflicts with others are decided anew. Raises whatever `act` raises; a refusal takes no
        key. Raises `Problem` 422 `idempotency_key_reused` for the same key with another body.
        """
        if self.idempotency_key is not None:
            claim = await log.claimed(self.caller.key, self.operation, self.idempotency_key)
            if claim is not None:
                return await render(self._repeated(claim))
        for _ in range(ATTEMPTS):
            work = UnitOfWork(log, actor=self.caller.actor(), traceparent=self.traceparent)
            done = await act(work)
            try:
                await work.commit(claim=self._claim(done))
            except VersionConflict:
                continue
            except AlreadyClaimed as taken:
                done = self._repeated(taken.claim)
            return await render(done)
        raise VersionConflict(self.operation)

    def _claim(self, done: Done) -> Claim | None:
        if self.idempotency_key is None:
            return None
        return Claim(
            principal=self.caller.key,
            operation=self.operation,
            key=self.idempotency_key,
            body_sha256=self.body_sha256,
            status=done.status,
            id=done.id,
            version=done.version,
            created_at=self.real.now(),
        )

    def _repeated(self, claim: Claim) -> Done:
        if claim.body_sha256 != self.body_sha256:
            raise Problem(
                "idempotency_key_reused", "This Idempotency-Key was used with another body."
            )
        return Done(claim.status, claim.id, claim.version)


async def command_call(request: Request) -> Call:
    """FastAPI dependency for every POST and PUT that records something.

    Raises `Problem` 401 without a valid token. It asks for no further dependencies: each would
    cost a tenth of what the whole request takes.
    """
    call = await streamed_call(request)
    if call.idempotency_key is None:
        return call
    return replace(call, body_sha256=hashlib.sha256(await request.body()).hexdigest())


async def streamed_call(request: Request) -> Call:
    """The call without its body, which is read as it comes: `Call.with_body` says what it was.

    Raises `Problem` 401 without a valid token.
    """
    caller = await principal(request)
    headers = request.headers
    key = headers.get("idempotency-key")
    if key is not None and not 0 < len(key) <= _MAX_KEY:
        raise Problem("validation_failed", f"Idempotency-Key has 1 to {_MAX_KEY} characters.")
    return Call(
        caller=caller,
        operation=f"{request.method} {request.url.path}",
        idempotency_key=key,
        body_sha256="",
        if_match=_if_match(headers.get("if-match")),
        traceparent=_traceparent(headers.get("traceparent")),
        real=request.app.state.real,
    )


Command = Annotated[Call, Depends(command_call)]


def _if_match(header: str | None) -> int | None:
    if header is None:
        return None
    text = header.strip().removeprefix("W/").strip('"')
    if not text.isascii() or not text.isdigit() or len(text) > _MAX_VERSION_DIGITS:
        raise Problem("version_mismatch", "If-Match must be an ETag that this API gave out.")
    return int(text)


def _traceparent(header: str | None) -> str | None:
    """W3C Trace Context asks to go on without a header that does not fit its form."""
    return header if header and _TRACEPARENT.fullmatch(header) else None


def etag(version: int) -> str:
    """The ETag of a version."""
    return f'"{version}"'


def json_response(
    body: object, *, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """A JSON answer, encoded once. Times in `body` must already be text."""
    return Response(
        msgspec.json.encode(body), status, headers=headers, media_type="application/json"
    )


def page(items: list[Any], next_cursor: str | None) -> dict[str, Any]:
    """The shape of every list."""
    return {"items": items, "next": next_cursor}


def encode_cursor(position: dict[str, Any]) -> str:
    """An opaque cursor."""
    return base64.urlsafe_b64encode(msgspec.json.encode(position)).decode().rstrip("=")


def decode_cursor(cursor: str, **kinds: type) -> dict[str, Any]:
    """The inverse: a position that has at least these parts, each of its kind.

    Raises `Problem` 422 `validation_failed` on anything this API did not give.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        position = msgspec.json.decode(base64.urlsafe_b64decode(padded))
    except ValueError as error:
        raise Problem("validation_failed", "That cursor is not one of ours.") from error
    if (
        not isinstance(position, dict)
        or any(map(_beyond_storage, position.values()))
        or not all(isinstance(position.get(name), kind) for name, kind in kinds.items())
    ):
        raise Problem("validation_failed", "That cursor is not one of ours.")
    return position


def _beyond_storage(value: object) -> bool:
    return isinstance(value, int) and abs(value) >= _MAX_IN_CURSOR


_STREAMED: Final = re.compile(r"/v1/complaints/[^/]+/evidence")
"""Whose bodies are files, read as they come, with a limit of their own."""


class BodyLimit:
    """ASGI middleware: refuses bodies over `MAX_BODY_BYTES`, declared or streamed, unread."""

    def __init__(self, app: ASGIApp, limit: int = MAX_BODY_BYTES) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what fits."""
        if scope["type"] != "http" or _STREAMED.fullmatch(scope["path"]):
            await self._app(scope, receive, send)
            return
        declared = _content_length(scope)
        if declared is not None and declared > self._limit:
            await self._refuse(scope, receive, send)
            return
        await self._counted(scope, receive, send)

    async def _counted(self, scope: Scope, receive: Receive, send: Send) -> None:
        seen = 0
        started = False

        async def counting() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self._limit:
                # FastAPI lets only this class through while it reads a body.
                raise HTTPException(413)
            return message

        async def noting(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, counting, noting)
        except HTTPException:
            if started:
                raise
            await self._refuse(scope, receive, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = problem_response(
            "body_too_large", f"At most {self._limit} bytes.", headers={"Connection": "close"}
        )
        await response(scope, receive, send)


def _content_length(scope: Scope) -> int | None:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return None
