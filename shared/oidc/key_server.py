"""Fetches the issuer's keys: found by discovery or at a known address, within bounds."""

import asyncio
import ssl
from typing import Final

import httpx
import msgspec

from shared.oidc.keys import Keys, read_keys
from shared.oidc.settings import OidcSettings

MOST_BYTES: Final = 262_144
"""Of one answer. Published key sets have a few thousand."""

_DISCOVERY: Final = "/.well-known/openid-configuration"
_OK: Final = 200
_HEADERS: Final = {
    "Accept": "application/json",
    # Bytes are counted as they come: packed ones could unfold to any number.
    "Accept-Encoding": "identity",
}


class KeysNotFetched(Exception):
    """The key server was not reached in time, or its answer is not what was asked for."""


class KeyServer:
    """Asks one issuer for its keys. Every time anew: also for the address, which may change."""

    def __init__(self, issuer: str, settings: OidcSettings) -> None:
        self._issuer = issuer
        self._settings = settings
        self._tls = ssl.create_default_context(cafile=settings.ca_file)

    async def keys(self) -> Keys:
        """The keys as published now. Raises `KeysNotFetched`."""
        limit = self._settings.timeout.total_seconds()
        try:
            # For the whole: httpx's own limits start anew with every piece that trickles in.
            async with asyncio.timeout(limit), self._client(limit) as http:
                return read_keys(await _get(http, await self._address(http)))
        except TimeoutError as error:
            raise KeysNotFetched(f"no answer in {limit:g} s") from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise KeysNotFetched(f"{type(error).__name__}: {error}") from error
        except (ValueError, RecursionError) as error:
            raise KeysNotFetched(f"not a key set: {error}") from error

    def _client(self, timeout: float) -> httpx.AsyncClient:
        # For one question: they are rare, and nobody need close it when the process ends.
        return httpx.AsyncClient(verify=self._tls, timeout=timeout)

    async def _address(self, http: httpx.AsyncClient) -> str:
        """Where the keys lie (OpenID Connect Discovery 1.0, 4)."""
        if self._settings.jwks_url is not None:
            return self._settings.jwks_url
        told = msgspec.json.decode(await _get(http, self._issuer.rstrip("/") + _DISCOVERY))
        if not isinstance(told, dict) or told.get("issuer") != self._issuer:
            # 4.3: the same to the letter, or one issuer could speak for another.
            raise KeysNotFetched("the discovery document is of another issuer")
        address = told.get("jwks_uri")
        if not isinstance(address, str) or not self._settings.may_ask(address):
            raise KeysNotFetched("the discovery document names no address that may be asked")
        return address


async def _get(http: httpx.AsyncClient, url: str) -> bytes:
    """The body of a plain answer. Redirections are not followed."""
    async with http.stream("GET", url, headers=_HEADERS) as answer:
        if answer.status_code != _OK:
            raise KeysNotFetched(f"{url} answers {answer.status_code}")
        body = bytearray()
        async for piece in answer.aiter_raw():
            body += piece
            if len(body) > MOST_BYTES:
                raise KeysNotFetched(f"{url} answers more than {MOST_BYTES} bytes")
        return bytes(body)
