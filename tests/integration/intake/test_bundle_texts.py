"""Texts in the evidence bundle: readable there, proven to be what lies sealed, gone once erased."""

import asyncio
import hashlib
import json
import re
import sys
import zipfile
from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from services.intake.bundle.manifest import (
    FIRST_FORMAT,
    FORMAT,
    EventEntry,
    manifest_bytes,
    manifest_of,
)
from services.intake.bundle.verifying import verify
from services.intake.history import digest_of
from tests.crossings.cases import in_progress
from tests.integration.intake.test_evidence_bundle import (
    OTHERS,
    faults,
    fetched,
    made,
    rewritten,
)
from tests.support.commands import amends
from tests.support.erasing import erase
from tests.support.system import System

DESCRIPTION = "The bag is a fake."
DOCUMENT = Path(__file__).parents[3] / "docs" / "evidence-bundle.md"


def saved(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def texts(bundle: Path) -> list[dict[str, Any]]:
    with zipfile.ZipFile(bundle) as opened:
        found: list[dict[str, Any]] = json.loads(opened.read("texts.json"))["texts"]
    return found


def events(bundle: Path) -> list[Any]:
    with zipfile.ZipFile(bundle) as opened:
        names = [name for name in opened.namelist() if name.startswith("events/")]
        return [json.loads(opened.read(name)) for name in names]


async def test_what_was_written_stands_beside_the_events_that_hold_it_sealed(
    tmp_path: Path,
) -> None:
    async with System() as system:
        case = await in_progress(system)
        await case.act(case.merchant, "messages", {"text": "It is genuine."})
        bundle = saved(tmp_path / "b.zip", await fetched(case))
    verdict = verify(bundle)
    assert (verdict.genuine, verdict.manifest.format, verdict.erased) == (True, FORMAT, ())
    found = {(one["version"], one["field"]): one["text"] for one in texts(bundle)}
    assert found[1, "/description"] == DESCRIPTION
    assert "u1@example.com" in found.values()
    assert "It is genuine." in found.values()
    assert DESCRIPTION not in json.dumps(events(bundle))


async def test_the_recipe_in_the_document_opens_every_text(tmp_path: Path) -> None:
    bundle, _ = await made(tmp_path)
    with zipfile.ZipFile(bundle) as opened:
        opened.extractall(tmp_path)
    [recipe] = re.findall(r"```python\n(.+?)```", DOCUMENT.read_text(), re.DOTALL)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", recipe), cwd=tmp_path, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    assert DESCRIPTION in out.decode()
    assert len(out.decode().splitlines()) == len(texts(bundle))


async def test_the_key_of_a_text_is_derived_from_its_person_s_and_opens_no_other(
    tmp_path: Path,
) -> None:
    async with System() as system:
        case = await in_progress(system)
        bundle = saved(tmp_path / "b.zip", await fetched(case))
        stored = await system.service("intake").log.keys.own("u1")
    assert stored.key is not None
    assert stored.key.key is not None
    [listed] = [one for one in texts(bundle) if one["text"] == DESCRIPTION]
    sealed = events(bundle)[0]["description"]
    nonce, key = b64decode(sealed["n"]), b64decode(listed["key"])
    info = b"amends personal text " + nonce
    assert HKDFExpand(SHA256(), 32, info).derive(stored.key.key) == key
    said = AESGCM(key).decrypt(nonce, b64decode(sealed["c"]), sealed["s"].encode())
    assert said.decode() == DESCRIPTION
    keys = [one["key"] for one in texts(bundle)]
    assert len(set(keys)) == len(keys) > 1


async def test_of_an_erased_person_nothing_can_be_read_and_the_proofs_hold(tmp_path: Path) -> None:
    async with System() as system:
        case = await in_progress(system)
        await case.act(case.merchant, "messages", {"text": "It is genuine."})
        await case.act(case.specialist, "referrals", {"body": "mediation"})
        before = saved(tmp_path / "before.zip", await fetched(case, referral=1))
        await erase(system, "u1")
        after = saved(tmp_path / "after.zip", await fetched(case, referral=1))
    verdict = verify(after)
    assert faults(verdict) == {}
    assert verdict.manifest.events_sha256 == verify(before).manifest.events_sha256
    assert verdict.manifest.events == verify(before).manifest.events
    assert (1, "/description") in {(one.version, one.field) for one in verdict.erased}
    assert {one["text"] for one in texts(after)} == {"It is genuine.", None}
    assert DESCRIPTION.encode() not in after.read_bytes()
    told = await amends("verify", str(after))
    assert f"Nobody can read {len(verdict.erased)} of the texts" in told.out
    as_json = await amends("verify", str(after), "--json")
    assert {"version": 1, "field": "/description"} in as_json.json["erased"]
    assert (as_json.code, as_json.json["genuine"]) == (0, True)


Listed = list[dict[str, Any]]


def _says_more(listed: Listed) -> None:
    listed[0]["text"] += "!"


def _keys_swapped(listed: Listed) -> None:
    listed[0]["key"], listed[1]["key"] = listed[1]["key"], listed[0]["key"]


TEXT_CHANGES: dict[str, tuple[Callable[[Listed], object], str]] = {
    "another text": (_says_more, "does not say what texts.json says"),
    "no text": (lambda listed: listed[0].update(text=None), "does not say what texts.json says"),
    "the key of another": (_keys_swapped, "does not open with its key"),
    "no base64": (lambda listed: listed[0].update(key="?"), "does not open with its key"),
    "a short key": (lambda listed: listed[0].update(key="AAAA"), "does not open with its key"),
    "no key": (lambda listed: listed[0].update(key=None), "has no key"),
    "said to be erased": (lambda listed: listed[0].update(key=None, text=None), "was altered"),
    "left out": (lambda listed: listed.pop(0), "lacks events/000001.json /"),
    "of another field": (lambda listed: listed[0].update(field="/to"), "/to is no sealed text"),
    "of another event": (lambda listed: listed[0].update(version=99), "is no sealed text"),
    "twice": (lambda listed: listed.append(listed[0]), "holds a text twice"),
    "no number": (lambda listed: listed[0].update(version="1"), "cannot be read"),
}


@pytest.mark.parametrize("change", TEXT_CHANGES)
async def test_every_change_of_a_text_or_its_key_is_found(tmp_path: Path, change: str) -> None:
    bundle, key = await made(tmp_path)
    alter, says = TEXT_CHANGES[change]

    def altered(held: dict[str, bytes]) -> None:
        document = json.loads(held["texts.json"])
        alter(document["texts"])
        held["texts.json"] = json.dumps(document).encode()

    changed = rewritten(bundle, altered)
    found = faults(verify(changed, key.read_bytes()))
    assert set(found) == {"texts"}
    assert any(says in fault for fault in found["texts"])

    def signed_anew(held: dict[str, bytes]) -> None:
        digest = hashlib.sha256(held["texts.json"]).hexdigest()
        _sign(held, texts_sha256=digest)

    if change != "said to be erased":  # whoever signs it vouches for that
        found = faults(verify(rewritten(changed, signed_anew)))
        assert set(found) == {"texts"}
        assert any(says in fault for fault in found["texts"])


def _sign(held: dict[str, bytes], **changes: Any) -> None:
    """Let somebody else sign a manifest that says something else."""
    manifest = replace(manifest_of(held["manifest.json"]), **changes)
    held["manifest.json"] = manifest_bytes(manifest)
    held["manifest.sig"] = OTHERS.sign(held["manifest.json"])
    held["public-key.pem"] = OTHERS.public_key


def _lose_texts(held: dict[str, bytes]) -> None:
    del held["texts.json"]


async def test_texts_that_are_lost_or_not_vouched_for_are_found(tmp_path: Path) -> None:
    bundle, key = await made(tmp_path)
    lost = rewritten(bundle, _lose_texts)
    assert faults(verify(lost, key.read_bytes())) == {"texts": ("texts.json is missing or broken",)}
    silent = rewritten(bundle, lambda held: _sign(held, texts_sha256=None))
    assert set(faults(verify(silent))) == {"texts", "nothing else"}


async def test_an_altered_seal_is_found_whoever_signs_it(tmp_path: Path) -> None:
    bundle, _ = await made(tmp_path)

    def resealed(held: dict[str, bytes]) -> None:
        event = json.loads(held["events/000001.json"])
        event["description"]["s"] = "u2"
        _replace_events(held, {"events/000001.json": json.dumps(event).encode()})

    found = faults(verify(rewritten(bundle, resealed)))
    assert found == {
        "texts": ("events/000001.json /description does not open with its key",),
    }


def _replace_events(held: dict[str, bytes], new: dict[str, bytes], **changes: Any) -> None:
    """Other events in place of some, with everything that the manifest says of them."""
    held.update(new)
    manifest = manifest_of(held["manifest.json"])

    def entry(one: EventEntry) -> EventEntry:
        return replace(one, sha256=hashlib.sha256(held[one.path]).hexdigest())

    digest = digest_of(held[one.path] for one in manifest.events)
    _sign(
        held, events=tuple(entry(one) for one in manifest.events), events_sha256=digest, **changes
    )


async def test_bundles_from_before_texts_were_sealed_still_are_genuine(tmp_path: Path) -> None:
    bundle, _ = await made(tmp_path)
    listed = texts(bundle)

    def in_clear(held: dict[str, bytes]) -> None:
        new: dict[str, Any] = {}
        for one in listed:
            name = f"events/{one['version']:06}.json"
            event = new.setdefault(name, json.loads(held[name]))
            *path, last = one["field"].split("/")[1:]
            for step in path:
                event = event[step]
            event[last] = {"s": event[last]["s"], "v": one["text"]}
        del held["texts.json"]
        encoded = {name: json.dumps(event).encode() for name, event in new.items()}
        _replace_events(held, encoded, format=FIRST_FORMAT, texts_sha256=None)
        manifest = json.loads(held["manifest.json"])
        del manifest["texts_sha256"]  # there was no such member
        held["manifest.json"] = json.dumps(manifest).encode()
        held["manifest.sig"] = OTHERS.sign(held["manifest.json"])

    verdict = verify(rewritten(bundle, in_clear), OTHERS.public_key)
    assert faults(verdict) == {}
    assert verdict.erased == ()
    with_more = rewritten(tmp_path / "changed.zip", lambda held: held.update({"texts.json": b"{}"}))
    assert set(faults(verify(with_more))) == {"nothing else"}
