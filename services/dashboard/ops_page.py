"""`/ops`: the live page. One template, its style and its script; nothing from anywhere else."""

from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.dashboard.facade import Dashboard
from services.dashboard.viewer import forget, remember, viewer
from services.dashboard.words import LANGUAGES, words_of
from shared.auth import UNCHECKED, Tokens
from shared.events.vocabulary import Role
from shared.problems import Problem

router = APIRouter(include_in_schema=False)

_PAGES: Final = Path(__file__).parent / "pages"
_templates: Final = Environment(
    loader=FileSystemLoader(_PAGES), autoescape=True, undefined=StrictUndefined
)
_ASSETS: Final = {
    "ops.css": "text/css; charset=utf-8",
    "ops.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_LOOKS_ON: Final = frozenset({Role.OPS, Role.SUPERVISOR})


@router.get("/ops")
async def ops(
    request: Request,
    token: Annotated[str | None, Query()] = None,
    lang: Annotated[str | None, Query()] = None,
    accept_language: Annotated[str, Header()] = "",
) -> Response:
    """The page; with `?token=` it remembers the token and comes back without it in the address."""
    language = chosen_language(lang, accept_language)
    if token is not None:
        return await _sign_in(request, token.strip(), lang, language)
    try:
        principal = await viewer(request)
    except Problem as problem:
        if problem.code == UNCHECKED:
            return _not_now(language, problem)
        answer = _sign_in_page(language, "expired" if problem.code == "token_invalid" else None)
        forget(answer)
        return answer
    if principal.role not in _LOOKS_ON:
        return _sign_in_page(language, "forbidden", status=403)
    return _page("ops.html", language, role=principal.role, subject=principal.subject)


async def _sign_in(request: Request, token: str, lang: str | None, language: str) -> Response:
    tokens: Tokens = request.app.state.tokens
    dashboard: Dashboard = request.app.state.dashboard
    try:
        await tokens.verify(token)
    except Problem as problem:
        if problem.code == UNCHECKED:
            return _not_now(language, problem)
        return _sign_in_page(language, "invalid")
    answer = RedirectResponse(
        "/ops" if lang is None else f"/ops?lang={language}", status_code=303, headers=_HEADERS
    )
    remember(answer, token, secure=dashboard.secure)
    return answer


@router.get("/ops/leave")
async def leave() -> Response:
    """Forget the token."""
    answer = RedirectResponse("/ops", status_code=303, headers=_HEADERS)
    forget(answer)
    return answer


@router.get("/ops/{name}")
async def asset(name: str) -> Response:
    """Style, script and icon of the page."""
    media_type = _ASSETS.get(name)
    if media_type is None:
        raise Problem("not_found", "There is nothing here.")
    content = (_PAGES / name).read_bytes()
    headers = _HEADERS | {"Cache-Control": "no-cache"}
    return Response(content, media_type=media_type, headers=headers)


def chosen_language(asked: str | None, accept_language: str) -> str:
    """The language asked for, else the first of the browser's that there is, else English."""
    wishes = [asked] if asked is not None else _by_weight(accept_language)
    for wish in wishes:
        for language in LANGUAGES:
            if wish.lower().split("-")[0] == language.split("-")[0].lower():
                return language
    return LANGUAGES[0]


def _by_weight(accept_language: str) -> list[str]:
    """The languages of an `Accept-Language` header (RFC 9110, 12.5.4), the dearest first."""
    weighed: list[tuple[float, str]] = []
    for part in accept_language.split(","):
        name, _, weight = part.strip().partition(";q=")
        try:
            weighed.append((-float(weight or 1), name.strip()))
        except ValueError:
            continue
    return [name for _, name in sorted(weighed, key=lambda entry: entry[0])]


def _not_now(language: str, problem: Problem) -> Response:
    """The token may well be good: the browser keeps it, and shall come again."""
    answer = _sign_in_page(language, "unavailable", status=503)
    answer.headers.update(problem.headers)
    return answer


def _sign_in_page(language: str, reason: str | None, *, status: int = 401) -> Response:
    return _page("sign_in.html", language, status=status, reason=reason)


def _page(template: str, language: str, *, status: int = 200, **values: object) -> Response:
    words = words_of(language)
    other = next(one for one in LANGUAGES if one != language)
    html = _templates.get_template(template).render(
        words=words, language=language, other_language=other, other=words_of(other), **values
    )
    return HTMLResponse(html, status_code=status, headers=_HEADERS)
