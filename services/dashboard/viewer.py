"""Who looks: a bearer token as everywhere, or the cookie that the page sets for a browser."""

from typing import Annotated, Final

from fastapi import Depends, Request
from fastapi.responses import Response

from shared.auth import Principal, Tokens, principal

COOKIE: Final = "amends_ops"
_PATH: Final = "/"


async def viewer(request: Request) -> Principal:
    """FastAPI dependency. Raises `Problem` 401 without a valid token in header or cookie,
    and 503 if it cannot be checked now.

    The cookie is good for reading alone: no route that changes anything accepts it.
    """
    token = request.cookies.get(COOKIE)
    if token and "authorization" not in request.headers:
        tokens: Tokens = request.app.state.tokens
        return await tokens.verify(token)
    return await principal(request)


Viewer = Annotated[Principal, Depends(viewer)]


def remember(response: Response, token: str, *, secure: bool) -> None:
    """Let the browser keep the token: out of reach of scripts, sent to this site alone."""
    response.set_cookie(COOKIE, token, httponly=True, samesite="strict", secure=secure, path=_PATH)


def forget(response: Response) -> None:
    """Let the browser drop the token."""
    response.delete_cookie(COOKIE, path=_PATH, httponly=True, samesite="strict")
