"""Any store of evidence keeps contents under their digest, whole or not at all."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.intake.files import EvidenceFiles, FilesUnavailable, NoFiles, ObjectFiles

SHA = "ab" * 32


@pytest.fixture(params=["memory", "folder"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> EvidenceFiles:
    if request.param == "memory":
        return ObjectFiles("memory:///")
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
    await files.discard("u1")
