"""The evidence bundle: what is in it, who may have it, and that every change of it is found."""

import asyncio
import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.intake.application import Intake
from services.intake.bundle.manifest import manifest_bytes, manifest_of
from services.intake.bundle.signing import BundleSigner, fingerprint
from services.intake.bundle.verifying import NotABundle, Verdict, verify
from services.intake.files import NoFiles
from services.intake.settings import IntakeSettings
from tests.crossings.cases import Case, in_progress
from tests.integration.intake.test_evidence import PNG, TEXT, send
from tests.support.commands import amends
from tests.support.system import System

OTHERS = BundleSigner(b"somebody else's secret")


async def fetched(case: Case, **params: Any) -> bytes:
    query = "&".join(f"{name}={value}" for name, value in params.items())
    response = await case.ops.request("GET", f"{case.path}/evidence-bundle?{query}")
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/zip"
    assert response.headers["cache-control"] == "private, no-store"
    return response.content


async def made(tmp_path: Path) -> tuple[Path, Path]:
    """A bundle with two files, and the published key."""
    async with System() as system:
        case = await in_progress(system)
        await send(case, case.consumer)
        await send(case, case.consumer, TEXT, "chat_log")
        bundle, key = tmp_path / "bundle.zip", tmp_path / "key.pem"
        bundle.write_bytes(await fetched(case))
        published = (await system.http.get("/v1/evidence-bundle-key"))["public_key"]
        key.write_text(published)
        return bundle, key


def faults(verdict: Verdict) -> dict[str, tuple[str, ...]]:
    return {check.name: check.faults for check in verdict.checks if check.faults}


async def test_it_holds_every_event_and_every_file_and_is_genuine(tmp_path: Path) -> None:
    async with System() as system:
        case = await in_progress(system)
        await send(case, case.consumer)
        content = await fetched(case)
        told = (await case.ops.get(f"{case.path}/events"))["items"]
        path = tmp_path / "b.zip"
        path.write_bytes(content)
        published = await system.http.get("/v1/evidence-bundle-key")
        verdict = verify(path, published["public_key"].encode())
        assert faults(verdict) == {}
        assert verdict.genuine
        assert [one.id for one in verdict.manifest.events] == [one["id"] for one in told]
        assert fingerprint(verdict.public_key) == published["sha256"]
        with zipfile.ZipFile(path) as bundle:
            [piece] = verdict.manifest.files
            assert bundle.read(piece.path) == PNG
            stored = bundle.read(verdict.manifest.events[0].path)
            assert b'"complaint_id"' in stored
        assert await fetched(case) == content


async def test_a_referral_names_the_digest_of_its_bundle(tmp_path: Path) -> None:
    async with System() as system:
        case = await in_progress(system)
        await send(case, case.consumer)
        await case.act(case.specialist, "referrals", {"body": "mediation"})
        await send(case, case.consumer, TEXT, "chat_log")
        await case.act(case.specialist, "referrals", {"body": "regulator"})
        told = (await case.ops.get(f"{case.path}/events"))["items"]
        digests = [one["data"]["bundle_sha256"] for one in told if "referred" in one["type"]]
        for n, (digest, files) in enumerate(zip(digests, (1, 2), strict=True), start=1):
            path = tmp_path / f"{n}.zip"
            path.write_bytes(await fetched(case, referral=n))
            verdict = verify(path)
            assert verdict.genuine
            assert verdict.manifest.events_sha256 == digest
            assert len(verdict.manifest.files) == files
        unknown = await case.ops.request("GET", f"{case.path}/evidence-bundle?referral=3")
        assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")


async def test_parties_do_not_get_what_staff_wrote_for_each_other() -> None:
    async with System() as system:
        case = await in_progress(system)
        for who, status in ((case.consumer, 403), (case.merchant, 403), (case.specialist, 200)):
            response = await who.request("GET", f"{case.path}/evidence-bundle")
            assert response.status_code == status


