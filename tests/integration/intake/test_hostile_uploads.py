"""Uploads over a real socket that try to stay, to fill, to lie: refused, and memory stays flat."""

import asyncio
import gc
import resource
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn

from services.intake.files import ObjectFiles
from services.intake.uploads import UploadLimits, Uploads
from shared.clock import ProcessClock
from tests.crossings.cases import Case, in_progress
from tests.support.system import System

PNG = b"\x89PNG\r\n\x1a\n"
LIMITS = UploadLimits(
    max_bytes=2_000_000,
    at_once=3,
    idle_seconds=0.4,
    grace_seconds=0.5,
    min_bytes_per_second=50_000,
)
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Site:
    """A platform that listens, and the folder in which its evidence lies."""

    case: Case
    port: int
    folder: Path

    def head(self, *headers: str) -> bytes:
        lines = [
            f"POST {self.case.path}/evidence?kind=product_photo HTTP/1.1",
            "Host: test",
            f"Authorization: {self.case.consumer.authorization}",
            *headers,
        ]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def files(self) -> list[str]:
        return [path.name for path in self.folder.rglob("*") if path.is_file()]

    def under_way(self) -> int:
        uploads: Uploads = self.case.system.app.state.intake.uploads
        return uploads.under_way

    async def evidence(self) -> int:
        return len((await self.case.now())["evidence"])


async def until(holds: Callable[[], bool]) -> None:
    while not holds():  # noqa: ASYNC110 - a real server, which tells nobody
        await asyncio.sleep(0.01)


@asynccontextmanager
async def listening(tmp_path: Path) -> AsyncIterator[Site]:
    async with System() as system:
        case = await in_progress(system)
        intake = system.app.state.intake
        intake.uploads = Uploads(ObjectFiles(tmp_path.as_uri()), ProcessClock(), LIMITS)
        config = uvicorn.Config(system.app, port=0, lifespan="off", log_level="critical")
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve())
        await until(lambda: server.started)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield Site(case, port, tmp_path)
        server.should_exit = True
        await serving


async def talk(site: Site, head: bytes, body: AsyncIterator[bytes]) -> tuple[int, str]:
    """Send, and read the answer, which may well come before everything was sent."""
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    try:
        writer.write(head)
        answer = asyncio.create_task(reader.read(65_536))
        async for chunk in body:
            if answer.done() or writer.is_closing():
                break
            try:
                writer.write(chunk)
                await asyncio.wait_for(writer.drain(), 5)
            except (ConnectionError, TimeoutError):
                break
        raw = (await asyncio.wait_for(answer, 10)).decode(errors="replace")
    finally:
        writer.close()
    code = raw.partition('"code":"')[2].partition('"')[0]
    return int(raw.split(" ")[1]), code


async def chunked(*parts: bytes, ends: bool = True) -> AsyncIterator[bytes]:
    for part in parts:
        yield f"{len(part):x}\r\n".encode() + part + b"\r\n"
    if ends:
        yield b"0\r\n\r\n"


async def endless(first: bytes, pause: float = 0.0, size: int = 65_536) -> AsyncIterator[bytes]:
    """Up to 300 MB of a file that never ends, in chunks."""
    yield f"{len(first):x}\r\n".encode() + first + b"\r\n"
    for _ in range(300 * MEGABYTE // size):
        yield f"{size:x}\r\n".encode() + b"0" * size + b"\r\n"
        await asyncio.sleep(pause)


CHUNKED = "Transfer-Encoding: chunked"


async def test_an_honest_file_is_taken(tmp_path: Path) -> None:
    async with listening(tmp_path) as site:
        head = site.head(CHUNKED, "Connection: close")
        assert await talk(site, head, chunked(PNG + b"x" * 600, b"y" * 90_000)) == (201, "")
        assert len(site.files()) == 1


async def test_an_endless_stream_is_cut_and_memory_stays_flat(tmp_path: Path) -> None:
    async with listening(tmp_path) as site:
        gc.collect()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for _ in range(3):
            status = await talk(site, site.head(CHUNKED), endless(PNG))
            assert status == (413, "evidence_too_large")
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        assert grown < 60 * 1024, f"{grown} KiB more than before"
        assert site.files() == []
        assert await site.evidence() == 0


async def test_a_declared_giant_is_refused_unread(tmp_path: Path) -> None:
    async with listening(tmp_path) as site:
        head = site.head("Content-Length: 5000000000")
        assert await talk(site, head, chunked(ends=False)) == (413, "evidence_too_large")


async def test_a_zip_bomb_and_a_wrong_name_are_refused_by_their_first_bytes(
    tmp_path: Path,
) -> None:
    async with listening(tmp_path) as site:
        for first, declared in ((b"PK\x03\x04", "image/png"), (b"\x1f\x8b\x08", "image/png")):
            head = site.head(CHUNKED, f"Content-Type: {declared}")
            assert await talk(site, head, endless(first)) == (415, "unsupported_media_type")
        assert site.files() == []


async def test_whoever_drips_is_shown_out(tmp_path: Path) -> None:
    async with listening(tmp_path) as site:
        drip = endless(PNG + b"0" * 600, pause=0.05, size=10)
        assert await talk(site, site.head(CHUNKED), drip) == (408, "upload_too_slow")

        async def silent() -> AsyncIterator[bytes]:
            async for chunk in chunked(PNG + b"0" * 600, ends=False):
                yield chunk

        assert await talk(site, site.head(CHUNKED), silent()) == (408, "upload_too_slow")
        assert site.files() == []


async def test_who_hangs_up_leaves_nothing_behind(tmp_path: Path) -> None:
    async with listening(tmp_path) as site:
        _, writer = await asyncio.open_connection("127.0.0.1", site.port)
        writer.write(site.head("Content-Length: 100000") + PNG + b"0" * 5000)
        await writer.drain()
        await until(lambda: site.under_way() == 1)
        writer.close()
        await until(lambda: site.under_way() == 0)
        assert site.files() == []
        assert await site.evidence() == 0


async def test_only_so_many_at_once(tmp_path: Path) -> None:
    async with listening(tmp_path) as site:
        slow = [
            asyncio.create_task(
                talk(site, site.head(CHUNKED), endless(PNG + b"0" * 600, pause=0.02, size=4096))
            )
            for _ in range(LIMITS.at_once)
        ]
        await until(lambda: site.under_way() == LIMITS.at_once)
        busy = await talk(site, site.head(CHUNKED), chunked(PNG + b"0" * 600))
        assert busy == (429, "too_many_requests")
        for task in slow:
            task.cancel()
        await asyncio.gather(*slow, return_exceptions=True)


@pytest.mark.parametrize("name", ["../../../etc/passwd", "C:\\boot.ini", "a%00b", "x" * 150])
async def test_names_never_reach_a_file_system(tmp_path: Path, name: str) -> None:
    async with listening(tmp_path) as site:
        path = f"{site.case.path}/evidence"
        head = site.head(CHUNKED, "Connection: close").replace(
            f"POST {path}?kind=product_photo".encode(),
            f"POST {path}?kind=product_photo&filename={name}".replace("\\", "%5C").encode(),
        )
        assert (await talk(site, head, chunked(PNG + b"x" * 600)))[0] == 201
        [only] = site.files()
        assert len(only) == 64
        assert set(only) <= set("0123456789abcdef")
