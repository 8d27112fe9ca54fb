"""A file is what its first bytes say, whatever it is called."""

import pytest

from services.intake.media import agrees, file_name, media_type_of

FTYP = b"\x00\x00\x00\x20ftyp"


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n\x00", "image/png"),
        (b"GIF89a\x01", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "audio/wav"),
        (b"%PDF-1.7", "application/pdf"),
        (FTYP + b"heic", "image/heic"),
        (FTYP + b"isom", "video/mp4"),
        (FTYP + b"qt  ", "video/quicktime"),
        (FTYP + b"M4A ", "audio/mp4"),
        (b"ID3\x04", "audio/mpeg"),
        ("聊天记录：没有发货\n".encode(), "text/plain"),
        (("聊" * 200).encode()[:512], "text/plain"),  # cut in the middle of a character
    ],
)
def test_what_evidence_may_be(head: bytes, media_type: str) -> None:
    assert media_type_of(head) == media_type


@pytest.mark.parametrize(
    "head",
    [
        b"PK\x03\x04",  # zip, and all that is one inside: docx, jar, apk
        b"\x1f\x8b\x08",
        b"7z\xbc\xaf\x27\x1c",
        b"Rar!\x1a\x07",
        b"\x7fELF",
        b"MZ\x90\x00",
        b"MZ this program",
        b"<!DOCTYPE html>",
        b"  <HTML><script>",
        b"<svg xmlns=",
        b"<?xml version",
        b"#!/bin/sh",
        b"RIFF\x00\x00\x00\x00AVI ",
        FTYP + b"xxxx",
        b"\x00\x01\x02",
        b"caf\xe9",
    ],
)
def test_what_it_may_not_be(head: bytes) -> None:
    assert media_type_of(head) is None


def test_a_name_that_contradicts_the_content_is_noticed() -> None:
    assert agrees("image/JPEG; q=1", "image/jpeg")
    assert agrees(None, "image/jpeg")
    assert agrees("application/octet-stream", "image/jpeg")
    assert agrees("image/jpg", "image/jpeg")
    assert not agrees("image/png", "image/jpeg")
    assert not agrees("text/html", "text/plain")


def test_a_download_has_a_name_of_ours() -> None:
    assert file_name("ab" * 32, "image/png") == "evidence-abababababab.png"