async def test_lost_and_altered_evidence_is_said_and_found(tmp_path: Path) -> None:
    store = tmp_path / "evidence"
    async with System(intake=IntakeSettings(evidence_url=store.as_uri())) as system:
        case = await in_progress(system)
        await send(case, case.consumer)
        await send(case, case.consumer, TEXT, "chat_log")
        lost, altered = [one["sha256"] for one in (await case.ops.get(case.path))["evidence"]]
        (store / "sha256" / lost[:2] / lost).unlink()
        (store / "sha256" / altered[:2] / altered).write_bytes(b"another")
        path = tmp_path / "b.zip"
        path.write_bytes(await fetched(case))
        found = faults(verify(path))
        assert set(found) == {"evidence"}
        first, second = found["evidence"]
        assert "lost before the bundle was made" in first
        assert "altered before the bundle was made" in second


async def test_a_store_that_is_down_is_said_and_no_half_bundle_sent() -> None:
    async with System() as system:
        case = await in_progress(system)
        await send(case, case.consumer)
        intake = system.service("intake").facade
        assert isinstance(intake, Intake)
        intake.uploads.files = NoFiles()
        response = await case.ops.request("GET", f"{case.path}/evidence-bundle")
        assert (response.status_code, response.json()["code"]) == (503, "evidence_unavailable")
        assert response.headers["retry-after"] == "5"


