"""`amends serve` as a process of its own, told by its environment whose tokens it takes."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from typer.testing import CliRunner

from amends.cli import app
from deploy.local.ports import free_port
from shared.auth import EmbeddedTokens, Principal
from shared.clock import WallClock
from shared.events.vocabulary import Role
from tests.crossings.cases import FILING
from tests.support.databases import Databases
from tests.support.key_server import KeyServer, key_server, signing_key

SECRET: Final = "thirty-two characters or more of it"
PATIENCE_SECONDS: Final = 60


@asynccontextmanager
async def intake(
    folder: Path, database: str, environment: dict[str, str]
) -> AsyncIterator[httpx.AsyncClient]:
    """A process of intake that answers. There is no Kafka, which it can wait for."""
    port, log = free_port(), folder / "stderr.log"
    told = {
        "DATABASE_URL": database,
        "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
        "AMENDS_SECRET": SECRET,
        "PYTHONUNBUFFERED": "1",
    }
    with log.open("wb") as stderr:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "amends.cli", "serve", "intake", "--port", str(port)),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=stderr,
            env={**os.environ, **told, **environment},
        )
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not await _answers(http):
                    assert process.returncode is None, log.read_text()
                    await asyncio.sleep(0.1)
            yield http
        finally:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(process.wait(), PATIENCE_SECONDS) == 0, log.read_text()


async def _answers(http: httpx.AsyncClient) -> bool:
    try:
        return (await http.get("/healthz")).status_code == 200
    except httpx.HTTPError:
        return False


async def file(http: httpx.AsyncClient, token: str) -> httpx.Response:
    """A complaint by telephone."""
    headers = {"Authorization": f"Bearer {token}"}
    return await http.post("/v1/complaints", json=FILING, headers=headers)


def token_of(server: KeyServer, **changes: Any) -> str:
    """A good one of the issuer, but for these claims."""
    person = {"role": "specialist", "sub": "s9"}
    return server.sign(server.claims(WallClock().now(), **{**person, **changes}))


async def test_a_process_takes_the_tokens_of_its_issuer_and_no_others(
    databases: Databases, tmp_path: Path
) -> None:
    own = EmbeddedTokens(SECRET.encode(), WallClock())
    signed_here = own.issue(Principal(role=Role.SPECIALIST, subject="s9"))
    database = await databases.migrated(12)
    async with key_server() as server:
        told = {"AMENDS_OIDC_ISSUER": server.issuer}
        async with intake(tmp_path, database, told) as http:
            assert (await file(http, token_of(server))).status_code == 201
            for bad in (signed_here, token_of(server, aud="x"), token_of(server, iss="x")):
                assert (await file(http, bad)).json()["code"] == "token_invalid"
            over = int((WallClock().now() - timedelta(minutes=1)).timestamp())
            assert (await file(http, token_of(server, exp=over))).status_code == 401
            server.rotate(signing_key("k2", "RS256"), keep=False)
            async with asyncio.timeout(PATIENCE_SECONDS):
                # At once, or five seconds after the keys were asked for last.
                while (await file(http, token_of(server))).status_code != 201:  # noqa: ASYNC110
                    await asyncio.sleep(0.2)


REFUSED: Final = [
    ({"AMENDS_OIDC_ISSUER": "http://login.example"}, "must be an https: address"),
    ({"AMENDS_OIDC_AUDIENCE": "shop"}, "without AMENDS_OIDC_ISSUER nobody heeds"),
]


@pytest.mark.parametrize(("environment", "words"), REFUSED)
def test_an_issuer_that_cannot_be_is_refused_before_anything_starts(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], words: str
) -> None:
    nowhere = {"AMENDS_SECRET": SECRET, "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/x"}
    for name, value in (nowhere | environment).items():
        monkeypatch.setenv(name, value)
    refused = CliRunner().invoke(app, ["serve", "relay"])
    assert (refused.exit_code, words in refused.stderr) == (2, True)
