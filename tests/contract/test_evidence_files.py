"""Any store of evidence keeps contents under their digest, whole or not at all."""

import socket
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import httpx
import pytest
from moto.server import ThreadedMotoServer

from services.intake.files import EvidenceFiles, FilesUnavailable, NoFiles, ObjectFiles

SHA = "ab" * 32


@pytest.fixture(scope="session")
def s3_address() -> Iterator[str]:
    """A server that speaks S3, with one bucket."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    httpx.put(f"{address}/evidence").raise_for_status()
    yield address
    server.stop()


@pytest.fixture
def as_configured(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Credentials and address as `docs/operations.md` says."""

    def configure(address: str) -> None:
        for name, value in {
            "AWS_ENDPOINT": address,
            "AWS_ALLOW_HTTP": "true",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "who",
            "AWS_SECRET_ACCESS_KEY": "knows",
        }.items():
            monkeypatch.setenv(name, value)

    return configure


@pytest.fixture(params=["memory", "folder", "s3"])
def files(
    request: pytest.FixtureRequest, tmp_path: Path, as_configured: Callable[[str], None]
) -> EvidenceFiles:
    if request.param == "memory":
        return ObjectFiles("memory:///")
    if request.param == "s3":
        as_configured(request.getfixturevalue("s3_address"))
        return ObjectFiles(f"s3://evidence/{tmp_path.name}")
    return ObjectFiles((tmp_path / "not there yet" / "evidence").as_uri())


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def broken() -> AsyncIterator[bytes]:
    yield b"x" * 100_000
    raise ValueError("the sender is gone")


async def content(files: EvidenceFiles, sha256: str) -> bytes:
    return b"".join([piece async for piece in await files.read(sha256)])


async def test_what_came_in_pieces_is_read_whole(files: EvidenceFiles) -> None:
    parts = [bytes([n]) * 300_000 for n in range(5)]
    await files.receive("u1", chunks(*parts))
    with pytest.raises(KeyError):
        await files.read(SHA)
    await files.keep("u1", SHA)
    assert await content(files, SHA) == b"".join(parts)


async def test_a_file_of_many_parts_is_read_whole(files: EvidenceFiles) -> None:
    parts = [bytes([n]) * 1_000_000 for n in range(17)]
    await files.receive("u1", chunks(*parts))
    await files.keep("u1", SHA)
    assert await content(files, SHA) == b"".join(parts)


async def test_the_same_content_may_come_again(files: EvidenceFiles) -> None:
    for upload in ("u1", "u2"):
        await files.receive(upload, chunks(b"same"))
        await files.keep(upload, SHA)
    assert await content(files, SHA) == b"same"


async def test_of_what_breaks_off_nothing_is_left(files: EvidenceFiles) -> None:
    with pytest.raises(ValueError, match="gone"):
        await files.receive("u1", broken())
    with pytest.raises(FilesUnavailable):
        await files.keep("u1", SHA)
    with pytest.raises(KeyError):
        await files.read(SHA)


async def test_what_is_discarded_cannot_be_kept(files: EvidenceFiles) -> None:
    await files.receive("u1", chunks(b"unwanted"))
    await files.discard("u1")
    await files.discard("u1")
    with pytest.raises(FilesUnavailable):
        await files.keep("u1", SHA)


async def test_what_is_removed_is_gone_and_can_be_removed_again(files: EvidenceFiles) -> None:
    await files.receive("u1", chunks(b"mine"))
    await files.keep("u1", SHA)
    for _ in range(2):
        await files.remove(SHA)
        with pytest.raises(KeyError):
            await files.read(SHA)


async def test_an_object_store_that_is_away_is_said_to_be(
    as_configured: Callable[[str], None],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    as_configured(f"http://127.0.0.1:{port}")
    files = ObjectFiles("s3://evidence/away")
    with pytest.raises(FilesUnavailable):
        await files.receive("u1", chunks(b"x" * 6_000_000))
    with pytest.raises(FilesUnavailable):
        await files.read(SHA)
    with pytest.raises(FilesUnavailable):
        await files.remove(SHA)


def test_where_there_can_be_no_store_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "evidence").write_text("a file where the folder should be")
    for url in ((tmp_path / "evidence").as_uri(), "carrier-pigeon://coop"):
        with pytest.raises(FilesUnavailable, match=url.partition(":")[0]):
            ObjectFiles(url)


async def test_without_a_store_nothing_works_and_it_says_so() -> None:
    files = NoFiles()
    with pytest.raises(FilesUnavailable, match="no evidence store"):
        await files.receive("u1", chunks(b"x"))
    with pytest.raises(FilesUnavailable, match="no evidence store"):
        await files.keep("u1", SHA)
    with pytest.raises(FilesUnavailable, match="no evidence store"):
        await files.read(SHA)
    with pytest.raises(FilesUnavailable, match="no evidence store"):
        await files.remove(SHA)
    await files.discard("u1")