def rewritten(bundle: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The same bundle with its files changed."""
    with zipfile.ZipFile(bundle) as old:
        held = {name: old.read(name) for name in old.namelist()}
    change(held)
    new = io.BytesIO()
    with zipfile.ZipFile(new, "w") as writer:
        for name, data in held.items():
            writer.writestr(name, data)
    path = bundle.with_name("changed.zip")
    path.write_bytes(new.getvalue())
    return path


def _first_event(held: dict[str, bytes]) -> None:
    held["events/000001.json"] = held["events/000001.json"].replace(b"12900", b"92900")


def _lose_event(held: dict[str, bytes]) -> None:
    del held["events/000002.json"]


def _swap_events(held: dict[str, bytes]) -> None:
    one, two = "events/000001.json", "events/000002.json"
    held[one], held[two] = held[two], held[one]


def _evidence(held: dict[str, bytes]) -> None:
    name = next(name for name in held if name.startswith("evidence/"))
    held[name] += b"!"


def _lose_evidence(held: dict[str, bytes]) -> None:
    del held[next(name for name in held if name.startswith("evidence/"))]


def _add(held: dict[str, bytes]) -> None:
    held["../../etc/cron.d/job"] = b"* * * * * root true"


def _manifest(held: dict[str, bytes]) -> None:
    held["manifest.json"] = held["manifest.json"].replace(b"specialist", b"supervisor")


def _sign_anew(held: dict[str, bytes]) -> None:
    _manifest(held)
    held["manifest.sig"] = OTHERS.sign(held["manifest.json"])
    held["public-key.pem"] = OTHERS.public_key


def _garbled_key(held: dict[str, bytes]) -> None:
    held["public-key.pem"] = b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"


CHANGES: dict[str, tuple[Callable[[dict[str, bytes]], None], set[str]]] = {
    "an event": (_first_event, {"events", "digest of the history"}),
    "an event lost": (_lose_event, {"events", "digest of the history"}),
    "two events in another order": (_swap_events, {"events", "digest of the history", "texts"}),
    "a piece of evidence": (_evidence, {"evidence"}),
    "a piece of evidence lost": (_lose_evidence, {"evidence"}),
    "something more": (_add, {"nothing else"}),
    "who did it": (_manifest, {"signature"}),
    "all of it, by somebody else": (_sign_anew, {"signature"}),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_every_change_is_found(tmp_path: Path, change: str) -> None:
    bundle, key = await made(tmp_path)
    assert verify(bundle, key.read_bytes()).genuine
    alter, wrong = CHANGES[change]
    assert set(faults(verify(rewritten(bundle, alter), key.read_bytes()))) == wrong


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("events/000001.json", {"events", "digest of the history"}),
        ("evidence/", {"evidence"}),
    ],
)
async def test_damaged_bytes_are_found(tmp_path: Path, name: str, wrong: set[str]) -> None:
    bundle, key = await made(tmp_path)
    with zipfile.ZipFile(bundle) as opened:
        entry = next(one for one in opened.infolist() if one.filename.startswith(name))
    damaged = bytearray(bundle.read_bytes())
    begin = entry.header_offset + 30 + len(entry.filename) + 8
    damaged[begin : begin + 40] = bytes(40)
    bundle.write_bytes(damaged)
    assert set(faults(verify(bundle, key.read_bytes()))) == wrong


async def test_without_a_key_of_ones_own_it_cannot_be_told_who_signed(tmp_path: Path) -> None:
    bundle, _ = await made(tmp_path)
    forged = rewritten(bundle, _sign_anew)
    verdict = verify(forged)
    assert verdict.genuine
    assert fingerprint(verdict.public_key) == fingerprint(OTHERS.public_key)
    assert set(faults(verify(rewritten(bundle, _garbled_key)))) == {"signature"}


async def test_events_that_are_not_numbered_through_are_found(tmp_path: Path) -> None:
    bundle, _ = await made(tmp_path)

    def out_of_order(held: dict[str, bytes]) -> None:
        manifest = manifest_of(held["manifest.json"])
        first, *rest = manifest.events
        late = replace(first, recorded_at=first.recorded_at + timedelta(seconds=1))
        signed = manifest_bytes(replace(manifest, events=(late, *rest[1:], rest[0])))
        held["manifest.json"], held["manifest.sig"] = signed, OTHERS.sign(signed)
        held["public-key.pem"] = OTHERS.public_key

    found = faults(verify(rewritten(bundle, out_of_order)))
    assert set(found) == {"order of events", "digest of the history"}
    assert len(found["order of events"]) == 2


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"not a zip", "not a zip"),
        (None, "manifest.json is missing"),
    ],
)
def test_what_is_no_bundle_is_said_to_be_none(
    tmp_path: Path, content: bytes | None, says: str
) -> None:
    path = tmp_path / "b.zip"
    if content is None:
        with zipfile.ZipFile(path, "w") as empty:
            empty.writestr("hello.txt", "hello")
    else:
        path.write_bytes(content)
    with pytest.raises(NotABundle, match=says):
        verify(path)


async def test_the_command_tells_genuine_from_altered(tmp_path: Path) -> None:
    bundle, key = await made(tmp_path)
    good = await amends("verify", str(bundle), "--key", str(key))
    assert good.code == 0, good.err
    assert "Genuine." in good.out
    unsure = await amends("verify", str(bundle))
    assert (unsure.code, "give the published --key" in unsure.out) == (0, True)
    bad = await amends("verify", str(rewritten(bundle, _evidence)), "--key", str(key), "--json")
    assert bad.code == 1
    assert bad.json["genuine"] is False
    assert bad.json["checks"]["evidence"]
    neither = await amends("verify", str(key))
    assert (neither.code, "is no evidence bundle" in neither.err) == (2, True)
    no_key = await amends("verify", str(bundle), "--key", str(bundle))
    assert (no_key.code, "no public key" in no_key.err) == (2, True)


async def test_openssl_says_the_same(tmp_path: Path) -> None:
    bundle, key = await made(tmp_path)
    with zipfile.ZipFile(bundle) as opened:
        opened.extractall(tmp_path)
        explanation = opened.read("READ-ME.txt").decode()
    assert "openssl pkeyutl" in explanation
    process = await asyncio.create_subprocess_exec(
        *("openssl", "pkeyutl", "-verify", "-pubin", "-inkey", str(key), "-rawin"),
        *("-in", str(tmp_path / "manifest.json"), "-sigfile", str(tmp_path / "manifest.sig")),
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    assert (process.returncode, out.strip()) == (0, b"Signature Verified Successfully")
